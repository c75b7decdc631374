"""Two queues of documents: the worst first, to mend them; and a random one, to measure.

Accuracy is quoted from the random queue alone: the other is biased, which is its purpose. A
document's place in the random queue is a hash of its URI under a seed: it is the same every time,
and no property of the document has a say in it.

An output may hold more than fits into memory: it is read twice. The first time little is kept of a
document, the second time the rows of the chosen ones.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sluicegate.current_rows import share_of
from sluicegate.records import document_id
from sluicegate.review.failed import Failed

Row = Mapping[str, Any]
_FAILED = 1_000  # a document without a row goes before every doubt


class Extraction(NamedTuple):
    """What a run made of one answer about a document. The newest sorts last."""

    at: str
    run_id: str
    identity: str


_NEVER = Extraction("", "", "")


class Chosen(NamedTuple):
    """The documents of both queues, by key, in order."""

    worst: list[str]
    random: list[str]
    documents: int  # that there are to choose from
    doubtful: int  # of these, with anything to doubt


@dataclass(slots=True)
class Subject:
    """A document to look at: its current rows, and what of it became no row."""

    uri: str
    document_type: str = ""
    rows: list[Row] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)

    @property
    def key(self) -> str:
        """32 hex digits: of the document as of its type."""
        return key_of(self.uri, self.document_type)

    @property
    def extraction(self) -> Extraction:
        """What the rows, or the failures, were made of."""
        found = [*map(extraction_of, self.rows), *map(_when, self.failed)]
        return found[0] if found else Extraction("", "", "")

    @property
    def version(self) -> str:
        """The version of the document that was asked about; "" where it is not known."""
        found = [*map(version_of, self.rows), *(failed.version for failed in self.failed)]
        return next(filter(None, found), "")


def key_of(uri: str, document_type: str) -> str:
    """Return the id of a document as of one type."""
    return document_id(f"{document_type}\n{uri}")


def subject_of(row: Row) -> tuple[str, str]:
    """Return the URI and the document type that a row is of."""
    return str(row.get("document_uri") or ""), str(_origin(row).get("document_type") or "")


def extraction_of(row: Row) -> Extraction:
    """Return which extraction a row belongs to."""
    at, origin = row.get("processed_at"), _origin(row)
    moment = at.isoformat(timespec="microseconds") if isinstance(at, datetime) else str(at or "")
    return Extraction(
        moment, str(origin.get("run_id") or ""), str(origin.get("request_identity") or "")
    )


def version_of(row: Row) -> str:
    """Return the version of the document that a row was made from; "" where it is not known."""
    return str(_origin(row).get("document_version") or "")


def doubt(row: Row) -> int:
    """Return how much there is to doubt in a row: 0 for nothing."""
    evidence = row.get("evidence") or ()
    doubted = sum(bool(each.get("doubt")) for each in evidence)
    unfound = int(row.get("values_unfound") or 0)
    warnings = len(_origin(row).get("warnings") or ())
    return bool(row.get("needs_review")) + doubted + unfound + 2 * warnings


@dataclass(slots=True)
class _Extracted:
    rows: int  # that it has once it is complete
    seen: int = 0  # a bit for each record
    doubt: int = 0

    def add(self, row: Row) -> None:
        self.seen |= 1 << share_of(row).record_index
        self.doubt += doubt(row)

    @property
    def is_complete(self) -> bool:
        return self.seen.bit_count() >= self.rows


@dataclass(slots=True)
class _Known:
    """What is kept of a document: its extractions, or when it failed without a row."""

    uri: str
    extracted: dict[Extraction, _Extracted] = field(default_factory=dict)
    failed_at: Extraction = _NEVER
    failed: int = 0  # how much its failures count as doubt

    @property
    def extraction(self) -> Extraction:
        """The newest complete one; where there is none, the newest."""
        whole = [name for name, each in self.extracted.items() if each.is_complete]
        return max(whole or self.extracted, default=self.failed_at)

    @property
    def doubt(self) -> int:
        return self.failed + (self.extracted[self.extraction].doubt if self.extracted else 0)


class Choice:
    """Chooses the documents of both queues from rows and failures, read as a stream. Mutable."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._known: dict[str, _Known] = {}

    def add_row(self, row: Row) -> None:
        """Enter a row: of each extraction of its document doubts add up."""
        uri, kind = subject_of(row)
        known = self._known.setdefault(key_of(uri, kind), _Known(uri))
        known.extracted.setdefault(extraction_of(row), _Extracted(share_of(row).rows)).add(row)

    def add_failure(self, failed: Failed) -> None:
        """Enter a failure, after all rows: of a document without row, or of a record of one."""
        key = key_of(failed.uri, failed.document_type)
        known, at = self._known.get(key), _when(failed)
        if known is None or (not known.extracted and at > known.failed_at):
            self._known[key] = _Known(failed.uri, failed_at=at, failed=_FAILED)
        elif failed.is_record_of(known.extraction.run_id, known.extraction.identity):
            known.failed += _FAILED

    def choose(self, worst: int, random: int) -> Chosen:
        """Return up to so many documents for each queue."""
        known = self._known
        return Chosen(
            heapq.nsmallest(worst, known, key=lambda key: (-known[key].doubt, known[key].uri)),
            heapq.nsmallest(random, known, key=lambda key: lot(known[key].uri, self._seed)),
            len(known),
            sum(each.doubt > 0 for each in known.values()),
        )

    def collect(
        self, wanted: Iterable[str], rows: Iterable[Row], failures: Iterable[Failed]
    ) -> dict[str, Subject]:
        """Return the wanted documents with their current rows and failures, which are read again.

        They are in the order of `wanted`; one that is gone meanwhile is left out.
        """
        order = list(dict.fromkeys(wanted))
        found = {key: Subject("") for key in order}
        for row in rows:
            uri, kind = subject_of(row)
            key = key_of(uri, kind)
            if key in found and extraction_of(row) == self._known[key].extraction:
                found[key].uri, found[key].document_type = uri, kind
                found[key].rows.append(row)
        for failed in failures:
            key = key_of(failed.uri, failed.document_type)
            if key in found and self._counts(failed, self._known[key]):
                found[key].uri, found[key].document_type = failed.uri, failed.document_type
                found[key].failed.append(failed)
        for subject in found.values():
            subject.rows = _in_order(subject.rows)
        return {key: subject for key, subject in found.items() if subject.uri}

    def _counts(self, failed: Failed, known: _Known) -> bool:
        at = known.extraction
        return _when(failed) == at or failed.is_record_of(at.run_id, at.identity)


def _when(failed: Failed) -> Extraction:
    return Extraction(failed.at, failed.run_id, failed.identity)


def lot(uri: str, seed: str) -> str:
    """Return a document's place in the random queue, as text that sorts."""
    return hashlib.sha256(f"{seed}\n{uri}".encode("utf-8", "surrogatepass")).hexdigest()


def _in_order(rows: list[Row]) -> list[Row]:
    """Return the rows by record, each once."""
    by_index: Callable[[Row], int] = lambda row: int(row.get("record_index") or 0)  # noqa: E731
    return [row for _, row in sorted({by_index(row): row for row in rows}.items())]


def _origin(row: Row) -> Mapping[str, Any]:
    origin = row.get("provenance")
    return origin if isinstance(origin, Mapping) else {}
