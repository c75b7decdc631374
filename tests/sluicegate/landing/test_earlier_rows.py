"""What landed: which rows say that a document need not be done again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.invoice import INVOICE
from sluicegate.gemini.response_schema import question
from sluicegate.landing.earlier_rows import Wanted
from sluicegate.records import Document

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOCUMENT = Document("gs://b/a.pdf", 10, "7", digest="md5:aa")


def wanted(document_type: DocumentType, model: str) -> Wanted:
    """Return what a run with that type and model wants."""
    return Wanted.of(document_type, question(document_type, model))


WANTED = wanted(INVOICE, "m")
IDENTITY = WANTED.questions[0].about(DOCUMENT.digest).identity


def row(minutes: float = 0, **provenance: Any) -> dict[str, Any]:
    """Return a row as it is written, of the document as it is now."""
    return {
        "invoice_id": "A-1",
        "vendor_name": "V",
        "total_amount": Decimal("1.5"),
        "line_items": [{"description": "d" * 50, "quantity": None, "total": None}],
        "document_uri": DOCUMENT.uri,
        "processed_at": NOON + timedelta(minutes=minutes),
        "provenance": {
            "request_identity": IDENTITY,
            "document_type": "invoice",
            "document_type_version": INVOICE.version,
            "warnings": [],
            **provenance,
        },
    }


def marks(*rows: dict[str, Any]) -> list[Any]:
    """Return the marks of rows."""
    return [mark[1] for mark in map(WANTED.mark, rows) if mark]


def test_a_document_without_a_row_is_to_do() -> None:
    """Where nothing has landed, nothing is done."""
    assert not WANTED.is_done(DOCUMENT, [])


def test_the_same_request_is_done() -> None:
    """Content, prompt, schema, model, parameters and version are what they were."""
    assert WANTED.is_done(DOCUMENT, marks(row()))


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (replace(DOCUMENT, digest="md5:ab"), WANTED),
        (DOCUMENT, wanted(INVOICE, "n")),
        (DOCUMENT, wanted(replace(INVOICE, prompt=INVOICE.prompt + "!"), "m")),
        (DOCUMENT, wanted(replace(INVOICE, fields=INVOICE.fields[:-1]), "m")),
        (DOCUMENT, wanted(replace(INVOICE, parameters=()), "m")),
        (DOCUMENT, wanted(replace(INVOICE, version="next"), "m")),
    ],
    ids=["content", "model", "prompt", "schema", "parameters", "version"],
)
def test_whatever_changed_is_to_do(document: Document, wanted: Wanted) -> None:
    """Another content, question or version of the type: the row is not the one wanted now."""
    assert not wanted.is_done(document, marks(row()))


def test_a_new_version_and_name_of_a_file_change_nothing() -> None:
    """A file that was written again as it was has the row that it needs."""
    assert WANTED.is_done(replace(DOCUMENT, version="8"), marks(row()))


def test_the_latest_row_counts() -> None:
    """After a change and back, the current row is the wrong one, though a right one is there."""
    other = row(5, request_identity="0" * 64)
    assert not WANTED.is_done(DOCUMENT, marks(row(), other))
    assert WANTED.is_done(DOCUMENT, marks(row(5), row(0, request_identity="0" * 64)))
    assert WANTED.is_done(DOCUMENT, marks(other, row(5.00001)))


def test_rows_of_other_types_do_not_count() -> None:
    """Two types share a table, each with its own row of a document."""
    assert marks(row(document_type="receipt")) == []
    assert WANTED.mark({"document_uri": "a", "provenance": None}) is None
    assert WANTED.mark({**row(), "document_uri": None}) is None


def of_many(rows: int, failures: int, **provenance: Any) -> list[Any]:
    """Return the marks of an extraction."""
    return [
        mark
        for index in range(rows)
        for mark in marks(
            {
                **row(run_id="one", **provenance),
                "record_index": index,
                "record_count": rows + failures,
                "record_failures": failures,
            }
        )
    ]


def test_a_document_is_done_by_all_of_its_rows() -> None:
    """A row that is missing is to do; one that is there twice is not two."""
    assert WANTED.is_done(DOCUMENT, of_many(3, 0))
    assert not WANTED.is_done(DOCUMENT, of_many(3, 0)[1:])
    assert not WANTED.is_done(DOCUMENT, of_many(3, 0)[1:] + of_many(3, 0)[1:])


def test_a_document_that_landed_in_part_is_done_with_its_failures() -> None:
    """Once they are recorded, by the very run and for the very request; not where it is replayed.

    A run that was killed may have landed its rows and not yet written its failures.
    """
    made = of_many(2, 2)
    identity = made[0][2]
    recorded = [("one", identity, 2), ("one", identity, 3)]
    assert WANTED.is_done(DOCUMENT, made, recorded)
    assert not WANTED.is_done(DOCUMENT, made)
    assert not WANTED.is_done(DOCUMENT, made, [recorded[0], recorded[0]])
    assert not WANTED.is_done(DOCUMENT, made, [("two", identity, 2), ("two", identity, 3)])
    assert not WANTED.is_done(DOCUMENT, made, [("one", "another", 2), ("one", "another", 3)])
    assert not replace(WANTED, partly=False).is_done(DOCUMENT, made, recorded)
    assert replace(WANTED, partly=False).is_done(DOCUMENT, of_many(2, 0))
