"""WriteRowsToFiles: Avro files that hold rows exactly."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that
from support import read_rows

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.records import Row, Usage
from transforms.write_rows import WriteRowsToFiles

SCHEMA = table_schema(INVOICE.fields)


def row(uri: str, **values: Any) -> Row:
    """Return a row of the invoice's columns."""
    given = {
        "document_uri": uri,
        "processed_at": datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC),
        "invoice_id": "A-1",
        "vendor_name": "Ünï \u2028 発票",
        "total_amount": Decimal("12345678901234567890.123456789"),
        "invoice_date": date(1, 1, 1),
        "line_items": [
            {"description": "x", "quantity": Decimal(2), "total": Decimal("-0.000000001")},
            {"description": None, "quantity": None, "total": None},
        ],
        "provenance": {"run_id": "r1", "warnings": ["w"]},
        **values,
    }
    fitted, _ = fit_columns(given, SCHEMA["fields"])
    return Row(uri, fitted, Usage(), Decimal(0), 0, 0, journaled=False)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    """Decimals, dates, microseconds and nested lists are exact; the names are returned."""
    rows = [row("a.pdf"), row("b.pdf", invoice_date=date(9999, 12, 31), line_items=[])]
    with Pipeline() as pipeline:
        names = pipeline | beam.Create(rows) | WriteRowsToFiles(f"{tmp_path}/rows", SCHEMA, "r1")

        def check(found: list[str]) -> None:
            assert sorted(found) == sorted(map(str, (tmp_path / "rows/r1").iterdir()))

        assert_that(names, check)
    found = read_rows(f"{tmp_path}/rows/r1/rows-*-of-*.avro")
    assert sorted(found, key=lambda each: each["document_uri"]) == [each.values for each in rows]


def test_a_run_without_rows_has_readable_files(tmp_path: Path) -> None:
    """No rows is an empty Avro file, not a missing one."""
    with Pipeline() as pipeline:
        _ = pipeline | beam.Create([]) | WriteRowsToFiles(str(tmp_path), SCHEMA, "r1")
    assert list((tmp_path / "r1").glob("rows-*.avro"))
    assert read_rows(f"{tmp_path}/r1/rows-*.avro") == []


def test_the_largest_numbers_of_a_column_land(tmp_path: Path) -> None:
    """NUMERIC's own limits, 29 digits before the point and 9 after it, are within them."""
    largest = Decimal("9" * 29 + "." + "9" * 9)
    rows = [row("a.pdf", total_amount=largest), row("b.pdf", total_amount=largest.copy_negate())]
    with Pipeline() as pipeline:
        _ = pipeline | beam.Create(rows) | WriteRowsToFiles(str(tmp_path), SCHEMA, "r1")
    found = {each["total_amount"] for each in read_rows(f"{tmp_path}/r1/rows-*.avro")}
    assert found == {largest, largest.copy_negate()}
