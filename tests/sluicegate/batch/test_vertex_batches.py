"""Batch jobs of Vertex AI, on the local Cloud Storage: what it keeps, and what was replaced."""

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batching import Laboratory, Ran
from support import write_invoices

from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from sluicegate.batch.connect import BatchSettings
from sluicegate.gemini.connection import Connection
from sluicegate.records import Document
from sluicegate.storage import store_for

_DOCUMENTS = 6


@pytest.fixture
def lab(
    cloud: LocalCloud, endpoint: GeminiEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Laboratory:
    """Return a laboratory whose documents and journal are in a bucket."""
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    write_invoices(tmp_path / "in", _DOCUMENTS)
    prefix = uuid.uuid4().hex
    cloud.upload("sluicegate", tmp_path / "in", f"{prefix}/in")
    store = store_for("gs://")
    return Laboratory(
        tmp_path,
        endpoint,
        tuple(found(prefix)),
        BatchSettings(canary=0, most_documents=_DOCUMENTS),
        Connection("vertex", project="p1", endpoint=endpoint.url),
        store=store,
        place=f"gs://sluicegate/{prefix}/journal",
    )


def found(prefix: str) -> list[Document]:
    """Return the documents of a prefix as they are now, by name."""
    pattern = f"gs://sluicegate/{prefix}/in/*"
    return sorted(store_for(pattern).list(pattern), key=lambda document: document.uri)


def after(lab: Laboratory, minutes: float, **more: Any) -> Ran:
    """Run again after so many minutes, when jobs have ended."""
    lab.settle()
    lab.minutes += minutes
    return lab.run(**more)


def all_of(lab: Laboratory) -> set[str]:
    """Return the names of all documents."""
    return {document.uri for document in lab.documents}


def test_documents_go_by_reference_and_results_come_from_the_bucket(lab: Laboratory) -> None:
    """A line names its object; the job reads and writes the journal's bucket."""
    assert lab.run().waiting == all_of(lab)
    (entry,) = lab.store.list(f"{lab.journal}/batches/*/input.jsonl")
    data = lab.store.read(entry.uri)
    assert data.count(b'"fileUri":"gs://') == _DOCUMENTS
    assert b"inlineData" not in data
    assert after(lab, 1).answered == all_of(lab)
    assert list(lab.store.list(f"{lab.journal}/batches/*/output-1-1/**/predictions_*.jsonl"))
    assert set(lab.paid().values()) == {1}
    assert {uri.removeprefix("gs://")[:10] for uri in lab.paid()} == {"sluicegate"}


@pytest.mark.parametrize("end", ["partial", "expired", "cancelled"])
def test_what_was_answered_before_a_job_was_cut_short_is_kept(lab: Laboratory, end: str) -> None:
    """Only the rest is left over, for calls."""
    lab.endpoint.set_behaviour(batch_faults=[{"fault": end, "next": 1}])
    lab.run()
    ran = after(lab, 1)
    assert ran.answered == all_of(lab)
    assert f"{_DOCUMENTS // 2} documents answered, {_DOCUMENTS // 2} left over" in ran.warnings[0]
    assert sum(lab.paid().values()) == _DOCUMENTS // 2
    (job,) = lab.endpoint.batch_jobs()
    assert job["answered"] == _DOCUMENTS // 2


def test_at_the_deadline_a_job_is_cancelled_and_what_it_answered_collected(
    lab: Laboratory,
) -> None:
    """Its end is awaited, and nothing asked for again before it has come."""
    lab.endpoint.set_behaviour(batch_running=3600.0)
    lab.run()
    lab.wait_until(lambda: lab.endpoint.batch_jobs()[0]["answered"] == _DOCUMENTS)
    lab.minutes += 25 * 60
    assert "cancelled" not in " ".join(lab.run().warnings)
    lab.minutes += 60 + 1
    ran = lab.run()
    assert "older than --batch_deadline" in " ".join(ran.warnings)
    assert ran.waiting == all_of(lab)
    lab.settle()
    (job,) = lab.endpoint.batch_jobs()
    assert job["state"] == "CANCELLED"
    assert after(lab, 1).answered == all_of(lab)
    assert set(lab.paid().values()) == {1}
    assert len(lab.paid()) == _DOCUMENTS


def test_row_18_the_answer_about_a_replaced_document_is_thrown_away(
    lab: Laboratory, cloud: LocalCloud
) -> None:
    """Nobody knows which of the two it is about; the new one is asked about, and the loss is said.

    One that was deleted is no document any more.
    """
    lab.run()
    lab.settle()
    first, second = lab.documents[:2]
    store_for(first.uri).write(first.uri, b"%PDF-1.4 another")
    bucket, _, name = second.uri.removeprefix("gs://").partition("/")
    cloud.storage_client().bucket(bucket).blob(name).delete()
    prefix = name.partition("/")[0]
    old = lab.documents
    lab.documents = tuple(
        replace(each, media_type="application/pdf") if each.uri == first.uri else each
        for each in found(prefix)
    )
    assert len(lab.documents) == _DOCUMENTS - 1
    ran = after(lab, 1)
    assert "2 answers" in " ".join(ran.warnings)
    assert "thrown away" in " ".join(ran.warnings)
    assert ran.waiting == {first.uri}
    assert ran.answered == {each.uri for each in old[2:]}
    assert lab.until_done()[-1].answered == all_of(lab)
    assert lab.paid()[first.uri] == 2


def test_results_that_are_not_written_yet_are_waited_for(lab: Laboratory) -> None:
    """A job that says it succeeded and has no files has not lost them: nothing is left over."""
    lab.endpoint.set_behaviour(batch_faults=[{"fault": "results_deleted", "next": 1}])
    lab.run()
    ran = after(lab, 1)
    assert ran.waiting == all_of(lab)
    assert "not there yet" in ran.warnings[0]
