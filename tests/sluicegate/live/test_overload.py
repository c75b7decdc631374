"""Overloaded models, Retry-After, calls that are rejected throughout, and the tail of a run."""

import asyncio
import math
import random
from statistics import median
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply, TransportError
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.live.attempts import Attempts
from sluicegate.media.prepare import Part
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from tests.sluicegate.live.in_memory import (
    GOOD,
    OVERLOADED,
    TROUBLE,
    Gemini,
    rejection,
    retry_loop_of,
)
from tests.sluicegate.live.test_retry_loop import PARTS, calling
from tests.sluicegate.live.virtual_time import START, clock, run

FAST = PacerSettings(max_in_flight=40, requests_per_minute=60_000)
GIVEN = PacerSettings(max_in_flight=40, requests_per_minute=1200)
LEARNED = PacerSettings(max_in_flight=40)
OTHER_PARTS = (Part("application/pdf", b"%PDF-1.7"),)


class ByChance(Gemini):
    """Answers a share of the calls with something else, by seeded chance."""

    def __init__(self, share: float, reply: ApiError, seed: int = 5, **settings: Any) -> None:
        super().__init__(**settings)
        self._share, self._reply, self._chance = share, reply, random.Random(seed)

    async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
        """Answer."""
        reply = await super().generate(parts, max_output_tokens)
        return self._reply if self._chance.random() < self._share else reply


@pytest.mark.parametrize(("pacer", "documents"), [(GIVEN, 300), (LEARNED, 600)])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_an_overloaded_model_costs_no_document_and_only_its_share_of_time(
    share: float, pacer: PacerSettings, documents: int
) -> None:
    """A share of calls that are answered 503 by chance costs that share of calls, and no more.

    The waits of the last documents are in it. Of ten seeds, the median.
    """
    _, _, undisturbed = calling(Gemini(seconds=0.5), documents=documents, pacer=pacer)
    taken = []
    for seed in range(10):
        client = ByChance(share, OVERLOADED, seed, seconds=0.5)
        outcomes, retry_loop, seconds = calling(client, documents=documents, pacer=pacer)
        assert outcomes == [GOOD] * documents
        assert retry_loop.fault is None
        taken.append(seconds)
    assert median(taken) <= 1.2 / (1 - share) * undisturbed


def test_an_overload_teaches_no_rate() -> None:
    """Only the call that got it waits: the learned rate goes on to climb."""
    client = ByChance(0.3, OVERLOADED, seconds=0.5)
    _, retry_loop, _ = calling(client, documents=300, pacer=LEARNED)
    assert retry_loop._limiter.pacer.requests.rate >= 80
    assert retry_loop._limiter.pacer.cap_on_concurrency == math.inf
    assert retry_loop.stats.rejected == 0


def test_an_overload_is_waited_out_until_the_deadline() -> None:
    """It is bounded by time and not by a count, as a 429 is; an outage ends the job no sooner."""
    policy = RetryPolicy(deadline_seconds=300)
    (outcome,), retry_loop, seconds = calling(Gemini(always=OVERLOADED), policy=policy)
    assert isinstance(outcome, DocumentFault)
    assert outcome.code == "server_error"
    assert "answered 503" in outcome.message
    assert 300 < seconds <= 340
    assert retry_loop.fault is None


@pytest.mark.parametrize("pacer", [FAST, LEARNED], ids=["given", "learned"])
@pytest.mark.parametrize(
    "reply", [OVERLOADED, TransportError("connection_error", "connection refused")]
)
@pytest.mark.parametrize("answered", [0, 200])
def test_an_outage_is_hardly_called_and_ends_the_job(
    answered: int, reply: Any, pacer: PacerSettings
) -> None:
    """Whatever fails, from the start or later: 5 % of the traffic at most, until the patience."""
    client = Gemini([GOOD] * answered, always=reply, seconds=0.1)
    outcomes, retry_loop, seconds = calling(client, documents=1200, pacer=pacer)
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "outage"
    assert outcomes.count(GOOD) == answered
    assert 600 < seconds <= 650
    began = client.times[answered]
    during = [moment for moment in client.times if moment >= began]
    assert len(during) <= 0.05 * 40 / 0.1 * 600
    assert len([moment for moment in during if moment > began + 60]) <= 40


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_holds_only_its_call(status: int) -> None:
    """The call that got it comes back no sooner, and hardly later; others go on."""
    body = {"message": "overloaded", "status": "UNAVAILABLE"}
    client = Gemini([ApiError(status, body, 1.0)], seconds=0.01)
    outcomes, _, seconds = calling(
        client, documents=4, pacer=PacerSettings(max_in_flight=1, requests_per_minute=6000)
    )
    assert outcomes == [GOOD] * 4
    assert client.times[3] - client.times[0] < 0.9
    assert client.times[4] - client.times[0] >= 1.0
    assert seconds <= 1.3


@pytest.mark.parametrize("reply", [ApiError(503, {"message": "overloaded"}, 20.0),
                                   ApiError(502, {"message": "bad gateway"}, 20.0)])  # fmt: skip
def test_a_long_retry_after_of_a_5xx_holds_only_its_call(reply: ApiError) -> None:
    """It is no quota's: everybody else goes on."""
    client = Gemini([reply], seconds=0.01)
    outcomes, _, seconds = calling(
        client, documents=4, pacer=PacerSettings(max_in_flight=1, requests_per_minute=6000)
    )
    assert outcomes == [GOOD] * 4
    assert client.times[3] - client.times[0] < 1.0
    assert 20.0 <= seconds <= 22.5


