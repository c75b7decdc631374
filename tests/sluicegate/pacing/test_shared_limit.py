"""A permit before each call, of a rate limit service in memory, on virtual time."""

import asyncio
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from sluicegate.faults import JobFault
from sluicegate.live.attempts import Attempts
from sluicegate.live.retry_loop import RetryLoop
from sluicegate.media.prepare import Part
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Pacer, PacerSettings
from sluicegate.pacing.shared_limit import SharedLimit, Unreachable
from tests.sluicegate.live.in_memory import GOOD, OVERLOADED, Gemini, rejection, retry_loop_of
from tests.sluicegate.live.virtual_time import START, clock, run, run_pending

PARTS = (Part("application/pdf", b"%PDF"),)
FAST = PacerSettings(max_in_flight=200, requests_per_minute=10**8)


def virtual_seconds() -> float:
    """Return virtual seconds."""
    return asyncio.get_running_loop().time()


@dataclass
class Windows:
    """Counts as Envoy's service does: fixed windows, seconds rounded up, all hits counted."""

    limit: float = math.inf
    seconds: int = 1
    answer_seconds: float = 0.0
    down_until: float = 0.0
    requests: list[float] = field(default_factory=list)
    permits: list[float] = field(default_factory=list)
    requesting: int = 0
    most_requesting: int = 0
    closed: bool = False
    _hits: Counter[int] = field(default_factory=Counter)

    async def request_permit(self) -> float:
        """Count a hit."""
        self.requesting += 1
        self.most_requesting = max(self.most_requesting, self.requesting)
        try:
            await asyncio.sleep(self.answer_seconds)
        finally:
            self.requesting -= 1
        now = virtual_seconds()
        self.requests.append(now)
        if now < self.down_until:
            raise Unreachable("host:8081: UNAVAILABLE: connection refused")
        window = int(now) // self.seconds
        self._hits[window] += 1
        if self._hits[window] > self.limit:
            return float(self.seconds - int(now) % self.seconds)
        self.permits.append(now)
        return 0.0

    async def close(self) -> None:
        """Record that the connection is closed."""
        self.closed = True


def capped(
    client: Gemini, service: Windows, seed: int = 7, pacer: PacerSettings = FAST, **settings: Any
) -> RetryLoop:
    """Return a retry loop whose calls take permits of the service."""
    virtual = clock(seed)
    shared_limit = SharedLimit(service, virtual, settings.pop("patience", 600.0))
    limiter = Limiter(Pacer(pacer), virtual.monotonic, virtual.draw, shared_limit)
    limiter.pacer.allow_concurrency()
    retry_loop = retry_loop_of(client, virtual, pacer=pacer, **settings)
    retry_loop._limiter = limiter
    return retry_loop


async def calls(retry_loop: RetryLoop, documents: int) -> list[Any]:
    """Call for some documents at once, and return the result of each; nothing is left behind."""
    results = await asyncio.gather(
        *(retry_loop.call(PARTS, 100, Attempts()) for _ in range(documents)), return_exceptions=True
    )
    assert (retry_loop._limiter.pacer.in_flight, retry_loop._limiter._awaiting_permit) == (0, 0)
    await retry_loop._limiter.close()
    return results


