"""Resume reads of a table what the input needs: counted by what read sessions were asked for."""

import io
from datetime import UTC, datetime
from typing import Any

import fastavro
import pytest
from google.cloud import bigquery
from place import Place
from support import write_invoices

import pipeline
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import avro_schema, table_schema
from sluicegate.storage import store_for
from sluicegate.storage.load_job import LoadTarget, load_avro

HISTORY = 50_000


def add_history(place: Place) -> None:
    """Load rows of many documents that lie elsewhere."""
    schema = avro_schema(table_schema(INVOICE.fields), "Row")
    rows: Any = (
        {
            "document_uri": f"gs://archive/{number % 365}/{number}.pdf",
            "processed_at": datetime(2026, 1, 1, tzinfo=UTC),
            "line_items": [],
            "evidence": [],
            "provenance": {"document_type": "invoice", "warnings": []},
        }
        for number in range(HISTORY)
    )
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(schema), rows)
    uri = f"gs://sluicegate/{place.name}/history.avro"
    store_for(uri).write(uri, file.getvalue())
    target = LoadTarget(place.table, place.cloud.project)
    load_avro(target, f"history-{place.name}", [uri], sleep=pytest.fail)


def test_a_run_reads_rows_of_its_own_folder_and_no_history(place: Place) -> None:
    """Of 50,003 rows three are read, by a condition that prunes in a table clustered by names."""
    place.run()
    add_history(place)
    assert place.run().skipped == 3
    (session,) = place.emulator.read_sessions(place.name)
    assert session["rows"] == 3
    prefix = f"{place.folder}/in/"
    assert f"document_uri >= '{prefix}" in session["restriction"]
    assert "processed_at >= TIMESTAMP '1970-01-01'" in session["restriction"]


def test_several_places_are_several_sessions(place: Place) -> None:
    """Lists and patterns alike: what counts is where the documents lie."""
    write_invoices(place.folder / "more", 2)
    place.run(input=[f"{place.folder}/in/**", f"{place.folder}/more/**"])
    names = [*(place.folder / "in").iterdir(), *(place.folder / "more").iterdir()]
    (place.folder / "list").write_text("\n".join(map(str, names)))
    assert place.run(input=f"@{place.folder}/list").skipped == 5
    sessions = place.emulator.read_sessions(place.name)
    assert sorted(session["rows"] for session in sessions) == [2, 3]


def test_a_session_that_aged_is_opened_again(place: Place) -> None:
    """A stream that has expired is no fault: its rows are read once more, and count once."""
    place.run()
    place.emulator.expire_sessions()
    assert place.run().skipped == 3
    assert len(place.emulator.read_sessions(place.name)) == 2


def test_a_table_that_wants_a_condition_on_its_partitions_is_read(place: Place) -> None:
    """Resume has one, and so has the view."""
    filtered = bigquery.TimePartitioning("DAY", field="processed_at")
    filtered._properties["requirePartitionFilter"] = True
    place.make(time_partitioning=filtered)
    assert place.run().rows == 3
    assert place.run().skipped == 3
    view = place.client.get_table(f"{place.table}_latest")
    assert "processed_at >= TIMESTAMP '1970-01-01'" in view.view_query


def test_a_table_that_wants_a_condition_of_another_kind_is_refused(place: Place) -> None:
    """With the statement that frees it; without resume it is loaded all the same."""
    filtered = bigquery.TimePartitioning("DAY")
    filtered._properties["requirePartitionFilter"] = True
    place.make(time_partitioning=filtered)
    with pytest.raises(pipeline.UsageFault, match="require_partition_filter = FALSE"):
        place.run()
    assert place.run(no_resume=True).rows == 3
