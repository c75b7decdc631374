"""Learning a quota: the rate at which a server admits calls, found from what it rejects.

While a server rejects, calls sent minus calls rejected, per second, is its quota. Rejections come
back in tens of milliseconds, long before generations end.

    CLIMB     the rate doubles until the first rejection
    MEASURE   after each cut, count for a moment: are many calls still rejected? Then cut by their
              share
    SHARE     grow by a percent or two a second, give up an eighth at a rejection. Clients that
              send more are rejected more often, so that all clients of one quota get equal shares
    STEADY    after five cycles of SHARE that found the same rate: there is no other client. Stay
              at it, then exceed it, little at first. A rejection ends the cycle, and what was
              admitted over the whole cycle is the quota. Rejections before that: back to SHARE
    EXHAUSTED everything is rejected, as at the end of a fixed window. Single calls find out when
              the next window has begun; then the average over the whole window is the rate

Calls that were sent before the last cut say nothing about the rate after it, and nothing grows
while something else than the rate holds calls back. Compare AIMD (Chiu and Jain, 1989) and CUBIC
(RFC 9438). The constants are in tuning.py.
"""

import enum
import math

from sluicegate.pacing import growth
from sluicegate.pacing.fixed_window import FixedWindow
from sluicegate.pacing.spacing import Spacing
from sluicegate.pacing.tuning import Tuning


class Phase(enum.Enum):
    """What the rate is doing; see the head of this file."""

    CLIMB = enum.auto()
    MEASURE = enum.auto()
    SHARE = enum.auto()
    STEADY = enum.auto()
    EXHAUSTED = enum.auto()


