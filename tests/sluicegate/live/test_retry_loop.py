"""The one retry loop, against a Gemini in memory and on virtual time."""

import asyncio
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.faults import DocumentFault, Fault, JobFault
from sluicegate.live.attempts import Attempts
from sluicegate.live.retry_loop import RetryLoop
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
    """Call for some documents at once; return results, the retry loop, and the seconds it took."""

    async def work() -> tuple[list[Any], RetryLoop, float]:
        retry_loop = retry_loop_of(client, clock(), **settings)
        retry_loop.answered_before = answered_before
        retry_loop._limiter.pacer.allow_concurrency()
        results = await asyncio.gather(
            *(retry_loop.call(PARTS, 100, Attempts()) for _ in range(documents)),
            return_exceptions=True,
        )
        assert retry_loop._limiter.pacer.in_flight == 0
        return results, retry_loop, asyncio.get_running_loop().time() - START

    return run(work())


def test_a_response_is_returned() -> None:
    """There is one call, without a wait."""
    client = Gemini(seconds=2)
    (result,), retry_loop, seconds = calling(client)
    assert result is GOOD
    assert client.calls == [(PARTS, 100)]
    assert seconds == pytest.approx(2, abs=0.01)
    assert (retry_loop.stats.calls, retry_loop.stats.rejected, retry_loop.stats.retries) == (
        1,
        0,
        0,
    )


def test_a_rejection_is_followed_by_success() -> None:
    """429 is waited out; calls, rejections and retries are counted, the wait as throttled."""
    (result,), retry_loop, seconds = calling(Gemini([rejection(), rejection(), GOOD]))
    assert result is GOOD
    assert (retry_loop.stats.calls, retry_loop.stats.rejected, retry_loop.stats.retries) == (
        3,
        2,
        2,
    )
    assert 0.5 <= seconds <= 2.0
    assert retry_loop.stats.throttled_seconds == pytest.approx(seconds, abs=0.01)


def test_errors_after_a_rejection_are_not_throttled_time() -> None:
    """A backoff is the quota's doing where it follows a 429, not where an error follows that."""
    (result,), retry_loop, seconds = calling(
        Gemini([rejection(), OVERLOADED, OVERLOADED, OVERLOADED, GOOD])
    )
    assert result is GOOD
    assert 0 < retry_loop.stats.throttled_seconds < 1.5
    assert seconds > 2 * retry_loop.stats.throttled_seconds


def test_what_is_waited_for_is_said() -> None:
    """Answers, the quota, errors, an outage; nothing where nothing is known."""

    async def seen(client: Gemini, seconds: float, documents: int = 1) -> str:
        retry_loop = retry_loop_of(client, clock())
        assert retry_loop.waits_for() == ""
        retry_loop._limiter.pacer.allow_concurrency()
        work = [retry_loop.call(PARTS, 100, Attempts()) for _ in range(documents)]
        task = asyncio.gather(*work, return_exceptions=True)
        await asyncio.sleep(seconds)
        said = retry_loop.waits_for()
        retry_loop.stop(JobFault("stopped", "the test has seen enough"))
        await task
        return said

    assert run(seen(Gemini(seconds=9), 3)) == "waiting for 1 answer of the service"
    assert run(seen(Gemini(seconds=9), 3, 4)) == "waiting for 4 answers of the service"
    assert run(seen(Gemini([rejection("30s")]), 10)) == "held back by the quota for 20 s"
    assert run(seen(Gemini([rejection()]), 0.01)).startswith("held back by the quota")
    troubled = run(seen(Gemini(always=OVERLOADED), 0.01))
    assert troubled == "errors of the service (HTTP 503: overloaded), tried again soon"
    out = run(seen(Gemini(always=OVERLOADED), 100, 30))
    assert out.startswith("the service fails (HTTP 503: overloaded), next try in ")


def test_retry_info_blocks_all_calls() -> None:
    """After one rejection with a delay no call starts before it has passed."""
    client = Gemini([rejection("20s")])
    results, retry_loop, _ = calling(client, documents=20, pacer=PacerSettings(max_in_flight=1))
    assert results == [GOOD] * 20
    assert client.times[1] - client.times[0] >= 20
    assert retry_loop.stats.rejected == 1


