"""The pacer over simulated time: no clock, no randomness, no sleep."""

import heapq
import math
import random
from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.pacing.breaker import BreakerSettings
from sluicegate.pacing.pacer import Admission, Pacer, PacerSettings, Rejection


def opened(**settings: float) -> Pacer:
    """Return a pacer whose first call has succeeded, with no quota unless one is given."""
    pacer = Pacer(PacerSettings(**{"requests_per_minute": 10**8, **settings}))  # type: ignore[arg-type]
    pacer.allow_concurrency()
    return pacer


def waiting(pacer: Pacer, now: float, draw: float) -> float:
    """Return 0 if a call was admitted, else the seconds to wait."""
    start = pacer.admit(now, draw)
    return 0.0 if isinstance(start, Admission) else start


def block(pacer: Pacer, now: float, seconds: float) -> None:
    """Let a call be rejected with a RetryInfo."""
    pacer.rejected(Admission(now, 1, 0.0), now, Rejection(seconds))


def simulate(pacer: Pacer, until: float, latency: float, seed: int = 1) -> list[float]:
    """Call as often as the pacer admits, from time 0; return the starts."""
    chance = random.Random(seed)
    now, starts, ends = 0.0, [], list[float]()
    while now < until:
        while ends and ends[0] <= now:
            heapq.heappop(ends)
            pacer.finish()
            pacer.succeeded()
        wait = waiting(pacer, now, chance.random())
        if wait == 0:
            starts.append(now)
            heapq.heappush(ends, now + latency * (0.5 + chance.random()))
        elif wait == math.inf:
            now = ends[0]
        else:
            now = min(now + wait, ends[0] if ends else math.inf)
    return starts


@pytest.mark.parametrize("rate", [6, 60, 600, 6000])
@pytest.mark.parametrize("latency", [0.1, 5.0])
def test_the_average_is_the_rate(rate: float, latency: float) -> None:
    """Within 2 % of what was given, and never above it."""
    minutes = max(5, 3000 / rate)
    starts = simulate(opened(requests_per_minute=rate, max_in_flight=10**6), 60 * minutes, latency)
    measured = len(starts) / minutes
    assert 0.98 * rate - 1 / minutes <= measured <= rate + 1 / minutes


@pytest.mark.parametrize("rate", [300, 1200, 6000])
def test_no_minute_holds_more_than_the_quota_however_late_the_machine_wakes(rate: int) -> None:
    """What was missed is caught up, and yet no minute has more calls than the quota."""
    pacer = opened(requests_per_minute=rate, max_in_flight=10**6)
    chance, now, late_at, starts = random.Random(rate), 0.0, 90.0, list[float]()
    while now < 600:
        wait = waiting(pacer, now, chance.random())
        if wait == 0:
            starts.append(now)
        elif now > late_at:  # then on time for more than a minute
            now, late_at = now + chance.choice([0.1, 0.25, 0.5]), late_at + 90
        now += wait
    assert max(bisect_left(starts, start + 60) - n for n, start in enumerate(starts)) <= rate
    assert len(starts) >= 0.99 * 10 * rate


@pytest.mark.parametrize("rate", [30, 600])
def test_no_window_holds_more_than_its_share(rate: float) -> None:
    """Over any stretch of time there are no more calls than the rate and its jitter allow."""
    starts = simulate(opened(requests_per_minute=rate, max_in_flight=10**6), 1200, 1.0)
    interval = 60 / rate
    for calls in (2, 3, 10, 100):
        shortest = min(b - a for a, b in zip(starts, starts[calls - 1 :], strict=False))
        # Gaps have seven tenths of an interval at least; a quarter of a second may be caught up.
        missed = max(interval, 0.25)
        least = max(0.7 * (calls - 1) * interval, (calls - 1) * interval - missed)
        assert shortest >= 0.95 * least - 1e-6
    assert min(b - a for a, b in pairwise(starts[2:])) >= 0.75 * interval - 1e-6
    in_a_minute = max(
        sum(1 for s in starts[n : n + 2 * int(rate) + 5] if s < start + 60)
        for n, start in enumerate(starts)
    )
    assert in_a_minute <= rate * 1.05 + 2


def test_starts_are_jittered() -> None:
    """Two processes on one quota do not lock into step."""
    starts = simulate(opened(requests_per_minute=600), 60, 0.01)
    gaps = [b - a for a, b in pairwise(starts)]
    assert min(gaps) < 0.097
    assert max(gaps) > 0.103


def test_two_pacers_share_a_quota_evenly() -> None:
    """Against one bucket of the server, neither starves."""
    got = [0, 0]
    pacers = [opened(requests_per_minute=600), opened(requests_per_minute=600)]
    chance = random.Random(5)
    due = [(0.0, 0), (0.0, 1)]
    tokens, last = 1.0, 0.0
    while due[0][0] < 300:
        now, who = heapq.heappop(due)
        wait = waiting(pacers[who], now, chance.random())
        if wait == 0:
            pacers[who].finish()
            tokens = min(1.0, tokens + (now - last) * 10)
            last = now
            if tokens >= 1:
                tokens -= 1
                got[who] += 1
            wait = 1e-6
        heapq.heappush(due, (now + wait, who))
    assert min(got) > 0.35 * sum(got)


def test_an_idle_spell_is_no_credit() -> None:
    """After an hour without work there is no burst."""
    pacer = opened(requests_per_minute=60)
    assert waiting(pacer, 0.0, 0.5) == 0
    starts, now = list[float](), 3600.0
    while len(starts) < 6:
        wait = waiting(pacer, now, 0.5)
        if wait == 0:
            starts.append(now)
            pacer.finish()
        now += wait
    assert starts[5] - starts[0] >= 4.65


