"""How a document waits between two of its calls."""

import asyncio

from sluicegate.live.attempts import Attempts
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.retry import RetryBudget
from sluicegate.pacing.service_health import ServiceHealth


class RetryWait:
    """Backoffs, and after transient errors the retry budget. Scope: one event loop, one job.

    `stopped` ends every wait.
    """

    def __init__(
        self, limiter: Limiter, clock: Clock, health: ServiceHealth, stopped: asyncio.Event
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        self._health = health
        self._stopped = stopped
        self._budget = RetryBudget()
        self.waiting = 0  # documents, after something else than a 429,
        self.shed = 0  # those for which their tier had no capacity apart

    def earn(self) -> None:
        """Count a first call that was answered."""
        self._budget.earn()

    async def pause(self, seconds: float, attempts: Attempts) -> None:
        """Wait before a retry; after a transient error, until the retry budget allows it too."""
        self.shed += attempts.shed_last
        try:
            # To wait for capacity is no work either: more workers would not have more of it.
            await self._sleep(seconds, throttled=attempts.rejected_last or attempts.shed_last)
        finally:
            self.shed -= attempts.shed_last
        while attempts.takes_budget and not self._stopped.is_set() and not self._may_retry():
            await self._clock.sleep_unless(1.0 + self._clock.draw(), self._stopped)
            if not self._limiter.pacer.in_flight:
                # Nothing is in flight that could earn: an idle service is not overloaded.
                break

    async def _sleep(self, seconds: float, *, throttled: bool) -> None:
        """Wait; after a 429 it is time that the quota took."""
        if throttled:
            self._limiter.throttled.hold()
        self.waiting += not throttled
        try:
            await self._clock.sleep_unless(seconds, self._stopped)
        finally:
            self.waiting -= not throttled
            if throttled:
                self._limiter.throttled.release()

    def _may_retry(self) -> bool:
        """Take a retry from the budget; none is needed where retries are all that is left to do.

        Nothing earns any more then, and the last documents would wait for each other. In an outage,
        or where little is answered, the budget holds.
        """
        limiter = self._limiter
        tail = limiter.first_calls_waiting == 0 and not limiter.pacer.breaker.is_open
        return (tail and self._health.is_well) or self._budget.spend()
