"""Spacing: calls start at a rate, evenly, with a little jitter."""

import math

# Unjittered clients on one quota phase-lock: one got 1 %, the other 99 % (measured).
_JITTER = 0.1
# A busy machine wakes up late. What it missed is caught up, of so many seconds (or one interval) at
# most and a little faster than the rate, so that lateness makes no burst. Only a start that was
# asked for before it was due can be late. An idle spell is hardly any credit, nor is the time in
# which all others wait for the first call's reply, or for a place in flight.
_CATCH_UP_SECONDS = 0.25
_CLOSEST = 0.7  # of an interval


class Spacing:
    """Slots evenly apart, and starts around them. Times are seconds of any monotonic clock."""

    def __init__(self) -> None:
        self._slot = self._start = -math.inf
        self._awaited = False

    def wait(self, now: float) -> float:
        """Return the seconds until the next start; if there are any, it is awaited from now on."""
        self._awaited = self._awaited or now < self._start
        return max(0.0, self._start - now)

    def take(self, now: float, interval: float, draw: float) -> None:
        """Start now; the next one is due an interval later, jittered by `draw` in [0, 1).

        Counted from the last slot, not from now: a late wake-up must not lower the rate.
        """
        missed = max(interval, _CATCH_UP_SECONDS) if self._awaited else (1 - _CLOSEST) * interval
        self._slot = max(self._slot, now - missed) + interval
        self._awaited = False
        jittered = self._slot + interval * _JITTER * (draw - 0.5)
        self._start = max(jittered, now + _CLOSEST * interval)

    def shift(self, seconds: float) -> None:
        """Move the next start: the last call took more, or less, than was thought."""
        self._slot += seconds
        self._start += seconds

    def hold(self, until: float) -> None:
        """Start nothing before."""
        self._slot = self._start = max(self._slot, until)

    def restart(self, now: float, interval: float = 0.0, draw: float = 0.5) -> None:
        """Forget what was due: the next start is an interval from now."""
        self._slot = now + interval
        self._start = self._slot + interval * _JITTER * (draw - 0.5)
