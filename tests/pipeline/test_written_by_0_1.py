"""What version 0.1 wrote stands beside this file, and is read: nothing is paid twice."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from shutil import copy
from typing import Any

import apache_beam as beam
import pyarrow.parquet as pq
import pytest
from google.cloud import bigquery
from support import files, read_rows

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.comparison.command import compare
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import RECORD_COLUMNS, table_schema
from sluicegate.records import Row, Usage
from sluicegate.storage.load_job import LoadTarget
from transforms.outputs.bigquery_load import Load, LoadPlan

WRITTEN = Path(__file__).parent / "written_by_0_1"
SAMPLES = Path(__file__).parents[2] / "samples" / "documents"
# Where that run's documents and outputs were: its URIs are in what it wrote.
HOME = "gs://sluicegate/earlier"


@pytest.fixture
def earlier(cloud: LocalCloud, tmp_path: Path) -> Iterator[str]:
    """Put the documents and the outputs of the run back where they were."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("invoice.pdf", "facture.pdf", "purchase-order.pdf", "broken/encrypted.pdf"):
        copy(SAMPLES / name, inbox)
    cloud.upload("sluicegate", inbox, "earlier/inbox")
    cloud.upload("sluicegate", WRITTEN, "earlier/out")
    yield HOME
    bucket = cloud.storage_client().bucket("sluicegate")
    for blob in bucket.list_blobs(prefix="earlier/"):
        blob.delete()


def again(endpoint: GeminiEndpoint, **settings: Any) -> Any:
    """Run over the same documents into the same output."""
    return pipeline.run(
        gemini_endpoint=endpoint.url,
        gemini_service="developer",
        **{"input": f"{HOME}/inbox/*", "output": f"{HOME}/out", **settings},
    )


def test_a_finished_job_is_not_done_again(
    earlier: str, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """Its rows are skipped, its unusable answer comes from the journal: no call, no row."""
    summary = again(endpoint)
    assert (summary.matched, summary.skipped, summary.rows) == (4, 2, 0)
    assert summary.failures_by_code == {"encrypted": 1, "nothing_extracted": 1}
    assert (summary.calls, summary.cost_usd) == (0, "0")


def test_its_answers_make_the_same_rows(
    earlier: str, endpoint: GeminiEndpoint, api_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made anew from its journal, rows and failures are the same: compare says so."""
    summary = again(endpoint, resume=False, run_id="now")
    assert (summary.rows, summary.failures, summary.calls) == (2, 2, 0)
    before, after = (f"{HOME}/out/summaries/{run}.json" for run in ("at-0-1", "now"))
    assert compare([f"--before={before}", f"--after={after}", "--max_regressions=0"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "row, the same 2" in shown
    assert "failure on both sides 2" in shown


def test_its_failures_are_replayed(earlier: str, endpoint: GeminiEndpoint, api_key: str) -> None:
    """By its failure files, with its codes."""
    summary = again(
        endpoint,
        input=None,
        replay=f"{HOME}/out/failures/at-0-1/*.jsonl",
        replay_codes="nothing_extracted",
    )
    assert (summary.matched, summary.calls) == (1, 0)
    assert summary.failures_by_code == {"nothing_extracted": 1}


def _as_row(values: dict[str, Any]) -> Row:
    return Row(values["document_uri"], values, Usage(), Decimal(0), 0, 0, journaled=True)


def test_its_rows_in_a_table_are_records_of_one(
    earlier: str, cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """A table of then gains the columns; its rows are skipped, and are record 0 of 1 in the view.

    Done anew from the journal they are what they were, with the columns filled.
    """
    later = {column["name"] for column in RECORD_COLUMNS}
    (path,) = files(f"{WRITTEN}/rows/at-0-1/*.avro")
    rows = read_rows(str(path))
    assert not later & set(rows[0])
    client = cloud.bigquery_client()
    table = f"{cloud.project}.tests.of_0_1"
    of_then = [each for each in table_schema(INVOICE.fields)["fields"] if each["name"] not in later]
    client.create_table(bigquery.Table(table, schema=of_then))
    plan = LoadPlan(LoadTarget(table, cloud.project), of_then, "of-0-1", "gs://sluicegate/earlier")
    with beam.Pipeline() as job:
        _ = job | beam.Create(rows) | beam.Map(_as_row) | Load(plan)
    settings = {
        "output": f"{cloud.project}:tests.of_0_1", "project": cloud.project,
        "failures": f"{HOME}/out/failures", "journal": f"{HOME}/out/journal",
        "temp_location": "gs://sluicegate/earlier/temp",
    }  # fmt: skip
    try:
        summary = again(endpoint, **settings)
        assert (summary.matched, summary.skipped, summary.rows, summary.calls) == (4, 2, 0, 0)
        names = {field.name for field in client.get_table(table).schema}
        assert later < names
        shown = f"SELECT record_index, total_amount FROM `{table}_latest` ORDER BY document_uri"
        (one, other) = [dict(row) for row in client.query_and_wait(shown)]
        assert one["record_index"] is None is other["record_index"]

        summary = again(endpoint, **settings, resume=False)
        assert (summary.rows, summary.landed, summary.records, summary.calls) == (2, 2, 2, 0)
        anew = [dict(row) for row in client.query_and_wait(shown)]
        assert [row["total_amount"] for row in anew] == [
            one["total_amount"], other["total_amount"],
        ]  # fmt: skip
        assert [row["record_index"] for row in anew] == [0, 0]
        assert again(endpoint, **settings).skipped == 2
    finally:
        client.delete_table(table, not_found_ok=True)
        client.delete_table(f"{table}_latest", not_found_ok=True)


@pytest.mark.parametrize("name", ["parquet", "jsonl"])
def test_rows_of_other_formats_of_then_are_read(
    name: str, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """Without the columns of records, as they were written then: skipped, and no call."""
    (tmp_path / "in").mkdir()
    copy(SAMPLES / "invoice.pdf", tmp_path / "in")
    settings = {
        "input": f"{tmp_path}/in/*", "output": f"{tmp_path}/out", "output_format": name,
        "gemini_endpoint": endpoint.url, "gemini_service": "developer",
    }  # fmt: skip
    assert pipeline.run(**settings, run_id="then").rows == 1
    (path,) = files(f"{tmp_path}/out/rows/then/rows-*.{name}")
    later = {column["name"] for column in RECORD_COLUMNS}
    if name == "jsonl":
        (row,) = read_rows(str(path))
        path.write_text(json.dumps({k: v for k, v in row.items() if k not in later}) + "\n")
    else:
        table = pq.read_table(path)
        pq.write_table(table.drop_columns(sorted(later)), path)
    summary = pipeline.run(**settings)
    assert (summary.skipped, summary.rows, summary.calls) == (1, 0, 0)
