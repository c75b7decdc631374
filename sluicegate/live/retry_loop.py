"""The one retry loop: from a request to a response that was paid for, or to a fault."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sluicegate.asking.provider import Provider
from sluicegate.asking.response import Reply, Response
from sluicegate.asking.verdict import FailDocument, FailJob, RateLimited, Retry
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.media.prepare import Part
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Admission, Rejection
from sluicegate.pacing.retry import RetryBudget, RetryPolicy
from sluicegate.pacing.token_estimate import TokenEstimate
from sluicegate.records import CallStats


@dataclass
class Attempts:
    """What one document has been through, over all its calls. Mutable; owned by its task."""

    calls: int = 0
    transient_errors: int = 0
    rejections: int = 0
    first_rejected: float | None = None
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
        self.answered = False
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
            async with self._limiter.admitted(
                to_front=waited, tokens=self._estimate.of(kinds)
            ) as place:
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
                wait = self._learn(reply, place.start, attempts)
                if isinstance(reply, Response):
                    self._estimate.learn(kinds, reply.usage.prompt_tokens)
                    self._limiter.replied(place)
                    if keep:
                        await keep(reply)
                    return reply
            await self._wait(wait, attempts)

    def mark_answered(self) -> None:
        """Note that this job's requests are answered: now, or in the journal."""
        self.answered = True

    def stop(self, fault: JobFault) -> JobFault:
        """Let no further call start; return the first fault, whichever came first."""
        if self.fault is None:
            self.fault = fault
            self._stopped.set()
            self._limiter.stop(fault)
        return self.fault

    def _learn(self, reply: Reply, start: Admission, attempts: Attempts) -> float:
        """Take in a reply: return the seconds to wait before the next try, or raise the fault."""
        now, pacer = self._clock.monotonic(), self._limiter.pacer
        if isinstance(reply, Response):
            pacer.succeeded()
            pacer.correct_tokens(start, reply.usage.prompt_tokens)
            self.mark_answered()
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
            raise self.stop(JobFault(verdict.code, verdict.message))
        if not isinstance(verdict, FailDocument):
            raise TypeError(f"no way to act on {verdict!r}")
        if verdict.blame_unclear and not attempts.failed_alone:
            self._suspect(verdict.message)
        raise DocumentFault(verdict.code, verdict.message)

    def _learn_rejection(
        self, verdict: RateLimited, start: Admission, attempts: Attempts, now: float
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
        pacer.failed(now, fresh=attempts.calls == 1 and not attempts.failed_alone)
        if pacer.breaker.seconds(now) > self._patience:
            raise self.stop(
                JobFault(
                    "outage",
                    f"no call succeeded in {pacer.breaker.seconds(now):.0f} s "
                    f"(last: {verdict.message}); run the same command again later",
                )
            )
        # While the service is down the failure says nothing about this document.
        attempts.transient_errors += not in_outage
        if attempts.transient_errors >= self._policy.max_attempts:
            raise DocumentFault(verdict.code, f"{attempts.calls} calls: {verdict.message}")
        return self._policy.backoff(max(1, attempts.transient_errors), self._clock.draw())

    def _suspect(self, message: str) -> None:
        """Turn a refusal that every document gets into the job's fault."""
        self._suspects += 1
        before, policy = self.answered_before, self._policy
        most = policy.max_first_refusals_if_answered_before if before else policy.max_first_refusals
        if not self.answered and self._suspects >= most:
            raise self.stop(
                JobFault(
                    "request_refused",
                    f"the first {self._suspects} documents were all refused: {message}",
                )
            )

    async def _wait(self, seconds: float, attempts: Attempts) -> None:
        """Wait out a backoff; retries of troubles wait for the budget too."""
        rejected = attempts.first_rejected is not None
        if rejected:
            self._limiter.throttled.hold()
        try:
            await self._clock.sleep_unless(seconds, self._stopped)
            while attempts.transient_errors and not self.fault and not self._budget.spend():
                await self._clock.sleep_unless(1.0 + self._clock.draw(), self._stopped)
                if not self._limiter.pacer.in_flight:
                    # Nothing else is under way that could earn: an idle service is not overloaded.
                    break
        finally:
            if rejected:
                self._limiter.throttled.release()
