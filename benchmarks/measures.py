"""From the stand-in's timeline to figures: pure arithmetic.

    goodput   what was used of the quota, over what it allowed: calls admitted, tokens charged or
              calls in flight, whichever limit was nearest. What a bucket has saved up when a run
              begins is not counted as allowed, so a burst can bring a little more than 1
    together  goodput of several processes while each of them has work: once the first has none
              left, the others must find out what it leaves
    waste     calls answered with 429 or in vain (a 503, a broken connection), over calls received
    rate      documents answered a second, where no quota leaves goodput a denominator
    latency   of a document, from its first arrival to its answer, seen at the server

A window ends with the last arrival of a call: as long as calls came, there was work to do.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

START_SECONDS = 15.0
FIRST_SECONDS = 75.0
_MINUTE = 60.0

Timeline = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds of a timeline, from ``start`` up to ``end``."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return max(0.0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Use:
    """What callers did in a window, and what they might have done; ``failed`` are of the admitted.

    ``goodput`` and ``waste`` are NaN where there was nothing to measure.
    """

    received: int
    admitted: int
    rejected: int
    failed: int
    goodput: float
    waste: float


def callers_of(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the series of each caller."""
    return list(timeline["callers"].values())


def last_arrival(timeline: Timeline, callers: Sequence[Mapping[str, Any]]) -> float:
    """Return the end of the last bin in which a call arrived, in seconds."""
    ends = [
        number + 1 for caller in callers for number, count in enumerate(caller["received"]) if count
    ]
    return max(ends, default=0) * float(timeline["bin_seconds"])


def total(
    timeline: Timeline, callers: Sequence[Mapping[str, Any]], series: str, window: Window
) -> float:
    """Return the sum of a series over the bins that begin in a window."""
    size = float(timeline["bin_seconds"])
    first, last = math.ceil(window.start / size - 1e-9), math.ceil(window.end / size - 1e-9)
    return sum(sum(caller[series][first:last]) for caller in callers)


def allowed(timeline: Timeline, limit: str, window: Window) -> float | None:
    """Return the integral of a limit over a window, in limit x seconds; None if it never held.

    Where a limit did not hold for a part of the window, nothing bounded that part: None too.
    """
    found = 0.0
    quota = timeline["quota"]
    ends = [step["since"] for step in quota[1:]] + [math.inf]
    for number, (step, end) in enumerate(zip(quota, ends, strict=True)):
        start = -math.inf if number == 0 else step["since"]
        seconds = min(end, window.end) - max(start, window.start)
        if seconds <= 0:
            continue
        value = step["limits"].get(limit)
        if value is None:
            return None
        found += value * seconds
    return found


def use(timeline: Timeline, callers: Sequence[Mapping[str, Any]], window: Window) -> Use:
    """Measure a window."""

    def sum_of(series: str) -> float:
        return total(timeline, callers, series, window)

    shares = []
    for limit, used, a_minute in (
        ("requests_per_minute", "admitted", _MINUTE),
        ("tokens_per_minute", "tokens", _MINUTE),
        ("max_concurrency", "busy", 1.0),
    ):
        room = allowed(timeline, limit, window)
        if room:
            shares.append(sum_of(used) * a_minute / room)
    received, rejected = int(sum_of("received")), int(sum_of("rejected"))
    failed = int(sum_of("failed"))
    return Use(
        received=received,
        admitted=int(sum_of("admitted")),
        rejected=rejected,
        failed=failed,
        goodput=max(shares, default=math.nan) if window.seconds else math.nan,
        waste=(rejected + failed) / received if received else math.nan,
    )


def together(timeline: Timeline) -> Window:
    """Return the seconds after the start in which every caller still had work."""
    callers = callers_of(timeline)
    end = min((last_arrival(timeline, [caller]) for caller in callers), default=0.0)
    return Window(min(START_SECONDS, end / 2), end)


def worst_share(timeline: Timeline) -> float:
    """Return what the worst served caller was admitted over its fair share; 1 is fair.

    Counted while all of them still had work, after the start.
    """
    callers, window = callers_of(timeline), together(timeline)
    counts = [total(timeline, [caller], "admitted", window) for caller in callers]
    return min(counts) * len(counts) / sum(counts) if sum(counts) else math.nan


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of the values do not exceed; NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def figures(timeline: Timeline) -> dict[str, float]:
    """Return all that one project's timeline says, by the names of the report's columns."""
    callers = callers_of(timeline)
    end = last_arrival(timeline, callers)
    whole = use(timeline, callers, Window(0.0, end))
    first = use(timeline, callers, Window(0.0, min(FIRST_SECONDS, end)))
    later = use(timeline, callers, Window(min(START_SECONDS, end), end))
    several = len(callers) > 1
    latencies = [seconds for caller in callers for seconds in caller["latencies"]]
    return {
        "seconds": end,
        "received": whole.received,
        "admitted": whole.admitted,
        "rejected": whole.rejected,
        "failed": whole.failed,
        "rate": len(latencies) / end if end and math.isnan(whole.goodput) else math.nan,
        "goodput": whole.goodput,
        "goodput_later": later.goodput,
        "waste": whole.waste,
        "waste_first": first.waste,
        "waste_later": later.waste,
        "p50": quantile(latencies, 0.5),
        "p99": quantile(latencies, 0.99),
        "together": use(timeline, callers, together(timeline)).goodput if several else math.nan,
        "share": worst_share(timeline) if several else math.nan,
    }


def slowdown(ours: Mapping[str, float], undisturbed: Mapping[str, float]) -> float:
    """Return how many times as long a run took as that of the undisturbed, from their figures.

    NaN unless both came to the end of their documents.
    """
    if ours.get("not_done", math.nan) or undisturbed.get("not_done", math.nan):
        return math.nan
    took, normal = (each.get("seconds", math.nan) for each in (ours, undisturbed))
    return took / normal if normal else math.nan


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return each figure's median over several runs; NaN does not count among the values."""
    found = {}
    for name in dict.fromkeys(name for run in runs for name in run):
        values = [run[name] for run in runs if name in run and not math.isnan(run[name])]
        found[name] = statistics.median(values) if values else math.nan
    return found


def per_second(timeline: Timeline, series: str) -> list[int]:
    """Return a series of all callers together, a value a second."""
    size = round(1 / float(timeline["bin_seconds"]))
    callers = callers_of(timeline)
    longest = max((len(caller[series]) for caller in callers), default=0)
    return [
        sum(sum(caller[series][start : start + size]) for caller in callers)
        for start in range(0, longest, size)
    ]


def quota_in_calls(timeline: Timeline) -> list[tuple[float, float]]:
    """Return the quota as (since, calls a second); a quota of another kind is translated.

    Tokens and calls at a time are turned into calls by what one call used here on average.
    """
    callers = callers_of(timeline)
    admitted = sum(sum(caller["admitted"]) for caller in callers) or math.nan
    tokens = sum(sum(caller["tokens"]) for caller in callers) / admitted or math.nan
    busy = sum(sum(caller["busy"]) for caller in callers) / admitted or math.nan
    found = []
    for step in timeline["quota"]:
        limits = step["limits"]
        rates = [
            limits[name] / unit
            for name, unit in (
                ("requests_per_minute", _MINUTE),
                ("tokens_per_minute", _MINUTE * tokens),
                ("max_concurrency", busy),
            )
            if limits.get(name)
        ]
        found.append((float(step["since"]), min(rates, default=math.nan)))
    return found
