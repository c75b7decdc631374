"""JSON Lines as BigQuery loads them, and the schema beside them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery

from emulators.cloud import LocalCloud
from sluicegate.landing.earlier_rows import DamagedFile
from tests.transforms.outputs.row_files import COLUMNS, LARGEST, ROWS, fitted, read, write
from transforms.outputs.jsonl import SCHEMA, json_line


def line(**values: Any) -> Any:
    """Return a row's line, read as any JSON reader does."""
    return json.loads(json_line(fitted(values), COLUMNS))


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("amount", LARGEST, "9" * 29 + "." + "9" * 9),
        ("amount", Decimal("12.500"), "12.5"),
        ("amount", Decimal("1E+3"), "1000"),
        ("amount", Decimal("-0.0"), "0"),
        ("whole", 2**53 - 1, 2**53 - 1),
        ("whole", 2**53, str(2**53)),
        ("whole", -(2**63), str(-(2**63))),
        ("real", 0.1, 0.1),
        ("flag", False, False),
        ("text", None, None),
        ("words", None, []),
        (
            "moment",
            datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T23:00:00.000000Z",
        ),
    ],
)
def test_values_are_written_as_bigquery_reads_them(name: str, value: Any, written: Any) -> None:
    """Exact numbers as text, whole ones as numbers as far as a double is exact, times in UTC."""
    assert line(**{name: value})[name] == written


def test_a_row_is_one_line_of_utf_8(tmp_path: Path) -> None:
    """Whatever line breaks are in its texts; letters are letters, not escapes."""
    data = write("jsonl", tmp_path, ROWS).read_bytes()
    assert data.endswith(b"\n")
    assert data.count(b"\n") == len(ROWS)
    assert "Größe 漢字 \U0001f9fe" in data.decode("utf-8")
    assert list(line()) == [column["name"] for column in COLUMNS]


def test_the_schema_is_bigquerys_own(tmp_path: Path) -> None:
    """What stands beside the files is what a table of these columns is made with."""
    write("jsonl", tmp_path, ROWS)
    fields = json.loads((tmp_path / SCHEMA).read_text())
    assert [bigquery.SchemaField.from_api_repr(field).to_api_repr() for field in fields] == [
        bigquery.SchemaField.from_api_repr(column).to_api_repr() for column in COLUMNS
    ]


def test_bigquery_loads_the_files(cloud: LocalCloud, tmp_path: Path) -> None:
    """A load job with the file and its schema gives the rows to the last digit."""
    path = write("jsonl", tmp_path, ROWS)
    client = cloud.bigquery_client()
    table = f"{cloud.project}.tests.loaded_json_lines"
    settings = bigquery.LoadJobConfig(
        source_format="NEWLINE_DELIMITED_JSON",
        schema=client.schema_from_json(str(tmp_path / SCHEMA)),
    )
    with path.open("rb") as file:
        client.load_table_from_file(file, table, job_config=settings).result()
    rows = client.query_and_wait(f"SELECT * FROM `{table}` ORDER BY document_uri")
    assert [dict(row) for row in rows] == ROWS


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"document_uri": "a"', "line 1"),
        ("[1]", "line 1 holds no row"),
        ("NaN", "line 1 holds no row"),
        ("[" * 100_000, "line 1: RecursionError"),
        ('{"amount": "twelve"}', "not as schema.json says"),
        ('{"lines": "no list"}', "not as schema.json says"),
        ('{"day": "2026-02-30"}', "not as schema.json says"),
        ('{"moment": 7}', "not as schema.json says"),
    ],
)
def test_what_is_no_row_is_damage(content: str, says: str, tmp_path: Path) -> None:
    """Whatever stands in a line, and whatever of a value the schema does not allow."""
    path = write("jsonl", tmp_path, [])
    path.write_text(f"{content}\n")
    with pytest.raises(DamagedFile, match=says):
        read(path)


@pytest.mark.parametrize("schema", [None, "[", "{}", "7"])
def test_rows_without_their_schema_are_not_guessed(schema: str | None, tmp_path: Path) -> None:
    """A text that looks like a number may be one or not."""
    path = write("jsonl", tmp_path, ROWS)
    (tmp_path / SCHEMA).unlink()
    if schema is not None:
        (tmp_path / SCHEMA).write_text(schema)
    with pytest.raises(DamagedFile, match=SCHEMA):
        read(path)


def test_times_are_read_in_utc(tmp_path: Path) -> None:
    """Z or an offset: the same instant."""
    path = write("jsonl", tmp_path, [])
    path.write_text('{"moment": "2026-01-01T01:00:00+02:00"}\n{"moment": "2025-12-31T23:00:00Z"}\n')
    assert {row["moment"] for row in read(path)} == {datetime(2025, 12, 31, 23, tzinfo=UTC)}
