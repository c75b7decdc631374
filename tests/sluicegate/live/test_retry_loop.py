"""The one retry loop, against a Gemini in memory and on virtual time."""

import asyncio
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.faults import DocumentFault, Fault, JobFault
from sluicegate.live.retry_loop import Attempts, RetryLoop
from sluicegate.media.prepare import Part
from sluicegate.pacing.breaker import BreakerSettings
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from tests.sluicegate.live.in_memory import GOOD, OVERLOADED, Gemini, rejection, retry_loop_of
from tests.sluicegate.live.virtual_time import START, clock, run

PARTS = (Part("application/pdf", b"%PDF"),)
UNCLEAR = ApiError(400, {"message": "Request contains an invalid argument."})


def calling(
    client: Gemini, documents: int = 1, *, answered_before: bool = False, **settings: Any
) -> tuple[list[Response | Fault], RetryLoop, float]:
    """Call for some documents at once; return outcomes, the retry_loop, and the seconds it took."""

    async def work() -> tuple[list[Any], RetryLoop, float]:
        retry_loop = retry_loop_of(client, clock(), **settings)
        retry_loop.answered_before = answered_before
        retry_loop._limiter.pacer.allow_concurrency()
        outcomes = await asyncio.gather(
            *(retry_loop.call(PARTS, 100, Attempts()) for _ in range(documents)),
            return_exceptions=True,
        )
        assert retry_loop._limiter.pacer.in_flight == 0
        return outcomes, retry_loop, asyncio.get_running_loop().time() - START

    return run(work())


def test_a_response_is_returned() -> None:
    """One call, nothing waited for."""
    client = Gemini(seconds=2)
    (outcome,), retry_loop, seconds = calling(client)
    assert outcome is GOOD
    assert client.calls == [(PARTS, 100)]
    assert seconds == pytest.approx(2, abs=0.01)
    assert (retry_loop.stats.calls, retry_loop.stats.rejected, retry_loop.stats.retries) == (
        1,
        0,
        0,
    )


def test_a_rejection_is_followed_by_success() -> None:
    """429 is waited out; calls, rejections and retries are counted, the wait as throttled."""
    (outcome,), retry_loop, seconds = calling(Gemini([rejection(), rejection(), GOOD]))
    assert outcome is GOOD
    assert (retry_loop.stats.calls, retry_loop.stats.rejected, retry_loop.stats.retries) == (
        3,
        2,
        2,
    )
    assert 0.5 <= seconds <= 2.0
    assert retry_loop.stats.throttled_seconds == pytest.approx(seconds, abs=0.01)


def test_retry_info_is_believed_by_everybody() -> None:
    """After one rejection with a delay nobody calls before it has passed."""
    client = Gemini([rejection("20s")])
    outcomes, retry_loop, _ = calling(client, documents=20, pacer=PacerSettings(max_in_flight=1))
    assert outcomes == [GOOD] * 20
    assert client.times[1] - client.times[0] >= 20
    assert retry_loop.stats.rejected == 1


def test_rejections_end_at_the_documents_deadline() -> None:
    """Bounded by time and not by count: the document fails, the job goes on."""
    client = Gemini(always=rejection())
    (outcome,), retry_loop, seconds = calling(client, policy=RetryPolicy(deadline_seconds=300))
    assert isinstance(outcome, DocumentFault)
    assert outcome.code == "rate_limited"
    assert 300 < seconds <= 331
    assert len(client.calls) > 10
    assert retry_loop.fault is None


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (OVERLOADED, "server_error"),
        (TransportError("timeout", "no reply"), "timeout"),
        (TransportError("connection_error", "reset"), "connection_error"),
    ],
)
def test_troubles_are_bounded_by_a_count(reply: Any, code: str) -> None:
    """Four calls, then the document fails with the last trouble's code."""
    client = Gemini(always=reply)
    (outcome,), retry_loop, _ = calling(client)
    assert isinstance(outcome, DocumentFault)
    assert outcome.code == code
    assert "4 calls" in outcome.message
    assert len(client.calls) == 4
    assert (retry_loop.stats.retries, retry_loop.fault) == (3, None)
    assert retry_loop.stats.throttled_seconds == 0


