"""An event loop whose clock jumps: an hour of waiting takes no time, and no test sleeps."""

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from sluicegate.live import stores
from sluicegate.pacing.clock import Clock
from sluicegate.records import Document

Result = TypeVar("Result")
START = 1000.0
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class _Jump(selectors.DefaultSelector):
    """Moves the clock instead of waiting."""

    now = START

    def select(self, timeout: float | None = None) -> list[Any]:
        """Return what is ready; else move the clock to the next timer."""
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("all tasks wait, and no timer is set")
            # A hair more, so that rounding never asks for the same instant again.
            self.now += timeout + 1e-9 if timeout > 0 else 0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Return virtual seconds."""
        return self._jump.now


class InlineStores(stores.Stores):
    """Does everything at once, on the loop's thread: virtual time knows no others."""

    def __init__(self) -> None:
        super().__init__(0)

    async def read(self, uri: str) -> bytes:
        """Read now."""
        return stores.store_for(uri).read(uri)

    async def write(self, uri: str, data: bytes) -> None:
        """Write now."""
        stores.store_for(uri).write(uri, data)

    async def stat(self, uri: str) -> Document:
        """Describe now."""
        return stores.store_for(uri).stat(uri)

    async def list(self, pattern: str) -> list[Document]:
        """List now."""
        return list(stores.store_for(pattern).list(pattern))

    def run(self, uri: str, function: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        """Run now."""
        future = asyncio.get_running_loop().create_future()
        try:
            future.set_result(function(*arguments))
        except BaseException as error:  # noqa: BLE001 - as a worker does
            future.set_exception(error)
        return future


def at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of a coroutine that waits for nothing, on a loop or without one."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise AssertionError("it waits for something")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on a new virtual loop; fail if it leaves tasks behind."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(work)
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        assert not left, f"still running: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def clock(seed: int = 7) -> Clock:
    """Return a clock on the running loop's virtual time, with seeded randomness."""
    loop = asyncio.get_running_loop()
    return Clock(
        monotonic=loop.time, now=lambda: NOW, draw=random.Random(seed).random, sleep=asyncio.sleep
    )


async def run_pending() -> None:
    """Let everything that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)
