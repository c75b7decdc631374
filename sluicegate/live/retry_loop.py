"""The one retry loop: from a request to a response that was paid for, or to a fault.

reply                      what follows
response                   stored, returned
429, no capacity           again after a backoff, until the document's deadline (rejections.py)
503 of the model           again after a backoff, until the document's deadline; the breaker counts
5xx, timeout, connection   the breaker counts; again after a backoff, `max_attempts` times
a trouble of all           waited for as long as for an outage; then the job's fault
refused                    the document's fault; the job's, if its first documents all are
job fault                  no further call starts; calls in flight end. See document_worker.py for
                           what becomes of the documents that have no answer then
"""

import asyncio
from collections.abc import Awaitable, Callable

from sluicegate.asking.provider import Provider
from sluicegate.asking.response import Response
from sluicegate.asking.verdict import (
    Accept,
    FailDocument,
    FailJob,
    RateLimited,
    Retry,
    Verdict,
    judge_response,
)
from sluicegate.codes import CODES
from sluicegate.faults import DocumentFault, JobFault, NotFetched, one_line
from sluicegate.live import standstill
from sluicegate.live.attempts import Attempts
from sluicegate.live.first_refusals import FirstRefusals
from sluicegate.live.rejections import Rejections
from sluicegate.live.retry_wait import RetryWait
from sluicegate.live.spending import Spending, Unlimited
from sluicegate.media.prepare import Part
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Admission
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.pacing.service_health import ServiceHealth
from sluicegate.pacing.token_estimate import TokenEstimate
from sluicegate.records import CallStats

_MAX_TROUBLE = 80  # characters of the service's message, on the progress line


