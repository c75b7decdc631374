"""The one retry loop: from a request to a response that was paid for, or to a fault."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sluicegate.asking.provider import Provider
from sluicegate.asking.response import Reply, Response
from sluicegate.asking.verdict import (
    Accept,
    FailDocument,
    FailJob,
    RateLimited,
    Retry,
    judge_response,
)
from sluicegate.faults import DocumentFault, JobFault, NotFetched
from sluicegate.media.prepare import Part
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Rejection, Start
from sluicegate.pacing.retry import RetryBudget, RetryPolicy
from sluicegate.pacing.token_estimate import TokenEstimate
from sluicegate.records import CallStats


@dataclass
class Attempts:
    """What one document has been through, over all its calls. Mutable; owned by its task."""

    calls: int = 0
    troubles: int = 0
    rejections: int = 0
    first_rejected: float | None = None
    passing_since: float | None = None  # a trouble of every document that says it will pass
    waits: int = 0  # for that to pass
    renewed: bool = False  # tried once more with a new access token
    failed_alone: bool = False  # once, while others did not: that proves nothing about the job


class RetryLoop:
    """Calls the model under the limiter's pacing, again where that helps. Scope: one event loop."""

    def __init__(
        self,
        client: Provider,
        limiter: Limiter,
        policy: RetryPolicy,
        clock: Clock,
        outage_patience_seconds: float,
        estimate: TokenEstimate | None = None,
    ) -> None:
        self._client, self._limiter, self._policy, self._clock = client, limiter, policy, clock
        self._patience = outage_patience_seconds
        self._estimate = estimate or TokenEstimate()
        self._budget = RetryBudget()
        self._suspects = 0
        self._unclear = 0  # faults in a row, after good answers, that may be the job's
        self.proven = False
        self.answered_before = False  # by an earlier run, the same question
        self.fault: JobFault | None = None
        self._stopped = asyncio.Event()
        self._calls = self._rejected = self._retries = 0

    @property
    def stats(self) -> CallStats:
        """What was done since the start."""
        return CallStats(
            self._calls, self._rejected, self._retries, self._limiter.throttled.seconds
        )

    async def call(
        self,
        parts: tuple[Part, ...],
        max_output_tokens: int,
        attempts: Attempts,
        keep: Callable[[Response], Awaitable[None]] | None = None,
    ) -> Response:
        """Return a response; raise DocumentFault or JobFault when there will be none.

        The call's place is given up once `keep` has stored the response: never are more answers
        paid for and not stored than calls may be in flight. After a job fault no further call
        starts; those in flight end and are journalled.
        """
        kinds = [part.media_type for part in parts]
        while True:
            waited = attempts.calls > 0
            async with self._limiter.call(first=waited, tokens=self._estimate.of(kinds)) as place:
                if self.fault:  # it came while this one was being let through
                    raise self.fault
                self._calls += 1
                self._retries += waited
                attempts.calls += 1
                try:
                    reply = await self._client.generate(parts, max_output_tokens)
                except JobFault as fault:
                    raise self.stop(fault) from None
                # Before the place is given up: the next call must see what this one learnt.
                wait = self._learn(reply, place.start, attempts, by_reference=bool(parts[0].uri))
                if isinstance(reply, Response):
                    self._estimate.learn(kinds, reply.usage.prompt_tokens)
                    self._limiter.replied(place)
                    if keep:
                        await keep(reply)
                    return reply
            await self._wait(wait, attempts)

    def prove(self) -> None:
        """Note that this job's requests are answered: now, or in the journal."""
        self.proven = True

    def stop(self, fault: JobFault) -> JobFault:
        """Let no further call start; return the first fault, whichever came first."""
        if self.fault is None:
            self.fault = fault
            self._stopped.set()
            self._limiter.stop(fault)
        return self.fault

    def suspect(self, message: str, *, refused: bool = True) -> None:
        """Turn what every document gets into the job's fault; raise it then.

        `refused`: by an error. Replies without a usable answer are sooner here than answers, so
        they are held against the calls that are still in flight.
        """
        self._suspects += 1
        before, policy = self.answered_before, self._policy
        most = policy.suspects_after_success if before else policy.suspects
        enough = self._suspects >= most
        if not refused:
            enough = self._suspects >= max(most, self._limiter.pacer.in_flight)
        if not self.proven and enough:
            how = "were all refused" if refused else "brought no usable answer"
            raise self.stop(
                JobFault(
                    "request_refused", f"the first {self._suspects} documents {how}: {message}"
                )
            )

    def _learn(
        self, reply: Reply, start: Start, attempts: Attempts, *, by_reference: bool
    ) -> float:
        """Take in a reply: return the seconds to wait before the next try, or raise the fault."""
        now, pacer = self._clock.monotonic(), self._limiter.pacer
        if isinstance(reply, Response):
            pacer.succeeded()
            pacer.settle(start, reply.usage.prompt_tokens)
            if isinstance(judge_response(reply), Accept):
                self.prove()
                self._unclear = 0
            if attempts.calls == 1:
                self._budget.earn()
            return 0.0
        verdict = self._client.judge_error(reply)
        if isinstance(verdict, RateLimited):
            return self._learn_rejection(verdict, start, attempts, now)
        if isinstance(verdict, Retry):
            return self._learn_trouble(verdict, attempts, now)
        pacer.succeeded()  # it answered, if with a no
        if isinstance(verdict, FailJob):
            return self._learn_refusal(verdict, attempts, by_reference=by_reference)
        if not isinstance(verdict, FailDocument):
            raise TypeError(f"no way to act on {verdict!r}")
        if verdict.unfetched and by_reference:
            raise NotFetched(verdict.code, verdict.message)  # a suspect once its bytes fail too
        if verdict.suspect and not attempts.failed_alone:
            self.suspect(verdict.message)
        raise DocumentFault(verdict.code, verdict.message)

    def _learn_refusal(self, verdict: FailJob, attempts: Attempts, *, by_reference: bool) -> float:
        """Stop the job, unless it had good answers and the refusal may be about one document."""
        if self.proven and verdict.perhaps == "token" and not attempts.renewed:
            attempts.renewed = True  # tokens end after an hour; the next call takes a new one
            return self._policy.backoff(1, self._clock.draw())
        mine = verdict.perhaps == "document" or (verdict.perhaps == "object" and by_reference)
        self._unclear += mine
        if not self.proven or not mine or self._unclear >= self._policy.suspects:
            raise self.stop(JobFault(verdict.code, verdict.message))
        if by_reference:
            raise NotFetched("document_rejected", verdict.message)
        raise DocumentFault("document_rejected", verdict.message)

    def _learn_rejection(
        self, verdict: RateLimited, start: Start, attempts: Attempts, now: float
    ) -> float:
        said = Rejection(verdict.retry_after_seconds, verdict.of_tokens, verdict.per_minute)
        self._limiter.pacer.rejected(start, now, said)
        self._rejected += 1
        attempts.rejections += 1
        if attempts.first_rejected is None:
            attempts.first_rejected = now
        if now - attempts.first_rejected > self._policy.deadline_seconds:
            raise DocumentFault(
                "rate_limited",
                f"answered 429 for {now - attempts.first_rejected:.0f} s: {verdict.message}",
            )
        return self._policy.backoff_rejected(attempts.rejections, self._clock.draw())

    def _learn_trouble(self, verdict: Retry, attempts: Attempts, now: float) -> float:
        pacer = self._limiter.pacer
        in_outage = pacer.breaker.is_open
        if verdict.job_code:
            self._wait_for_all(verdict, attempts, now)
        pacer.failed(now, fresh=attempts.calls == 1 and not attempts.failed_alone)
        if pacer.breaker.seconds(now) > self._patience:
            raise self.stop(
                JobFault(
                    "outage",
                    f"no call succeeded in {pacer.breaker.seconds(now):.0f} s "
                    f"(last: {verdict.message}); run the same command again later",
                )
            )
        if verdict.job_code:
            return self._policy.backoff(attempts.waits, self._clock.draw())
        # While the service is down the failure says nothing about this document.
        attempts.troubles += not in_outage
        if attempts.troubles >= self._policy.max_attempts:
            raise DocumentFault(verdict.code, f"{attempts.calls} calls: {verdict.message}")
        return self._policy.backoff(max(1, attempts.troubles), self._clock.draw())

    def _wait_for_all(self, verdict: Retry, attempts: Attempts, now: float) -> None:
        """Wait for what passes by its own word as long as for an outage; then it is the job's."""
        attempts.waits += 1
        if attempts.passing_since is None:
            attempts.passing_since = now
        waited = now - attempts.passing_since
        if waited > self._patience or attempts.waits == verdict.calls:
            code = verdict.job_code
            raise self.stop(JobFault(code, f"still so after {waited:.0f} s: {verdict.message}"))

    async def _wait(self, seconds: float, attempts: Attempts) -> None:
        """Wait out a backoff; retries of troubles wait for the budget too."""
        rejected = attempts.first_rejected is not None
        if rejected:
            self._limiter.throttled.hold()
        try:
            await self._clock.sleep_unless(seconds, self._stopped)
            while attempts.troubles and not self.fault and not self._budget.spend():
                await self._clock.sleep_unless(1.0 + self._clock.draw(), self._stopped)
                if not self._limiter.pacer.in_flight:
                    # Nothing else is under way that could earn: an idle service is not overloaded.
                    break
        finally:
            if rejected:
                self._limiter.throttled.release()
