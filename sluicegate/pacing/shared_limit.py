"""SharedLimit: a service that all users of a quota share is asked before each call.

    given       the call is made at once: permits that were kept would add up to more calls in a
                window than the service counted
    refused     one waiter asks again when the service says there may be one; the others wait
    no answer   the same, after growing pauses; without an answer for too long the job stops

No call is made without a permit.
"""

import asyncio
from typing import Protocol

from sluicegate.faults import JobFault
from sluicegate.log import EventKind, log_event
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.pacing.throttled_time import ThrottledTime

# A limit can be raised while a window of hours is used up: ask again after so long at most.
_ASK_AGAIN_SECONDS = 60.0
# Never ask in a tight loop.
_LEAST_SECONDS = 0.05


class Unreachable(Exception):  # noqa: N818 - a state of the service; the text says which
    """The rate limit service gave no answer, or none that says yes or no."""


class RateLimitService(Protocol):
    """Counts the calls of all who ask it. Made and used on the engine's event loop."""

    async def ask(self) -> float:
        """Ask for one call: 0.0 if it may be made, else seconds until one may; or Unreachable."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class SharedLimit:
    """One permit a call. Scope: one event loop; the service's is all that ask it."""

    def __init__(
        self,
        service: RateLimitService,
        clock: Clock,
        patience_seconds: float,
        run_id: str = "",
    ) -> None:
        self._service, self._clock, self._run_id = service, clock, run_id
        self._patience = patience_seconds
        self._turn = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._again: float | None = None  # when to ask again, once a permit was not given
        self._unanswered = 0
        self._silent_since: float | None = None

    async def take(self, throttled: ThrottledTime) -> None:
        """Return once a call may be made, or once stopped; waiting counts as throttled.

        Raises JobFault where the service has given no answer for longer than the patience.
        """
        if self._again is None and await self._ask():
            return
        throttled.hold()
        try:
            async with self._turn:
                while not self._stopped.is_set():
                    await self._pause()
                    if self._stopped.is_set() or await self._ask():
                        return
        finally:
            throttled.release()

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._stopped.set()

    async def close(self) -> None:
        """Close the connection to the service."""
        await self._service.close()

    async def _pause(self) -> None:
        if self._again is not None:
            await self._clock.sleep_unless(self._again - self._clock.monotonic(), self._stopped)

    async def _ask(self) -> bool:
        """Tell whether a permit was given; else note when to ask again."""
        try:
            seconds = await self._service.ask()
        except Unreachable as error:
            self._note_silence(str(error))
            return False
        self._unanswered, self._silent_since = 0, None
        self._again = self._clock.monotonic() + self._until_reset(seconds) if seconds else None
        return not seconds

    def _until_reset(self, seconds: float) -> float:
        """Return when to ask again, for a wait that Envoy's service rounds up to whole seconds.

        At a random moment of its last second: so a window that begins is noticed early enough to
        be used in full, even if it lasts a second, and processes do not ask in step.
        """
        last = min(1.0, seconds)
        pause = min(seconds, _ASK_AGAIN_SECONDS) - last + last * self._clock.draw()
        return max(_LEAST_SECONDS, pause)

    def _note_silence(self, reason: str) -> None:
        now = self._clock.monotonic()
        if self._silent_since is None:
            self._silent_since = now
        silent = now - self._silent_since
        if silent > self._patience:
            raise JobFault(
                "rate_limit_service_unavailable",
                f"no call is made without a permit, and the rate limit service has given no "
                f"answer for {silent:.0f} s (last: {reason}); start it, or correct "
                "--rate_limit_service, and run the same command again",
            )
        # One step for each round, not for each of those who asked at once.
        if self._again is None or now >= self._again:
            self._unanswered += 1
            self._again = now + RetryPolicy().backoff(self._unanswered, self._clock.draw())
            sentence = f"calls wait for the rate limit service: {reason}"
            log_event(EventKind.RATE_LIMIT_SERVICE_SILENT, sentence, self._run_id)