class RetryLoop:
    """Calls the model as the limiter admits, with retries. Scope: one event loop, one job."""

    def __init__(
        self,
        client: Provider,
        limiter: Limiter,
        policy: RetryPolicy,
        clock: Clock,
        outage_patience_seconds: float,
        estimate: TokenEstimate | None = None,
        spending: Spending | None = None,
    ) -> None:
        self._client = client
        self._limiter = limiter
        self._policy = policy
        self._clock = clock
        self._outage_patience_seconds = outage_patience_seconds
        self._estimate = estimate or TokenEstimate()
        self._spending = spending or Unlimited()
        self._health = ServiceHealth()
        self._refusals = FirstRefusals(policy)
        self._refusals_in_a_row = 0  # after good answers, that may be the job's fault
        self.answered = False  # the job's question: by a call, or in the journal
        self.answered_before = False  # the same question, by an earlier run
        self.fault: JobFault | None = None
        self._stopped = asyncio.Event()
        self._retries_wait = RetryWait(limiter, clock, self._health, self._stopped)
        self._rejections = Rejections(
            limiter.pacer,
            policy,
            self._health,
            self._retries_wait,
            clock.draw,
            outage_patience_seconds,
            last_resort=client.last_resort is not None,
        )
        self._last_trouble = ""
        self._calls = 0
        self._retries = 0
        self._unanswered = 0

    @property
    def stats(self) -> CallStats:
        """What was done since the start."""
        return CallStats(
            self._calls,
            self._rejections.by_quota,
            self._retries,
            self._limiter.throttled.seconds,
            self._unanswered,
            self._rejections.shed,
        )

    def waits_for(self) -> str:
        """Say in a few words what keeps documents from being done now; "" for nothing known."""
        now = self._clock.monotonic()
        wait = self._retries_wait
        return standstill.reason(self._limiter, now, self._last_trouble, wait.waiting, wait.shed)

    async def call(
        self,
        parts: tuple[Part, ...],
        max_output_tokens: int,
        attempts: Attempts,
        store: Callable[[Response], Awaitable[None]] | None = None,
    ) -> Response:
        """Return a response; raise DocumentFault or JobFault when there will be none.

        The call is in flight until `store` has stored the response: never are more answers paid for
        and not stored. After a job fault no call starts; those in flight end and are journalled.
        """
        media_types = [part.media_type for part in parts]
        while True:
            is_retry = attempts.calls > 0
            tokens = self._estimate.of(media_types)
            client = (attempts.at_last_resort and self._client.last_resort) or self._client
            async with (
                self._spending.reserved(parts, max_output_tokens) as reserve,
                self._limiter.admitted(to_front=is_retry, tokens=tokens) as call,
            ):
                if self.fault:  # it came while this call was being admitted
                    raise self.fault
                if not self._spending.may_start():
                    continue
                self._calls += 1
                self._retries += is_retry
                attempts.calls += 1
                try:
                    reply = await client.generate(parts, max_output_tokens)
                except JobFault as fault:
                    self._unanswered += 1
                    raise self.stop(fault) from None
                reserve.settle(reply)
                self._unanswered += not isinstance(reply, Response)
                # Inside the block: the next call that is admitted must know what this one learnt.
                by_reference = bool(parts[0].uri)
                if isinstance(reply, Response):
                    self._learn_response(reply, call.admission, attempts)
                    self._estimate.learn(media_types, reply.usage.prompt_tokens)
                    self._limiter.replied(call)
                    if store:
                        await store(reply)
                    return reply
                verdict = client.judge_error(reply)
                backoff = self._learn(verdict, call.admission, attempts, by_reference=by_reference)
            await self._retries_wait.pause(backoff, attempts)

    def mark_answered(self) -> None:
        """Record that the job's question is answered, by a call or in the journal."""
        self.answered = True

    def stop(self, fault: JobFault) -> JobFault:
        """Let no further call start; return the job's first fault, this one or an earlier one.

        A fault that lets nothing land takes the place of one that only ends the calls.
        """
        if self.fault is None or CODES[self.fault.code].ends_calls > CODES[fault.code].ends_calls:
            self.fault = fault
            self._stopped.set()
            self._limiter.stop(fault)
            self._spending.stop(fault)
        return self.fault

    def count_refusal(self, message: str, *, responses: bool = False) -> None:
        """Raise the job's fault when its first documents have all been refused.

        `responses`: they were responses without a usable answer.
        """
        if self.answered:
            return
        fault = self._refusals.add(
            message,
            responses=responses,
            in_flight=self._limiter.pacer.in_flight,
            answered_before=self.answered_before,
        )
        if fault:
            raise self.stop(fault)

    def _learn(
        self, verdict: Verdict, admission: Admission, attempts: Attempts, *, by_reference: bool
    ) -> float:
        """Take in what an error means; return the backoff in seconds, or raise."""
        now = self._clock.monotonic()
        if isinstance(verdict, RateLimited | Retry):
            attempts.takes_budget = attempts.rejected_last = attempts.shed_last = False
            self._health.not_answered()
            if isinstance(verdict, RateLimited):
                return self._learn_rejection(verdict, admission, attempts, now)
            return self._learn_transient_error(verdict, attempts, now)
        self._health.answered()
        self._limiter.pacer.succeeded()  # the service is at work, though it refuses
        if isinstance(verdict, FailJob):
            return self._learn_job_fault(verdict, attempts, by_reference=by_reference)
        if not isinstance(verdict, FailDocument):
            raise TypeError(f"no way to act on {verdict!r}")
        if verdict.unfetched and by_reference:
            raise NotFetched(verdict.code, verdict.message)  # counted once its bytes fail too
        if verdict.blame_unclear and not attempts.failed_alone:
            self.count_refusal(verdict.message)
        raise DocumentFault(verdict.code, verdict.message)

    def _learn_response(self, response: Response, admission: Admission, attempts: Attempts) -> None:
        self._health.answered()
        self._limiter.pacer.succeeded()
        self._limiter.pacer.correct_tokens(admission, response.usage.prompt_tokens)
        if isinstance(judge_response(response), Accept):
            self.mark_answered()
            self._refusals_in_a_row = 0
        if attempts.calls == 1:
            self._retries_wait.earn()

    def _learn_job_fault(
        self, verdict: FailJob, attempts: Attempts, *, by_reference: bool
    ) -> float:
        """Stop the job, unless it had good answers and the refusal may be about one document."""
        if self.answered and verdict.perhaps == "token" and not attempts.token_renewed:
            attempts.token_renewed = True  # tokens end after an hour; the next call has a new one
            return self._policy.backoff(1, self._clock.draw())
        of_one = verdict.perhaps == "document" or (verdict.perhaps == "object" and by_reference)
        self._refusals_in_a_row += of_one
        too_many = self._refusals_in_a_row >= self._policy.max_first_refusals
        if not self.answered or not of_one or too_many:
            raise self.stop(JobFault(verdict.code, verdict.message))
        fault = NotFetched if by_reference else DocumentFault
        raise fault("document_rejected", verdict.message)

    def _learn_rejection(
        self, verdict: RateLimited, admission: Admission, attempts: Attempts, now: float
    ) -> float:
        if verdict.of_capacity:
            self._last_trouble = one_line(verdict.message, limit=_MAX_TROUBLE)
        try:
            return self._rejections.wait(verdict, admission, attempts, now)
        except JobFault as fault:
            raise self.stop(fault) from None

    def _learn_overload(self, verdict: Retry, attempts: Attempts, now: float) -> float:
        fresh = attempts.is_first_since(self._health.answers)
        self._limiter.pacer.overloaded(now, fresh=fresh)
        self._stop_in_outage(verdict.message, now)
        well = self._health.is_well
        return attempts.after_overload(verdict, self._policy, now, self._clock.draw, well=well)

    def _stop_in_outage(self, message: str, now: float) -> None:
        seconds = self._limiter.pacer.breaker.outage_seconds(now)
        if seconds > self._outage_patience_seconds:
            raise self.stop(
                JobFault(
                    "outage",
                    f"no call succeeded in {seconds:.0f} s (last: {message}); run the same command "
                    "again later",
                )
            )

    def _learn_transient_error(self, verdict: Retry, attempts: Attempts, now: float) -> float:
        self._last_trouble = one_line(verdict.message, limit=_MAX_TROUBLE)
        if verdict.overloaded:
            return self._learn_overload(verdict, attempts, now)
        pacer = self._limiter.pacer
        in_outage = pacer.breaker.is_open
        if verdict.job_code:
            self._wait_with_all(verdict, attempts, now)
        pacer.failed(now, fresh=attempts.calls == 1 and not attempts.failed_alone)
        self._stop_in_outage(verdict.message, now)
        if verdict.job_code:
            return self._policy.backoff(attempts.troubles_of_all, self._clock.draw())
        # In an outage the error says nothing about this document.
        attempts.transient_errors += not in_outage
        attempts.takes_budget = attempts.transient_errors > 0
        if attempts.transient_errors >= self._policy.max_attempts:
            raise DocumentFault(verdict.code, f"{attempts.calls} calls: {verdict.message}")
        backoff = self._policy.backoff(max(1, attempts.transient_errors), self._clock.draw())
        return self._policy.as_asked(verdict.retry_after_seconds, backoff, self._clock.draw)

    def _wait_with_all(self, verdict: Retry, attempts: Attempts, now: float) -> None:
        """Raise the job's fault when what says that it passes has not passed in time."""
        attempts.troubles_of_all += 1
        if attempts.first_trouble_of_all_at is None:
            attempts.first_trouble_of_all_at = now
        waited = now - attempts.first_trouble_of_all_at
        if waited > self._outage_patience_seconds or attempts.troubles_of_all == verdict.calls:
            message = f"still so after {waited:.0f} s: {verdict.message}"
            raise self.stop(JobFault(verdict.job_code, message))
