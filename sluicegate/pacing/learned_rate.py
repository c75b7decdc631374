"""Learning a quota: the rate at which a server admits calls, found from what it rejects.

While a server rejects, sends minus rejections per second is its quota, and rejections come back
in tens of milliseconds, long before generations end.

    CLIMB     the rate doubles until the first rejection
    MEASURE   after each cut, a short look: are many calls still rejected? Then cut by their share
    SHARE     grow by a percent or two a second, give up an eighth at a rejection. Those who send
              more are rejected more often, so that all clients of one quota get equal shares
    STEADY    five cycles of SHARE that found the same rate: nobody else is there. Stay at it,
              then exceed it, gently at first; a rejection ends the cycle, and what was admitted
              over the whole cycle is the quota. Rejections that come before that: back to SHARE
    CLOSED    everything is rejected, as at the end of a fixed window: single calls ask whether it
              is open again, and then the average over open and closed is the rate

Calls that were sent before the last cut say nothing about the rate after it, and nothing grows
while something else than the rate holds calls back. Compare AIMD (Chiu and Jain, 1989) and CUBIC
(RFC 9438); the constants were tuned in benchmarks/simulation.
"""

import enum
import math

from sluicegate.pacing import growth
from sluicegate.pacing.fixed_window import FixedWindow
from sluicegate.pacing.spacing import Spacing

# CLIMB: where it starts; what is left at its first rejection, and at one whose RetryInfo is long.
_START, _STEP_BACK = 8.0, 0.75
# MEASURE: how long it looks, how many rejections are enough, from which share on it cuts by a part
# of it (cuts by chance make unequal shares) and from which on by all of it and looks again, and
# what a cut leaves: others who climb have their part in it.
_LOOK_SECONDS, _LOOK_CALLS, _LEFT = 0.75, 8.0, 0.5
_ENOUGH, _TOO_MANY, _PART, _FAR_TOO_MANY = 8, 0.12, 0.3, 0.3
_UNDER = 0.98
# SHARE: what a rejection costs; large steps make unequal shares.
_GIVEN_UP = 0.12
# STEADY: how many cycles must agree, and how closely; how much of a probe it keeps.
_CYCLES, _AGREE = 5, 0.04
_KEEP, _KEEP_AT_MOST = 0.12, 0.08
_CHANGED = 0.3  # a probe that got so far has found another quota
_EARLY = 0.97  # what is left after a rejection in the hold; two within half a minute: not alone
_STRIKES, _STRIKE_SECONDS = 2.0, 24.0
# A RetryInfo as long as this holds everybody.
LONG_RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 60.0
_QUIET_AT_NAMED = 20.0  # as long a rate is kept that a rejection has named: quotas change
_ALL = 0.9  # share of rejections that counts as all, twice in a row: CLOSED
_FLOOR = 0.02


class Phase(enum.Enum):
    """What the rate is doing; see the head of this file."""

    CLIMB = enum.auto()
    MEASURE = enum.auto()
    SHARE = enum.auto()
    STEADY = enum.auto()
    CLOSED = enum.auto()


