"""What version 0.1 wrote stands beside this file, and is read: nothing is paid twice."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.comparison.command import compare

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
        output=f"{HOME}/out",
        gemini_endpoint=endpoint.url,
        gemini_service="developer",
        **{"input": f"{HOME}/inbox/*", **settings},
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
