"""Batch jobs through the whole command: ask, wait, collect; nothing is paid for twice."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from support import Job, Landed, sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.launch import to_arguments


def test_a_batch_is_asked_waited_for_and_collected(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Three runs: all wait; what was left over is called for; then all is done, and skipped.

    Rows, failures and dollars of all runs add up to what was paid.
    """
    documents = write_invoices(tmp_path / "in", 30)
    (tmp_path / "in/empty.pdf").write_bytes(b"")
    (tmp_path / "in/copy.pdf").write_bytes(documents[0].read_bytes())
    endpoint.set_behaviour(
        batch_pending=3600.0,
        batch_faults=[{"fault": "failed_rows", "share": 0.1}],
        faults=[
            {"fault": "finish_SAFETY", "match": sha256(documents[1])},
            {"fault": "finish_MAX_TOKENS", "match": sha256(documents[2]), "times": 1},
        ],
    )
    settings: dict[str, Any] = {
        "input": f"{tmp_path}/in/*.pdf", "processing": "batch", "batch_documents": 12,
        "journal": f"{tmp_path}/journal",
    }  # fmt: skip
    first = job(**settings).summary
    assert first.fault is None
    assert first.balanced
    assert (first.matched, first.rows, first.failures, first.waiting) == (32, 0, 1, 31)
    assert first.failures_by_code == {"empty": 1}
    assert (first.calls, first.cost_usd) == (0, "0")
    jobs = endpoint.batch_jobs()
    assert len(jobs) in (3, 4, 5)
    assert sum(each["rows"] for each in jobs) == 30

    waits = job(**settings).summary
    assert (waits.rows, waits.waiting, waits.calls) == (0, 32, 0)  # a new document waits, too
    assert len(endpoint.batch_jobs()) == len(jobs)

    endpoint.hurry_batch_jobs()
    endpoint.wait_for_batch_jobs()
    landed = job(**settings)
    last = landed.summary
    assert last.balanced
    assert (last.rows, last.failures, last.waiting) == (30, 2, 0)
    assert last.failures_by_code == {"empty": 1, "blocked": 1}
    assert len({row["document_uri"] for row in landed.rows}) == 30

    (by_job,) = [each for each in last.tiers if each["served"] == "batch"]
    (by_calls,) = [each for each in last.tiers if each["served"] == "standard"]
    assert by_job["asked"] == "batch"
    each = [
        float(some["cost_usd"]) / some["tokens"]["prompt_tokens"] for some in (by_job, by_calls)
    ]
    assert each[0] == pytest.approx(each[1] / 2, rel=0.2)
    stats = endpoint.stats()
    left_over = sum(each["failed"] for each in endpoint.batch_jobs())
    assert left_over > 0
    assert stats["calls"] in (left_over, left_over + 1)  # and one that was cut, if it is no other
    assert last.tokens["prompt_tokens"] == stats["tokens"]["prompt"]
    assert last.calls == 31  # 30 contents, one of which was asked about again

    done = job(**settings).summary
    assert (done.rows, done.skipped, done.calls, done.waiting) == (0, 30, 0, 0)


