"""Two workers on two task managers share one quota: it is used, and not exceeded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.flink import FlinkCluster
from cluster.running import Job

from benchmarks.measures import (
    START_SECONDS,
    Window,
    callers_of,
    figures,
    last_arrival,
    use,
    worst_share,
)
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.loopback import Loopback

pytestmark = pytest.mark.cluster
PER_MINUTE = 1800


@pytest.fixture
def limited() -> Iterator[GeminiEndpoint]:
    """Run an endpoint with a quota, of which a second or two may be saved up."""
    behaviour = Behaviour(
        latency=0.5,
        latency_sigma=0.5,
        requests_per_minute=PER_MINUTE,
        burst=60,
        quota_failure=False,  # a 429 that names the quota leaves nothing to learn
    )
    with GeminiEndpoint(behaviour, reader="canned") as running:
        yield running


@pytest.mark.parametrize("known", [True, False], ids=["given", "learned"])
def test_both_workers_together_use_the_quota(
    flink: FlinkCluster, limited: GeminiEndpoint, documents: Path, tmp_path: Path, known: bool
) -> None:
    """While both have work the quota is used, hardly a call is rejected, and shares are fair."""
    job = Job(tmp_path, documents, limited.url, flink.flags())
    landed = job.finish("run", *([f"--requests_per_minute={PER_MINUTE}"] if known else []))
    timeline = timeline_of(limited)
    callers = callers_of(timeline)
    ends = sorted(last_arrival(timeline, [caller]) for caller in callers)
    both = use(timeline, callers, Window(START_SECONDS, ends[0]))
    whole = figures(timeline)
    share = worst_share(timeline)
    print(
        f"documents {sorted(caller['documents'] for caller in callers)}, last calls at {ends} s; "
        f"from {START_SECONDS:.0f} s to {ends[0]:.0f} s goodput {both.goodput:.3f} and waste "
        f"{both.waste:.3f}; whole run {whole['goodput']:.3f} and {whole['waste']:.3f}; "
        f"worst share {share:.3f}"
    )
    assert landed.summary.balanced
    assert landed.summary.matched == 2000
    assert len(callers) == 2
    if known:
        assert ends[0] >= START_SECONDS + 40
        assert both.goodput >= 0.97
        assert whole["waste"] <= 0.03
        assert share >= 0.97
    else:
        # Who learns may have to give up much at first, and takes all once it is alone.
        assert whole["goodput"] >= 0.9
        assert whole["waste"] <= 0.05


def timeline_of(endpoint: GeminiEndpoint) -> dict[str, Any]:
    """Return what came in when, of the one project there is."""
    with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
        (timeline,) = connection.get_json("/_control/timeline").values()
    return dict(timeline)
