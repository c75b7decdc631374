"""What landed: which rows say that a document need not be done again."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import avro_schema, table_schema
from sluicegate.gemini.response_schema import question
from sluicegate.landing.earlier_rows import COLUMNS, DamagedFile, Wanted, read_rows
from sluicegate.records import Document

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOCUMENT = Document("gs://b/a.pdf", 10, "7", digest="md5:aa")


def wanted(document_type: DocumentType, model: str) -> Wanted:
    """Return what a run with that type and model wants."""
    return Wanted.of(document_type, question(document_type, model))


WANTED = wanted(INVOICE, "m")
IDENTITY = WANTED.questions[0].about(DOCUMENT.digest).identity
SCHEMA = fastavro.parse_schema(avro_schema(table_schema(INVOICE.fields), "Row"))


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


def written(*rows: dict[str, Any]) -> bytes:
    """Return an Avro file of rows."""
    file = io.BytesIO()
    fastavro.writer(file, SCHEMA, rows, codec="deflate")
    return file.getvalue()


def test_a_document_without_a_row_is_to_do() -> None:
    """Nothing landed, nothing done."""
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


def test_rows_of_other_types_are_none_of_ours() -> None:
    """Two types share a table, each with its own row of a document."""
    assert marks(row(document_type="receipt")) == []
    assert WANTED.mark({"document_uri": "a", "provenance": None}) is None
    assert WANTED.mark({**row(), "document_uri": None}) is None


def test_a_file_gives_the_columns_that_matter() -> None:
    """The rest is passed over, whatever type wrote it."""
    (found,) = read_rows(io.BytesIO(written(row(1))))
    assert WANTED.mark(found) == WANTED.mark(row(1))
    nested = {f"provenance.{name}" for name in found["provenance"]}
    assert {*found, *nested} - {"provenance"} == set(COLUMNS)


def test_a_file_of_another_type_is_read_too() -> None:
    """Only what every row has is asked for."""
    schema = fastavro.parse_schema(avro_schema(table_schema(INVOICE.fields[:1]), "Row"))
    file = io.BytesIO()
    fastavro.writer(file, schema, [row()])
    file.seek(0)
    assert len(list(read_rows(file))) == 1


WHOLE = written(*(row(minute) for minute in range(40)))


@pytest.mark.parametrize("end", [0, 3, 100, len(WHOLE) // 2, len(WHOLE) - 20, len(WHOLE) - 1])
def test_a_cut_file_is_damaged(end: int) -> None:
    """Wherever it is cut, also between two blocks' worth of rows."""
    with pytest.raises(DamagedFile):
        list(read_rows(io.BytesIO(WHOLE[:end])))


@settings(deadline=None, max_examples=100)
@given(at=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255), end=st.integers(1, len(WHOLE)))
def test_any_damage_is_damage_and_never_another_error(at: int, value: int, end: int) -> None:
    """Bits that flip and tails that are gone give rows or DamagedFile."""
    data = bytearray(WHOLE[:end])
    data[min(at, end - 1)] = value
    try:
        rows = list(read_rows(io.BytesIO(bytes(data))))
    except DamagedFile:
        return
    assert len(rows) <= 40


def test_other_avro_files_are_damaged() -> None:
    """A file without our columns is none of rows."""
    file = io.BytesIO()
    fastavro.writer(
        file, fastavro.parse_schema({"type": "record", "name": "X", "fields": []}), [{}]
    )
    file.seek(0)
    with pytest.raises(DamagedFile):
        list(read_rows(file))


def test_a_schema_that_is_none_is_damage() -> None:
    """Whatever the library has to say of a header that an editor or a bad disk has changed."""
    with pytest.raises(DamagedFile, match="name"):
        list(read_rows(io.BytesIO(WHOLE.replace(b'"name"', b'"namg"'))))


class Gone(io.BytesIO):
    """A file whose storage fails after the first read."""

    def read(self, *size: int | None) -> bytes:
        """Give the header, then fail."""
        if self.tell():
            raise ConnectionResetError("storage went away")
        return super().read(*size)


def test_storage_that_fails_is_no_damage() -> None:
    """The file may be whole: it is not for the repair to throw away."""
    with pytest.raises(ConnectionResetError):
        list(read_rows(Gone(WHOLE)))