def test_rejections_do_not_count_as_troubles() -> None:
    """A throttled document keeps all its tries."""
    script: list[Reply | Exception] = [
        rejection(),
        OVERLOADED,
        rejection(),
        OVERLOADED,
        rejection(),
        OVERLOADED,
        GOOD,
    ]
    (outcome,), _, _ = calling(Gemini(script))
    assert outcome is GOOD


def test_retries_of_troubles_are_a_share_of_the_traffic() -> None:
    """When every call fails, the load on the service is hardly more than without retries."""
    client = Gemini(always=OVERLOADED, seconds=1)
    outcomes, retry_loop, _ = calling(
        client,
        documents=200,
        pacer=PacerSettings(max_in_flight=50, breaker=BreakerSettings(threshold=10**9)),
    )
    assert all(isinstance(outcome, DocumentFault) for outcome in outcomes)
    assert retry_loop.stats.calls == 200 + retry_loop.stats.retries
    first = [n for n, time in enumerate(client.times) if time < START + 10]
    assert len(first) <= 200 + 10 + 40


@pytest.mark.parametrize(
    "reply",
    [
        ApiError(404, {"message": "models/x is not found"}),
        ApiError(401, {"message": "no"}),
        JobFault("bad_credentials", "no access token"),
    ],
)
def test_a_job_fault_stops_everything(reply: Any) -> None:
    """The first call goes alone: one call is made, and no other document calls any more."""
    client = Gemini(always=reply, seconds=1)

    async def work() -> tuple[list[Any], RetryLoop]:
        retry_loop = retry_loop_of(client, clock())
        outcomes = await asyncio.gather(
            *(retry_loop.call(PARTS, 100, Attempts()) for _ in range(50)), return_exceptions=True
        )
        return outcomes, retry_loop

    outcomes, retry_loop = run(work())
    assert len(client.calls) == 1
    assert {type(outcome) for outcome in outcomes} == {JobFault}
    assert len({outcome.code for outcome in outcomes}) == 1
    assert retry_loop.fault is not None
    assert retry_loop.stop(JobFault("stopped", "later")) is retry_loop.fault


def test_calls_in_flight_end_after_a_job_fault() -> None:
    """They were paid for: their responses arrive."""
    daily = ApiError(429, {"details": [{"violations": [{"quotaId": "RequestsPerDay"}]}]})
    client = Gemini([daily, GOOD, GOOD, GOOD], seconds=5)
    pacer = PacerSettings(max_in_flight=4, requests_per_minute=10**8)
    outcomes, _, _ = calling(client, documents=10, pacer=pacer)
    assert outcomes[1:4] == [GOOD] * 3
    assert all(isinstance(outcome, JobFault) for outcome in [outcomes[0], *outcomes[4:]])
    assert outcomes[0].code == "daily_quota_exhausted"  # type: ignore[union-attr]
    assert len(client.calls) == 4


def test_a_refused_document_fails_at_once() -> None:
    """No retry of what the service will refuse again."""
    client = Gemini([ApiError(400, {"message": "The document has no pages."})])
    (outcome,), retry_loop, _ = calling(client)
    assert isinstance(outcome, DocumentFault)
    assert outcome.code == "document_rejected"
    assert (len(client.calls), retry_loop.fault) == (1, None)


def test_ten_suspects_in_a_row_are_the_jobs_fault() -> None:
    """What every document gets is not the documents'."""
    client = Gemini(always=UNCLEAR)
    outcomes, retry_loop, _ = calling(client, documents=30, pacer=PacerSettings(max_in_flight=1))
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [DocumentFault] * 9 + [JobFault] * 21
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "request_refused"
    assert len(client.calls) == 10


def test_more_suspects_are_taken_where_an_earlier_run_was_answered() -> None:
    """What is left to do after it may be what is refused; all of two hundred is the job's fault."""
    client = Gemini(always=UNCLEAR)
    one_at_a_time = PacerSettings(max_in_flight=1)
    outcomes, retry_loop, _ = calling(
        client, documents=150, pacer=one_at_a_time, answered_before=True
    )
    assert [type(outcome) for outcome in outcomes] == [DocumentFault] * 150
    assert retry_loop.fault is None
    outcomes, retry_loop, _ = calling(
        client, documents=250, pacer=one_at_a_time, answered_before=True
    )
    assert [type(outcome) for outcome in outcomes].count(DocumentFault) == 199
    assert retry_loop.fault is not None


