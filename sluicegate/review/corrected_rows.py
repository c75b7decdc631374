"""Corrections as rows: the fields of the document type, and who said so when, in `review`."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field
from sluicegate.document_types.table_fit import Columns
from sluicegate.faults import DocumentFault
from sluicegate.records import Row, Usage, document_id
from sluicegate.review.plain import typed

REVIEW = Field(
    "review",
    "object",
    "What a person said of the record",
    fields=(
        Field("verdict", "string", "right, corrected, added or deleted"),
        Field("reviewer", "string", "Who looked"),
        Field("reviewed_at", "datetime", "When"),
        Field("queue", "string", "worst, or random: only that says how good all rows are"),
        Field("looked_at", "string", "Values that were looked at, by path", repeated=True),
    ),
)


def corrected_type(kind: DocumentType) -> DocumentType:
    """Return the document type of corrections of a type's rows: with one column more."""
    return replace(kind, fields=(*kind.fields, REVIEW), checks=(), python_model=None)


def says_something(line: dict[str, Any]) -> bool:
    """Tell whether a line is about a record that was looked at.

    Others are there for evaluate: records beside one that was looked at, and documents that hold no
    record, as their failure said.
    """
    verdict = (line.get("review") or {}).get("verdict") if isinstance(line, dict) else None
    return verdict != "unseen" and (line.get("expect") != "nothing" or verdict == "deleted")


def corrected_row(
    line: dict[str, Any], kind: DocumentType, columns: Columns, run_id: str, now: datetime
) -> Row:
    """Return the row of a line of truth; raise ValueError where it does not fit the columns.

    `kind` is the corrected type. What follows from no field of it and is no column is left out.
    """
    uri, said = line.get("document_uri"), line.get("review")
    if not isinstance(uri, str) or not uri or not isinstance(said, dict):
        raise ValueError("it is no correction: document_uri and review are needed")
    values: dict[str, Any] = {}
    for field in kind.fields:
        try:
            values[field.name] = typed(line.get(field.name), field)
        except ValueError as error:
            raise ValueError(f"{field.name} {error}") from error
    index = line.get("record_index", said.get("record_index"))
    values |= {
        "document_uri": uri,
        "record_index": index if isinstance(index, int) else 0,
        "first_page": line.get("first_page"),
        "last_page": line.get("last_page"),
        "processed_at": now.astimezone(UTC),
        "provenance": {
            "document_id": document_id(uri),
            "document_version": _text(said, "document_version"),
            "request_identity": _text(said, "request_identity"),
            "run_id": run_id,
            "document_type": _text(said, "document_type") or kind.name,
            "document_type_version": kind.version,
            **Usage()._asdict(),
            "cost_usd": Decimal(0),
            "attempts": 0,
            "warnings": [],
        },
    }
    try:
        fitted, _ = fit_columns(values, columns)
    except DocumentFault as fault:
        raise ValueError(fault.message) from fault
    return Row(uri, fitted, Usage(), Decimal(0), 0, 0, journaled=False)


def _text(said: dict[str, Any], name: str) -> str | None:
    value = said.get(name)
    return str(value) if value not in (None, "") else None
