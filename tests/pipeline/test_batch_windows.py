"""Long documents and files of many records in runs with batch jobs: in jobs what fits a window."""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Job, sha256

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from samples.batches import make_batch
from samples.statements import make_statement


@pytest.fixture
def endpoint() -> Iterator[GeminiEndpoint]:
    """Run a stand-in that reads the pages it is sent."""
    with GeminiEndpoint(Behaviour()) as running:
        yield running


def write(folder: Path, name: str, data: bytes) -> Path:
    """Write a document."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def by_name(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows by the name of their document."""
    names: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        names.setdefault(Path(row["document_uri"]).name, []).append(row)
    return names


def paid_once(endpoint: GeminiEndpoint, *summaries: Any) -> None:
    """Check the ledgers, and that runs have counted what was paid."""
    assert all(each.balanced for each in summaries)
    stats = endpoint.stats()
    assert stats["answered_more_than_once"] == 0
    billed = sum(each.tokens["prompt_tokens"] for each in summaries)
    assert billed == stats["tokens"]["prompt"]


def test_a_long_document_takes_calls_and_the_others_are_held_against_their_pages(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One run asks about windows at once, the next lands the job's answers: with what they lack."""
    folder = tmp_path / "in"
    write(folder, "long.pdf", make_statement(4, 1, rows=36, pages=6).data)
    short = write(folder, "short.pdf", make_statement(4, 3, rows=30, pages=2).data)
    write(folder, "whole.pdf", make_statement(4, 5, rows=8, pages=1).data)
    endpoint.set_behaviour(
        batch_pending=3600.0, faults=[{"fault": "drop_rows", "match": sha256(short)}]
    )
    settings: dict[str, Any] = {
        "input": f"{folder}/*.pdf", "document_type": "bank_statement", "window_pages": 2,
        "processing": "batch", "journal": f"{tmp_path}/journal",
    }  # fmt: skip
    with caplog.at_level(logging.INFO, "sluicegate"):
        first = job(**settings)
    assert (first.summary.rows, first.summary.waiting, first.summary.calls) == (1, 2, 3)
    (said,) = [each for each in caplog.messages if "batch_windows" in each]
    assert said.startswith("1 document is longer than a window of 2 pages: asked about by calls")
    assert [each["rows"] for each in endpoint.batch_jobs()] == [2]
    (row,) = first.rows
    assert (Path(row["document_uri"]).name, len(row["transactions"])) == ("long.pdf", 36)

    endpoint.hurry_batch_jobs()
    endpoint.wait_for_batch_jobs()
    second = job(**settings)
    found = (second.summary.rows, second.summary.skipped, second.summary.waiting)
    assert found == (2, 1, 0)
    paid_once(endpoint, first.summary, second.summary)
    assert endpoint.stats()["calls"] == 3
    warnings = {
        name: [each for each in row["provenance"]["warnings"] if "prints" in each]
        for name, (row,) in by_name(second.rows).items()
    }
    assert warnings["whole.pdf"] == []
    assert any(each.startswith("incomplete: transactions: page") for each in warnings["short.pdf"])
    again = job(**settings, resume=False)
    assert (again.summary.rows, again.summary.calls, again.summary.cost_usd) == (3, 0, "0")


def test_files_of_many_records_go_into_jobs_and_what_is_missing_takes_calls(
    job: Job,
    endpoint: GeminiEndpoint,
    cloud: LocalCloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Vertex AI, by reference: a long one is read to be counted, and asked about in windows."""
    monkeypatch.delenv("GEMINI_API_KEY")
    folder, prefix = tmp_path / "in", uuid.uuid4().hex
    honest = make_batch(22, 2, records=3)  # 5 pages
    muddled = make_batch(22, 1, records=2)  # 4 pages
    long = make_batch(22, 3)  # 10 pages, 5 invoices
    write(folder, "honest.pdf", honest.data)
    write(folder, "muddled.pdf", muddled.data)
    write(folder, "long.pdf", long.data)
    cloud.upload("sluicegate", folder, f"{prefix}/in")
    endpoint.set_behaviour(faults=[{"fault": "merge_records", "match": "/muddled.pdf"}])
    settings: dict[str, Any] = {
        "input": f"gs://sluicegate/{prefix}/in/*.pdf", "document_type": "invoice",
        "records": "many", "window_pages": 5, "incomplete": "reask", "processing": "batch",
        "gemini_service": "vertex", "project": "p1", "journal": f"gs://sluicegate/{prefix}/journal",
    }  # fmt: skip
    first = job(**settings)
    assert (first.summary.landed, first.summary.waiting) == (1, 2)
    assert (first.summary.records, first.summary.rows) == (5, 5)
    assert [each["rows"] for each in endpoint.batch_jobs()] == [2]
    assert set(by_name(first.rows)) == {"long.pdf"}

    endpoint.wait_for_batch_jobs()
    calls = endpoint.stats()["calls"]
    second = job(**settings)
    assert (second.summary.landed, second.summary.skipped, second.summary.waiting) == (2, 1, 0)
    rows = by_name(second.rows)
    assert {name: len(each) for name, each in rows.items()} == {"honest.pdf": 3, "muddled.pdf": 2}
    for name, sample in (("honest.pdf", honest), ("muddled.pdf", muddled)):
        wanted = Counter(each["invoice_id"] for each in sample.truth["records"])
        assert Counter(row["invoice_id"] for row in rows[name]) == wanted
    paid_once(endpoint, first.summary, second.summary)
    served = {each["served"]: each["responses"] for each in second.summary.tiers}
    assert served["batch"] == 2
    assert served["standard"] == endpoint.stats()["calls"] - calls > 0
    done = job(**settings).summary
    assert (done.skipped, done.calls, done.waiting) == (3, 0, 0)
