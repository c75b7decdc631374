"""Two thousand documents with faults on two task managers: what one process makes of them."""

from pathlib import Path

import pytest
from cluster.flink import FlinkCluster
from cluster.running import MAX_IN_FLIGHT, Calm, Job, comparable, unfinished

from emulators.gemini import GeminiEndpoint

pytestmark = pytest.mark.cluster


def test_two_task_managers_do_what_one_process_does(
    flink: FlinkCluster, faulty: GeminiEndpoint, documents: Path, calm: Calm, tmp_path: Path
) -> None:
    """Rows and failures are byte for byte the same, both did work, neither exceeded its cap."""
    job = Job(tmp_path, documents, faulty.url, flink.flags())
    landed = job.finish("flink", f"--max_in_flight={MAX_IN_FLIGHT}")
    stats = faulty.stats()

    assert comparable(landed) == comparable(calm.landed)
    assert len(landed.rows) + len(landed.failures) == landed.summary.matched == 2000
    assert len(landed.failures) >= 150
    assert landed.summary.balanced
    assert landed.summary.failures_by_code == calm.landed.summary.failures_by_code
    assert landed.summary.tokens == calm.landed.summary.tokens
    assert landed.summary.calls == stats["calls"]
    assert stats["answered"] == calm.stats["answered"]

    (generated,) = [work for step, work in flink.work_of_tasks().items() if "Generate" in step]
    print(f"documents of each task manager: {sorted(generated.values())}")
    assert len(generated) == 2
    assert min(generated.values()) >= 800
    print(f"peak in flight: {stats['peak_in_flight']}, in one: {calm.stats['peak_in_flight']}")
    assert MAX_IN_FLIGHT < stats["peak_in_flight"] <= 2 * MAX_IN_FLIGHT
    assert calm.stats["peak_in_flight"] <= MAX_IN_FLIGHT
    assert not unfinished(tmp_path / "out/rows/flink")
