"""The local disk as a store."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transforms.core.records import Document
from transforms.core.storage.patterns import Pattern, compile_pattern
from transforms.core.storage.store import NotFound, StoreError


class LocalStore:
    """Files by path. Versions are modification times in ns. Safe to share between threads."""

    def read(self, uri: str, version: str = "") -> bytes:
        """Return all bytes; raise NotFound when the file changed since `version`."""
        with _errors(uri), Path(uri).open("rb") as file:
            if version and str(os.fstat(file.fileno()).st_mtime_ns) != version:
                raise NotFound(f"{uri!r} was changed after it was matched")
            return file.read()

    def head(self, uri: str, size: int) -> bytes:
        """Return the first `size` bytes."""
        with _errors(uri), Path(uri).open("rb") as file:
            return file.read(size)

    def write(self, uri: str, data: bytes) -> None:
        """Write beside the target, then rename: readers see all of it or nothing."""
        target = Path(uri)
        with _errors(uri):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def stat(self, uri: str) -> Document:
        """Describe one file."""
        with _errors(uri):
            found = Path(uri).stat()
        return Document(uri, found.st_size, str(found.st_mtime_ns))

    def list(self, pattern: str) -> Iterator[Document]:
        """Walk only the folders that the pattern can reach; a name that exists is itself."""
        if Path(pattern).is_file():
            yield self.stat(pattern)
            return
        if Path(pattern).is_dir():
            pattern = pattern.rstrip("/") + "/"
        compiled = compile_pattern(pattern)
        if not compiled.is_literal:
            yield from _walk(compiled)

    def check_writable(self, prefix: str) -> None:
        """Make the folder, and a file in it that has no name."""
        with _errors(prefix):
            Path(prefix).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=prefix):
                pass

    def digest(self, document: Document) -> str:
        """Return the SHA-256 of the file's content, read in 1 MiB steps."""
        with _errors(document.uri), Path(document.uri).open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _walk(pattern: Pattern) -> Iterator[Document]:
    root, slash, _ = pattern.prefix.rpartition("/")
    start = root + slash or "."
    strip = 2 if start == "." else 0
    folders, seen = [start], set[tuple[int, int]]()
    while folders:
        folder = folders.pop()
        try:
            entries = os.scandir(folder)
            known = os.stat(folder)  # noqa: PTH116 - the pair below is what guards link cycles
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(f"cannot list {folder!r}: {error.strerror}") from error
        if (known.st_dev, known.st_ino) in seen:
            continue
        seen.add((known.st_dev, known.st_ino))
        with entries:
            for entry in entries:
                path = entry.path[strip:]
                if entry.is_dir():
                    if pattern.crosses_folders:
                        folders.append(entry.path)
                elif pattern.matches(path) and not entry.name.startswith(".part-"):
                    try:
                        found = entry.stat()
                    except FileNotFoundError:  # a dangling link, or deleted this instant
                        continue
                    yield Document(path, found.st_size, str(found.st_mtime_ns))


@contextmanager
def _errors(uri: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {uri!r}") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot use {uri!r}: {reason}") from error
