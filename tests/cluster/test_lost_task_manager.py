"""A host is lost in mid-run, with its task manager, its pool and its workers: the laws hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.flink import FlinkCluster
from cluster.running import MAX_IN_FLIGHT, Calm, Job, after_answers, after_files, substance

from emulators.gemini import GeminiEndpoint

pytestmark = pytest.mark.cluster


@pytest.fixture
def losable(flink: FlinkCluster) -> Iterator[FlinkCluster]:
    """Lend the cluster, and mend it afterwards."""
    yield flink
    flink.replace(1)


@pytest.mark.parametrize("moment", ["calls", "landing"])
def test_the_job_begins_again_and_pays_for_nothing_twice(
    losable: FlinkCluster,
    faulty: GeminiEndpoint,
    documents: Path,
    calm: Calm,
    tmp_path: Path,
    moment: str,
) -> None:
    """Each document has one current outcome, and only calls that were in flight are repeated."""
    job = Job(tmp_path, documents, faulty.url, losable.flags())
    run = job.start("first", f"--max_in_flight={MAX_IN_FLIGHT}")
    if moment == "calls":
        after_answers(run, faulty, 700)
    else:
        after_files(run, tmp_path / "out", "*/first/*-of-*")
    lost_at = faulty.stats()["answered"]
    losable.lose(1)
    last, code = "first", run.wait()
    print(f"lost at {lost_at} answers; exit code {code}")
    assert losable.mishaps()
    if code:  # the same command goes on
        print(run.said())
        last = "second"
        job.finish(last, f"--max_in_flight={MAX_IN_FLIGHT}")

    landed, stats = job.landed(last), faulty.stats(documents=True)
    rows, failures = job.current()
    assert landed.summary.balanced
    assert set(rows) | set(failures) == {str(path) for path in documents.iterdir()}
    assert not set(rows) & set(failures)
    assert (len(rows), len(failures)) == (landed.summary.rows, landed.summary.failures)
    assert (len(landed.rows), len(landed.failures)) == (len(rows), len(failures))
    assert substance(rows) == substance(calm.landed.extracted)
    assert substance(failures) == substance(calm.landed.failed)

    again = bought_again(calm.stats, stats)
    print(f"bought again: {again} answers, and {stats['abandoned']} calls whose caller was lost")
    assert again + stats["abandoned"] <= MAX_IN_FLIGHT


def bought_again(calm: dict[str, Any], stats: dict[str, Any]) -> int:
    """Return the answers beyond those that the same documents take when nothing is lost.

    What the service answered with no answer of its API at all, four times, is asked so often
    again when the work begins again: there is nothing to keep of it.
    """
    before, again = calm["answers_per_document"], 0
    for document, answers in stats["answers_per_document"].items():
        needed = before[document]
        assert answers <= 2 * needed
        again += max(0, answers - needed) if needed < 4 else 0
    return again
