"""Learning how many calls a server takes at once, where that is what it limits.

A rate quota rejects calls however many are in flight; a cap on concurrency rejects those that
start above the cap and only those. So when the last rejections all began with more calls in
flight than practically any call that was admitted, the number is the limit, and not the rate. Held
against them are all calls since the first of them: as a rate falls, so does what is in flight, and
beside the last few calls every rejection of before seems to have come above a cap.
"""

import math
from collections import deque

# How many rejections must agree; against how many calls at least that were not rejected, how many
# of them since the first rejection (in a climb all rejections come above all calls before), and how
# many are remembered; what share of those, or one, may contradict: a slot can be freed while a call
# is on its way.
_REJECTIONS = 6
_OTHERS, _AMONG, _REMEMBERED = 32, 8, 1024
_CONTRADICTIONS = 1 / 64
# A cap is tried one higher after so long without a rejection, then by doubling steps.
_TRY_SECONDS = 15.0
# A cap that was found is lowered by so much, a share of it or one; rejections below that say that
# it is none, and so many forget it.
_LOWERED = 1 / 8
_REFUTED = 3


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
        self._against = 0

    def started(self, in_flight: int, now: float) -> None:
        """Note the start of a call; raise the cap if it held for long."""
        self._calls += 1
        self._others.append((in_flight, self._calls))
        # Only a cap that is reached can be too low.
        if in_flight >= self.limit and now - self._quiet_since > _TRY_SECONDS:
            self.limit += self._step
            self._found = max(self._found, self.limit)
            self._step *= 2
            self._quiet_since = now

    def rejected(self, in_flight: int, now: float) -> bool:
        """Note a rejection of a call that began as the `in_flight`-th; tell if it was the cap."""
        self._rejections.append((in_flight, self._calls))
        self._forget_as_other(in_flight)
        if self.limit < math.inf:
            return self._hold_against_cap(in_flight, now)
        lowest = min(number for number, _ in self._rejections)
        if len(self._rejections) < _REJECTIONS or lowest == 1 or not self._stands_out(lowest):
            return False
        self._found = lowest - 1
        self._set(lowest - 1, now)
        return True

    def _forget_as_other(self, in_flight: int) -> None:
        """Take a call that was rejected out of those that were not."""
        for place in range(len(self._others) - 1, -1, -1):
            if self._others[place][0] == in_flight:
                del self._others[place]
                return

    def _stands_out(self, lowest: int) -> bool:
        """Tell whether practically no other call began with so many in flight."""
        first = self._rejections[0][1]
        others = among = above = 0
        for in_flight, call in reversed(self._others):
            if others >= _OTHERS and call < first:
                break
            others += 1
            among += call > first
            above += in_flight >= lowest
        enough = others > _OTHERS // 2 and among >= _AMONG
        return enough and above <= max(1.0, _CONTRADICTIONS * others)

    def _hold_against_cap(self, in_flight: int, now: float) -> bool:
        lower = min(int(self.limit), in_flight - 1)
        if lower >= max(1.0, min(self._found - 1, self._found * (1 - _LOWERED))):
            self._set(lower, now)
            return True
        self._against += 1
        if self._against >= _REFUTED:
            self.limit = self._found = math.inf
            self._rejections.clear()
        return False

    def _set(self, limit: int, now: float) -> None:
        self.limit = limit
        self._quiet_since = now
        self._step = 1
        self._against = 0
