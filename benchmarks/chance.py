"""Scenarios in which calls are rejected by chance, whatever the rate at which they are sent.

So it is on shared capacity: 429s come from contention with others, and 503s from a model that is
overloaded. A call that is rejected uses nothing of a quota, and each document's first, second and
third call meets the same chance from every peer.

One of each kind is standard: with a quota, without one, and 503s, at a chance at which whoever
takes every rejection for a limit is slow. All of them take three quarters of an hour.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks import goals
from benchmarks.peers.catalogue import UNDISTURBED
from benchmarks.scenario import SILENT, STEPS, UNTOLD, Goal, Quota, Scenario, Server

_SCRIPTS = ("script-retries", "script-40-retries", "runinference")
# Without a quota there is nothing to hold speed against but the same run without rejections.
_BESIDE_UNDISTURBED = ("sluicegate", UNDISTURBED, *_SCRIPTS)
_SPARING = f",spares={UNDISTURBED}"
_WAVE_SECONDS = 60


def _rejecting(chance: float, settings: str = "", server: Server = SILENT) -> Server:
    """Return a server that answers that share of calls with 429; ``settings`` are the fault's."""
    return replace(server, faults=(f"http_429,chance={chance:g}{settings}",))


def _in_waves(chance: float, calls_per_second: Sequence[float]) -> float:
    """Return what share of the calls of a run at these rates, a minute each, chance rejects.

    Every second minute is hit.
    """
    hit = sum(rate * chance / (1 - chance) for rate in calls_per_second[1::2])
    return hit / (sum(calls_per_second) + hit)


_QUOTA = Scenario(
    "chance-10",
    "20 calls/s, 10 % of calls rejected by chance, 429s without details",
    _rejecting(0.1),
    UNTOLD,
    ("sluicegate", *_SCRIPTS),
    goals.by_chance(0.1),
    chance=0.1,
    load=85,
)
_OPEN = Scenario(
    "unlimited-10",
    "no quota, 10 % of calls rejected by chance, 429s without details",
    _rejecting(0.1, _SPARING),
    Quota(()),
    _BESIDE_UNDISTURBED,
    goals.unlimited(0.1),
    chance=0.1,
    documents=1200,
    seconds=75,
    tail_seconds=40,
    # Whoever sends as fast as it can is measured alone.
    load=300,
)


def _at(
    percent: int,
    base: Scenario,
    name: str,
    title: str,
    fault: str,
    goals_of: Callable[[float], tuple[Goal, ...]],
    standard: int,
) -> Scenario:
    """Return a scenario with another chance; of its kind the one at ``standard`` % is standard.

    In ``title`` {} stands for the share, in ``fault`` for the chance.
    """
    chance = percent / 100
    return replace(
        base,
        name=f"{name}-{percent}",
        title=title.format(f"{percent} %"),
        server=replace(SILENT, faults=(fault.format(f"{chance:g}"),)),
        goals=goals_of(chance),
        chance=chance,
        standard=percent == standard,
    )


def _with_quota(percent: int) -> Scenario:
    title = "20 calls/s, {} of calls rejected by chance, 429s without details"
    return _at(percent, _QUOTA, "chance", title, "http_429,chance={}", goals.by_chance, 10)


def _without_quota(percent: int) -> Scenario:
    title = "no quota, {} of calls rejected by chance, 429s without details"
    fault = f"http_429,chance={{}}{_SPARING}"
    return _at(percent, _OPEN, "unlimited", title, fault, goals.unlimited, 10)


def _overloaded(percent: int) -> Scenario:
    title = "no quota, {} of calls answered with 503, model overloaded"
    fault = f"http_503,chance={{}}{_SPARING}"
    return _at(percent, _OPEN, "unavailable", title, fault, goals.unavailable, 30)


def _processes(count: int, word: str, waste: float) -> Scenario:
    return replace(
        _QUOTA,
        name=f"{word}-chance-5",
        title=f"{word} processes on one quota of 20 calls/s, 5 % of calls rejected by chance",
        server=_rejecting(0.05),
        goals=goals.shared_by_chance(0.05, waste=waste),
        chance=0.05,
        processes=count,
        load=60.0 * count,
        standard=False,
    )


_CHANCE_IN_WAVES = _in_waves(0.2, (20, 20, 20))
_CHANCE_BESIDE_STEPS = _in_waves(0.2, (20, 8, 30))
_WAVES = replace(
    _QUOTA,
    name="chance-waves",
    title="20 calls/s, of calls by chance 0, then 20, then 0 % rejected, a minute each",
    server=_rejecting(0.2, f",wave={_WAVE_SECONDS}"),
    goals=goals.in_waves(_CHANCE_IN_WAVES),
    chance=_CHANCE_IN_WAVES,
    documents=3600,
    seconds=180,
    standard=False,
)

BY_CHANCE = (
    *map(_with_quota, (1, 5, 10, 20)),
    replace(
        _QUOTA,
        name="chance-10-retryinfo",
        title="20 calls/s, 10 % of calls rejected by chance, RetryInfo of 1 s",
        server=_rejecting(0.1, ",retry_delay=1", Server()),
        standard=False,
    ),
    *map(_without_quota, (1, 5, 10, 20)),
    replace(
        _OPEN,
        name="unlimited-10-retryinfo",
        title="no quota, 10 % of calls rejected by chance, RetryInfo of 1 s",
        server=_rejecting(0.1, f",retry_delay=1{_SPARING}", Server()),
        standard=False,
    ),
    _WAVES,
    replace(
        _WAVES,
        name="chance-waves-steps",
        title="20, 8, 30 calls/s, of calls by chance 0, 20, 0 % rejected, a minute each",
        quota=STEPS,
        goals=goals.in_waves(_CHANCE_BESIDE_STEPS),
        chance=_CHANCE_BESIDE_STEPS,
        documents=3480,
    ),
    *map(_overloaded, (5, 30, 50)),
    _processes(2, "two", waste=0.02),
    # Four that look for their shares reject each other's calls; `four` may waste as much besides.
    _processes(4, "four", waste=0.05),
)