def test_the_wait_for_the_first_reply_is_no_credit() -> None:
    """While the first call goes alone nobody is late: the others come at the rate, in no burst."""
    pacer = Pacer(PacerSettings(requests_per_minute=1200))
    assert [waiting(pacer, 0.0, 0.5) for _ in range(2)] == [0, math.inf]
    pacer.finish()
    pacer.succeeded()
    starts, now = list[float](), 0.5
    while len(starts) < 10:
        wait = waiting(pacer, now, 0.5)
        if wait == 0:
            starts.append(now)
        now += wait
    assert starts[9] - starts[0] >= 8.65 * 0.05


def test_a_late_wake_up_does_not_lower_the_rate() -> None:
    """Slots are counted from the last slot, not from the moment of waking."""
    pacer = opened(requests_per_minute=60, max_in_flight=10**6)
    now, calls = 0.0, 0
    while now < 600:
        wait = waiting(pacer, now, 0.5)
        calls += wait == 0
        now += wait + 0.2 if wait else 0.0
    assert calls >= 0.97 * 600


def test_never_more_in_flight_than_the_cap() -> None:
    """However much the quota would allow."""
    pacer = opened(max_in_flight=3)
    assert [waiting(pacer, 5.0 + n, 0.5) for n in range(4)] == [0, 0, 0, math.inf]
    assert pacer.in_flight == 3
    pacer.finish()
    assert waiting(pacer, 9.0, 0.5) == 0


def capped(pacer: Pacer, limit: int) -> float:
    """Let a pacer learn that the server takes so many calls at a time; return when it has."""
    chance, now = random.Random(3), 100.0
    while pacer.cap_on_concurrency == math.inf:
        now += 1.0
        starts = [pacer.admit(now + n / 100, 0.5) for n in range(chance.randint(1, 2 * limit))]
        for start in (start for start in starts if isinstance(start, Admission)):
            if start.in_flight > limit:
                pacer.rejected(start, now + 0.5, Rejection())
            pacer.finish()
    assert pacer.cap_on_concurrency == limit
    return now + 1


def test_a_reply_makes_room_at_the_server_and_none_in_memory() -> None:
    """A learned cap counts calls until their replies, the given one until they are stored."""
    pacer = opened(max_in_flight=4)
    now = capped(pacer, 2)
    assert [waiting(pacer, now + n, 0.5) for n in range(3)] == [0, 0, math.inf]
    pacer.replied()
    assert [waiting(pacer, now + n, 0.5) for n in (3, 4)] == [0, math.inf]
    pacer.replied()
    assert waiting(pacer, now + 5, 0.5) == 0
    pacer.replied()
    assert (pacer.in_flight, waiting(pacer, now + 6, 0.5)) == (4, math.inf)
    pacer.finish(replied=True)
    assert waiting(pacer, now + 7, 0.5) == 0


def test_the_first_call_goes_alone() -> None:
    """A wrong key costs one call; any reply, or `allow_concurrency`, lets the others go."""
    pacer = Pacer(PacerSettings(max_in_flight=8))
    assert [waiting(pacer, 0.0, 0.5) for _ in range(2)] == [0, math.inf]
    pacer.succeeded()
    assert waiting(pacer, 1.0, 0.5) == 0
    other = Pacer(PacerSettings(max_in_flight=8))
    waiting(other, 0.0, 0.5)
    other.allow_concurrency()
    assert waiting(other, 1.0, 0.5) == 0


def test_retry_info_blocks_all_calls() -> None:
    """No call starts before the time it gives; a later one counts if it gives a later time."""
    pacer = opened()
    block(pacer, 100.0, 30.0)
    assert waiting(pacer, 100.0, 0.5) == pytest.approx(30)
    block(pacer, 105.0, 10.0)
    assert waiting(pacer, 105.0, 0.5) == pytest.approx(25)
    block(pacer, 110.0, 40.0)
    assert waiting(pacer, 110.0, 0.5) == pytest.approx(40)
    assert waiting(pacer, 150.0, 0.5) == 0


def test_retry_info_is_bounded() -> None:
    """After an hour's RetryInfo a call starts after a minute."""
    pacer = opened()
    block(pacer, 0.0, 3600.0)
    assert waiting(pacer, 0.0, 0.5) == pytest.approx(60)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["admit", "finish", "fail", "succeed", "block", "wait"]),
            st.floats(0, 1),
        ),
        max_size=80,
    ),
    st.sampled_from([None, 60.0]),
)
def test_the_counts_are_right_whatever_happens(
    events: list[tuple[str, float]], rate: float | None
) -> None:
    """In flight is what was admitted and not finished, and never above the cap."""
    pacer = Pacer(
        PacerSettings(
            max_in_flight=3, requests_per_minute=rate, breaker=BreakerSettings(threshold=2)
        )
    )
    now, in_flight = 1.0, 0
    for event, draw in events:
        if event == "admit":
            wait = waiting(pacer, now, draw)
            assert wait >= 0
            in_flight += wait == 0
            assert in_flight <= 3
        elif event == "finish" and in_flight:
            pacer.finish()
            in_flight -= 1
        elif event == "fail":
            pacer.failed(now, fresh=draw < 0.5)
        elif event == "succeed":
            pacer.succeeded()
        elif event == "block":
            block(pacer, now, 100 * draw)
        else:
            now += 50 * draw
        assert pacer.in_flight == in_flight