class LearnedRate:
    """Units a second that a server admits: calls, or tokens with `unit` of them in a usual call.

    Never above `ceiling`, from which it starts if there is one; else it starts at `start`. Times
    are seconds of any monotonic clock; `draw` is uniform in [0, 1). Not thread-safe.
    """

    def __init__(
        self,
        ceiling: float | None = None,
        unit: float = 1.0,
        start: float | None = None,
        *,
        tuning: Tuning,
    ) -> None:
        self._tuning = tuning
        self._ceiling = math.inf if ceiling is None else ceiling
        self._unit = unit
        self._rate = ceiling or start or tuning.start_rate * unit
        self._alone = ceiling is not None
        self.phase = Phase.CLIMB if ceiling is None else Phase.STEADY
        self.is_of_a_quota = ceiling is not None  # given, or learned from a rejection
        self._spacing = Spacing(tuning)
        self._last = -math.inf
        self._pressed = False
        self._rejection_delay = 0.05  # seconds until a rejection comes, on average
        self._peaks: list[float] = []
        self._strikes, self._all_rejected = 0.0, 0
        self._window = FixedWindow(tuning)
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
        """Record that a call waits, and that it is this rate that holds it back."""
        self._pressed = True

    def charge(self, now: float, draw: float, units: float = 1.0) -> None:
        """Start a call of so many units."""
        gap, self._last = now - self._last, now
        self._unit += 0.05 * (units - self._unit) if units != self._unit else 0.0
        if self.phase is Phase.EXHAUSTED:
            self._resume_if_begun(now)
        elif self._pressed and now >= self._resume + gap:
            self._grow(now, min(gap, 2 * units / self.rate))
        self._pressed = False
        self._sent += 1
        self._admitted += units
        self._window.sent(now, units)
        if self.phase is Phase.EXHAUSTED:
            self._spacing.restart(now, self._window.try_again(now), draw)
        else:
            self._spacing.take(now, units / self.rate, draw)

    def correct(self, units: float) -> None:
        """Correct a call that took so many units more (or, negative, fewer) than it was charged."""
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
        self.is_of_a_quota = True
        if now - sent_at < 1.0:
            self._rejection_delay += 0.2 * (now - sent_at - self._rejection_delay)
        self._window.corrected(-units)
        self._window.rejected(sent_at)
        if sent_at < self._since or self.phase is Phase.EXHAUSTED:
            return
        self._rejected += 1
        self._admitted -= units
        average = self._admitted / max(self._active, 1e-9)
        # A rate above the named quota leaves nothing to others: there is no other client.
        self._alone = self._alone or named < self.rate
        if retry_after >= self._tuning.long_retry_seconds:
            self._wait_out(now, min(retry_after, self._tuning.max_retry_seconds), named)
        elif named < self.rate:
            self._keep(now, named, self._tuning.quiet_after_named)
        elif self.phase is Phase.CLIMB:
            self._cut(now, self._rate * self._tuning.kept_after_climb)
        elif self.phase is Phase.MEASURE:
            if self._rejected >= self._tuning.look_rejections:
                self._end_measure(now)
        elif self.phase is Phase.SHARE:
            self._give_up_share(now, average)
        else:
            self._end_hold(now, average)

    def _end_hold(self, now: float, average: float) -> None:
        excess, tuning = self._excess(), self._tuning
        if excess > 0:
            if excess > tuning.quota_changed:
                self._forget()
            kept = tuning.probe_kept * min(excess, tuning.probe_kept_most)
            self._cut(now, max(average, self._rate * (1 + kept)))
        elif self._rate >= self._ceiling:
            self.phase = Phase.MEASURE  # a given rate is left after many rejections, not one
            self._begin(now)
        else:
            self._strikes += 1
            if self._strikes >= self._tuning.strikes:
                self._forget()
            self._cut(now, self._rate * self._tuning.kept_in_hold)

    def _give_up_share(self, now: float, average: float) -> None:
        self._peaks = [*self._peaks[1 - self._tuning.cycles :], average]
        # A cycle of few calls cannot be measured closer than by one call.
        tolerance = max(self._tuning.agreement, self._unit / max(self._unit, self._admitted))
        lowest, highest = min(self._peaks), max(self._peaks)
        if len(self._peaks) == self._tuning.cycles and highest - lowest < tolerance * highest:
            self._alone, self._strikes = True, 0.0
            self._cut(now, sum(self._peaks) / self._tuning.cycles)
        else:
            # Without a rejection for long it may have grown far: the quota is in between.
            between = math.sqrt(self._began_at * self._rate)
            self._cut(now, min(self._rate * (1 - self._tuning.given_up), between))

    def _keep(self, now: float, rate: float, quiet: float) -> None:
        """Stay at a rate, and try no other for a while."""
        self._cut(now, rate)
        self.phase = self._phase_after_measure()
        self._quiet = quiet

    def _wait_out(self, now: float, seconds: float, named: float) -> None:
        """Leave the rate alone while all calls are blocked.

        Had calls been paced evenly until then, they would have come at the rate of `even`.
        """
        even = self._admitted / max(self._active + seconds, 1e-9)
        held = self._began_at if self._active > self._quiet > 0 else 0.0  # for the whole quiet time
        least = self._rate * self._tuning.kept_after_climb
        found = named if named < self.rate else max(even, held, least)
        self._keep(now, found, self._tuning.quiet_after_retry * seconds)
        self._resume = now + seconds

    def _cut(self, now: float, rate: float) -> None:
        self._rate = min(max(rate, self._tuning.least_rate * self._unit), self._ceiling)
        self.phase = Phase.MEASURE
        self._quiet = 0.0
        self._begin(now)
        # The server's bucket is empty: let one call's worth flow in.
        self._spacing.hold(now + self._unit / self._rate)

    def _phase_after_measure(self) -> Phase:
        return Phase.STEADY if self._alone else Phase.SHARE

    def _end_measure(self, now: float) -> None:
        """End a count: cut by the share of rejections, if it is more than chance."""
        unknown = self._rate / self._unit * min(self._rejection_delay, self._active)
        share = self._rejected / max(1.0, self._rejected, self._sent - unknown)
        tuning = self._tuning
        if self._rejected < 2 or share <= tuning.rejected_share:
            self._all_rejected = 0
            self.phase = self._phase_after_measure()
            return
        self._all_rejected = self._all_rejected + 1 if share > tuning.all_rejected_share else 0
        if self._all_rejected >= 2:
            self._exhaust(now)
            return
        self._before = self._rate
        if share > tuning.far_rejected_share:
            self._forget()
            self._cut(now, self._rate * max(tuning.least_kept, 1 - share) * tuning.below)
        else:
            self._cut(now, self._rate * (1 - tuning.cut_of_share * share) * tuning.below)
            self.phase = self._phase_after_measure()

    def _forget(self) -> None:
        """Begin to search for the quota anew: it has changed."""
        self._alone, self._peaks = False, []

    def _exhaust(self, now: float) -> None:
        self._all_rejected = 0
        self._forget()
        self._cut(now, self._rate)
        self.phase = Phase.EXHAUSTED
        self._window.exhausted(now, self._before / self._unit)

    def _resume_if_begun(self, now: float) -> None:
        if self._window.has_begun(now):
            average = self._window.begin(now)
            self._rate = min(self._ceiling, max(0.1 * self._unit, average))
            self.phase = Phase.SHARE
            self._begin(now)
            self._spacing.restart(now)

    def _grow(self, now: float, gap: float) -> None:
        self._active += gap
        self._strikes = max(0.0, self._strikes - gap / self._tuning.strike_seconds)
        calls = self._rate / self._unit  # a second
        if self.phase is Phase.CLIMB:
            self._multiply(growth.climbing(self._tuning, calls, gap))
        elif self.phase is Phase.MEASURE:
            if self._active >= max(self._tuning.look_seconds, self._tuning.look_calls / calls):
                self._end_measure(now)
        elif self.phase is Phase.SHARE:
            self._multiply(growth.sharing(self._tuning, calls, gap, self._active, self._quiet))
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
        return growth.probing(self._tuning, self._rate / self._unit, self._active, self._quiet)
