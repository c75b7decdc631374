"""Patience with the stores: what is unavailable now is tried again, as in an outage."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.storage import Unavailable

Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class Patience:
    """Retries a store's use while it is unavailable, with growing waits, `seconds` in all."""

    policy: RetryPolicy
    clock: Clock
    seconds: float

    async def __call__(self, use: Callable[..., Awaitable[Returned]], *arguments: Any) -> Returned:
        """Return what `use` returns; raise JobFault when the store stays unavailable."""
        waited, attempt = 0.0, 0
        while True:
            try:
                return await use(*arguments)
            except Unavailable as error:
                attempt += 1
                pause = self.policy.backoff(attempt, self.clock.draw())
                waited += pause
                if waited > self.seconds:
                    raise JobFault("storage_unavailable", str(error)) from error
                await self.clock.sleep(pause)
