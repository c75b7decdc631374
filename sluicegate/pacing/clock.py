"""Time and chance as parameters: what the engine is given instead of reaching for it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The surroundings of an engine."""

    monotonic: Callable[[], float] = time.monotonic  # seconds, monotonic
    now: Callable[[], datetime] = _utc_now
    draw: Callable[[], float] = random.random  # uniform in [0, 1)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sleep_unless(self, seconds: float, stopped: asyncio.Event) -> None:
        """Sleep, or until the event is set."""
        naps = [
            asyncio.ensure_future(self.sleep(seconds)),
            asyncio.ensure_future(stopped.wait()),
        ]
        try:
            await asyncio.wait(naps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for nap in naps:
                nap.cancel()
