"""Where the pacer meets asyncio: calls queue here and are let through one by one."""

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

# Calls that may ask for a permit at once: enough for 320 calls a second at 50 ms an answer. More
# would hold places without being in flight, and follow a rate that was left meanwhile.
_MAX_AWAITING_PERMIT = 16


@dataclass(slots=True)
class AdmittedCall:
    """A call's place: how it was let through, and whether its reply has come. Mutable."""

    start: Admission
    replied: bool = False


class Limiter:
    """A queue in front of the pacer. Scope: one event loop. Rejected calls go to the front.

    With `shared_limit`, each call that the pacer lets through takes one before it is made.
    """

    def __init__(
        self,
        pacer: Pacer,
        clock: Callable[[], float],
        draw: Callable[[], float],
        shared_limit: SharedLimit | None = None,
    ) -> None:
        self.pacer, self._shared_limit = pacer, shared_limit
        self._awaiting_permit = 0
        self.throttled = ThrottledTime(clock)
        self._clock, self._draw = clock, draw
        self._waiting: deque[tuple[asyncio.Future[Admission], float]] = deque()  # with tokens
        self._timer: asyncio.TimerHandle | None = None
        self._held = False  # the timer waits for a quota, not for an outage to end
        self._fault: Exception | None = None

    def stop(self, fault: Exception) -> None:
        """Let nobody through any more: whoever waits, and whoever comes, gets the fault."""
        self._fault = fault
        if self._shared_limit:
            self._shared_limit.stop()
        while self._waiting:
            waiter, _ = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(fault)

    @asynccontextmanager
    async def admitted(
        self, *, to_front: bool = False, tokens: float = 0.0
    ) -> AsyncIterator[AdmittedCall]:
        """Hold a call's place for as long as the block runs; `to_front` goes before all others.

        `tokens` is what the call will probably take. Raises the fault that the gate was stopped
        with.
        """
        if self._fault:
            raise self._fault
        mine: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        if to_front:
            self._waiting.appendleft((mine, tokens))
        else:
            self._waiting.append((mine, tokens))
        self.admit_waiting()
        try:
            place = AdmittedCall(await mine)
        except asyncio.CancelledError:
            if was_admitted(mine):
                self._awaiting_permit -= 1
                self.pacer.finish()
            self.admit_waiting()
            raise
        try:
            await self._permit()
            yield place
        finally:
            self.pacer.finish(replied=place.replied)
            self.admit_waiting()

    def replied(self, place: AdmittedCall) -> None:
        """Note that the reply is here: where the server takes so many calls, it takes another."""
        place.replied = True
        self.pacer.replied()
        if self.pacer.cap_on_concurrency < math.inf:
            self.admit_waiting()

    async def close(self) -> None:
        """Close what gives shared_limit, if something does."""
        if self._shared_limit:
            await self._shared_limit.close()

    async def _permit(self) -> None:
        """Take a permit, if there is a need of one; raise the fault that came meanwhile."""
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
        """Let through whom the pacer admits now; else look again when it says."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
            if self._held:
                self.throttled.release()
                self._held = False
        while self._waiting:
            waiter, tokens = self._waiting[0]
            if waiter.done():  # given up by its owner
                self._waiting.popleft()
                continue
            if self._shared_limit and self._awaiting_permit >= _MAX_AWAITING_PERMIT:
                return  # whoever has got a permit looks again
            start = self.pacer.admit(self._clock(), self._draw(), tokens)
            if isinstance(start, Admission):
                self._waiting.popleft()
                self._awaiting_permit += 1
                waiter.set_result(start)
                continue
            if start < math.inf:
                if not self.pacer.breaker.is_open:
                    self.throttled.hold()
                    self._held = True
                self._timer = asyncio.get_running_loop().call_later(start, self.admit_waiting)
            return


def was_admitted(place: asyncio.Future[Any]) -> bool:
    """Tell whether a waiter was let in before it gave up."""
    return place.done() and not place.cancelled() and place.exception() is None
