"""The rate limiter: where the pacer meets asyncio. Calls queue here and are admitted one by one."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sluicegate.pacing.pacer import Admission, Pacer
from sluicegate.pacing.shared_limit import SharedLimit
from sluicegate.pacing.throttled_time import ThrottledTime

# Calls that may wait for a permit at once: enough for 320 calls a second at 50 ms an answer. More
# would count as in flight without being so, and would start at a rate that no longer holds.
_MAX_AWAITING_PERMIT = 16


@dataclass(slots=True)
class AdmittedCall:
    """A call in flight: how it was admitted, and whether its reply has come. Mutable."""

    admission: Admission
    replied: bool = False


class Limiter:
    """A queue in front of the pacer. Scope: one event loop. Retries go to the front.

    With `shared_limit`, each call that the pacer admits takes a permit before it is made.
    """

    def __init__(
        self,
        pacer: Pacer,
        clock: Callable[[], float],
        draw: Callable[[], float],
        shared_limit: SharedLimit | None = None,
    ) -> None:
        self.pacer = pacer
        self.throttled = ThrottledTime(clock)
        self._clock = clock
        self._draw = draw
        self._shared_limit = shared_limit
        self._awaiting_permit = 0  # calls that the pacer has admitted
        self._queue: deque[tuple[asyncio.Future[Admission], float]] = deque()  # with their tokens
        self.first_calls_waiting = 0  # in the queue: documents that were not called yet
        self._timer: asyncio.TimerHandle | None = None
        self._timer_throttles = False  # it waits for a quota, and for nothing else
        self._fault: Exception | None = None

    def stop(self, fault: Exception) -> None:
        """Admit no call any more: those that wait, and those that come later, raise the fault."""
        self._fault = fault
        if self._shared_limit:
            self._shared_limit.stop()
        while self._queue:
            waiter, _ = self._queue.popleft()
            if not waiter.done():
                waiter.set_exception(fault)

    @asynccontextmanager
    async def admitted(
        self, *, to_front: bool = False, tokens: float = 0.0
    ) -> AsyncIterator[AdmittedCall]:
        """Wait until a call is admitted; it counts as in flight for as long as the block runs.

        `to_front` queues it before all others. `tokens` is an estimate of what it will take.
        Raises the fault that the limiter was stopped with.
        """
        if self._fault:
            raise self._fault
        waiter: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        if to_front:
            self._queue.appendleft((waiter, tokens))
        else:
            self._queue.append((waiter, tokens))
        self.first_calls_waiting += not to_front
        self.admit_waiting()
        try:
            call = AdmittedCall(await waiter)
        except asyncio.CancelledError:
            if was_admitted(waiter):
                self._awaiting_permit -= 1
                self.pacer.finish()
            self.admit_waiting()
            raise
        finally:
            self.first_calls_waiting -= not to_front
        try:
            await self._take_permit()
            yield call
        finally:
            self.pacer.finish(replied=call.replied)
            self.admit_waiting()

    def replied(self, call: AdmittedCall) -> None:
        """Record that a call's reply has come: a server with a concurrency cap takes another."""
        call.replied = True
        self.pacer.replied()
        if self.pacer.cap_on_concurrency < math.inf:
            self.admit_waiting()

    @property
    def waits_for_service(self) -> bool:
        """True while the rate limit service gives no answer: no call is made then."""
        return self._shared_limit is not None and self._shared_limit.is_silent

    async def close(self) -> None:
        """Close the connection to the rate limit service, if there is one."""
        if self._shared_limit:
            await self._shared_limit.close()

    async def _take_permit(self) -> None:
        """Take a permit of the shared limit, if there is one; raise the fault of a stop."""
        try:
            if self._shared_limit:
                await self._shared_limit.take(self.throttled)
        finally:
            self._awaiting_permit -= 1
        if self._fault:
            raise self._fault
        if self._shared_limit:
            self.admit_waiting()

    def admit_waiting(self) -> None:
        """Admit waiting calls while the pacer allows; otherwise schedule the next attempt."""
        self._cancel_timer()
        while self._queue:
            waiter, tokens = self._queue[0]
            if waiter.done():  # cancelled
                self._queue.popleft()
                continue
            if self._shared_limit and self._awaiting_permit >= _MAX_AWAITING_PERMIT:
                return  # the next call that gets a permit comes here again
            admission = self.pacer.admit(self._clock(), self._draw(), tokens)
            if isinstance(admission, Admission):
                self._queue.popleft()
                self._awaiting_permit += 1
                waiter.set_result(admission)
                continue
            self._set_timer(admission)
            return

    def _set_timer(self, seconds: float) -> None:
        """Admit again after so many seconds; inf: a call that finishes does it."""
        if seconds == math.inf:
            return
        if self.pacer.held_by_quota(self._clock()):
            self.throttled.hold()
            self._timer_throttles = True
        self._timer = asyncio.get_running_loop().call_later(seconds, self.admit_waiting)

    def _cancel_timer(self) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        if self._timer_throttles:
            self.throttled.release()
            self._timer_throttles = False


def was_admitted(waiter: asyncio.Future[Any]) -> bool:
    """Return whether a waiter had been admitted when it was cancelled."""
    return waiter.done() and not waiter.cancelled() and waiter.exception() is None