def test_rejections_end_at_the_documents_deadline() -> None:
    """Bounded by time and not by count: the document fails, the job goes on."""
    client = Gemini(always=rejection())
    (result,), retry_loop, seconds = calling(client, policy=RetryPolicy(deadline_seconds=300))
    assert isinstance(result, DocumentFault)
    assert result.code == "rate_limited"
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
def test_transient_errors_are_bounded_by_a_count(reply: Any, code: str) -> None:
    """After four calls the document fails with the last error's code."""
    client = Gemini(always=reply)
    (result,), retry_loop, _ = calling(client)
    assert isinstance(result, DocumentFault)
    assert result.code == code
    assert "4 calls" in result.message
    assert len(client.calls) == 4
    assert (retry_loop.stats.retries, retry_loop.fault) == (3, None)
    assert retry_loop.stats.throttled_seconds == 0


def test_rejections_do_not_count_as_transient_errors() -> None:
    """A throttled document keeps all its attempts."""
    script: list[Reply | Exception] = [
        rejection(),
        OVERLOADED,
        rejection(),
        OVERLOADED,
        rejection(),
        OVERLOADED,
        GOOD,
    ]
    (result,), _, _ = calling(Gemini(script))
    assert result is GOOD


def test_retries_are_a_share_of_the_traffic() -> None:
    """When every call fails, the load on the service is hardly more than without retries."""
    client = Gemini(always=OVERLOADED, seconds=1)
    results, retry_loop, _ = calling(
        client,
        documents=200,
        pacer=PacerSettings(max_in_flight=50, breaker=BreakerSettings(threshold=10**9)),
    )
    assert all(isinstance(result, DocumentFault) for result in results)
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
        results = await asyncio.gather(
            *(retry_loop.call(PARTS, 100, Attempts()) for _ in range(50)), return_exceptions=True
        )
        return results, retry_loop

    results, retry_loop = run(work())
    assert len(client.calls) == 1
    assert {type(result) for result in results} == {JobFault}
    assert len({result.code for result in results}) == 1
    assert retry_loop.fault is not None
    assert retry_loop.stop(JobFault("stopped", "later")) is retry_loop.fault


def test_calls_in_flight_end_after_a_job_fault() -> None:
    """Their responses arrive, since they were paid for."""
    daily = ApiError(429, {"details": [{"violations": [{"quotaId": "RequestsPerDay"}]}]})
    client = Gemini([daily, GOOD, GOOD, GOOD], seconds=5)
    pacer = PacerSettings(max_in_flight=4, requests_per_minute=10**8)
    results, _, _ = calling(client, documents=10, pacer=pacer)
    assert results[1:4] == [GOOD] * 3
    assert all(isinstance(result, JobFault) for result in [results[0], *results[4:]])
    assert results[0].code == "daily_quota_exhausted"  # type: ignore[union-attr]
    assert len(client.calls) == 4


def test_a_refused_document_fails_at_once() -> None:
    """What the service would refuse again is not retried."""
    client = Gemini([ApiError(400, {"message": "The document has no pages."})])
    (result,), retry_loop, _ = calling(client)
    assert isinstance(result, DocumentFault)
    assert result.code == "document_rejected"
    assert (len(client.calls), retry_loop.fault) == (1, None)


def test_ten_first_refusals_are_the_jobs_fault() -> None:
    """What every document gets is not the fault of the documents."""
    client = Gemini(always=UNCLEAR)
    results, retry_loop, _ = calling(client, documents=30, pacer=PacerSettings(max_in_flight=1))
    kinds = [type(result) for result in results]
    assert kinds == [DocumentFault] * 9 + [JobFault] * 21
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "request_refused"
    assert len(client.calls) == 10


