"""A fault of the job ends the calls, not the run: what was paid for lands, the rest waits."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support import Job, read_failures, read_rows, sha256, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.launch import to_arguments
from sluicegate.summary import Summary

DOCUMENTS, A_DAY = 60, 20


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: some calls are rejected here."""


def failing(job: Job, **settings: Any) -> tuple[str, Summary]:
    """Run a job that fails after it has landed something; return its sentence and summary."""
    with pytest.raises(pipeline.RunFailed) as failed:
        job(**settings)
    summary = failed.value.summary
    assert summary is not None
    assert summary.balanced
    assert summary.fault is not None
    return str(failed.value), summary


def landed_once(folder: Path, uris: set[str]) -> None:
    """Check that the rows of all runs are of these documents, one each."""
    rows = Counter[str]()
    for run in (folder / "out/rows").iterdir():
        rows.update(row["document_uri"] for row in read_rows(f"{run}/rows-*.avro"))
    assert rows == dict.fromkeys(uris, 1)


def test_a_daily_quota_lands_a_part_each_day(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Sixty documents at twenty a day: each day lands its twenty, and each is paid for once."""
    documents = write_invoices(tmp_path / "in", DOCUMENTS)
    (tmp_path / "in/empty.pdf").write_bytes(b"")
    settings = {"input": f"{tmp_path}/in/*.pdf", "max_in_flight": 4}
    endpoint.set_behaviour(requests_per_day=A_DAY)
    said, first = failing(job, **settings, exclude="empty.pdf")
    assert said.count("\n") == 0
    assert said.endswith("40 of 60 documents wait for the next run (daily_quota_exhausted)")
    assert (first.matched, first.rows, first.failures, first.waiting) == (60, 20, 0, 40)
    assert first.fault == {
        "code": "daily_quota_exhausted", "message": said.removesuffix(" (daily_quota_exhausted)")
    }  # fmt: skip
    assert len(read_rows(first.rows_uri)) == 20

    endpoint.set_behaviour(requests_per_day=A_DAY)
    _, second = failing(job, **settings)
    assert (second.rows, second.skipped, second.waiting) == (20, 20, 20 + 1 - second.failures)

    endpoint.set_behaviour(requests_per_day=None)
    third = job(**settings)
    assert third.summary.balanced
    assert third.summary.fault is None
    assert (third.summary.rows, third.summary.skipped, third.summary.waiting) == (20, 40, 0)
    assert third.summary.failures_by_code == {"empty": 1}
    landed_once(tmp_path, {str(document) for document in documents})
    stats = endpoint.stats(documents=True)
    assert (stats["answered"], stats["answered_more_than_once"]) == (DOCUMENTS, 0)


def test_a_key_that_is_revoked_in_mid_run_lands_what_it_paid(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """The next run pays only for what is missing; rows and dollars of both add up."""
    documents = write_invoices(tmp_path / "in", DOCUMENTS)
    endpoint.set_behaviour(
        latency=0.02,
        faults=[{"fault": "http_401", "match": sha256(path)} for path in documents[30:]],
    )
    settings = {"input": f"{tmp_path}/in/*.pdf", "max_in_flight": 4}
    said, first = failing(job, **settings)
    assert said.endswith("(bad_credentials)")
    paid = endpoint.stats()["answered"]
    assert (first.rows, first.waiting) == (paid, DOCUMENTS - paid)
    assert 0 < paid <= 30
    assert first.tokens["prompt_tokens"] == endpoint.stats()["tokens"]["prompt"]
    endpoint.set_behaviour(faults=[])
    again = job(**settings)
    assert (again.summary.rows, again.summary.skipped) == (DOCUMENTS - paid, paid)
    assert again.summary.journaled == 0
    assert endpoint.stats(documents=True)["answered_more_than_once"] == 0
    landed_once(tmp_path, {str(document) for document in documents})


def test_an_outage_lands_what_the_journal_has(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """After --outage_patience no call is made, and answers that were paid for before still land."""
    documents = write_invoices(tmp_path / "in", DOCUMENTS)
    settings = {"input": f"{tmp_path}/in/*.pdf", "max_in_flight": 16, "outage_patience": 6}
    job(**{**settings, "input": ",".join(map(str, documents[:20]))}, output=f"{tmp_path}/lost",
        journal=f"{tmp_path}/out/journal")  # fmt: skip
    endpoint.set_behaviour(faults=[{"fault": "http_503"}])
    said, first = failing(job, **settings)
    assert said.endswith("40 of 60 documents wait for the next run (outage)")
    assert (first.rows, first.failures, first.waiting) == (20, 0, 40)
    assert (first.journaled, first.cost_usd) == (20, "0")
    assert first.calls == endpoint.stats()["calls"] - 20
    endpoint.set_behaviour(faults=[])
    again = job(**settings)
    assert (again.summary.rows, again.summary.skipped) == (40, 20)
    assert endpoint.stats(documents=True)["answered_more_than_once"] == 0
    landed_once(tmp_path, {str(document) for document in documents})


def test_an_outage_in_mid_run_lands_what_was_answered(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """What this run paid for before it lands, and nobody pays for it again."""
    documents = write_invoices(tmp_path / "in", DOCUMENTS)
    endpoint.set_behaviour(
        latency=0.02,
        faults=[{"fault": "http_503", "match": sha256(path)} for path in documents[30:]],
    )
    settings = {"input": f"{tmp_path}/in/*.pdf", "max_in_flight": 4, "outage_patience": 6}
    said, first = failing(job, **settings)
    assert said.endswith("(outage)")
    paid = endpoint.stats()["answered"]
    assert 0 < paid <= 30
    assert (first.rows, first.failures, first.waiting) == (paid, 0, DOCUMENTS - paid)
    endpoint.set_behaviour(faults=[])
    again = job(**settings)
    assert (again.summary.rows, again.summary.skipped) == (DOCUMENTS - paid, paid)
    stats = endpoint.stats(documents=True)
    assert (stats["answered"], stats["answered_more_than_once"]) == (DOCUMENTS, 0)
    landed_once(tmp_path, {str(document) for document in documents})


def test_a_fault_of_a_fallback_model_lands_the_first_ones_rows(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """What went to the other model waits; what the first one cost about it is in the summary."""
    documents = write_invoices(tmp_path / "in", 8)
    endpoint.set_behaviour(
        models=["gemini-3.1-flash-lite"],
        faults=[{"fault": "cut_json", "match": sha256(path)} for path in documents[6:]],
    )
    said, summary = failing(
        job, input=f"{tmp_path}/in/*.pdf", fallback_models="gemini-3.5-flash", max_in_flight=4
    )
    assert said.endswith("(unknown_model)")
    assert (summary.rows, summary.failures, summary.waiting) == (6, 0, 2)
    stats = endpoint.stats()
    assert summary.tokens["prompt_tokens"] == stats["tokens"]["prompt"]
    assert summary.calls == stats["calls"]


def test_a_wrong_key_at_the_first_call_lands_nothing(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """It is said at once: no summary, no rows, and a journal of earlier runs is not read for it."""
    write_invoices(tmp_path / "in", 40)
    settings = {"input": f"{tmp_path}/in/*.pdf", "max_in_flight": 4}
    job(**settings)
    endpoint.set_behaviour(faults=[{"fault": "http_401"}])
    write_invoices(tmp_path / "in", 40, first=40)
    with pytest.raises(pipeline.RunFailed, match="bad_credentials") as failed:
        job(**settings, run_id="wrong")
    assert failed.value.summary is None
    assert not list((tmp_path / "out/rows").glob("wrong/rows-*"))


def test_the_command_shows_what_landed_and_ends_with_1(
    api_key: str, endpoint: GeminiEndpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table with the documents that wait, and one sentence last."""
    write_invoices(tmp_path / "in", 12)
    endpoint.set_behaviour(requests_per_day=5)
    given = {
        "input": f"{tmp_path}/in/*.pdf", "output": f"{tmp_path}/out", "max_in_flight": 2,
        "summary": f"{tmp_path}/summary.json", "gemini_endpoint": endpoint.url,
    }  # fmt: skip
    assert main(to_arguments(given)) == 1
    printed = capsys.readouterr()
    assert "= 5 rows + 0 failures + 7 waiting" in printed.out
    _, last = printed.err.splitlines()
    assert last.startswith("the run failed: ")
    assert last.endswith("7 of 12 documents wait for the next run (daily_quota_exhausted)")
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["waiting"], summary["fault"]["code"]) == (7, "daily_quota_exhausted")


def test_a_journal_that_cannot_be_written_costs_no_call(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Each worker tries it before its first call."""
    write_invoices(tmp_path / "in", 3)
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal/runs").write_text("in the way of a folder")
    with pytest.raises(pipeline.RunFailed, match="journal_unwritable"):
        job(input=f"{tmp_path}/in/*.pdf", journal=f"{tmp_path}/journal")
    assert endpoint.stats()["calls"] == 0
    assert not read_failures(f"{tmp_path}/out/failures/*/failures-*.jsonl")
