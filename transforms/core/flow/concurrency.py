"""Learning how many calls a server takes at once, where that is what it limits.

A rate quota rejects calls however many are in flight; a cap on concurrency rejects those that
start above the cap and only those. So when the last rejections all began with more calls in
flight than practically any call that was admitted, the number is the limit, and not the rate.
"""

import math
from collections import deque

# How many rejections must agree, against how many of the last calls that were not rejected, and
# how many of those may contradict: a slot can be freed while a call is on its way.
_REJECTIONS = 6
_OTHERS = 32
_CONTRADICTIONS = 1
# A cap is tried one higher after so long without a rejection, then by doubling steps.
_TRY_SECONDS = 15.0
# Rejections so far below the cap say that it is none; so many in a row, and it is forgotten.
_BELOW = 2
_REFUTED = 3


class ConcurrencyCap:
    """The number of calls in flight above which a server rejects; inf where there is none.

    In-flight counts include the call itself. Times are seconds of any monotonic clock.
    """

    def __init__(self) -> None:
        self.limit = math.inf
        self._others: deque[int] = deque(maxlen=_OTHERS)
        self._rejections: deque[int] = deque(maxlen=_REJECTIONS)
        self._quiet_since = 0.0
        self._step = 1
        self._against = 0

    def started(self, in_flight: int, now: float) -> None:
        """Note the start of a call; raise the cap if it held for long."""
        self._others.append(in_flight)
        # Only a cap that is reached can be too low.
        if in_flight >= self.limit and now - self._quiet_since > _TRY_SECONDS:
            self.limit += self._step
            self._step *= 2
            self._quiet_since = now

    def rejected(self, in_flight: int, now: float) -> bool:
        """Note a rejection of a call that began as the `in_flight`-th; tell if it was the cap."""
        self._rejections.append(in_flight)
        if in_flight in self._others:
            self._others.remove(in_flight)
        if self.limit < math.inf:
            return self._hold_against_cap(in_flight, now)
        lowest = min(self._rejections)
        above = sum(other >= lowest for other in self._others)
        enough = len(self._rejections) == _REJECTIONS and len(self._others) > _OTHERS // 2
        if enough and lowest > 1 and above <= _CONTRADICTIONS:
            self._set(lowest - 1, now)
            return True
        return False

    def _hold_against_cap(self, in_flight: int, now: float) -> bool:
        if in_flight >= self.limit - _BELOW:
            self._against = 0
            self._set(max(1, min(int(self.limit), in_flight - 1)), now)
            return True
        self._against += 1
        if self._against >= _REFUTED:
            self.limit = math.inf
            self._rejections.clear()
            self._others.clear()
        return False

    def _set(self, limit: int, now: float) -> None:
        self.limit = limit
        self._quiet_since = now
        self._step = 1
        self._against = 0
