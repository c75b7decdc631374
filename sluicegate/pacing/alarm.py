"""Whether there are more rejections than chance explains: a cumulative sum (CUSUM; Page, 1954).

Each call adds how much likelier its outcome is with the quota exceeded by a share than without.
The sum never sinks under 0; above a limit it is an alarm. Where no chance is known a single
rejection is enough.
"""

import math

from sluicegate.pacing.tuning import Tuning


class Alarm:
    """Holds rejections against chance."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.onset = 0.0  # the rate at which the sum began to rise
        self.rejected_before = 0.0  # calls, until then
        self._compared: tuple[float, float] | None = None  # chance and excess
        self._up = self._down = self._limit = 0.0
        self.restart()

    def restart(self) -> None:
        """Begin anew, at another rate."""
        self._sum = self._calls = self._rejected = 0.0

    def sent(self, chance: float, calls_per_second: float, *, climbing: bool) -> None:
        """Count a call, which is taken as admitted until its rejection comes.

        `chance`: the share that is rejected by chance, as far as that is known. A climb also
        tolerates what it met so far.
        """
        t = self._tuning
        if climbing:
            so_far = (self._rejected + 1.0) / (self._calls + t.climb_calls)
            tolerated = min(max(t.climb_chance, so_far), t.climb_chance_most)
            self._compare(max(chance, tolerated), t.climb_excess)
            self._limit = t.climb_alarm
        elif chance:
            self._compare(chance, t.excess)
            self._limit = t.alarm + max(0.0, math.log(calls_per_second / t.alarm_rate))
        else:
            self._up = self._down = self._limit = 0.0
        self._calls += 1.0
        self._sum = max(0.0, self._sum + self._down)

    def rejected(self, rate: float) -> bool:
        """Count a rejection at a rate; return whether there are more than chance explains."""
        if self._sum <= 0.0:
            self.onset, self.rejected_before = rate, self._rejected
        self._rejected += 1.0
        self._sum += self._up - self._down
        if self._sum < self._limit:
            return False
        self._sum = 0.0
        return True

    def _compare(self, chance: float, excess: float) -> None:
        """Set what a rejected call and an admitted one add."""
        if self._compared != (chance, excess):
            exceeded = 1.0 - (1.0 - chance) / (1.0 + excess)
            self._compared = chance, excess
            self._logs = math.log(exceeded / chance), math.log((1.0 - exceeded) / (1.0 - chance))
        self._up, self._down = self._logs
