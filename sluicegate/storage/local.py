"""The local disk as a store."""

import errno
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sluicegate.records import Document
from sluicegate.storage.patterns import Pattern, compile_pattern
from sluicegate.storage.store import Changed, NotFound, Stored, StoreError

_LEAST_READ = 64 << 10  # bytes
_PART = ".part-"
# A file of ours that is being written, or was when the machine stopped: no document.
_OURS = re.compile(rf"{re.escape(_PART)}[^.]*")


class LocalStore:
    """Files by path. Versions are modification times in ns. Safe to share between threads."""

    def read(self, uri: str, version: str = "") -> bytes:
        """Return all bytes; raise NotFound when the file has changed since `version`."""
        with _errors(uri):
            file = os.open(uri, os.O_RDONLY | os.O_CLOEXEC)
            try:
                found = os.fstat(file)
                if version and str(found.st_mtime_ns) != version:
                    raise NotFound(f"{uri!r} was changed after it was matched")
                return _whole(file, found.st_size)
            finally:
                os.close(file)

    def write(self, uri: str, data: bytes) -> None:
        """Write a file beside the target, then rename it: readers see all of it or nothing."""
        with _errors(uri):
            _replace(uri, data)

    def look(self, uri: str) -> Stored:
        """Return a file's bytes, its version and its modification time."""
        with _errors(uri):
            file = os.open(uri, os.O_RDONLY | os.O_CLOEXEC)
            try:
                found = os.fstat(file)
                return _stored(_whole(file, found.st_size), found.st_mtime_ns)
            finally:
                os.close(file)

    def write_if(self, uri: str, data: bytes, version: str) -> Stored:
        """Replace a file while a lock keeps other writers of it out; raise Changed."""
        with _errors(uri), _locked(uri):
            try:
                before = Path(uri).stat().st_mtime_ns
            except FileNotFoundError:
                before = 0
            if version != (str(before) if before else ""):
                raise Changed(f"{uri!r} was written by another")
            # Within one tick of the file system's clock two writes would have one version.
            return _stored(data, _replace(uri, data, after=before))

    def stat(self, uri: str) -> Document:
        """Describe one file."""
        with _errors(uri):
            found = Path(uri).stat()
        return Document(uri, found.st_size, str(found.st_mtime_ns))

    def list(self, pattern: str, on_name: Callable[[], None] | None = None) -> Iterator[Document]:
        """Walk only the folders that the pattern can reach.

        The name of an existing file means that file, though it looks like a pattern.
        """
        pattern = absolute(pattern)
        is_file, is_folder = _exists_as(pattern)
        if is_file:
            yield self.stat(pattern)
            return
        if is_folder:
            pattern = pattern.rstrip("/") + "/"
        compiled = compile_pattern(pattern)
        if not compiled.is_literal:
            yield from _walk(compiled, on_name)

    def check_writable(self, prefix: str) -> None:
        """Make an unnamed file in the folder, or in the nearest one above it that exists."""
        folder = Path(prefix).absolute()
        with _errors(prefix):
            while not folder.exists() and folder != folder.parent:
                folder = folder.parent
            with tempfile.TemporaryFile(dir=folder):
                pass

    def digest(self, document: Document) -> str:
        """Return the SHA-256 of the file's content, read in 1 MiB steps."""
        with _errors(document.uri), open(document.uri, "rb", buffering=0) as file:  # noqa: PTH123
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def absolute(pattern: str) -> str:
    """Return the pattern with its literal start made absolute, so that one file has one name.

    Links are not followed: a document keeps the name it was given.
    """
    if not pattern or os.path.exists(pattern):  # noqa: PTH110 - Path.exists may raise
        slash = "/" if pattern.endswith("/") else ""
        return os.path.abspath(pattern).rstrip("/") + slash if pattern else pattern  # noqa: PTH100
    folder, slash, rest = compile_pattern(pattern).prefix.rpartition("/")
    rest += pattern[len(folder) + len(slash) + len(rest) :]
    return f"{os.path.abspath(folder or ('/' if slash else '.')).rstrip('/')}/{rest}"  # noqa: PTH100


def _exists_as(name: str) -> tuple[bool, bool]:
    """Tell whether a name is a file or a folder; one too long for a name is neither."""
    with _errors(name):
        try:
            return Path(name).is_file(), Path(name).is_dir()
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return False, False


def _stored(data: bytes, written_ns: int) -> Stored:
    return Stored(data, str(written_ns), datetime.fromtimestamp(written_ns / 1e9, UTC))


@contextmanager
def _locked(uri: str) -> Iterator[None]:
    """Hold the lock of a file; where a file system has no locks, writers race by a hair."""
    target = Path(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = target.with_name(f"{_PART}{target.stem}")
    file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _replace(uri: str, data: bytes, after: int = 0) -> int:
    """Write a file beside the target and rename it; return its time in ns, later than `after`."""
    file, part = _part_in(os.path.dirname(uri))  # noqa: PTH120
    try:
        try:
            _write_whole(file, data)
            os.fsync(file)  # an answer that was paid for survives a power cut
            written = os.fstat(file).st_mtime_ns
        finally:
            os.close(file)
        if written <= after:
            written = after + 1
            os.utime(part, ns=(written, written))
        os.replace(part, uri)  # noqa: PTH105
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return written


def _part_in(folder: str) -> tuple[int, str]:
    """Open a new file in the folder, which is created if it does not exist."""
    try:
        return tempfile.mkstemp(dir=folder, prefix=_PART)
    except FileNotFoundError:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix=_PART)


def _write_whole(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _whole(file: int, size: int) -> bytes:
    """Read a file to its end; `size` is its probable size."""
    pieces = []
    while piece := os.read(file, max(size + 1, _LEAST_READ)):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _walk(pattern: Pattern, on_name: Callable[[], None] | None) -> Iterator[Document]:
    root, slash, _ = pattern.prefix.rpartition("/")
    start = root + slash or "."
    # Each folder with all the folders above it: a link back to one of those is a cycle and is not
    # followed, while two paths to one folder are two sets of names.
    folders: list[tuple[str, frozenset[tuple[int, int]]]] = [(start, _itself(start))]
    while folders:
        folder, above = folders.pop()
        for entry in _entries(folder):
            if on_name:
                on_name()
            path = entry.path.removeprefix("./") if start == "." else entry.path
            kind = _kind(entry)
            if kind == "folder" and pattern.crosses_folders:
                found = entry.stat()
                here = (found.st_dev, found.st_ino)
                if here not in above:
                    folders.append((entry.path, above | {here}))
            elif kind == "file" and pattern.matches(path) and not _OURS.fullmatch(entry.name):
                try:
                    found = entry.stat()
                except FileNotFoundError:  # deleted just now
                    continue
                yield Document(path, found.st_size, str(found.st_mtime_ns))


def _itself(folder: str) -> frozenset[tuple[int, int]]:
    try:
        found = Path(folder).stat()
    except (OSError, ValueError):  # scanning it raises the error
        return frozenset()
    return frozenset({(found.st_dev, found.st_ino)})


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with _errors(folder), os.scandir(folder) as entries:
            yield from entries
    except NotFound:
        return


def _kind(entry: os.DirEntry[str]) -> str:
    """Return "file", "folder", or "" for pipes, sockets, dangling links and cycles of links."""
    try:
        return "folder" if entry.is_dir() else "file" if entry.is_file() else ""
    except OSError:
        return ""


@contextmanager
def _errors(uri: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {uri!r}") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot use {uri!r}: {reason}") from error