def test_the_command_says_what_waits_and_may_end_with_75(
    api_key: str, endpoint: GeminiEndpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence last; a scheduler may go by the exit code."""
    write_invoices(tmp_path / "in", 3)
    endpoint.set_behaviour(batch_pending=3600.0)
    given = {
        "input": f"{tmp_path}/in/*.pdf", "output": f"{tmp_path}/out", "processing": "batch",
        "gemini_endpoint": endpoint.url, "waiting_exit_code": 75,
    }  # fmt: skip
    assert main(to_arguments(given)) == 75
    printed = capsys.readouterr()
    assert "= 0 rows + 0 failures + 3 waiting" in printed.out
    *_, last = printed.err.splitlines()
    assert last.startswith("0 rows, 0 failures, 3 waiting in 1 batch job, oldest ")
    assert last.endswith(" s; run again to collect")


def test_wait_goes_on_until_nothing_waits(
    api_key: str, endpoint: GeminiEndpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The canary first, then the others, each collected by a run of its own."""
    write_invoices(tmp_path / "in", 12)
    given = {
        "input": f"{tmp_path}/in/*.pdf", "output": f"{tmp_path}/out", "processing": "batch",
        "gemini_endpoint": endpoint.url, "wait": "10m", "batch_canary": 4, "run_id": "night",
    }  # fmt: skip
    assert main(to_arguments(given)) == 0
    printed = capsys.readouterr()
    assert "waiting for 1 batch job, at most 10 min" in printed.err
    assert "run again to collect" in printed.err
    summaries = sorted((tmp_path / "out/summaries").glob("*.json"), key=lambda path: path.stem)
    assert sorted(path.stem for path in summaries) == ["night", "night-2", "night-3"]
    read = [json.loads(path.read_text()) for path in summaries]
    assert sum(summary["rows"] for summary in read) == 12
    assert read[-1]["waiting"] == 0
    assert endpoint.stats()["calls"] == 0
    assert endpoint.stats()["answered_more_than_once"] == 0


def test_a_job_of_another_project_is_a_fault_and_what_else_there_is_lands(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails with one sentence, after the other documents have landed."""
    documents = write_invoices(tmp_path / "in", 4)
    settings = {"journal": f"{tmp_path}/journal"}
    job(input=f"{documents[0]}", processing="batch", **settings)
    monkeypatch.setenv("GEMINI_API_KEY", "another.key")
    job(input=f"{documents[1]}", **settings)  # calls
    with pytest.raises(pipeline.RunFailed, match="batch_unreachable") as failed:
        job(input=f"{documents[0]},{documents[1]}", processing="batch", resume=False, **settings)
    summary = failed.value.summary
    assert summary is not None
    assert (summary.rows, summary.waiting) == (1, 1)
    assert "--batch_forget=batches/" in str(failed.value)


@pytest.mark.parametrize("service", ["developer", "vertex"])
def test_a_journal_that_is_deleted_while_jobs_wait_is_begun_anew(
    job: Job, cloud: LocalCloud, endpoint: GeminiEndpoint, tmp_path: Path, service: str
) -> None:
    """Row 17 of the table of failures: nothing is known of the jobs, so all is paid for twice.

    No document fails or lands twice for that, and what the forgotten jobs answer is not read.
    """
    write_invoices(tmp_path / "in", 5)
    prefix = uuid.uuid4().hex
    documents = set(cloud.upload("sluicegate", tmp_path / "in", f"{prefix}/in"))
    endpoint.set_behaviour(batch_pending=3600.0)
    settings: dict[str, Any] = {
        "input": f"gs://sluicegate/{prefix}/in/*", "journal": f"gs://sluicegate/{prefix}/journal",
        "processing": "batch", "batch_canary": 0, "batch_documents": 3,
        "gemini_service": service, "project": cloud.project,
    }  # fmt: skip

    def run() -> Landed:
        landed = job(**settings)
        summary = landed.summary
        assert (summary.balanced, summary.failures, summary.calls) == (True, 0, summary.rows)
        endpoint.hurry_batch_jobs()
        endpoint.wait_for_batch_jobs()
        return landed

    assert run().summary.waiting == len(documents)
    forgotten = endpoint.batch_jobs()
    bucket = cloud.storage_client().bucket("sluicegate")
    bucket.delete_blobs(list(bucket.list_blobs(prefix=f"{prefix}/journal/")))
    again = run().summary
    assert (again.rows, again.waiting) == (0, len(documents))
    assert len(endpoint.batch_jobs()) == 2 * len(forgotten)
    landed = run()
    assert (landed.summary.rows, landed.summary.waiting) == (len(documents), 0)
    assert sorted(row["document_uri"] for row in landed.rows) == sorted(documents)
    stats = endpoint.stats(documents=True)
    assert set(stats["answers_per_document"].values()) == {2}
    assert 2 * landed.summary.tokens["prompt_tokens"] == stats["tokens"]["prompt"]
    done = run().summary
    assert (done.rows, done.skipped) == (0, len(documents))
    assert len(endpoint.batch_jobs()) == 2 * len(forgotten)


def test_an_estimate_asks_its_sample_by_calls(
    api_key: str, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Now, not within a day; and the run that follows asks about the rest."""
    write_invoices(tmp_path / "in", 18)
    given = {
        "input": f"{tmp_path}/in/*.pdf", "output": f"{tmp_path}/out", "processing": "batch",
        "gemini_endpoint": endpoint.url,
    }  # fmt: skip
    assert main(to_arguments({**given, "estimate": 10})) == 0
    assert (endpoint.stats()["calls"], endpoint.batch_jobs()) == (10, [])
    assert main(to_arguments({**given, "wait": "10m"})) == 0
    assert sum(each["rows"] for each in endpoint.batch_jobs()) == 8
    assert endpoint.stats()["answered_more_than_once"] == 0


def test_a_ceiling_creates_only_jobs_that_it_covers_at_their_dearest(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """What does not fit waits, the run ends as it was told, and a higher ceiling goes on."""
    write_invoices(tmp_path / "in", 6)
    settings: dict[str, Any] = {
        "input": f"{tmp_path}/in/*.pdf", "processing": "batch", "batch_canary": 0,
        "journal": f"{tmp_path}/journal", "batch_documents": 2,
    }  # fmt: skip
    # 8,192 tokens of output at the batch price of 0.75 USD a million: 0.6 cents a document.
    with pytest.raises(pipeline.RunFailed, match="budget_reached") as reached:
        job(**settings, max_cost_usd=0.02)
    assert reached.value.exit_code == 5
    summary = reached.value.summary
    assert summary is not None
    assert (summary.waiting, summary.rows) == (6, 0)
    created = sum(each["rows"] for each in endpoint.batch_jobs())
    assert 0 < created <= 3
    endpoint.wait_for_batch_jobs()
    again = job(**settings, max_cost_usd=1).summary
    assert (again.rows, again.waiting) == (created, 6 - created)
    endpoint.wait_for_batch_jobs()
    last = job(**settings).summary
    assert last.skipped + last.rows == 6
    assert endpoint.stats()["answered_more_than_once"] == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ignore_journal": True}, "--ignore_journal takes no answer"),
        ({"wait": "6"}, "give a number and its unit"),
        ({"wait": "6h", "resume": False}, "--wait runs the job again"),
        ({"processing": "standard", "wait": "6h"}, "--wait is for batch jobs"),
    ],
)
def test_what_cannot_be_done_in_batches_is_refused(
    job: Job, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    """With one sentence, before anything is launched."""
    write_invoices(tmp_path / "in", 1)
    with pytest.raises(pipeline.UsageFault, match=says):
        job(**{"input": f"{tmp_path}/in/*.pdf", "processing": "batch", **given})


def test_vertex_needs_a_journal_in_a_bucket(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads requests from Cloud Storage, and nowhere else."""
    write_invoices(tmp_path / "in", 1)
    monkeypatch.delenv("GEMINI_API_KEY")
    with pytest.raises(pipeline.UsageFault, match="--journal=gs://"):
        job(
            input=f"{tmp_path}/in/*.pdf", processing="batch", project="p",
            gemini_service="vertex",
        )  # fmt: skip
