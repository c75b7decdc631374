"""SharedLimit: before each call, a permit of a rate limit service that all users of a quota share.

    permit given    the call is made at once: permits that were kept would add up to more calls in a
                    window than the service counted
    over the limit  one of the waiting calls requests again when the service says that there may be
                    a permit; the others wait for it
    no answer       the same, after growing pauses; without an answer for too long the job stops

No call is made without a permit.
"""

import asyncio
from typing import Protocol

from sluicegate.faults import JobFault
from sluicegate.log import EventKind, log_event
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.pacing.throttled_time import ThrottledTime

# A limit can be raised while a window of hours is used up: request again after so long at most.
_MAX_PAUSE_SECONDS = 60.0
# Never request in a tight loop.
_MIN_PAUSE_SECONDS = 0.05


class Unreachable(Exception):  # noqa: N818 - a state of the service; the text says which
    """The rate limit service gave no answer, or none that says yes or no."""


class RateLimitService(Protocol):
    """Counts the calls of all its clients. Made and used on the engine's event loop."""

    async def request_permit(self) -> float:
        """Return 0.0 if one call may be made, else the seconds until one may.

        Raises Unreachable.
        """
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class SharedLimit:
    """One permit a call. Scope: one event loop; the service's scope is all its clients."""

    def __init__(
        self,
        service: RateLimitService,
        clock: Clock,
        patience_seconds: float,
        run_id: str = "",
    ) -> None:
        self._service = service
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._run_id = run_id
        self._requesting = asyncio.Lock()  # one waiting call at a time requests again
        self._stopped = asyncio.Event()
        self._retry_at: float | None = None  # None while permits are given
        self._unanswered = 0  # requests in a row
        self._silent_since: float | None = None

    async def take(self, throttled: ThrottledTime) -> None:
        """Return once a call may be made, or once stopped.

        Waiting counts as throttled, but not for a service that gives no answer.

        Raises JobFault where the service has given no answer for longer than the patience.
        """
        if self._retry_at is None and await self._request():
            return
        async with self._requesting:
            while not self._stopped.is_set():
                await self._pause(throttled)
                if self._stopped.is_set() or await self._request():
                    return

    def stop(self) -> None:
        """End all waiting."""
        self._stopped.set()

    async def close(self) -> None:
        """Close the connection to the service."""
        await self._service.close()

    @property
    def is_silent(self) -> bool:
        """True while the service gives no answer."""
        return self._silent_since is not None

    async def _pause(self, throttled: ThrottledTime) -> None:
        if self._retry_at is None:
            return
        by_limit = not self.is_silent
        if by_limit:
            throttled.hold()
        try:
            pause = self._retry_at - self._clock.monotonic()
            await self._clock.sleep_unless(pause, self._stopped)
        finally:
            if by_limit:
                throttled.release()

    async def _request(self) -> bool:
        """Return whether a permit was given; if not, set when to request again."""
        try:
            seconds = await self._service.request_permit()
        except Unreachable as error:
            self._count_unanswered(str(error))
            return False
        self._unanswered = 0
        self._silent_since = None
        self._retry_at = self._clock.monotonic() + self._until_reset(seconds) if seconds else None
        return not seconds

    def _until_reset(self, seconds: float) -> float:
        """Return the pause for a wait that Envoy's service rounds up to whole seconds.

        It ends at a random moment of the wait's last second: so a window that begins is noticed
        early enough to be used in full, even if it lasts a second, and processes do not request in
        step.
        """
        last = min(1.0, seconds)
        pause = min(seconds, _MAX_PAUSE_SECONDS) - last + last * self._clock.draw()
        return max(_MIN_PAUSE_SECONDS, pause)

    def _count_unanswered(self, reason: str) -> None:
        now = self._clock.monotonic()
        if self._silent_since is None:
            self._silent_since = now
        silent_seconds = now - self._silent_since
        if silent_seconds > self._patience_seconds:
            raise JobFault(
                "rate_limit_service_unavailable",
                f"no call is made without a permit, and the rate limit service has given no "
                f"answer for {silent_seconds:.0f} s (last: {reason}); start it, or correct "
                "--rate_limit_service, and run the same command again",
            )
        # Requests that fail together lengthen the pause once.
        if self._retry_at is None or now >= self._retry_at:
            self._unanswered += 1
            self._retry_at = now + RetryPolicy().backoff(self._unanswered, self._clock.draw())
            sentence = f"calls wait for the rate limit service: {reason}"
            log_event(EventKind.RATE_LIMIT_SERVICE_SILENT, sentence, self._run_id)
