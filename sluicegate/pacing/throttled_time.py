"""For how long calls were held back by a quota: what a run reports as throttled."""

from collections.abc import Callable


class ThrottledTime:
    """Wall time during which at least one call was held back by a quota. Scope: its limiter."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._holds = 0
        self._since = 0.0
        self._total = 0.0

    def hold(self) -> None:
        """Note that a call is held back."""
        if self._holds == 0:
            self._since = self._clock()
        self._holds += 1

    def release(self) -> None:
        """Note that it is held back no more."""
        self._holds -= 1
        if self._holds == 0:
            self._total += self._clock() - self._since

    @property
    def seconds(self) -> float:
        """Seconds so far, a running hold included."""
        return self._total + (self._clock() - self._since if self._holds else 0.0)
