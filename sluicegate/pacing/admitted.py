"""What a server admitted lately: the rate over the last seconds, and the most of it."""

import math

from sluicegate.pacing.tuning import Tuning


class Admitted:
    """Units a second."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._rate, self._seconds = 0.0, 0.5  # over so many seconds
        self.most = 0.0  # lately: it sinks by a hundredth a second

    def sent(self, gap: float, units: float) -> None:
        """Count a call, `gap` seconds after the last, as admitted until its rejection comes."""
        if gap == math.inf:
            return
        self._seconds += min(gap, 1.0) * (1.0 - self._seconds / self._tuning.admitted_seconds)
        self._rate += (units - self._rate * min(gap, self._seconds)) / self._seconds
        self.most *= 1.0 - self._tuning.forgotten * min(gap, 0.1)

    def rejected(self, units: float) -> None:
        """Take back a call."""
        self._rate -= units / self._seconds

    def proves(self, chance: float) -> None:
        """Remember what is admitted now as what can be; `chance`: share rejected besides."""
        self.most = max(self.most, self._rate / (1.0 - chance))

    def disproves(self, rate: float) -> None:
        """Forget what was admitted beyond a rate: it no longer is."""
        self.most = min(self.most, rate)
