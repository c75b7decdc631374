"""What landed before: the little of an output's rows by which a run knows what it need not do.

A document is done if its current row, the one made last for this document type, answers the very
request that would be made, for the very version of the document type.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluicegate.asking.identity import Question
from sluicegate.document_types.definition import DocumentType
from sluicegate.records import Document

# What is read of each row: some 200 of its bytes.
PROVENANCE = ("request_identity", "document_type", "document_type_version")
COLUMNS = ("document_uri", "processed_at", *(f"provenance.{name}" for name in PROVENANCE))

# When a row was made, as text that sorts as the times do; its request's identity; the version of
# its document type. A plain tuple: it crosses a shuffle.
Mark = tuple[str, str, str]


class DamagedFile(Exception):  # noqa: N818 - what the file is
    """A file of rows that is cut, altered, or no file of rows at all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is about to make of every document. Plain data."""

    questions: tuple[Question, ...]  # of any model that the run may take an answer of
    type_name: str
    type_version: str

    @classmethod
    def of(cls, document_type: DocumentType, *questions: Question) -> "Wanted":
        """Return what a run wants that asks these questions for this type."""
        return cls(questions, document_type.name, document_type.version)

    def mark(self, row: dict[str, Any]) -> tuple[str, Mark] | None:
        """Return a row's document and its mark; None for a row of another document type."""
        origin = row.get("provenance") or {}
        if origin.get("document_type") != self.type_name or not row.get("document_uri"):
            return None
        made = (
            _instant(row.get("processed_at")),
            str(origin.get("request_identity") or ""),
            str(origin.get("document_type_version") or ""),
        )
        return str(row["document_uri"]), made

    def is_done(self, document: Document, marks: Iterable[Mark]) -> bool:
        """Tell whether the latest of a document's rows is what would be made again."""
        latest = max(marks, default=None)
        if latest is None or latest[2] != self.type_version:
            return False
        return any(
            latest[1] == question.about(document.digest).identity for question in self.questions
        )


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return "" if value is None else str(value)
