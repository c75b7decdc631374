"""Whether other clients use the quota, too: cycles that agree say no, early rejections say yes."""

from sluicegate.pacing.tuning import Tuning


class Company:
    """What speaks for other clients."""

    def __init__(self, tuning: Tuning, *, alone: bool) -> None:
        self._tuning = tuning
        self.alone = alone
        self._found: list[float] = []  # units a second, by the last cycles
        self._strikes = 0.0

    def agreed(self, found: float, tolerance: float) -> float | None:
        """Take in what a cycle found; return the mean of the last ones, if they agree."""
        cycles = self._tuning.cycles
        self._found = [*self._found[1 - cycles :], found]
        lowest, highest = min(self._found), max(self._found)
        if len(self._found) < cycles or highest - lowest >= tolerance * highest:
            return None
        self.alone, self._strikes = True, 0.0
        return sum(self._found) / cycles

    def strike(self) -> None:
        """Take in a rejection at a rate that was held."""
        self._strikes += 1
        if self._strikes >= self._tuning.strikes:
            self.forget()

    def calm(self, seconds: float) -> None:
        """Let strikes be forgotten as time goes by."""
        self._strikes = max(0.0, self._strikes - seconds / self._tuning.strike_seconds)

    def forget(self) -> None:
        """Begin anew: the quota has changed, or others have come."""
        self.alone, self._found = False, []
