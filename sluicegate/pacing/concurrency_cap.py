"""Learning how many calls a server takes at once, where it limits concurrency and not the rate.

A rate quota rejects calls however many are in flight; a cap on concurrency rejects those that
start above the cap and only those. So when the last rejections all began with more calls in
flight than practically any call that was not rejected, there is a cap. The rejections are compared
with all calls since the first of them: as a rate falls, so does the number in flight, and compared
with the last few calls alone, every earlier rejection would seem to have come above a cap.
"""

import math
from collections import deque

_REJECTIONS = 6  # the last ones, which must agree
# They are compared with at least so many calls that were not rejected,
_COMPARED = 32
# of which so many came since the first of the rejections (while a rate climbs, all rejections come
# above all calls before),
_COMPARED_SINCE = 8
# out of so many that are remembered.
_REMEMBERED = 1024
# Share of those, or one, that may contradict: the server may take a call that another one's end
# made room for while it was on its way.
_CONTRADICTIONS = 1 / 64
# After so long without a rejection the cap is raised by one, then by doubling steps.
_RAISE_SECONDS = 15.0
# A cap is lowered by at most this share of it, or by one. Rejections below that contradict it,
_LOWERED_MOST = 1 / 8
# and after so many it is dropped.
_CONTRADICTED = 3


class ConcurrencyCap:
    """The number of calls in flight above which a server rejects; inf where there is none.

    In-flight counts include the call itself. Times are seconds of any monotonic clock.
    """

    def __init__(self) -> None:
        self.limit = math.inf
        self._found = math.inf  # as it was before any lowering
        # Both hold what was in flight at a call's start, and how many calls had started then.
        self._others: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._rejections: deque[tuple[int, int]] = deque(maxlen=_REJECTIONS)
        self._calls = 0
        self._quiet_since = 0.0
        self._step = 1
        self._contradictions = 0

    def started(self, in_flight: int, now: float) -> None:
        """Record the start of a call; raise the cap if it held for long."""
        self._calls += 1
        self._others.append((in_flight, self._calls))
        # Only a cap that is reached can be too low.
        if in_flight >= self.limit and now - self._quiet_since > _RAISE_SECONDS:
            self.limit += self._step
            self._found = max(self._found, self.limit)
            self._step *= 2
            self._quiet_since = now

    def rejected(self, in_flight: int, now: float) -> bool:
        """Record a rejection, of the `in_flight`-th call at once; return whether it was the cap."""
        self._rejections.append((in_flight, self._calls))
        self._forget_as_other(in_flight)
        if self.limit < math.inf:
            return self._compare_with_cap(in_flight, now)
        lowest = min(number for number, _ in self._rejections)
        if len(self._rejections) < _REJECTIONS or lowest == 1 or not self._stands_out(lowest):
            return False
        self._found = lowest - 1
        self._set(lowest - 1, now)
        return True

    def _forget_as_other(self, in_flight: int) -> None:
        """Remove a call that was rejected from those that were not."""
        for index in range(len(self._others) - 1, -1, -1):
            if self._others[index][0] == in_flight:
                del self._others[index]
                return

    def _stands_out(self, lowest: int) -> bool:
        """Return whether practically no other call began with so many in flight."""
        first = self._rejections[0][1]
        others = among = above = 0
        for in_flight, call in reversed(self._others):
            if others >= _COMPARED and call < first:
                break
            others += 1
            among += call > first
            above += in_flight >= lowest
        enough = others > _COMPARED // 2 and among >= _COMPARED_SINCE
        return enough and above <= max(1.0, _CONTRADICTIONS * others)

    def _compare_with_cap(self, in_flight: int, now: float) -> bool:
        lower = min(int(self.limit), in_flight - 1)
        if lower >= max(1.0, min(self._found - 1, self._found * (1 - _LOWERED_MOST))):
            self._set(lower, now)
            return True
        self._contradictions += 1
        if self._contradictions >= _CONTRADICTED:
            self.limit = self._found = math.inf
            self._rejections.clear()
        return False

    def _set(self, limit: int, now: float) -> None:
        self.limit = limit
        self._quiet_since = now
        self._step = 1
        self._contradictions = 0