def by_window(moments: list[float], seconds: int = 1) -> Counter[int]:
    """Count by the service's windows."""
    return Counter(int(moment) // seconds for moment in moments)


def test_each_call_takes_one_permit() -> None:
    """A retry takes another: calls are counted, not documents."""
    client, service = Gemini([rejection(), OVERLOADED, GOOD]), Windows(answer_seconds=0.01)

    async def work() -> tuple[list[Any], float]:
        retry_loop = capped(client, service)
        results = await calls(retry_loop, 5)
        return results, retry_loop.stats.calls

    results, made = run(work())
    assert results == [GOOD] * 5
    assert made == len(client.calls) == len(service.permits) == 7
    assert service.closed


def test_the_request_itself_is_not_throttled_time() -> None:
    """The way to the service and back has nothing to do with a quota."""

    async def work() -> float:
        retry_loop = capped(Gemini(), Windows(answer_seconds=0.5))
        await calls(retry_loop, 3)
        return retry_loop.stats.throttled_seconds

    assert run(work()) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize(
    ("limit", "seconds", "documents"), [(10, 1, 300), (60, 60, 300), (1, 1, 20), (100, 1, 600)]
)
def test_two_engines_use_a_window_in_full_and_never_exceed_it(
    limit: int, seconds: int, documents: int
) -> None:
    """Many calls wait at both: no window has more calls than its limit, nearly all have as many."""
    client, service = Gemini(seconds=0.3), Windows(limit, seconds)

    async def work() -> list[Any]:
        both = [capped(client, service, seed) for seed in (1, 2)]
        found = await asyncio.gather(*(calls(one, documents // 2) for one in both))
        return [result for results in found for result in results]

    results = run(work())
    assert results == [GOOD] * documents
    windows = by_window(client.times, seconds)
    assert max(windows.values()) == limit
    assert sum(count == limit for count in windows.values()) >= 0.95 * len(windows) - 1
    needed = documents / limit * seconds
    assert client.times[-1] - START <= 1.05 * needed + 2 * seconds


def test_one_call_waits_for_the_window_and_the_others_for_it() -> None:
    """An exhausted window gets one request at a time."""
    service = Windows(limit=10, seconds=60)

    async def work() -> None:
        await calls(capped(Gemini(), service), 200)

    run(work())
    windows = by_window(service.requests, 60)
    # Sixteen at the end of a window, then one now and then in its last second.
    assert max(windows.values()) <= 10 + 16 + 6
    assert service.most_requesting <= 16


def test_waiting_for_a_window_is_throttled_time() -> None:
    """It runs from the first answer without a permit to the permit."""

    async def work() -> tuple[float, float]:
        retry_loop = capped(Gemini(), Windows(limit=5, seconds=60))
        await calls(retry_loop, 6)
        return retry_loop.stats.throttled_seconds, virtual_seconds() - START

    throttled, took = run(work())
    assert 1 < throttled <= 60
    assert throttled == pytest.approx(took, abs=0.1)


def test_waiting_for_a_silent_service_is_not_throttled_time() -> None:
    """No quota took that time; what waits says which service it is."""

    async def work() -> tuple[float, str]:
        service = Windows(down_until=START + 20)
        retry_loop = capped(Gemini(), service)
        task = asyncio.create_task(calls(retry_loop, 3))
        await asyncio.sleep(10)
        said = retry_loop.waits_for()
        assert await task == [GOOD] * 3
        return retry_loop.stats.throttled_seconds, said

    throttled, said = run(work())
    assert throttled == pytest.approx(0, abs=0.001)
    assert said == "the rate limit service gives no answer"


def test_few_waiting_calls_count_as_in_flight() -> None:
    """At most sixteen calls wait for permits; the others wait in the limiter's queue."""
    service = Windows(limit=5, seconds=60)

    async def work() -> int:
        retry_loop = capped(Gemini(), service)
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 100, Attempts())) for _ in range(100)]
        await asyncio.sleep(1.0)
        in_flight = retry_loop._limiter.pacer.in_flight
        retry_loop.stop(JobFault("stopped", "enough"))
        await asyncio.gather(*tasks, return_exceptions=True)
        assert retry_loop._limiter.pacer.in_flight == 0
        return in_flight

    assert run(work()) == 16


def test_a_permit_lets_the_next_call_request_one() -> None:
    """Sixteen calls request at a time, and more as soon as a permit is given."""
    client = Gemini(seconds=100)

    async def work() -> None:
        await calls(capped(client, Windows(answer_seconds=0.01)), 100)

    run(work())
    assert client.most_in_flight == 100


def test_requests_are_spread_over_the_last_second_of_a_wait() -> None:
    """Seconds are rounded up: the window may begin a second earlier, and requests are spread."""

    async def second_request(seed: int) -> float:
        service = Windows(limit=0, seconds=60)
        retry_loop = capped(Gemini(), service, seed)
        task = asyncio.create_task(retry_loop.call(PARTS, 100, Attempts()))
        await asyncio.sleep(60)
        task.cancel()
        await run_pending()
        return service.requests[1] - service.requests[0]

    until_reset = 60 - START % 60
    waits = [run(second_request(seed)) for seed in range(20)]
    assert until_reset - 1 <= min(waits) < until_reset - 0.5
    assert until_reset - 0.5 < max(waits) <= until_reset + 0.001
    assert len(set(waits)) == 20


def test_a_short_silence_is_a_short_pause() -> None:
    """Sixteen requests that fail at once lengthen the pause once: one second, then two."""
    client = Gemini()

    async def work() -> None:
        await calls(capped(client, Windows(down_until=START + 1.2)), 50)

    run(work())
    assert max(client.times) <= START + 3.1


def test_the_rate_holds_when_a_window_begins() -> None:
    """A window that begins causes no burst: the pacer's rate spaces the calls as always."""
    client, service = Gemini(), Windows(limit=60, seconds=60)
    pacer = PacerSettings(max_in_flight=200, requests_per_minute=60 / 0.995)

    async def work() -> None:
        await calls(capped(client, service, pacer=pacer), 180)

    run(work())
    assert max(by_window(client.times, 10).values()) <= 10 + 16 + 2


def test_calls_continue_when_the_service_is_back() -> None:
    """No call is made meanwhile, and no document fails; the pauses grow."""
    client, service = Gemini(), Windows(down_until=START + 200)

    async def work() -> list[Any]:
        return await calls(capped(client, service), 50)

    assert run(work()) == [GOOD] * 50
    assert min(client.times) >= START + 200
    assert max(client.times) <= START + 235
    silent = [moment for moment in service.requests if moment < START + 200]
    assert len(silent) <= 16 + 16


def test_a_silent_service_stops_the_job() -> None:
    """After the patience there is one sentence, no call, and no waiting."""
    client, service = Gemini(), Windows(down_until=math.inf)

    async def work() -> tuple[list[Any], RetryLoop, float]:
        retry_loop = capped(client, service, patience=100.0)
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 100, Attempts())) for _ in range(50)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        fault = done.pop().exception()
        assert isinstance(fault, JobFault)
        retry_loop.stop(fault)  # as the document worker does with what a call raises
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert (retry_loop._limiter.pacer.in_flight, retry_loop._limiter._awaiting_permit) == (0, 0)
        return results, retry_loop, virtual_seconds() - START

    results, retry_loop, seconds = run(work())
    assert client.calls == []
    assert {type(result) for result in results} == {JobFault}
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "rate_limit_service_unavailable"
    for words in ("for 1", "connection refused", "--rate_limit_service", "host:8081"):
        assert words in retry_loop.fault.message
    assert 100 <= seconds <= 131


