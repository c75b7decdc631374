"""From patterns to documents: what `--input` means."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sluicegate.faults import UsageFault
from sluicegate.records import Document, Failure
from sluicegate.sources.excluding import Exclude
from sluicegate.storage import NotFound, StoreError, exists_locally, is_gcs, is_text, store_for
from sluicegate.storage.local import absolute
from sluicegate.storage.patterns import compile_pattern

LIST_MARK = "@"


def expand_lists(pattern: str) -> Iterator[str]:
    """Yield the pattern, or the patterns of the list it names (`@FILE`: one a line).

    Blank lines and lines that begin with # are left out. Raises StoreError.
    """
    if not pattern.startswith(LIST_MARK):
        yield pattern
        return
    uri = pattern.removeprefix(LIST_MARK)
    for line in store_for(uri).read(uri).decode("utf-8-sig").split("\n"):
        entry = line.rstrip("\r")
        if entry.strip() and exists_locally(entry):
            yield entry  # the name of an existing file, with its spaces and its #
        elif entry.strip() and not entry.lstrip().startswith("#"):
            yield entry.strip()


class Excluded(NamedTuple):
    """A file that a pattern matches and --exclude leaves out."""

    uri: str


_NOTHING = Exclude(())


def list_documents(
    pattern: str, exclude: Exclude = _NOTHING
) -> Iterator[Document | Failure | Excluded]:
    """Yield what a pattern matches; one that matches nothing yields a failure under its own name.

    An entry of a list may be without a match, and a pattern of the command line where the check
    before the launch gave up. What is asked for by its name is accounted for like any document, and
    never left out.
    """
    found, named = False, pattern if is_gcs(pattern) else absolute(pattern)
    for document in store_for(pattern).list(pattern):
        found = True
        name = document.uri.encode("utf-8", "backslashreplace").decode()
        if document.uri != named and exclude.excludes(document.uri):
            yield Excluded(name)
        elif is_text(document.uri):
            yield document
        else:
            yield Failure(name, "bad_name", "its name is not UTF-8 text; rename it")
    if not found:
        yield Failure(pattern, "not_found", f"{pattern!r} matches no file")


def fingerprint_document(document: Document) -> str:
    """Return the digest of the document's content; reads a local file if need be.

    Raises StoreError when the file cannot be read.
    """
    return document.digest or store_for(document.uri).digest(document)


def reaches(pattern: str, uri: str) -> bool:
    """Return whether a pattern would match an object or file of that name, if there were one."""
    if is_gcs(pattern) != is_gcs(uri):
        return False
    if is_gcs(pattern):
        bucket, _, name = pattern.partition("gs://")[2].partition("/")
        return uri.startswith(f"gs://{bucket}/") and compile_pattern(name or "**").matches(
            uri.removeprefix(f"gs://{bucket}/")
        )
    path = absolute(uri)
    glob = absolute(pattern)
    if exists_locally(glob):
        glob = glob.rstrip("/") + "/**"
    return compile_pattern(glob).matches(path)


# Names that are looked at in any case: a page of a bucket's listing.
_ONE_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ListingLimit:
    """How long a launch looks for the first match of its patterns, by a clock of seconds.

    `**.tif` among ten million PDFs would be looked for through the whole bucket, 17 minutes and
    more, and the launcher of a Flex Template is ended before that: "Timeout in polling result
    file".
    """

    clock: Callable[[], float]
    until: float
    names: int = 100_000  # of a pattern

    @classmethod
    def of(cls, clock: Callable[[], float], seconds: float = 60.0) -> "ListingLimit":
        """Return a limit for all patterns of a launch together, from now on."""
        return cls(clock, clock() + seconds)

    def count(self) -> Callable[[], None]:
        """Return what counts the names of one pattern, and raises _GaveUp."""
        looked_at = 0

        def on_name() -> None:
            nonlocal looked_at
            looked_at += 1
            late = looked_at > _ONE_PAGE and self.clock() > self.until
            if late or looked_at > self.names:
                raise _GaveUp(looked_at - 1)

        return on_name


class _GaveUp(Exception):  # noqa: N818 - what was done
    """No match among as many names as its argument says."""


def check_pattern(pattern: str, what: str = "input", limit: ListingLimit | None = None) -> str:
    """Raise UsageFault unless the pattern matches something now. Lists up to the first match.

    `what` names the pattern in the message: "input" where it is one of --input. Returns a warning
    where the limit was reached before a match: then the job finds out.
    """
    try:
        _check_pattern(pattern, what, limit.count() if limit else None)
    except _GaveUp as gave_up:
        return (
            f"{what} {pattern!r}: no match among the first {gave_up.args[0]:,} names; the job "
            "lists them all. A longer literal beginning would find it sooner"
        )
    return ""


def _check_pattern(pattern: str, what: str, on_name: Callable[[], None] | None) -> None:
    try:
        if pattern.startswith(LIST_MARK):
            if next(expand_lists(pattern), None) is None:
                raise UsageFault(f"{what} list {pattern[1:]!r} is empty")
        elif next(iter(store_for(pattern).list(pattern, on_name)), None) is None:
            raise UsageFault(
                f"{what} {pattern!r} matched no files; check the pattern and the permissions"
            )
    except NotFound as error:
        raise UsageFault(f"{what} {pattern!r}: {error}") from error
    except (StoreError, UnicodeDecodeError) as error:
        raise UsageFault(f"{what} {pattern!r} cannot be listed: {error}") from error
