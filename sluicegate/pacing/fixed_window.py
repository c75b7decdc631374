"""A quota that is used up for a while, as a fixed window is until the next one begins."""

import math

from sluicegate.pacing.tuning import Tuning


class FixedWindow:
    """Counts what is admitted from one window to the next; single calls look for the next one.

    Times are seconds of any monotonic clock.
    """

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._began: float | None = None
        self._admitted = 0.0
        self._exhausted_at = self._tried = self._rejected = -math.inf
        self._pause = 0.0

    def sent(self, now: float, units: float) -> None:
        """Count a call; its units are taken as admitted until its rejection comes."""
        self._began = now if self._began is None else self._began
        self._admitted += units

    def corrected(self, units: float) -> None:
        """Add units to a call's; negative: it took fewer, or none because it was rejected."""
        self._admitted += units

    def rejected(self, sent_at: float) -> None:
        """Take in the rejection of a call sent at `sent_at`."""
        self._rejected = max(self._rejected, sent_at)

    def exhausted(self, now: float, calls_per_second: float) -> None:
        """Begin to try single calls, as often as is sensible after a rate that was too high."""
        self._exhausted_at = now
        self._pause = max(self._tuning.retry_seconds, self._tuning.retry_calls / calls_per_second)

    def try_again(self, now: float) -> float:
        """Count a call that tries; return the seconds until the next."""
        self._tried = now
        self._pause = min(self._tuning.retry_max_seconds, 1.2 * self._pause)
        return self._pause

    def has_begun(self, now: float) -> bool:
        """Return whether the last call that tried was not rejected."""
        unknown = now - self._tried < self._tuning.rejection_seconds
        return not unknown and self._tried >= self._exhausted_at and self._rejected < self._tried

    def begin(self, now: float) -> float:
        """Begin the next window; return units a second since the last one began."""
        began = now if self._began is None else self._began
        average = self._admitted / max(1.0, now - began)
        self._began, self._admitted = now, 0.0
        return average
