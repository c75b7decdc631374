"""Columns and Avro: one mapping, and rows that come back exactly."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.fields import read_fields
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import avro_schema, reference, table_schema

FIELDS = read_fields(
    {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "description": "d" * 2000},
            "amount": {"type": "number"},
            "real": {"type": "number", "format": "double"},
            "whole": {"type": "integer"},
            "day": {"type": "string", "format": "date"},
            "moment": {"type": "string", "format": "date-time"},
            "flag": {"type": "boolean"},
            "words": {"type": "array", "items": {"type": "string"}},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "price": {"type": "number"},
                        "parts": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {"price": {"type": "number"}},
                            },
                        },
                    },
                },
            },
        },
    }
)
TABLE = table_schema(FIELDS)
AVRO = fastavro.parse_schema(avro_schema(TABLE, "row"))
OUR_OWN = {
    "document_uri": "gs://b/a.pdf",
    "processed_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "provenance": {"cost_usd": Decimal("0.000000001"), "warnings": ["one"]},
}


def round_trip(row: dict[str, Any]) -> Any:
    """Write a row as an Avro file and read it back."""
    file = io.BytesIO()
    fastavro.writer(file, AVRO, [row], codec="deflate")
    file.seek(0)
    (read,) = fastavro.reader(file)
    return read


def fitted(values: dict[str, Any]) -> dict[str, Any]:
    """Return the row that a sink gets for the values."""
    row, _ = fit_columns({**OUR_OWN, **values}, TABLE["fields"])
    return row


def test_columns_come_first_in_order_and_ours_last() -> None:
    """The type's fields are at the top level; the last columns are ours."""
    names = [column["name"] for column in TABLE["fields"]]
    assert names[0] == "text"
    assert names[-8:] == [
        "document_uri", "record_index", "record_count", "record_failures", "first_page",
        "last_page", "processed_at", "provenance",
    ]  # fmt: skip
    modes = {column["name"]: column["mode"] for column in TABLE["fields"]}
    assert (modes["text"], modes["words"], modes["lines"]) == ("NULLABLE", "REPEATED", "REPEATED")
    assert (modes["document_uri"], modes["processed_at"]) == ("REQUIRED", "REQUIRED")


def test_types_are_bigquerys() -> None:
    """Money is NUMERIC, dates are DATE, moments TIMESTAMP, records nest."""
    kinds = {column["name"]: column["type"] for column in TABLE["fields"]}
    assert kinds == {
        "text": "STRING", "amount": "NUMERIC", "real": "FLOAT", "whole": "INTEGER",
        "day": "DATE", "moment": "TIMESTAMP", "flag": "BOOLEAN", "words": "STRING",
        "lines": "RECORD", "needs_review": "BOOLEAN", "values_unfound": "INTEGER",
        "evidence": "RECORD", "document_uri": "STRING", "record_index": "INTEGER",
        "record_count": "INTEGER", "record_failures": "INTEGER", "first_page": "INTEGER",
        "last_page": "INTEGER", "processed_at": "TIMESTAMP",
        "provenance": "RECORD",
    }  # fmt: skip


def test_descriptions_fit_bigquery() -> None:
    """A column's description is at most 1,024 characters."""
    assert len(TABLE["fields"][0]["description"]) == 1024


def test_a_row_round_trips_exactly() -> None:
    """What is written as Avro is read back as it was: no digit, day or microsecond is lost."""
    row = fitted(
        {
            "text": "Größe 漢字 \U0001f9fe",
            "amount": Decimal("-9999999999999999999999999998.999999999"),
            "real": 1e-300,
            "whole": -(2**63),
            "day": date(1, 1, 1),
            "moment": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            "flag": False,
            "words": ["a", ""],
            "lines": [
                {"price": Decimal("0.1"), "parts": [{"price": Decimal("1E+3")}, {"price": None}]},
                {"price": None, "parts": []},
            ],
        }
    )
    assert round_trip(row) == row


def test_a_row_of_nulls_round_trips() -> None:
    """Every column that is not ours may be null."""
    row = fitted({})
    assert round_trip(row) == row
    assert (row["text"], row["words"], row["lines"]) == (None, [], [])


@given(
    amount=st.decimals(
        min_value=-(10**27), max_value=10**27, allow_nan=False, allow_infinity=False, places=9
    ),
    day=st.dates(),
    moment=st.datetimes(timezones=st.just(UTC)),
    real=st.floats(allow_nan=False, allow_infinity=False),
    whole=st.integers(-(2**63), 2**63 - 1),
    text=st.text(st.characters(codec="utf-8"), max_size=50),
)
def test_any_row_that_fits_round_trips(**values: Any) -> None:
    """Whatever passes the columns survives Avro unchanged."""
    row = fitted(values)
    assert round_trip(row) == row


def test_the_invoices_schema_is_avro() -> None:
    """Fastavro accepts the built in type's schema."""
    fastavro.parse_schema(avro_schema(table_schema(INVOICE.fields), "invoice"))


def test_records_whose_joined_names_meet_are_both_kept() -> None:
    """`a.b` and `a_b` are different records: their Avro names must differ."""
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    fields = read_fields(
        {
            "type": "object",
            "properties": {"a": {"type": "object", "properties": {"b": inner}}, "a_b": inner},
        }
    )
    fastavro.parse_schema(avro_schema(table_schema(fields), "row"))


def test_avro_modes() -> None:
    """REPEATED is an array, NULLABLE a union with null first, REQUIRED the bare type."""
    by_name = {f["name"]: f["type"] for f in avro_schema(TABLE, "row")["fields"]}
    assert by_name["words"] == {"type": "array", "items": "string"}
    assert by_name["text"] == ["null", "string"]
    assert by_name["document_uri"] == "string"


def test_the_reference_has_every_column() -> None:
    """With its type, whether it is always filled, and what it is; fields of records by path."""
    table = reference(INVOICE.fields)
    assert "| `total_amount` | NUMERIC | yes | Grand total with tax" in table
    assert "| `line_items` | REPEATED RECORD |  | The lines" in table
    assert "| `line_items.total` | NUMERIC |  | Amount of the line |" in table
    assert "| `processed_at` | TIMESTAMP | yes | When this row was made |" in table
    assert "| `provenance.warnings` | REPEATED STRING |  | What the checks found |" in table
