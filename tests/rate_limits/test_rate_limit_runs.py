"""Engines and whole runs behind a rate limit service, with the real Gemini client."""

import pickle
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from support import Job, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint
from emulators.rate_limits import RateLimitEndpoint
from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.settings import read_settings
from sluicegate.live.connect import Connect
from sluicegate.live.engine import Engine
from sluicegate.records import Answer
from tests.rate_limits.conftest import DOMAIN, MODEL, RATE
from tests.transforms.in_memory_engine import document_of

# So many that it is the permits that hold calls back.
FAST = 60_000


def starts(endpoint: GeminiEndpoint) -> list[float]:
    """Return when calls came to Gemini, in order, as Unix time."""
    return sorted(each["started"] for each in endpoint.requests() if each["method"] == "POST")


def assert_capped(moments: list[float], rate: int = RATE) -> None:
    """Hold calls against a limit of fixed windows of a second.

    Whatever their edges, T seconds touch at most T + 2 windows, so n calls take n / rate - 2
    seconds; less what a call may be faster on its way from the permit to Gemini than another.
    """
    way = 0.25
    for first in range(len(moments)):
        for last in range(first + 1, len(moments)):
            calls = last - first + 1
            assert moments[last] - moments[first] >= calls / rate - 2 - way, (first, last)


def connect_of(folder: Path, endpoint: GeminiEndpoint, address: str) -> Connect:
    """Return what builds the engines of a job, as it reaches a worker."""
    flags = {
        "input": str(folder / "in/*"),
        "output": str(folder / "out"),
        "gemini_endpoint": endpoint.url,
        "rate_limit_service": address,
        "requests_per_minute": FAST,
    }
    settings = read_settings(*parse_flags(to_arguments(flags)))
    connect: Connect = pickle.loads(pickle.dumps(settings.connect))
    return connect


@pytest.mark.usefixtures("api_key")
def test_two_engines_share_one_cap(service: str, endpoint: GeminiEndpoint, tmp_path: Path) -> None:
    """Both have more to do than they may: together they make as many calls as the limit says."""
    documents = [document_of(path) for path in write_invoices(tmp_path / "in", 50)]
    connect = connect_of(tmp_path, endpoint, service)
    engines = [connect(), connect()]
    try:
        futures = [engines[n % 2].submit(one) for n, one in enumerate(documents)]
        outcomes = [future.result(timeout=60) for future in futures]
        throttled = [engine.take_stats().throttled_seconds for engine in engines]
    finally:
        for engine in engines:
            engine.close()
    assert {type(outcome) for outcome in outcomes} == {Answer}
    moments = starts(endpoint)
    assert len(moments) == 50
    assert_capped(moments)
    # Five windows of ten; the first and the last are seldom whole.
    assert 3 <= moments[-1] - moments[0] <= 8
    assert min(throttled) > 1


@pytest.mark.usefixtures("api_key")
def test_windows_are_never_exceeded_at_the_service(
    stand_in: RateLimitEndpoint, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Each call follows a permit, and a window has no more permits than its limit."""
    documents = [document_of(path) for path in write_invoices(tmp_path / "in", 35)]
    connect = connect_of(tmp_path, endpoint, stand_in.address)
    engines: list[Engine] = [connect(), connect()]
    for future in [engines[n % 2].submit(one) for n, one in enumerate(documents)]:
        future.result(timeout=60)
    for engine in engines:
        engine.close()
    windows = Counter(hit.window for hit in stand_in.permits)
    assert max(windows.values()) == RATE
    assert sum(windows.values()) == len(documents)
    # The n-th call is never before the n-th permit.
    permits = [hit.at for hit in stand_in.permits]
    assert all(a <= b for a, b in pairwise(permits))
    assert all(call >= permit for call, permit in zip(starts(endpoint), permits, strict=True))


def test_a_whole_run_goes_through_it(
    job: Job, service: str, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """All documents become rows at the limit's pace; the summary says which service it was."""
    write_invoices(tmp_path / "in", 30)
    landed = job(input=str(tmp_path / "in/*"), rate_limit_service=service, requests_per_minute=FAST)
    assert len(landed.rows) == 30
    assert landed.summary.throttled_seconds > 0.5
    said = f"{service}, domain {DOMAIN}, model={MODEL}"
    assert landed.summary.settings["rate_limit_service"] == said
    assert_capped(starts(endpoint))


def test_a_run_without_the_service_stops_and_calls_nobody(
    job: Job, stand_in: RateLimitEndpoint, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """One sentence after the patience, with the address; no document is failed for it."""
    stand_in.stop()
    write_invoices(tmp_path / "in", 20)
    with pytest.raises(pipeline.RunFailed) as caught:
        job(
            input=str(tmp_path / "in/*"),
            rate_limit_service=stand_in.address,
            outage_patience=1,
        )
    said = str(caught.value)
    assert "no call is made without a permit" in said
    assert stand_in.address in said
    assert said.endswith("(rate_limit_service_unavailable)")
    assert starts(endpoint) == []
    assert not list((tmp_path / "out").glob("failures/**/*.jsonl"))


def test_a_service_that_dies_ends_the_run_and_the_next_goes_on(
    job: Job, stand_in: RateLimitEndpoint, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """What was answered before is paid for once: both runs together call once a document."""
    write_invoices(tmp_path / "in", 25)
    command = {"input": str(tmp_path / "in/*"), "rate_limit_service": stand_in.address}
    enough = threading.Thread(target=lambda: (stand_in.asked.wait(60), stand_in.stop()))
    enough.start()
    with pytest.raises(pipeline.RunFailed, match="rate_limit_service_unavailable"):
        job(**command, outage_patience=1)
    enough.join()
    before = len(starts(endpoint))
    assert before <= len(stand_in.permits) < 25
    stand_in.start()
    landed = job(**command)
    assert landed.summary.waiting == 0
    assert landed.summary.rows + landed.summary.skipped == 25
    assert landed.summary.skipped == before
    assert len(starts(endpoint)) == 25
    assert len(stand_in.permits) >= 25
