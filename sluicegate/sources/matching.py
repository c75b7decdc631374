"""From patterns to documents: what `--input` means."""

from collections.abc import Iterator
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

    Only an entry of a list can be without a match: patterns of the command line are checked before
    the launch. What is asked for by its name is accounted for like any document, and never left
    out.
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
        yield Failure(pattern, "not_found", f"{pattern!r} is listed but matches no file")


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


def check_pattern(pattern: str, what: str = "input") -> None:
    """Raise UsageFault unless the pattern matches something now. Lists up to the first match.

    `what` names the pattern in the message: "input" where it is one of --input.
    """
    try:
        if pattern.startswith(LIST_MARK):
            if next(expand_lists(pattern), None) is None:
                raise UsageFault(f"{what} list {pattern[1:]!r} is empty")
        elif next(iter(store_for(pattern).list(pattern)), None) is None:
            raise UsageFault(
                f"{what} {pattern!r} matched no files; check the pattern and the permissions"
            )
    except NotFound as error:
        raise UsageFault(f"{what} {pattern!r}: {error}") from error
    except (StoreError, UnicodeDecodeError) as error:
        raise UsageFault(f"{what} {pattern!r} cannot be listed: {error}") from error
