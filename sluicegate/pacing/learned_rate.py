"""Learning a quota: the rate at which a server admits calls, found from what it rejects.

While a server rejects, calls sent minus calls rejected, per second, is its quota. Some servers
reject a share of their calls by chance besides, whatever the rate: only what is beyond it speaks
for a quota, and a single rejection does where no chance is known (chance_watch.py).

The phases are in phase.py, the constants in tuning.py. Calls that were sent before the last cut say
nothing about the rate after it, and nothing grows while something else than the rate holds calls
back. Compare AIMD (Chiu and Jain, 1989) and CUBIC (RFC 9438).
"""

import math

from sluicegate.pacing import growth
from sluicegate.pacing.chance_watch import ChanceWatch
from sluicegate.pacing.company import Company
from sluicegate.pacing.cycle import Cycle
from sluicegate.pacing.fixed_window import FixedWindow
from sluicegate.pacing.phase import Phase
from sluicegate.pacing.spacing import Spacing
from sluicegate.pacing.trial import Verdict
from sluicegate.pacing.tuning import Tuning


class LearnedRate:
    """Units a second that a server admits: calls, or tokens with `unit` of them in a usual call.

    Never above `ceiling`, from which it starts if there is one; else it starts at `start`. Times
    are seconds of any monotonic clock; plus `shift` they are those of a clock that all clients of
    the quota share. `draw` is uniform in [0, 1). Not thread-safe.
    """

    def __init__(
        self,
        ceiling: float | None = None,
        unit: float = 1.0,
        start: float | None = None,
        *,
        tuning: Tuning,
        shift: float = 0.0,
    ) -> None:
        self._tuning = tuning
        self._ceiling = math.inf if ceiling is None else ceiling
        self._unit = unit
        self._rate = ceiling or start or tuning.start_rate * unit
        self._company = Company(tuning, alone=ceiling is not None)
        self.phase = Phase.CLIMB if ceiling is None else Phase.STEADY
        self.is_of_a_quota = ceiling is not None  # given, or learned from a rejection
        self._spacing = Spacing(tuning)
        self._last, self._pressed = -math.inf, False
        self._rejection_delay = 0.05  # seconds until a rejection comes, on average
        self._all_rejected = 0
        self._window = FixedWindow(tuning)
        self._watch = ChanceWatch(tuning, shift)
        self._before, self._quiet, self._resume = self._rate, 0.0, -math.inf
        self._cycle = Cycle(-math.inf, self._rate)

    @property
    def rate(self) -> float:
        """Units a second that are allowed now."""
        trial, excess = self._watch.factor(self._last), self._excess()
        return min(self._rate * trial * (1 + excess), self._ceiling)

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
        elif self.phase is Phase.TRIAL:
            self._cycle.active += min(gap, 2 * units / self.rate)
            self._go_on_with_trial(now)
        elif self._pressed and now >= self._resume + gap:
            self._grow(now, min(gap, 2 * units / self.rate))
        self._pressed = False
        self._cycle.sent(units)
        self._window.sent(now, units)
        self._look_for_chance(now, gap, units)
        if self.phase is Phase.EXHAUSTED:
            self._spacing.restart(now, self._window.try_again(now), draw)
        else:
            self._spacing.take(now, units / self.rate, draw)

    def _look_for_chance(self, now: float, gap: float, units: float) -> None:
        self._watch.sent(now, gap, units, self._rate / self._unit, climbing=self.phase.climbs)
        if self.phase in (Phase.SHARE, Phase.STEADY):
            self._watch.keep(now, self._rate, given=self._rate >= self._ceiling)
            self._enter_trial()

    def _enter_trial(self) -> None:
        if self._watch.in_trial:
            self._before_trial, self.phase = self.phase, Phase.TRIAL

    def _go_on_with_trial(self, now: float) -> None:
        if (found := self._watch.go_on_with_trial(now, held_back=not self._pressed)) is None:
            return
        if found.verdict is Verdict.NOTHING:
            self.phase = self._before_trial
            return
        self._rate = min(self._ceiling, found.rate)
        self.phase = self._phase_after_measure() if found.rate >= self._ceiling else Phase.SHARE
        self._cycle = Cycle(now, self._rate)

    def correct(self, units: float) -> None:
        """Correct a call that took so many units more (or, negative, fewer) than it was charged."""
        self._cycle.admitted += units
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
        self._watch.rejected(sent_at, units, climbing=self.phase.climbs)
        if sent_at < self._cycle.began or self.phase is Phase.EXHAUSTED:
            return
        self._cycle.reject(units)
        alarm = self._watch.alarms(sent_at, self._rate)
        # A rate above the named quota leaves nothing to others: there is no other client.
        self._company.alone = self._company.alone or named < self.rate
        if retry_after >= self._tuning.long_retry_seconds:
            self._wait_out(now, min(retry_after, self._tuning.max_retry_seconds), named)
        elif named < self.rate:
            self._watch.disprove(named)
            self._keep(now, named, self._tuning.quiet_after_named)
        elif self.phase is Phase.MEASURE:
            by_chance = self._cycle.calls * self._watch.share
            if self._cycle.rejected >= self._tuning.look_rejections + by_chance:
                self._end_measure(now)
        elif self.phase is Phase.TRIAL and self._watch.far_exceeded:
            self._cut(now, self._rate * (1 - self._tuning.given_up))
        elif alarm and self._may_step_back():
            self._step_back(now, perhaps_chance=named == math.inf)

    def _may_step_back(self) -> bool:
        """Return whether no trial is to tell first; leave a dip, which tells less than an alarm."""
        if self._watch.in_dip:
            self.phase = self._before_trial
        return self.phase is not Phase.TRIAL

    def _step_back(self, now: float, *, perhaps_chance: bool) -> None:
        """Act on rejections that are more than chance, as far as chance is known."""
        average = self._cycle.admitted_rate() / (1 - self._watch.share)
        if self.phase is Phase.CLIMB:
            self._cut(now, self._watch.end_climb() * self._tuning.kept_after_climb)
            return
        if perhaps_chance and not self._excess():
            self._watch.begin_trial_if_suspicious(now, self._rate, given=self._ceiling < math.inf)
            self._enter_trial()
        if self.phase is Phase.SHARE:
            self._give_up_share(now, average)
        elif self.phase is Phase.STEADY:
            self._end_hold(now, average)

    def _end_hold(self, now: float, average: float) -> None:
        excess, tuning = self._excess(), self._tuning
        if excess > 0:
            if excess > tuning.quota_changed:
                self._company.forget()
            kept = tuning.probe_kept * min(excess, tuning.probe_kept_most)
            self._cut(now, max(average, self._rate * (1 + kept)))
        elif self._rate >= self._ceiling:
            self.phase = Phase.MEASURE  # a given rate is left after many rejections, not one
            self._cycle = Cycle(now, self._rate)
        else:
            self._company.strike()
            self._cut(now, self._rate * self._tuning.kept_in_hold)

    def _give_up_share(self, now: float, average: float) -> None:
        self._watch.recovering = False
        tuning = self._tuning
        # A cycle of few calls cannot be measured closer than by one call.
        tolerance = max(tuning.agreement, self._unit / max(self._unit, self._cycle.admitted))
        if found := self._company.agreed(average, tolerance):
            self._cut(now, found)
            return
        given_up = tuning.given_up_by_chance if self._watch.share else tuning.given_up
        # Without a rejection for long it may have grown far: the quota is in between.
        between = math.sqrt(self._cycle.began_at * self._rate)
        self._cut(now, min(self._rate * (1 - given_up), between))

    def _keep(self, now: float, rate: float, quiet: float) -> None:
        """Stay at a rate, and try no other for a while."""
        self._cut(now, rate)
        self.phase = self._phase_after_measure()
        self._quiet = quiet

    def _wait_out(self, now: float, seconds: float, named: float) -> None:
        """Leave the rate alone while all calls are blocked.

        Had calls been paced evenly until then, they would have come at the rate of `even`.
        """
        cycle, even = self._cycle, self._cycle.admitted_rate(waited=seconds)
        held = cycle.began_at if cycle.active > self._quiet > 0 else 0.0  # the whole quiet time
        least = self._rate * self._tuning.kept_after_climb
        found = named if named < self.rate else max(even, held, least)
        self._keep(now, found, self._tuning.quiet_after_retry * seconds)
        self._resume = now + seconds

    def _cut(self, now: float, rate: float) -> None:
        self._watch.cut()
        self._rate = min(max(rate, self._tuning.least_rate * self._unit), self._ceiling)
        self.phase = Phase.MEASURE
        self._quiet = 0.0
        self._cycle = Cycle(now, self._rate)
        # The server's bucket is empty: let one call's worth flow in.
        self._spacing.hold(now + self._unit / self._rate)

    def _phase_after_measure(self) -> Phase:
        return Phase.STEADY if self._company.alone else Phase.SHARE

    def _end_measure(self, now: float) -> None:
        """End a count: cut by the share of rejections, if it is more than chance."""
        tuning, cycle = self._tuning, self._cycle
        unknown = self._rate / self._unit * min(self._rejection_delay, cycle.active)
        share = cycle.rejected_share(tuning, unknown, self._watch.share)
        if cycle.rejected < 2 or share <= tuning.rejected_share:
            self._all_rejected, self.phase = 0, self._phase_after_measure()
            self._watch.end_look(now, self._rate, few=True)
            self._enter_trial()
            return
        if self._rate >= self._ceiling and self._watch.may_begin_trial(now, self._rate):
            self._watch.begin_trial(now, self._rate)  # a rate that was given is not left for chance
            self._enter_trial()
            return
        all_rejected = cycle.rejected_of_all(unknown) > tuning.all_rejected_share
        self._all_rejected = self._all_rejected + 1 if all_rejected else 0
        if self._all_rejected >= 2:
            self._exhaust(now)
            return
        self._before = self._rate
        if share > tuning.far_rejected_share:
            self._company.forget()
            self._watch.look_far(self._rate, share)
            self._cut(now, self._rate * max(tuning.least_kept, 1 - share) * tuning.below)
            return
        self._cut(now, self._rate * (1 - tuning.cut_of_share * share) * tuning.below)
        self._watch.end_look(now, self._rate, few=False)
        self.phase = self._phase_after_measure()

    def _exhaust(self, now: float) -> None:
        self._all_rejected = 0
        self._company.forget()
        self._cut(now, self._rate)
        self.phase = Phase.EXHAUSTED
        self._window.exhausted(now, self._before / self._unit)

    def _resume_if_begun(self, now: float) -> None:
        if self._window.has_begun(now):
            self._rate = min(self._ceiling, max(0.1 * self._unit, self._window.begin(now)))
            self.phase = Phase.SHARE
            self._cycle = Cycle(now, self._rate)
            self._spacing.restart(now)

    def _grow(self, now: float, gap: float) -> None:
        self._cycle.active += gap
        self._company.calm(gap)
        tuning, active, quiet = self._tuning, self._cycle.active, self._quiet
        calls = self._rate / self._unit  # a second
        if self.phase is Phase.CLIMB:
            self._rate = min(self._ceiling, self._rate * growth.climbing(tuning, calls, gap))
        elif self.phase is Phase.MEASURE:
            if active >= max(tuning.look_seconds, tuning.look_calls / calls):
                self._end_measure(now)
        elif self.phase is Phase.SHARE:
            grow = growth.recovering if self._watch.recovering else growth.sharing
            by_chance = self._watch.share > 0
            factor = grow(tuning, calls, gap, active, quiet, by_chance=by_chance)
            self._rate = min(self._ceiling, self._rate * factor)
        elif self.rate >= self._ceiling:
            self._rate = self._ceiling
        elif self._excess() > 1.0:
            self._rate = self.rate
            self._company.forget()
            self.phase = Phase.CLIMB

    def _excess(self) -> float:
        """Return by which share a probe exceeds the rate."""
        if self.phase is not Phase.STEADY or self._rate >= self._ceiling:
            return 0.0
        calls, active = self._rate / self._unit, self._cycle.active
        return growth.probing(self._tuning, calls, active, self._quiet)
