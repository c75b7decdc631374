"""A cap on the memory of documents that are held at once."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sluicegate.pacing.limiter import was_admitted


class ByteBudget:
    """A cap on the bytes that are held at once, first come first served. Scope: one event loop.

    A document larger than the whole budget is admitted when nothing else is held.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Hold `size` bytes for as long as the block runs."""
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, admitted))
        self._admit_waiting()
        try:
            await admitted
        except asyncio.CancelledError:
            if was_admitted(admitted):
                self._held -= size
            self._admit_waiting()
            raise
        try:
            yield
        finally:
            self._held -= size
            self._admit_waiting()

    def _admit_waiting(self) -> None:
        while self._waiting:
            size, waiter = self._waiting[0]
            if not waiter.done():
                if self._held and self._held + size > self._limit:
                    return
                self._held += size
                waiter.set_result(None)
            self._waiting.popleft()
