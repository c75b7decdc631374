"""Rows that earlier runs have landed: which documents need not be processed again.

A document is done if its current rows, those made last for this document type, answer the same
request that this run would make, for the same version of the document type; and if they are all:
rows and, where it landed in part, recorded failures of records.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluicegate.asking.identity import Question
from sluicegate.current_rows import Share, newest_complete, share_of
from sluicegate.document_types.definition import DocumentType
from sluicegate.landing.failed_records import FailedRecord
from sluicegate.records import Document

# What is read of each row: some 230 bytes. Rows of before records were counted lack `RECORD`.
PROVENANCE = ("run_id", "request_identity", "document_type", "document_type_version")
RECORD = ("record_index", "record_count", "record_failures")
COLUMNS = ("document_uri", *RECORD, "processed_at", *(f"provenance.{name}" for name in PROVENANCE))

# A row's time, as text in the order of the times; its run; its request's identity; the version of
# its document type; its share of the extraction. A plain tuple, for a shuffle.
Mark = tuple[str, str, str, str, int, int, int]


class DamagedFile(Exception):  # noqa: N818 - what the file is
    """A file of rows that is cut or altered, or a file of something else."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The requests and the document type of this run, to compare rows with. Plain data."""

    questions: tuple[Question, ...]  # of any model that the run may take an answer of
    type_name: str
    type_version: str
    partly: bool = True  # whether a document is done of which a record has failed

    @classmethod
    def of(cls, document_type: DocumentType, *questions: Question, partly: bool = True) -> "Wanted":
        """Return what a run wants that asks these questions for this document type."""
        return cls(questions, document_type.name, document_type.version, partly)

    def mark(self, row: dict[str, Any]) -> tuple[str, Mark] | None:
        """Return a row's document and its mark; None for a row of another document type."""
        origin = row.get("provenance") or {}
        if origin.get("document_type") != self.type_name or not row.get("document_uri"):
            return None
        made = (
            _instant(row.get("processed_at")),
            str(origin.get("run_id") or ""),
            str(origin.get("request_identity") or ""),
            str(origin.get("document_type_version") or ""),
            *share_of(row),
        )
        return str(row["document_uri"]), made

    def is_done(
        self,
        document: Document,
        marks: Iterable[Mark],
        failed: Iterable[FailedRecord] = (),
    ) -> bool:
        """Return whether the current rows of a document are those that this run would make.

        `failed` are the failures of its records that earlier runs have recorded.
        """
        current = newest_complete(marks, lambda mark: mark[:3], lambda mark: Share(*mark[4:]))
        if not current:
            return False
        _, run_id, identity, version, *share = current[0]
        if version != self.type_version:
            return False
        failures = Share(*share).failures
        recorded = {index for *made, index in failed if made == [run_id, identity]}
        if failures and (not self.partly or len(recorded) < failures):
            return False
        return any(
            identity == question.about(document.digest).identity for question in self.questions
        )


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return "" if value is None else str(value)