def test_suspects_after_a_success_are_documents() -> None:
    """The request is answered: whoever is refused has a fault of its own."""
    client = Gemini([UNCLEAR] * 9 + [GOOD], always=UNCLEAR)
    outcomes, retry_loop, _ = calling(client, documents=40, pacer=PacerSettings(max_in_flight=1))
    assert sum(isinstance(outcome, DocumentFault) for outcome in outcomes) == 39
    assert retry_loop.fault is None


def test_an_outage_is_waited_out() -> None:
    """Minutes of 503 within the patience: hardly a document fails, and few calls are made."""
    down_until = START + 400

    class Down(Gemini):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            reply = await super().generate(parts, max_output_tokens)
            return OVERLOADED if asyncio.get_running_loop().time() < down_until else reply

    client = Down(seconds=0.1)
    outcomes, retry_loop, _ = calling(client, documents=60, pacer=PacerSettings(max_in_flight=20))
    assert outcomes.count(GOOD) >= 58
    assert retry_loop.fault is None
    during = [time for time in client.times if time < down_until]
    assert len(during) < 20 + 40


def test_an_outage_beyond_patience_stops_the_job() -> None:
    """No million failure records: one sentence, and the next run goes on."""
    client = Gemini(always=OVERLOADED, seconds=0.1)
    outcomes, retry_loop, seconds = calling(
        client, documents=60, pacer=PacerSettings(max_in_flight=20), patience=100.0
    )
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "outage"
    assert 100 < seconds < 200
    assert sum(isinstance(outcome, JobFault) for outcome in outcomes) >= 50


@pytest.mark.parametrize("seconds", [0.5, 1.2])
def test_a_cancelled_call_gives_its_place_back(seconds: float) -> None:
    """Given up while it calls, or while it backs off: nothing is held, nothing counts on."""

    async def work() -> None:
        client = Gemini([rejection()], seconds=1)
        retry_loop = retry_loop_of(client, clock(), PacerSettings(max_in_flight=1))
        task = asyncio.create_task(retry_loop.call(PARTS, 1, Attempts()))
        await asyncio.sleep(seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert retry_loop._limiter.pacer.in_flight == 0
        held = retry_loop.stats.throttled_seconds
        await asyncio.sleep(100)
        assert retry_loop.stats.throttled_seconds == held

    run(work())


@pytest.mark.parametrize("pacer", [{"requests_per_minute": 6}, {"max_in_flight": 4}])
def test_a_job_fault_is_told_to_all_at_once(pacer: dict[str, Any]) -> None:
    """Documents that wait for a slow quota's slot need none to be told that the job has ended."""
    gone = ApiError(404, {"message": "models/x is not found"})
    client = Gemini(always=gone, seconds=0.1)
    outcomes, _, seconds = calling(client, documents=50, pacer=PacerSettings(**pacer))
    assert all(isinstance(outcome, JobFault) for outcome in outcomes)
    assert seconds < 15


def test_a_job_fault_ends_backoffs() -> None:
    """A document that waits out a long RetryInfo is told as well."""
    gone = ApiError(404, {"message": "models/x is not found"})
    client = Gemini([rejection("50s"), gone], seconds=0.3)
    _, _, seconds = calling(client, documents=2)
    assert seconds < 15


def test_an_unexpected_error_of_the_client_is_not_swallowed() -> None:
    """A defect shows as what it is, and gives its place back."""
    (outcome,), retry_loop, _ = calling(Gemini([ZeroDivisionError()]))
    assert isinstance(outcome, ZeroDivisionError)
    assert retry_loop.fault is None


@pytest.mark.parametrize("cap", [1, 3, 8])
def test_the_cap_on_calls_in_flight_holds(cap: int) -> None:
    """However many documents wait, and it is used to the full."""
    client = Gemini(seconds=1)
    calling(client, documents=40, pacer=PacerSettings(max_in_flight=cap))
    assert client.most_in_flight == cap


def test_the_pace_is_kept_under_rejections() -> None:
    """With a rate, calls and retries together stay within it."""
    client = Gemini([rejection()] * 30)
    outcomes, retry_loop, seconds = calling(
        client, documents=100, pacer=PacerSettings(max_in_flight=50, requests_per_minute=120)
    )
    assert outcomes == [GOOD] * 100
    assert retry_loop.stats.calls == 130
    assert 60 * retry_loop.stats.calls / seconds <= 120 * 1.05
