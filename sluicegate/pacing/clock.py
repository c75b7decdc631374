"""Time and randomness as parameters: the core reads no clock and draws no number of its own."""

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
    """Time, randomness and sleep, as an engine is given them; tests give virtual ones."""

    monotonic: Callable[[], float] = time.monotonic  # seconds, monotonic
    now: Callable[[], datetime] = _utc_now
    draw: Callable[[], float] = random.random  # uniform in [0, 1)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sleep_unless(self, seconds: float, stopped: asyncio.Event) -> None:
        """Sleep for so many seconds, or until the event is set, whichever comes first."""
        sleeping = asyncio.ensure_future(self.sleep(seconds))
        stopping = asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