def test_more_refusals_are_allowed_where_an_earlier_run_was_answered() -> None:
    """Those left after it may be the ones that are refused; two hundred are the job's fault."""
    client = Gemini(always=UNCLEAR)
    one_at_a_time = PacerSettings(max_in_flight=1)
    results, retry_loop, _ = calling(
        client, documents=150, pacer=one_at_a_time, answered_before=True
    )
    assert [type(result) for result in results] == [DocumentFault] * 150
    assert retry_loop.fault is None
    results, retry_loop, _ = calling(
        client, documents=250, pacer=one_at_a_time, answered_before=True
    )
    assert [type(result) for result in results].count(DocumentFault) == 199
    assert retry_loop.fault is not None


def test_refusals_after_an_answer_are_the_documents_fault() -> None:
    """The question is answered: each refusal is its document's own fault."""
    client = Gemini([UNCLEAR] * 9 + [GOOD], always=UNCLEAR)
    results, retry_loop, _ = calling(client, documents=40, pacer=PacerSettings(max_in_flight=1))
    assert sum(isinstance(result, DocumentFault) for result in results) == 39
    assert retry_loop.fault is None


def test_an_outage_is_waited_out() -> None:
    """In minutes of 503, within the patience, hardly a document fails and few calls are made."""
    down_until = START + 400

    class Down(Gemini):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            reply = await super().generate(parts, max_output_tokens)
            return OVERLOADED if asyncio.get_running_loop().time() < down_until else reply

    client = Down(seconds=0.1)
    results, retry_loop, _ = calling(client, documents=60, pacer=PacerSettings(max_in_flight=20))
    assert results.count(GOOD) >= 58
    assert retry_loop.fault is None
    during = [time for time in client.times if time < down_until]
    assert len(during) < 20 + 40


def test_an_outage_beyond_patience_stops_the_job() -> None:
    """There is one sentence instead of a million failures, and the next run continues."""
    client = Gemini(always=OVERLOADED, seconds=0.1)
    results, retry_loop, seconds = calling(
        client, documents=60, pacer=PacerSettings(max_in_flight=20), patience=100.0
    )
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "outage"
    assert 100 < seconds < 200
    assert sum(isinstance(result, JobFault) for result in results) >= 50


@pytest.mark.parametrize("seconds", [0.5, 1.2])
def test_a_cancelled_call_is_no_longer_in_flight(seconds: float) -> None:
    """Cancelled during its call or its backoff, it holds nothing and no throttled time runs on."""

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
def test_a_job_fault_ends_all_waiting_at_once(pacer: dict[str, Any]) -> None:
    """Documents that wait for a slow quota need no call to get the fault."""
    gone = ApiError(404, {"message": "models/x is not found"})
    client = Gemini(always=gone, seconds=0.1)
    results, _, seconds = calling(client, documents=50, pacer=PacerSettings(**pacer))
    assert all(isinstance(result, JobFault) for result in results)
    assert seconds < 15


def test_a_job_fault_ends_backoffs() -> None:
    """A document that waits for a long RetryInfo gets the fault as well."""
    gone = ApiError(404, {"message": "models/x is not found"})
    client = Gemini([rejection("50s"), gone], seconds=0.3)
    _, _, seconds = calling(client, documents=2)
    assert seconds < 15


def test_an_unexpected_error_of_the_client_is_not_swallowed() -> None:
    """A defect shows as what it is, and its call is no longer in flight."""
    (result,), retry_loop, _ = calling(Gemini([ZeroDivisionError()]))
    assert isinstance(result, ZeroDivisionError)
    assert retry_loop.fault is None


@pytest.mark.parametrize("cap", [1, 3, 8])
def test_the_cap_on_calls_in_flight_holds(cap: int) -> None:
    """It holds however many documents wait, and it is used in full."""
    client = Gemini(seconds=1)
    calling(client, documents=40, pacer=PacerSettings(max_in_flight=cap))
    assert client.most_in_flight == cap


def test_the_pace_is_kept_under_rejections() -> None:
    """Calls and retries together stay within a given rate."""
    client = Gemini([rejection()] * 30)
    results, retry_loop, seconds = calling(
        client, documents=100, pacer=PacerSettings(max_in_flight=50, requests_per_minute=120)
    )
    assert results == [GOOD] * 100
    assert retry_loop.stats.calls == 130
    assert 60 * retry_loop.stats.calls / seconds <= 120 * 1.05
