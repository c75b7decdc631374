"""What landed before: the little of an output's rows by which a run knows what it need not do.

A document is done if its current row, the one made last for this document type, answers the very
request that would be made, for the very version of the document type.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import fastavro

from sluicegate.asking.identity import Question
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_schema import PROVENANCE_COLUMNS, avro_schema, table_schema
from sluicegate.records import Document

# What is read of each row: some 200 of its bytes.
_PROVENANCE = ("request_identity", "document_type", "document_type_version")
COLUMNS = ("document_uri", "processed_at", *(f"provenance.{name}" for name in _PROVENANCE))

# When a row was made, as text that sorts as the times do; its request's identity; the version of
# its document type. A plain tuple: it crosses a shuffle.
Mark = tuple[str, str, str]


class DamagedFile(Exception):  # noqa: N818 - what the file is
    """A file of rows that is cut, altered, or no file of rows at all."""


@dataclass(frozen=True, slots=True)
class Landed:
    """Where rows of earlier runs are: a table, or a pattern of Avro files. Plain data."""

    table: tuple[str, str, str] | None = None  # project, dataset, table
    files: str = ""


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


def read_rows(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an Avro file with `COLUMNS` alone; raise DamagedFile where it breaks off.

    What came before the break is to be forgotten with the rest: whoever repairs the output throws
    the file away.
    """
    try:
        for row in fastavro.reader(file, reader_schema=_READER_SCHEMA):
            if not isinstance(row, dict):
                raise DamagedFile("it holds no rows")
            yield row
    except (OSError, DamagedFile):  # what storage could not give may be whole all the same
        raise
    except Exception as error:
        raise DamagedFile(f"{type(error).__name__}: {error}") from error


def _reader_schema() -> dict[str, Any]:
    *_, uri, made, provenance = table_schema(())["fields"]
    wanted = [column for column in PROVENANCE_COLUMNS if column["name"] in _PROVENANCE]
    return avro_schema({"fields": [uri, made, {**provenance, "fields": wanted}]}, "Row")


_READER_SCHEMA = fastavro.parse_schema(_reader_schema())


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return "" if value is None else str(value)
