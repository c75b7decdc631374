"""For how long calls were held back by a quota: what a run reports as throttled seconds."""

from collections.abc import Callable


class ThrottledTime:
    """Wall time during which at least one call was held back by a quota. Scope: its limiter."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held = 0  # calls
        self._since = 0.0
        self._total = 0.0

    def hold(self) -> None:
        """Count one more call as held back."""
        if self._held == 0:
            self._since = self._clock()
        self._held += 1

    def release(self) -> None:
        """Count one call less as held back."""
        self._held -= 1
        if self._held == 0:
            self._total += self._clock() - self._since

    @property
    def is_held(self) -> bool:
        """True while a call is held back."""
        return self._held > 0

    @property
    def seconds(self) -> float:
        """Seconds so far, those of calls that are held back right now included."""
        return self._total + (self._clock() - self._since if self._held else 0.0)
