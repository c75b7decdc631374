"""Spacing: calls start at a rate, evenly, with a little jitter.

Jitter: without it, clients of one quota phase-lock, and one got 1 %, the other 99 % (measured).
Catching up: a busy machine wakes up late. What it missed is caught up, of a quarter of a second (or
one interval) at most and a little faster than the rate, so that lateness makes no burst. Only a
start that a call waited for can be late. An idle spell earns hardly any credit, nor does the time
in which all others wait for the first call's reply, or for a call in flight to end.
"""

import math

from sluicegate.pacing.tuning import Tuning


class Spacing:
    """Slots evenly apart, and starts around them. Times are seconds of any monotonic clock."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._slot = self._start = -math.inf
        self._awaited = False

    def wait(self, now: float) -> float:
        """Return the seconds until the next start; above 0, a call waits for it from now on."""
        self._awaited = self._awaited or now < self._start
        return max(0.0, self._start - now)

    def take(self, now: float, interval: float, draw: float) -> None:
        """Start now; the next one is due an interval later, jittered by `draw` in [0, 1).

        Counted from the last slot, not from now: a late wake-up must not lower the rate.
        """
        late = max(interval, self._tuning.catch_up_seconds)
        missed = late if self._awaited else (1 - self._tuning.closest) * interval
        self._slot = max(self._slot, now - missed) + interval
        self._awaited = False
        jittered = self._slot + interval * self._tuning.jitter * (draw - 0.5)
        self._start = max(jittered, now + self._tuning.closest * interval)

    def shift(self, seconds: float) -> None:
        """Move the next start: the last call took more, or less, than estimated."""
        self._slot += seconds
        self._start += seconds

    def hold(self, until: float) -> None:
        """Start nothing before."""
        self._slot = self._start = max(self._slot, until)

    def restart(self, now: float, interval: float = 0.0, draw: float = 0.5) -> None:
        """Forget what was due: the next start is an interval from now."""
        self._slot = now + interval
        self._start = self._slot + interval * self._tuning.jitter * (draw - 0.5)
