"""The first call of a job goes alone, so that a wrong key or model costs one call, not many."""

import asyncio

from sluicegate.pacing.limiter import Limiter

# How long it is the only one, if no reply comes sooner.
_ALONE_SECONDS = 1.0


class FirstCall:
    """Limits how long the first call is the only one. Scope: one event loop."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._timer: asyncio.TimerHandle | None = None

    def begins(self) -> None:
        """Start the time of the first call; do nothing at a later one."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_ALONE_SECONDS, self._allow_concurrency)

    def close(self) -> None:
        """Let no timer go on."""
        if self._timer:
            self._timer.cancel()

    def _allow_concurrency(self) -> None:
        self._limiter.pacer.allow_concurrency()
        self._limiter.admit_waiting()