def test_a_wait_beyond_the_deadline_leads_to_a_last_call_at_the_deadline() -> None:
    """A document waits no longer than it may, and is given up only after that call."""
    policy = RetryPolicy(deadline_seconds=100)
    (outcome,), _, seconds = calling(Gemini([rejection("7200s")]), policy=policy)
    assert outcome == GOOD
    assert 100 <= seconds <= 102


def test_only_rejections_end_the_job_with_the_services_own_sentence() -> None:
    """A quota that nobody can use answers 429 for ever: one fault says so."""
    gone = ApiError(429, {"message": "Capacity for this model is reserved for others."})
    outcomes, retry_loop, seconds = calling(Gemini(always=gone), documents=20)
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "rejected_throughout"
    assert "reserved for others" in retry_loop.fault.message
    assert {type(outcome) for outcome in outcomes} == {JobFault}
    assert 600 < seconds <= 640


def test_one_answer_in_between_is_enough_to_go_on() -> None:
    """The patience counts from the first rejection after an answer."""
    script = [rejection("60s")] * 9 + [GOOD] + [rejection("60s")] * 9
    outcomes, retry_loop, _ = calling(
        Gemini(script), documents=2, pacer=PacerSettings(max_in_flight=1)
    )
    assert outcomes == [GOOD] * 2
    assert retry_loop.fault is None


def test_a_quota_that_names_a_time_beyond_the_patience_is_waited_for() -> None:
    """A fixed window of an hour says when it opens; the job is there then."""
    opens = START + 2400

    class Window(Gemini):
        async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
            reply = await super().generate(parts, max_output_tokens)
            left = opens - asyncio.get_running_loop().time()
            return rejection(f"{left:.3f}s") if left > 0 else reply

    outcomes, retry_loop, seconds = calling(Window(), documents=30)
    assert outcomes == [GOOD] * 30
    assert retry_loop.fault is None
    assert seconds >= 2400


def test_a_time_that_is_named_again_and_again_is_waited_for_once() -> None:
    """A service that always says half an hour is given up after that and the patience."""
    outcomes, retry_loop, seconds = calling(
        Gemini(always=rejection("1000s")), documents=200, patience=600
    )
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "rejected_throughout"
    assert 1600 < seconds <= 1700
    assert {type(outcome) for outcome in outcomes} == {JobFault}


def test_the_last_retries_are_not_starved() -> None:
    """When only retries are left nothing earns any, and they go on all the same."""
    policy = RetryPolicy(max_attempts=50, cap_seconds=5.0)
    for seed in range(10):
        client = ByChance(0.35, TROUBLE, seed, seconds=0.2)
        outcomes, retry_loop, seconds = calling(client, documents=400, pacer=FAST, policy=policy)
        assert outcomes == [GOOD] * 400
        assert retry_loop.stats.retries > 100
        assert seconds <= 30


def test_overloads_take_no_retry_budget() -> None:
    """A document that met an error first comes back after its 503s as soon as any other."""
    client = ByChance(0.5, OVERLOADED, seconds=0.2)
    client._replies = iter([TROUBLE] * 7)
    outcomes, retry_loop, seconds = calling(client, documents=40, pacer=FAST)
    assert outcomes == [GOOD] * 40
    assert seconds <= 20
    assert retry_loop._retries_wait._budget._balance >= 3


@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_first_calls_that_wait_are_counted_right_when_cancelled(seconds: float) -> None:
    """Also those that were never admitted."""

    async def work() -> None:
        retry_loop = retry_loop_of(Gemini(seconds=2), clock(), PacerSettings(max_in_flight=1))
        tasks = [asyncio.create_task(retry_loop.call(PARTS, 1, Attempts())) for _ in range(3)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert retry_loop._limiter.first_calls_waiting == 0

    run(work())


class RejectsOne(Gemini):
    """Answers every document but one, which gets the same rejection for ever."""

    def __init__(self, reply: ApiError) -> None:
        super().__init__(seconds=0.1)
        self._reply = reply

    async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
        """Answer."""
        reply = await super().generate(parts, max_output_tokens)
        return self._reply if parts == OTHER_PARTS else reply


@pytest.mark.parametrize(
    ("reply", "code"), [(OVERLOADED, "server_error"), (rejection(), "rate_limited")]
)
def test_one_document_that_is_always_rejected_fails_alone(reply: ApiError, code: str) -> None:
    """Others were answered: it blames neither the service nor a quota, and ends at its deadline."""
    policy = RetryPolicy(deadline_seconds=3000)

    async def work() -> tuple[list[Any], Any]:
        retry_loop = retry_loop_of(RejectsOne(reply), clock(), GIVEN, policy)
        retry_loop._limiter.pacer.allow_concurrency()
        parts = [*[PARTS] * 50, OTHER_PARTS]
        calls = (retry_loop.call(each, 100, Attempts()) for each in parts)
        return await asyncio.gather(*calls, return_exceptions=True), retry_loop

    outcomes, retry_loop = run(work())
    assert retry_loop.fault is None
    assert outcomes[:50] == [GOOD] * 50
    assert isinstance(outcomes[50], DocumentFault)
    assert outcomes[50].code == code
