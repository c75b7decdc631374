"""A quota that closes altogether for a while, as a fixed window does when it is used up."""

import math

# Time between two calls that ask whether it is open again: seconds, or calls of the rate before.
_ASK_SECONDS, _ASK_CALLS, _ASK_MAX_SECONDS = 0.5, 10.0, 5.0
_HEARD_SECONDS = 0.3  # a rejection that has not come by then will not come


class FixedWindow:
    """Counts what is admitted from one opening to the next, and asks in between.

    Times are seconds of any monotonic clock.
    """

    def __init__(self) -> None:
        self._opened: float | None = None
        self._admitted = 0.0
        self._closed = self._asked = self._rejected = -math.inf
        self._pause = 0.0

    def sent(self, now: float, units: float) -> None:
        """Note a call; units count as admitted until a rejection is heard of."""
        self._opened = now if self._opened is None else self._opened
        self._admitted += units

    def corrected(self, units: float) -> None:
        """Note that a call took so many units more, or (negative) fewer: none if rejected."""
        self._admitted += units

    def rejected(self, sent_at: float) -> None:
        """Note a rejection of a call."""
        self._rejected = max(self._rejected, sent_at)

    def close(self, now: float, calls_per_second: float) -> None:
        """Begin to ask, as often as the rate that was too high makes sensible."""
        self._closed = now
        self._pause = max(_ASK_SECONDS, _ASK_CALLS / calls_per_second)

    def ask(self, now: float) -> float:
        """Note a call that asks; return the seconds until the next."""
        self._asked = now
        self._pause = min(_ASK_MAX_SECONDS, 1.2 * self._pause)
        return self._pause

    def is_open(self, now: float) -> bool:
        """Tell whether the last call that asked was not rejected."""
        unheard = now - self._asked < _HEARD_SECONDS
        return not unheard and self._asked >= self._closed and self._rejected < self._asked

    def reopen(self, now: float) -> float:
        """Begin to count anew; return units a second since the last opening."""
        opened = now if self._opened is None else self._opened
        average = self._admitted / max(1.0, now - opened)
        self._opened, self._admitted = now, 0.0
        return average
