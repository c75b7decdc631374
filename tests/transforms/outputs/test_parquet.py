"""Parquet: its types, and what it holds back in memory."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import bigquery

from emulators.cloud import LocalCloud
from tests.transforms.outputs.row_files import COLUMNS, ROWS, fitted, read, write
from transforms.outputs.parquet import arrow_schema


def test_types_and_nulls_are_those_of_the_columns(tmp_path: Path) -> None:
    """Exact decimals, days, microseconds in UTC, lists of records; REQUIRED is not nullable."""
    found = pq.ParquetFile(write("parquet", tmp_path, ROWS)).schema_arrow
    assert found.field("amount").type == pa.decimal128(38, 9)
    assert found.field("day").type == pa.date32()
    assert found.field("moment").type == pa.timestamp("us", tz="UTC")
    lines = found.field("lines")
    assert pa.types.is_list(lines.type)
    assert lines.type.value_type.field("parts").type.value_type.field("price").type == (
        pa.decimal128(38, 9)
    )
    assert (found.field("text").nullable, found.field("document_uri").nullable) == (True, False)
    assert (lines.nullable, lines.type.value_field.nullable) == (False, False)
    assert found.equals(arrow_schema(COLUMNS))


def test_large_rows_do_not_gather_in_memory(tmp_path: Path) -> None:
    """Rows of some MiB each are put away as they come: a row group has few of them."""
    large = "x" * (1 << 20)
    rows = [fitted({"text": large, "words": [large, large]}, n) for n in range(8)]
    path = write("parquet", tmp_path, rows)
    found = pq.ParquetFile(path)
    assert found.num_row_groups >= 3
    assert read(path) == rows


def test_small_rows_share_row_groups(tmp_path: Path) -> None:
    """A thousand rows of a line each are one group, packed by columns."""
    rows = [fitted({"text": f"row {n}"}, n) for n in range(1000)]
    found = pq.ParquetFile(write("parquet", tmp_path, rows))
    assert (found.num_row_groups, found.metadata.num_rows) == (1, 1000)


def test_bigquery_loads_the_files(cloud: LocalCloud, tmp_path: Path) -> None:
    """A load job of the file alone gives the rows to the last digit."""
    path = write("parquet", tmp_path, ROWS)
    client = cloud.bigquery_client()
    table = f"{cloud.project}.tests.loaded_parquet"
    lists = bigquery.ParquetOptions()
    lists.enable_list_inference = True
    settings = bigquery.LoadJobConfig(source_format="PARQUET", parquet_options=lists)
    settings.schema = [bigquery.SchemaField.from_api_repr(column) for column in COLUMNS]
    with path.open("rb") as file:
        client.load_table_from_file(file, table, job_config=settings).result()
    rows = client.query_and_wait(f"SELECT * FROM `{table}` ORDER BY document_uri")
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    assert found == ROWS
