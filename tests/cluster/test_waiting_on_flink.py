"""A fault of the job on two task managers: what was paid for lands, the rest waits."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cluster.flink import FlinkCluster
from cluster.running import Job
from support import Landed, sha256, write_invoices
from torture.place import Run

from emulators.gemini import GeminiEndpoint

pytestmark = pytest.mark.cluster

DOCUMENTS, A_DAY = 60, 20


@pytest.fixture
def job(flink: FlinkCluster, endpoint: GeminiEndpoint, tmp_path: Path) -> Job:
    """Return a job of sixty documents on the cluster."""
    write_invoices(tmp_path / "in", DOCUMENTS)
    return Job(tmp_path, tmp_path / "in", endpoint.url, [*flink.flags(), "--max_in_flight=4"])


def test_a_daily_quota_lands_a_part_each_day(job: Job, endpoint: GeminiEndpoint) -> None:
    """Sixty documents at twenty a day: twenty rows each day, exit 1 until the last."""
    for day, skipped in ((1, 0), (2, 20)):
        endpoint.set_behaviour(requests_per_day=A_DAY)
        found = failed(job, endpoint, f"day-{day}", "daily_quota_exhausted")
        assert (found.summary.rows, found.summary.failures) == (20, 0)
        assert (found.summary.skipped, found.summary.waiting) == (skipped, 40 - skipped)
    endpoint.set_behaviour(requests_per_day=None)
    last = job.finish("day-3")
    assert (last.summary.rows, last.summary.skipped, last.summary.waiting) == (20, 40, 0)
    each_once(job, endpoint)


def test_a_key_that_is_revoked_in_mid_run_lands_what_it_paid(
    job: Job, endpoint: GeminiEndpoint
) -> None:
    """Whichever task manager meets it; the next run pays only for what is missing."""
    documents = sorted(job.documents.iterdir())
    endpoint.set_behaviour(
        latency=0.02,
        faults=[{"fault": "http_401", "match": sha256(path)} for path in documents[30:]],
    )
    first = failed(job, endpoint, "revoked", "bad_credentials")
    paid = endpoint.stats()["answered"]
    assert 0 < paid <= 30
    assert (first.summary.rows, first.summary.waiting) == (paid, DOCUMENTS - paid)
    assert first.summary.tokens["prompt_tokens"] == endpoint.stats()["tokens"]["prompt"]
    endpoint.set_behaviour(faults=[])
    again = job.finish("renewed")
    assert (again.summary.rows, again.summary.skipped) == (DOCUMENTS - paid, paid)
    each_once(job, endpoint)


def test_an_outage_in_mid_run_lands_what_was_answered(job: Job, endpoint: GeminiEndpoint) -> None:
    """After --outage_patience without an answer no call is made, and what was paid for lands."""
    documents = sorted(job.documents.iterdir())
    endpoint.set_behaviour(
        latency=0.02,
        faults=[{"fault": "http_503", "match": sha256(path)} for path in documents[30:]],
    )
    first = failed(job, endpoint, "outage", "outage", "--outage_patience=6")
    paid = endpoint.stats()["answered"]
    assert 0 < paid <= 30
    assert (first.summary.rows, first.summary.waiting) == (paid, DOCUMENTS - paid)
    endpoint.set_behaviour(faults=[])
    again = job.finish("back")
    assert (again.summary.rows, again.summary.skipped) == (DOCUMENTS - paid, paid)
    each_once(job, endpoint)


def failed(job: Job, endpoint: GeminiEndpoint, run_id: str, code: str, *flags: str) -> Landed:
    """Run a job that ends with 1 and one sentence after it has landed something.

    The fault is raised last, in the step that has written the summary: Flink begins that one again,
    as often as its restart strategy says, and no call is made for it.
    """
    calls = endpoint.stats()["calls"]
    run: Run = job.start(run_id, *flags)
    assert run.wait() == 1, run.said()
    assert run.verdict.endswith(f"wait for the next run ({code})")
    landed = job.landed(run_id)
    assert landed.summary.balanced
    assert landed.summary.fault is not None
    assert landed.summary.fault["code"] == code
    assert len(landed.rows) == landed.summary.rows
    assert landed.summary.calls == endpoint.stats()["calls"] - calls
    return landed


def each_once(job: Job, endpoint: GeminiEndpoint) -> None:
    """Check that the rows of all runs are of all documents, one each, and so are the answers."""
    names = Counter(
        row["document_uri"]
        for run in sorted((job.folder / "out/rows").iterdir())
        for row in job.landed(run.name).rows
    )
    assert names == dict.fromkeys(map(str, job.documents.iterdir()), 1)
    stats: dict[str, Any] = endpoint.stats(documents=True)
    assert (stats["answered"], stats["answered_more_than_once"]) == (DOCUMENTS, 0)