class LearnedRate:
    """Units a second that a server admits: calls, or tokens with `unit` of them in a usual call.

    Never above `ceiling`, from which it starts if there is one; else it starts at `start`. Times
    are seconds of any monotonic clock; `draw` is uniform in [0, 1). Not thread-safe.
    """

    def __init__(
        self, ceiling: float | None = None, unit: float = 1.0, start: float | None = None
    ) -> None:
        self._ceiling = math.inf if ceiling is None else ceiling
        self._unit = unit
        self._rate = ceiling or start or _START * unit
        self._alone = ceiling is not None
        self.phase = Phase.CLIMB if ceiling is None else Phase.STEADY
        self._spacing = Spacing()
        self._last = -math.inf
        self._pressed = False
        self._heard_after = 0.05  # seconds until a rejection is heard of, on average
        self._peaks: list[float] = []
        self._strikes, self._shut = 0.0, 0
        self._window = FixedWindow()
        self._before = self._rate
        self._quiet = 0.0
        self._resume = -math.inf
        self._begin(-math.inf)

    def _begin(self, now: float) -> None:
        """Begin a cycle: only calls sent from now on count."""
        self._since, self._began_at = now, self._rate
        self._sent = self._rejected = 0
        self._admitted = 0.0  # units
        self._active = 0.0  # seconds in which this rate was what held calls back

    @property
    def rate(self) -> float:
        """Units a second that are allowed now."""
        return min(self._rate * (1 + self._excess()), self._ceiling)

    def wait(self, now: float) -> float:
        """Return the seconds until the next call may start."""
        return self._spacing.wait(now)

    def press(self) -> None:
        """Note that a call waits, and that it is this rate that it waits for."""
        self._pressed = True

    def charge(self, now: float, draw: float, units: float = 1.0) -> None:
        """Start a call of so many units."""
        gap, self._last = now - self._last, now
        self._unit += 0.05 * (units - self._unit) if units != self._unit else 0.0
        if self.phase is Phase.CLOSED:
            self._reopen_if_open(now)
        elif self._pressed and now >= self._resume + gap:
            self._grow(now, min(gap, 2 * units / self.rate))
        self._pressed = False
        self._sent += 1
        self._admitted += units
        self._window.sent(now, units)
        if self.phase is Phase.CLOSED:
            self._spacing.restart(now, self._window.ask(now), draw)
        else:
            self._spacing.take(now, units / self.rate, draw)

    def correct(self, units: float) -> None:
        """Settle a call that took so many units more (or, negative, fewer) than were charged."""
        self._admitted += units
        self._window.corrected(units)
        self._spacing.shift(units / self.rate)

    def rejected(
        self,
        sent_at: float,
        now: float,
        retry_after: float = 0.0,
        units: float = 1.0,
        named: float = math.inf,
    ) -> None:
        """Learn from a rejection of a call sent at `sent_at`; `named`: the rate it says to keep."""
        if now - sent_at < 1.0:
            self._heard_after += 0.2 * (now - sent_at - self._heard_after)
        self._window.corrected(-units)
        self._window.rejected(sent_at)
        if sent_at < self._since or self.phase is Phase.CLOSED:
            return
        self._rejected += 1
        self._admitted -= units
        average = self._admitted / max(self._active, 1e-9)
        # Whoever exceeds all of the quota is alone with it.
        self._alone = self._alone or named < self.rate
        if retry_after >= LONG_RETRY_SECONDS:
            self._wait_out(now, min(retry_after, MAX_RETRY_SECONDS), named)
        elif named < self.rate:
            self._keep(now, named, _QUIET_AT_NAMED)
        elif self.phase is Phase.CLIMB:
            self._cut(now, self._rate * _STEP_BACK)
        elif self.phase is Phase.MEASURE:
            if self._rejected >= _ENOUGH:
                self._look(now)
        elif self.phase is Phase.SHARE:
            self._give_up_share(now, average)
        else:
            self._end_hold(now, average)

    def _end_hold(self, now: float, average: float) -> None:
        excess = self._excess()
        if excess > 0:
            if excess > _CHANGED:
                self._forget()
            self._cut(now, max(average, self._rate * (1 + _KEEP * min(excess, _KEEP_AT_MOST))))
        elif self._rate >= self._ceiling:
            self.phase = Phase.MEASURE  # what was given is left for many rejections, not for one
            self._begin(now)
        else:
            self._strikes += 1
            if self._strikes >= _STRIKES:
                self._forget()
            self._cut(now, self._rate * _EARLY)

    def _give_up_share(self, now: float, average: float) -> None:
        self._peaks = [*self._peaks[1 - _CYCLES :], average]
        # A cycle of few calls cannot be measured closer than by one call.
        tolerance = max(_AGREE, self._unit / max(self._unit, self._admitted))
        lowest, highest = min(self._peaks), max(self._peaks)
        if len(self._peaks) == _CYCLES and highest - lowest < tolerance * highest:
            self._alone, self._strikes = True, 0.0
            self._cut(now, sum(self._peaks) / _CYCLES)
        else:
            # After a long silence it may have grown far: the quota is somewhere between.
            between = math.sqrt(self._began_at * self._rate)
            self._cut(now, min(self._rate * (1 - _GIVEN_UP), between))

    def _keep(self, now: float, rate: float, quiet: float) -> None:
        """Stay at a rate, and try no other for a while."""
        self._cut(now, rate)
        self.phase = self._settled_phase()
        self._quiet = quiet

    def _wait_out(self, now: float, seconds: float, named: float) -> None:
        """Leave the rate alone while everybody is held back.

        Had calls been paced evenly until then, they would have come at the rate of `even`.
        """
        even = self._admitted / max(self._active + seconds, 1e-9)
        held = self._began_at if self._active > self._quiet > 0 else 0.0  # all the quiet through
        found = named if named < self.rate else max(even, held, self._rate * _STEP_BACK)
        self._keep(now, found, growth.QUIET_AFTER_RETRY * seconds)
        self._resume = now + seconds

    def _cut(self, now: float, rate: float) -> None:
        self._rate = min(max(rate, _FLOOR * self._unit), self._ceiling)
        self.phase = Phase.MEASURE
        self._quiet = 0.0
        self._begin(now)
        # The server's bucket is empty: let one call's worth flow in.
        self._spacing.hold(now + self._unit / self._rate)

    def _settled_phase(self) -> Phase:
        return Phase.STEADY if self._alone else Phase.SHARE

    def _look(self, now: float) -> None:
        """End a look: cut by the share of rejections, if it is more than chance."""
        unheard = self._rate / self._unit * min(self._heard_after, self._active)
        share = self._rejected / max(1.0, self._rejected, self._sent - unheard)
        if self._rejected < 2 or share <= _TOO_MANY:
            self._shut = 0
            self.phase = self._settled_phase()
            return
        self._shut = self._shut + 1 if share > _ALL else 0
        if self._shut >= 2:
            self._close(now)
            return
        self._before = self._rate
        if share > _FAR_TOO_MANY:
            self._forget()
            self._cut(now, self._rate * max(_LEFT, 1 - share) * _UNDER)
        else:
            self._cut(now, self._rate * (1 - _PART * share) * _UNDER)
            self.phase = self._settled_phase()

    def _forget(self) -> None:
        """Begin to look for the quota anew: it has changed."""
        self._alone, self._peaks = False, []

    def _close(self, now: float) -> None:
        self._shut = 0
        self._forget()
        self._cut(now, self._rate)
        self.phase = Phase.CLOSED
        self._window.close(now, self._before / self._unit)

    def _reopen_if_open(self, now: float) -> None:
        if self._window.is_open(now):
            average = self._window.reopen(now)
            self._rate = min(self._ceiling, max(0.1 * self._unit, average))
            self.phase = Phase.SHARE
            self._begin(now)
            self._spacing.restart(now)

    def _grow(self, now: float, gap: float) -> None:
        self._active += gap
        self._strikes = max(0.0, self._strikes - gap / _STRIKE_SECONDS)
        calls = self._rate / self._unit  # a second
        if self.phase is Phase.CLIMB:
            self._multiply(growth.climbing(calls, gap))
        elif self.phase is Phase.MEASURE:
            if self._active >= max(_LOOK_SECONDS, _LOOK_CALLS / calls):
                self._look(now)
        elif self.phase is Phase.SHARE:
            self._multiply(growth.sharing(calls, gap, self._active, self._quiet))
        elif self.rate >= self._ceiling:
            self._rate = self._ceiling
        elif self._excess() > 1.0:
            self._rate = self.rate
            self._forget()
            self.phase = Phase.CLIMB

    def _multiply(self, factor: float) -> None:
        self._rate = min(self._ceiling, self._rate * factor)

    def _excess(self) -> float:
        """Return by which share a probe exceeds the rate."""
        if self.phase is not Phase.STEADY or self._rate >= self._ceiling:
            return 0.0
        return growth.probing(self._rate / self._unit, self._active, self._quiet)
