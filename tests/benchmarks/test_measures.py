"""Goodput, waste, shares and quantiles, from timelines whose figures are known."""

import math
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.measures import (
    Window,
    allowed,
    figures,
    last_arrival,
    medians,
    per_second,
    quantile,
    quota_in_calls,
    slowdown,
    total,
    use,
    worst_share,
)

RATE = {"requests_per_minute": 600, "tokens_per_minute": None, "max_concurrency": None}


def caller(admitted: list[int], rejected: list[int] | None = None, **more: Any) -> dict[str, Any]:
    """Return a caller's series; what is not given is zero."""
    rejected = rejected or [0] * len(admitted)
    return {
        "received": [sum(both) for both in zip(admitted, rejected, strict=True)],
        "admitted": admitted,
        "rejected": rejected,
        "failed": [0] * len(admitted),
        "tokens": [0] * len(admitted),
        "busy": [0.0] * len(admitted),
        "latencies": [],
        **more,
    }


def timeline(*callers: dict[str, Any], quota: Any = None) -> dict[str, Any]:
    """Return a timeline of tenths of a second; 10 calls/s are allowed unless told otherwise."""
    return {
        "bin_seconds": 0.1,
        "quota": quota or [{"since": 0.0, "limits": RATE}],
        "callers": {f"key.{number}": each for number, each in enumerate(callers)},
    }


def test_goodput_is_admitted_over_allowed_and_waste_rejected_over_received() -> None:
    """Half of 10 calls/s over 20 s, and as many rejections again, are .5 and .5."""
    found = figures(timeline(caller([1, 0] * 100, [0, 1] * 100)))
    assert found["seconds"] == 20.0
    assert (found["received"], found["admitted"], found["rejected"]) == (200, 100, 100)
    assert found["goodput"] == found["goodput_later"] == pytest.approx(0.5)
    assert found["waste"] == found["waste_first"] == pytest.approx(0.5)


def test_calls_in_vain_are_waste_too() -> None:
    """Of ten calls one is rejected and three of those admitted fail: that is .4, and .9 used."""
    series = caller([9] + [0] * 9, [1] + [0] * 9, failed=[3] + [0] * 9)
    found = figures(timeline(series))
    assert (found["rejected"], found["failed"]) == (1, 3)
    assert found["waste"] == pytest.approx(0.4)
    assert found["admitted"] == 9


def test_without_a_quota_the_rate_is_what_is_measured() -> None:
    """Thirty documents answered until the last call came, after 2 s, are 15 a second."""
    series = caller([2] * 20, latencies=[0.5] * 30)
    found = figures(timeline(series, quota=[{"since": 0.0, "limits": {}}]))
    assert found["rate"] == pytest.approx(15.0)
    assert math.isnan(found["goodput"])
    assert math.isnan(figures(timeline(series))["rate"])


def test_slowdown_is_time_over_time_of_whole_runs() -> None:
    """Thirteen seconds beside ten are 1.3; with documents left over, nothing is measured."""
    whole = {"seconds": 13.0, "not_done": 0}
    assert slowdown(whole, {"seconds": 10.0, "not_done": 0}) == pytest.approx(1.3)
    assert math.isnan(slowdown({**whole, "not_done": 1}, {"seconds": 10.0, "not_done": 0}))
    assert math.isnan(slowdown(whole, {"seconds": 10.0, "not_done": 1}))
    assert math.isnan(slowdown(whole, {"not_done": 0}))


def test_the_start_is_measured_apart() -> None:
    """What happens in the first 15 s does not show in the figures after them, nor beyond 75 s."""
    admitted = [0] * 150 + [1] * 650
    rejected = [1] * 150 + [0] * 600 + [1] * 50
    found = figures(timeline(caller(admitted, rejected)))
    assert found["goodput_later"] == pytest.approx(1.0)
    assert found["goodput"] == pytest.approx(65 / 80)
    assert found["waste_first"] == pytest.approx(150 / 750)
    assert found["waste_later"] == pytest.approx(50 / 700)


def test_what_is_allowed_is_the_integral_over_quota_steps() -> None:
    """20, 8 and 30 calls/s for a minute each allow 3,480 calls; a part of them its part."""
    steps = [(0.0, 1200), (60.0, 480), (120.0, 1800)]
    quota = [{"since": since, "limits": {"requests_per_minute": n}} for since, n in steps]
    steady = timeline(quota=quota)

    def calls(start: float, end: float) -> float | None:
        found = allowed(steady, "requests_per_minute", Window(start, end))
        return None if found is None else found / 60

    assert calls(0, 180) == pytest.approx(3480)
    assert calls(50, 70) == pytest.approx(200 + 80)
    assert calls(130, 140) == pytest.approx(300)
    assert allowed(steady, "tokens_per_minute", Window(0, 1)) is None


