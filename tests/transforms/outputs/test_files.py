"""RowFiles: files under a path prefix, in the format that was chosen."""

from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.pvalue import PBegin
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that
from support import files

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import UsageFault
from sluicegate.records import Row, Usage
from sluicegate.storage.finding import matches_any
from transforms.outputs import FORMATS, Output, parse_output, parse_rows_uri

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


@pytest.fixture(params=FORMATS)
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Output:
    """Return an output of each format in turn, ready for a run."""
    found = parse_output(str(tmp_path), request.param)
    found.make_ready(INVOICE, "r1", resume=True)
    return found


def check_written(output: Output, rows: list[Row]) -> None:
    """Write rows, and check that they are read back by the summary's URI, as compare does."""
    with Pipeline() as pipeline:
        names = pipeline | beam.Create(rows) | output.write(SCHEMA["fields"], "r1", "")

        def check(found: list[str]) -> None:
            assert sorted(found) == sorted(map(str, files(output.rows_uri("r1"))))
            assert found

        assert_that(names, check)
    with Pipeline() as pipeline:
        stored = parse_rows_uri(output.rows_uri("r1"))
        stored.check("before")

        def check_rows(found: list[dict[str, Any]]) -> None:
            assert sorted(found, key=itemgetter("document_uri")) == [row.values for row in rows]

        assert_that(stored.rows(PBegin(pipeline), "r1"), check_rows)


def test_rows_come_back_as_they_were(output: Output) -> None:
    """Decimals, dates, microseconds and nested lists are exact; the names are returned."""
    check_written(
        output, [row("a.pdf"), row("b.pdf", invoice_date=date(9999, 12, 31), line_items=[])]
    )


def test_a_run_without_rows_has_readable_files(output: Output) -> None:
    """No rows is a file without rows, not a missing one."""
    check_written(output, [])


def test_the_largest_numbers_of_a_column_land(output: Output) -> None:
    """NUMERIC's own limits, 29 digits before the point and 9 after it, are within them."""
    largest = Decimal("9" * 29 + "." + "9" * 9)
    check_written(
        output,
        [row("a.pdf", total_amount=largest), row("b.pdf", total_amount=largest.copy_negate())],
    )


def test_files_are_named_after_run_and_format(output: Output, tmp_path: Path) -> None:
    """`<prefix>/rows/<run_id>/rows-SSSSS-of-NNNNN.<format>`, and nothing unfinished stays."""
    check_written(output, [row("a.pdf")])
    (name,) = FORMATS.keys() & {output.rows_uri("r1").rpartition(".")[2]}
    found = sorted(path.name for path in (tmp_path / "rows/r1").iterdir())
    assert found.pop(0) == f"rows-00000-of-00001.{name}"
    assert found == (["schema.json"] if name == "jsonl" else [])


def test_rows_of_earlier_runs_are_found_in_any_format(output: Output, tmp_path: Path) -> None:
    """Whatever the next run writes; unless it is not to look."""
    check_written(output, [row("a.pdf")])
    for name in FORMATS:
        another = parse_output(str(tmp_path), name)
        assert another.make_ready(INVOICE, "r2", resume=True).earlier
        assert another.make_ready(INVOICE, "r2", resume=False).earlier is None
        assert matches_any("output", another.files_of("r1"))


def test_a_prefix_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """JSON Lines has a file to write before the launch; what stops it is said."""
    (tmp_path / "rows").write_text("in the way")
    with pytest.raises(UsageFault, match="--output: cannot use"):
        parse_output(str(tmp_path), "jsonl").make_ready(INVOICE, "r1", resume=False)
