"""The queue in front of the pacer, on virtual time."""

import asyncio
from typing import Any

import pytest

from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Admission, Pacer, PacerSettings, Rejection
from tests.sluicegate.live.virtual_time import START, run, run_pending


def limiter_of(**settings: Any) -> Limiter:
    """Return an open limiter on the running loop's time, with no quota unless one is given."""
    pacer = Pacer(PacerSettings(**{"requests_per_minute": 10**8, **settings}))
    pacer.allow_concurrency()
    return Limiter(pacer, asyncio.get_running_loop().time, lambda: 0.5)


def hold_back(limiter: Limiter, seconds: float) -> None:
    """Let a rejection have said when to come back."""
    now = asyncio.get_running_loop().time()
    limiter.pacer.rejected(Admission(now - 1, 1, 0.0), now, Rejection(seconds))


async def hold(
    limiter: Limiter, log: list[str], name: str, seconds: float = 1, **options: bool
) -> None:
    """Make a call of some seconds and log when it was admitted."""
    async with limiter.admitted(**options):
        log.append(f"{name}@{asyncio.get_running_loop().time() - START:.1f}")
        await asyncio.sleep(seconds)


def test_calls_go_through_in_order() -> None:
    """First come, first served, as many at a time as may."""

    async def work() -> list[str]:
        limiter, log = limiter_of(max_in_flight=2), list[str]()
        await asyncio.gather(*(hold(limiter, log, name) for name in "abcde"))
        assert limiter.pacer.in_flight == 0
        return log

    assert run(work()) == ["a@0.0", "b@0.0", "c@1.0", "d@1.0", "e@2.0"]


def test_a_retry_goes_to_the_front() -> None:
    """It has waited before."""

    async def work() -> list[str]:
        limiter, log = limiter_of(max_in_flight=1), list[str]()
        tasks = [asyncio.create_task(hold(limiter, log, name)) for name in "abc"]
        await run_pending()
        tasks.append(asyncio.create_task(hold(limiter, log, "again", to_front=True)))
        await asyncio.gather(*tasks)
        return log

    assert run(work()) == ["a@0.0", "again@1.0", "b@2.0", "c@3.0"]


def test_a_rate_spaces_the_calls() -> None:
    """One every 60 / (0.995 rate) seconds, and the waiting is counted as throttled."""

    async def work() -> tuple[list[str], float]:
        limiter, log = limiter_of(max_in_flight=9, requests_per_minute=60 / 0.995), list[str]()
        await asyncio.gather(*(hold(limiter, log, name, 0) for name in "abcd"))
        return log, limiter.throttled.seconds

    log, throttled = run(work())
    # Lateness of one interval is caught up, so the second call follows the first at once.
    assert [entry[0] for entry in log] == ["a", "b", "c", "d"]
    assert float(log[3].split("@")[1]) == pytest.approx(2.0, abs=1.01)
    assert throttled == pytest.approx(float(log[3].split("@")[1]), abs=0.1)


def test_waiting_for_the_in_flight_limit_is_not_throttled() -> None:
    """Waiting for a reply is work, not a quota's doing."""

    async def work() -> float:
        limiter, log = limiter_of(max_in_flight=1), list[str]()
        await asyncio.gather(*(hold(limiter, log, name, 10) for name in "abc"))
        return limiter.throttled.seconds

    assert run(work()) == 0


def test_the_search_for_a_quota_is_not_throttled_time() -> None:
    """The rate that it begins with is nobody's quota; after a 429 it is."""

    async def work(*, rejected: bool) -> float:
        limiter, log = limiter_of(max_in_flight=99, requests_per_minute=None), list[str]()
        if rejected:
            hold_back(limiter, 0)
        await asyncio.gather(*(hold(limiter, log, str(n), 0) for n in range(12)))
        assert asyncio.get_running_loop().time() > START  # the calls were spaced
        return limiter.throttled.seconds

    assert run(work(rejected=False)) == 0
    assert run(work(rejected=True)) > 0.5


def test_retry_info_is_throttled_time() -> None:
    """RetryInfo of 30 s holds the queue, once for all who wait."""

    async def work() -> tuple[list[str], float]:
        limiter, log = limiter_of(max_in_flight=9), list[str]()
        hold_back(limiter, 30)
        await asyncio.gather(*(hold(limiter, log, name) for name in "ab"))
        return log, limiter.throttled.seconds

    log, throttled = run(work())
    assert log == ["a@30.0", "b@30.0"]
    assert throttled == pytest.approx(30, abs=0.01)


def test_throttled_time_grows_while_calls_wait() -> None:
    """The metric does not wait for their end."""

    async def work() -> float:
        limiter, log = limiter_of(), list[str]()
        hold_back(limiter, 30)
        task = asyncio.create_task(hold(limiter, log, "a"))
        await asyncio.sleep(10)
        seconds = limiter.throttled.seconds
        await task
        return seconds

    assert run(work()) == pytest.approx(10, abs=0.01)


def test_an_error_during_a_call_ends_it() -> None:
    """It is no longer in flight, and the next call is admitted."""

    async def work() -> None:
        limiter = limiter_of(max_in_flight=1)
        with pytest.raises(KeyError):
            async with limiter.admitted():
                raise KeyError
        assert limiter.pacer.in_flight == 0
        await hold(limiter, [], "next")

    run(work())


def test_a_call_cancelled_in_the_queue_is_skipped() -> None:
    """Cancelled before its turn: the next one goes, and the counts are right."""

    async def work() -> list[str]:
        limiter, log = limiter_of(max_in_flight=1), list[str]()
        tasks = [asyncio.create_task(hold(limiter, log, name)) for name in "abc"]
        await run_pending()
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limiter.pacer.in_flight == 0
        return log

    assert run(work()) == ["a@0.0", "c@1.0"]


def test_a_call_cancelled_in_flight_ends() -> None:
    """The next one is admitted at once."""

    async def work() -> list[str]:
        limiter, log = limiter_of(max_in_flight=1), list[str]()
        tasks = [asyncio.create_task(hold(limiter, log, name, 5)) for name in "ab"]
        await asyncio.sleep(1)
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limiter.pacer.in_flight == 0
        return log

    assert run(work()) == ["a@0.0", "b@1.0"]


def test_a_call_cancelled_as_it_is_admitted_lets_the_next_one_start() -> None:
    """Cancelled after it was admitted and before it ran: the next one must not hang."""

    async def work() -> list[str]:
        limiter, log = limiter_of(max_in_flight=1), list[str]()
        first = limiter.admitted()
        await first.__aenter__()
        tasks = [asyncio.create_task(hold(limiter, log, name)) for name in "bc"]
        await run_pending()
        await first.__aexit__(None, None, None)
        tasks[0].cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
        assert limiter.pacer.in_flight == 0
        return log

    assert run(work()) == ["c@0.0"]
