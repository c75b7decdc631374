"""The input of an estimate: listed whole, read in part."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sluicegate.estimate.census import Census
from sluicegate.estimate.plan import Part, to_read
from sluicegate.faults import UsageFault, one_line
from sluicegate.formats.limits import Limits
from sluicegate.media.pages import count_pages
from sluicegate.records import Document
from sluicegate.sources.excluding import Exclude
from sluicegate.sources.matching import expand_lists, list_documents, reaches
from sluicegate.storage import StoreError, is_gcs, store_for
from sluicegate.storage.local import absolute

# So many files are read for their pages, and so many bytes at most: some 20 seconds from a disk or
# a bucket. Below that all are read, and the pages are exact.
MOST_FILES = 2_000
MOST_BYTES = 1 << 30
_THREADS = 16
_SAY_SECONDS = 10.0

Say = Callable[[str], object]


class PagesRead(NamedTuple):
    """Pages of what was read, one list a stratum, and how much was read for that."""

    pages: list[list[float]]
    files: int
    size_bytes: int


def take_census(patterns: tuple[str, ...], exclude: Exclude, seed: int, say: Say) -> Census:
    """List the input and count it; raise UsageFault where it cannot be listed, or is empty.

    A million names take about 100 seconds from a bucket and five from a disk, and no memory.
    """
    census, due = Census(seed), time.monotonic() + _SAY_SECONDS
    try:
        for document in _listed(patterns, exclude):
            census.add(document)
            if time.monotonic() >= due:
                due += _SAY_SECONDS
                say(f"{census.documents:,} files listed")
    except (StoreError, UnicodeDecodeError) as error:
        raise UsageFault(f"the input cannot be listed: {one_line(error)}") from error
    if not census.documents:
        raise UsageFault("the input matched no files; check the patterns and the permissions")
    return census


def _listed(patterns: tuple[str, ...], exclude: Exclude) -> Iterator[Document]:
    """Yield each document once, whatever patterns match it."""
    patterns_before: list[str] = []
    names: set[str] = set()  # of patterns that name one file: lists have a million of them
    for pattern in (one for each in patterns for one in expand_lists(each)):
        new: list[str] = []  # two of them at most
        name = pattern if is_gcs(pattern) else absolute(pattern)
        for found in list_documents(pattern, exclude):
            if not isinstance(found, Document) or found.uri in names:
                continue
            if any(reaches(other, found.uri) for other in patterns_before):
                continue
            if len(new) < 2:
                new.append(found.uri)
            yield found
        if new == [name]:
            names.add(name)
        elif new:
            patterns_before.append(pattern)


def choose_to_read(census: Census, ask: int) -> list[Part]:
    """Return the strata with the documents to read, within `MOST_FILES` and `MOST_BYTES`."""
    most = MOST_FILES
    while True:
        parts = to_read(census, ask, most)
        size = sum(one.size_bytes for part in parts for one in part.read)
        if size <= MOST_BYTES or most <= ask:
            return parts
        most = max(ask, min(most - 1, int(most * 0.9 * MOST_BYTES / size)))


def read_pages(parts: list[Part], limits: Limits) -> PagesRead:
    """Read the documents chosen and count their pages: none in what cannot be read."""
    with ThreadPoolExecutor(_THREADS) as threads:
        pages = [
            list(threads.map(lambda one: float(_pages(one, limits)), part.read)) for part in parts
        ]
    read = [one for part in parts for one in part.read]
    return PagesRead(pages, len(read), sum(one.size_bytes for one in read))


def _pages(document: Document, limits: Limits) -> int:
    try:
        return count_pages(store_for(document.uri).read(document.uri, document.version), limits)
    except StoreError:
        return 0