def test_a_limit_that_came_and_went_bounds_nothing() -> None:
    """Where a limit did not hold for a part of a window, that window has no allowance."""
    quota = [{"since": 0.0, "limits": RATE}, {"since": 5.0, "limits": {"max_concurrency": 1}}]
    found = timeline(caller([1] * 100), quota=quota)
    assert use(found, list(found["callers"].values()), Window(0, 10)).goodput is not None
    assert allowed(found, "requests_per_minute", Window(0, 10)) is None
    assert allowed(found, "requests_per_minute", Window(0, 5)) == 3000


def test_the_nearest_limit_is_the_one_that_counts() -> None:
    """Tokens at .9 and calls at .5 of theirs are a goodput of .9."""
    limits = {"requests_per_minute": 1200, "tokens_per_minute": 60_000, "max_concurrency": None}
    quota = [{"since": 0.0, "limits": limits}]
    series = caller([1] * 100, tokens=[90] * 100)
    assert figures(timeline(series, quota=quota))["goodput"] == pytest.approx(0.9)


def test_calls_at_a_time_are_used_by_being_in_flight() -> None:
    """Two of four places in use all the time are a goodput of .5."""
    quota = [{"since": 0.0, "limits": {"max_concurrency": 4}}]
    series = caller([1] * 100, busy=[0.2] * 100)
    assert figures(timeline(series, quota=quota))["goodput"] == pytest.approx(0.5)


def test_a_window_ends_with_the_last_arrival() -> None:
    """Empty bins after the last call are not held against anybody."""
    series = caller([1] * 20 + [0] * 80)
    found = timeline(series)
    assert last_arrival(found, [series]) == pytest.approx(2.0)
    assert figures(found)["goodput"] == pytest.approx(1.0)


def test_bins_are_taken_by_where_they_begin() -> None:
    """Two windows side by side count every bin exactly once, whatever floating point does."""
    series = caller(list(range(100)))
    found = timeline(series)
    edges = [0.0, 0.3, 0.7, 1.1, 2.9, 10.0]
    parts = [
        total(found, [series], "admitted", Window(start, end)) for start, end in pairwise(edges)
    ]
    assert sum(parts) == sum(range(100))
    assert parts[0] == 0 + 1 + 2


def test_the_worst_share_is_against_a_fair_one_while_all_have_work() -> None:
    """One of two that gets a quarter has half of its fair share; what follows does not count."""
    greedy, poor = caller([3] * 300), caller([1] * 300 + [3] * 500)
    assert worst_share(timeline(greedy, poor)) == pytest.approx(0.5)


def test_several_are_measured_while_all_have_work() -> None:
    """Two that use the quota together, until one is done: that the other then lags is apart."""
    found = figures(timeline(caller([1, 0] * 200), caller([0, 1] * 400)))
    assert found["together"] == pytest.approx(1.0)
    assert found["goodput"] == pytest.approx(0.75)
    assert math.isnan(figures(timeline(caller([1] * 300)))["together"])


def test_a_caller_that_got_nothing_has_no_share() -> None:
    """Who only hears 429 has a share of zero, and it is measured."""
    found = figures(timeline(caller([1] * 300), caller([0] * 300, [1] * 300)))
    assert found["share"] == 0.0


def test_without_calls_nothing_is_measured() -> None:
    """No call at all is no goodput of zero and no waste: it is no figure."""
    found = figures(timeline(caller([])))
    for name in ("goodput", "goodput_later", "waste", "p50", "p99", "share"):
        assert math.isnan(found[name])


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100), (0.501, 51)]
)
def test_quantiles_are_values_that_occurred(share: float, expected: float) -> None:
    """A quantile is the smallest value that so large a share does not exceed."""
    assert quantile(list(range(100, 0, -1)), share) == expected


def test_medians_leave_out_what_was_not_measured() -> None:
    """Each figure's median is taken over the runs that have it."""
    runs = [{"a": 1.0, "b": math.nan}, {"a": 9.0, "b": 4.0}, {"a": 2.0, "b": 6.0}]
    assert medians(runs) == {"a": 2.0, "b": 5.0}
    assert math.isnan(medians([{"a": math.nan}])["a"])


def test_a_plots_series_is_of_whole_seconds_and_all_callers() -> None:
    """Ten bins make a second; an unfinished second counts."""
    found = timeline(caller([1] * 15), caller([2] * 5))
    assert per_second(found, "admitted") == [20, 5]


def test_other_quotas_are_drawn_in_calls() -> None:
    """A quota of tokens, or of calls at a time, is divided by what a call used of it."""
    tokens = [{"since": 0.0, "limits": {"tokens_per_minute": 60_000}}]
    assert quota_in_calls(timeline(caller([1, 1], tokens=[50, 150]), quota=tokens)) == [(0.0, 10.0)]
    places = [{"since": 0.0, "limits": {"max_concurrency": 4}}]
    assert quota_in_calls(timeline(caller([1, 1], busy=[0.5, 0.3]), quota=places)) == [(0.0, 10.0)]
