"""The local cloud serves Google's clients and Beam's own connectors."""

import datetime as dt
import gc
import os
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import apache_beam as beam
import google.auth
import pytest
from apache_beam.io.gcp.internal.clients import bigquery as beam_bigquery

from emulators.cloud import LocalCloud
from emulators.gcs import GcsEmulator
from emulators.loopback import StandInError, free_port
from emulators.process import start_server

# Beam leaves its own clients' connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SCHEMA = {
    "fields": [
        {"name": "document_uri", "type": "STRING", "mode": "REQUIRED"},
        {"name": "total_amount", "type": "NUMERIC", "mode": "NULLABLE"},
        {"name": "invoice_date", "type": "DATE", "mode": "NULLABLE"},
        {"name": "processed_at", "type": "TIMESTAMP", "mode": "REQUIRED"},
        {
            "name": "line_items",
            "type": "RECORD",
            "mode": "REPEATED",
            "fields": [
                {"name": "description", "type": "STRING", "mode": "NULLABLE"},
                {"name": "total", "type": "NUMERIC", "mode": "NULLABLE"},
            ],
        },
    ]
}
NOON = dt.datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=dt.UTC)
ROWS = [
    {
        "document_uri": f"gs://sluicegate/{number}.pdf",
        "total_amount": Decimal("12345678901234567890.123456789") + number,
        "invoice_date": dt.date(2026, 2, 28),
        "processed_at": NOON,
        "line_items": [
            {"description": "Schrauben à 5 €", "total": Decimal("0.10")},
            {"description": None, "total": Decimal("-3.000000001")},
        ][:number],
    }
    for number in range(3)
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """Run one local cloud for the module's tests."""
    with LocalCloud() as running:
        yield running
    gc.collect()


def test_beam_loads_exact_rows_into_bigquery(cloud: LocalCloud) -> None:
    """Rows that Beam loads as Avro files come back exactly, in a partitioned table."""
    table = f"{cloud.project}:sluicegate.invoices"
    with cloud.patch(), beam.Pipeline("DirectRunner") as pipeline:
        _ = (
            pipeline
            | beam.Create(ROWS)
            | beam.io.WriteToBigQuery(
                table,
                schema=SCHEMA,
                method=beam.io.WriteToBigQuery.Method.FILE_LOADS,
                temp_file_format="AVRO",
                custom_gcs_temp_location="gs://sluicegate/temp",
                create_disposition=beam.io.BigQueryDisposition.CREATE_IF_NEEDED,
                write_disposition=beam.io.BigQueryDisposition.WRITE_APPEND,
                additional_bq_parameters={
                    "timePartitioning": {"type": "DAY", "field": "processed_at"}
                },
            )
        )
    with closing(cloud.bigquery_client()) as client:
        found = client.query("SELECT * FROM sluicegate.invoices ORDER BY document_uri").result()
        assert [dict(row) for row in found] == ROWS


def test_beam_reads_and_writes_objects(cloud: LocalCloud, tmp_path: Path) -> None:
    """Beam's gs:// file system lists, reads and writes the emulated bucket."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ä b.txt").write_text("hello")
    assert cloud.upload("sluicegate", tmp_path, "in") == ["gs://sluicegate/in/deep/ä b.txt"]
    with cloud.patch(), beam.Pipeline("DirectRunner") as pipeline:
        _ = (
            pipeline
            | beam.io.ReadFromText("gs://sluicegate/in/**.txt")
            | beam.Map(str.upper)
            | beam.io.WriteToText("gs://sluicegate/out/upper", shard_name_template="")
        )
    with closing(cloud.storage_client()) as client:
        assert client.bucket("sluicegate").blob("out/upper").download_as_text() == "HELLO\n"


def test_patch_is_undone(cloud: LocalCloud) -> None:
    """After the patch, environment, credentials and Beam's client are as they were."""
    before = (dict(os.environ), google.auth.default, beam_bigquery.BigqueryV2.BASE_URL)
    with cloud.patch():
        assert os.environ["STORAGE_EMULATOR_HOST"] == cloud.environment()["STORAGE_EMULATOR_HOST"]
        assert google.auth.default()[1] == cloud.project
        assert beam_bigquery.BigqueryV2.BASE_URL.startswith("http://127.0.0.1:")
    assert before == (dict(os.environ), google.auth.default, beam_bigquery.BigqueryV2.BASE_URL)


def test_a_stopped_server_is_gone_and_its_folder_too() -> None:
    """Stopping ends and reaps the process and removes the temporary folder."""
    emulator = GcsEmulator().start()
    server = emulator.process
    assert server.running
    emulator.stop()
    emulator.stop()
    assert not server.running
    assert not emulator.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_a_server_that_does_not_start_is_explained(tmp_path: Path) -> None:
    """The error names the server, its exit code and the end of its log."""
    command = ["/bin/sh", "-c", "echo no such port >&2; exit 3"]
    with pytest.raises(StandInError, match=r"thing ended with exit code 3[^$]*no such port"):
        start_server("thing", command, port=free_port(), log=tmp_path / "log", ready="/")
