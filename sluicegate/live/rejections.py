"""What follows from a rejected call: one of a quota teaches the pacer, one for want of room nobody.

rejected by        the document                     nothing else for as long as
a quota            waits until its deadline         the outage patience: the job's fault
its tier, which    waits until its deadline, then   the documents' deadline: the job's fault,
has no capacity    fails or goes to the last resort unless there is a last resort
"""

from collections.abc import Callable

from sluicegate.asking.verdict import RateLimited
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.live.attempts import Attempts
from sluicegate.live.retry_wait import RetryWait
from sluicegate.pacing.pacer import Admission, Pacer, Rejection
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.pacing.service_health import ServiceHealth

# Documents that wait for capacity, for each call in flight, of a tier that serves a third.
_MOST_WAITING = 2


class Rejections:
    """Waits of rejected calls, and how long a job bears them. Scope: one event loop, one job.

    `last_resort`: a document without capacity is asked about at another tier in the end.
    """

    def __init__(
        self,
        pacer: Pacer,
        policy: RetryPolicy,
        health: ServiceHealth,
        waits: RetryWait,
        draw: Callable[[], float],
        patience_seconds: float,
        *,
        last_resort: bool,
    ) -> None:
        self._pacer = pacer
        self._policy = policy
        self._health = health
        self._waits = waits
        self._draw = draw
        self._patience_seconds = patience_seconds
        self._last_resort = last_resort
        self.by_quota = 0  # calls
        self.shed = 0

    def wait(
        self, verdict: RateLimited, admission: Admission, attempts: Attempts, now: float
    ) -> float:
        """Count a rejection; return the seconds before the next call.

        Raises DocumentFault at the document's deadline, and JobFault where waiting has to end.
        """
        if verdict.of_capacity and not attempts.at_last_resort:
            return self._without_capacity(verdict, attempts, now)
        return self._by_quota(verdict, admission, attempts, now)

    def _by_quota(
        self, verdict: RateLimited, admission: Admission, attempts: Attempts, now: float
    ) -> float:
        seconds = verdict.retry_after_seconds
        rejection = Rejection(seconds, verdict.of_tokens, verdict.per_minute)
        self._pacer.rejected(admission, now, rejection)
        self.by_quota += 1
        # A quota of an hour says when it is open again: the patience counts from then on. What is
        # named beyond a document's deadline is no reason to go on.
        named = seconds if seconds <= self._policy.deadline_seconds else 0.0
        silence = self._health.by_quota
        silent = silence.rejected(now, named, fresh=self._is_fresh(attempts))
        if silent > self._patience_seconds + silence.longest_named_seconds:
            raise JobFault(
                "rejected_throughout",
                f"every call of {silent:.0f} s was rejected (last: {verdict.message}); "
                "run the same command again once there is quota: it goes on from here",
            )
        return attempts.after_rejection(verdict, self._policy, now, self._draw)

    def _without_capacity(self, verdict: RateLimited, attempts: Attempts, now: float) -> float:
        self._pacer.succeeded()  # the service is at work
        self.shed += 1
        silent = self._health.by_capacity.rejected(now, 0.0, fresh=self._is_fresh(attempts))
        if silent > self._policy.deadline_seconds and not self._last_resort:
            raise JobFault(
                "no_capacity",
                f"no call of {silent:.0f} s found capacity (last: {verdict.message}); run the same "
                "command again later, or with --processing=standard: it goes on from here",
            )
        try:
            return attempts.after_shed(
                verdict, self._policy, now, self._draw, well=self._serves_others()
            )
        except DocumentFault:
            if not self._last_resort:
                raise
        attempts.begin_last_resort()
        return 0.0

    def _serves_others(self) -> bool:
        """Tell whether the tier serves at least a third of what it is asked now.

        By the calls in flight: a call is turned away at once and answered after minutes, so that
        the last replies would say for minutes that nothing is served.
        """
        return _MOST_WAITING * (self._pacer.in_flight - 1) > self._waits.shed

    def _is_fresh(self, attempts: Attempts) -> bool:
        return attempts.is_first_since(self._health.answers)