def test_an_answer_ends_the_silence() -> None:
    """Two short silences are not one long one."""
    service = Windows(down_until=START + 70)

    async def work() -> list[Any]:
        retry_loop = capped(Gemini(), service, patience=100.0)
        first = await retry_loop.call(PARTS, 100, Attempts())
        service.down_until = virtual_seconds() + 70
        return [first, *await calls(retry_loop, 3)]

    assert run(work()) == [GOOD] * 4


def test_an_answer_without_a_permit_is_no_silence() -> None:
    """A window may be exhausted for longer than the patience: the service is there."""

    async def work() -> list[Any]:
        return await calls(capped(Gemini(), Windows(1, 3600), patience=30.0), 2)

    assert run(work()) == [GOOD] * 2


def test_a_long_window_gets_a_request_every_minute() -> None:
    """A limit that is raised meanwhile is noticed."""
    service = Windows(limit=1, seconds=86_400)

    async def work() -> float:
        retry_loop = capped(Gemini(), service)
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 100, Attempts())) for _ in range(2)]
        await asyncio.sleep(600)
        requested = len(service.requests)
        assert 10 <= requested <= 13
        service.limit = 100
        await asyncio.gather(*tasks)
        return virtual_seconds() - START

    assert run(work()) <= 661


def test_a_stopped_job_ends_the_waiting() -> None:
    """One document's job fault ends all waiting, at once and without a call."""
    client, service = Gemini(), Windows(limit=1, seconds=3600)

    async def work() -> tuple[list[Any], float]:
        retry_loop = capped(client, service)
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 100, Attempts())) for _ in range(40)]
        await asyncio.sleep(5)
        retry_loop.stop(JobFault("bad_credentials", "no"))
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert (retry_loop._limiter.pacer.in_flight, retry_loop._limiter._awaiting_permit) == (0, 0)
        return results, virtual_seconds() - START

    results, seconds = run(work())
    assert seconds == pytest.approx(5, abs=0.01)
    assert len(client.calls) == 1
    assert [type(result) for result in results].count(JobFault) == 39


@pytest.mark.parametrize("moment", [0.0, 0.5, 30.0])
def test_a_cancelled_call_holds_nothing(moment: float) -> None:
    """So it is before its admission, during its request, and while it waits for a window."""
    service = Windows(limit=0, seconds=3600, answer_seconds=1.0)

    async def work() -> None:
        retry_loop = capped(Gemini(), service)
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 100, Attempts())) for _ in range(30)]
        await (asyncio.sleep(moment) if moment else run_pending())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (retry_loop._limiter.pacer.in_flight, retry_loop._limiter._awaiting_permit) == (0, 0)
        assert service.requesting == 0
        service.limit = math.inf
        assert await asyncio.wait_for(retry_loop.call(PARTS, 100, Attempts()), 4000) is GOOD

    run(work())


def test_a_call_cancelled_as_it_is_admitted_requests_nothing() -> None:
    """It is no longer in flight, and takes no permit."""
    service = Windows()

    async def work() -> None:
        virtual = clock()
        pacer = Pacer(PacerSettings(max_in_flight=1, requests_per_minute=10**8))
        limiter = Limiter(
            pacer, virtual.monotonic, virtual.draw, SharedLimit(service, virtual, 600.0)
        )

        async def hold() -> None:
            async with limiter.admitted():
                pytest.fail("it was cancelled")

        async with limiter.admitted():
            waiting = asyncio.create_task(hold())
            await run_pending()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert (pacer.in_flight, limiter._awaiting_permit) == (0, 0)

    run(work())
    assert len(service.requests) == 1


def test_without_a_service_no_permit_is_needed() -> None:
    """The limiter admits calls as the pacer does."""

    async def work() -> list[Any]:
        retry_loop = retry_loop_of(Gemini(), clock(), pacer=FAST)
        retry_loop._limiter.pacer.allow_concurrency()
        return await calls(retry_loop, 100)

    assert run(work()) == [GOOD] * 100
