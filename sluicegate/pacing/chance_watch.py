"""Quota or chance: what a learned rate asks before it steps back.

alarm.py     more rejections than chance explains
chance.py    the share that chance rejects
admitted.py  what was admitted lately: well below it a rejection is suspicious
trials.py    a suspicious rejection leads to a trial, which tells
"""

from sluicegate.pacing.admitted import Admitted
from sluicegate.pacing.alarm import Alarm
from sluicegate.pacing.chance import Chance
from sluicegate.pacing.trial import Verdict
from sluicegate.pacing.trials import Found, Trials
from sluicegate.pacing.tuning import Tuning


class ChanceWatch:
    """Watches the calls of one learned rate. Times are seconds of its clock."""

    def __init__(self, tuning: Tuning, shift: float) -> None:
        self._tuning = tuning
        self._chance, self._admitted = Chance(tuning), Admitted(tuning)
        self._alarm, self._trials = Alarm(tuning), Trials(tuning, self._chance, shift)
        self._climb_ended = False  # and the look after it has not: many rejections are its doing
        self._try_after_look = False
        self.recovering = False  # the rate has sunk by chance
        self._calls_per_second = 0.0

    @property
    def share(self) -> float:
        """The share of calls that is rejected by chance, as far as that is known."""
        return self._chance.share

    @property
    def in_trial(self) -> bool:
        """Whether a trial is under way: the rate is left alone."""
        return self._trials.running

    @property
    def in_dip(self) -> bool:
        """Whether it is only a dip, which an alarm ends."""
        return self._trials.in_dip

    @property
    def far_exceeded(self) -> bool:
        """Whether so much is rejected in a trial that it had better end."""
        return self._trials.far_exceeded

    def factor(self, now: float) -> float:
        """Return the share of the rate that a trial sends now."""
        return self._trials.factor(now)

    def sent(
        self, now: float, gap: float, units: float, calls_per_second: float, *, climbing: bool
    ) -> None:
        """Record a call, `gap` seconds after the last."""
        self._calls_per_second = calls_per_second
        if self.factor(now) >= 1.0:
            self._alarm.sent(self.share, calls_per_second, climbing=climbing)
        self._admitted.sent(gap, units)
        if not climbing and not self._climb_ended:
            self._chance.sent()

    def keep(self, now: float, rate: float, *, given: bool) -> None:
        """Record that a rate has been kept for a while; begin a dip if it is time for one.

        None of a rate that was `given`: what a dip leaves unused cannot be made up for.
        """
        self._admitted.proves(self.share)
        self._chance.bound()
        if not given:
            self._trials.dip_if_due(now, rate)

    def rejected(self, sent_at: float, units: float, *, climbing: bool) -> None:
        """Record a rejection, also of a call from before the last cut."""
        self._admitted.rejected(units)
        self._trials.rejected(sent_at)
        if not climbing and not self._climb_ended:
            self._chance.rejected()

    def alarms(self, sent_at: float, rate: float) -> bool:
        """Count a rejection at a rate; return whether there are more than chance explains.

        Those of low parts say nothing of that: a quota is silent there.
        """
        return self.factor(sent_at) >= 1.0 and self._alarm.rejected(rate)

    def may_begin_trial(self, now: float, rate: float) -> bool:
        """Return whether it is not soon after a trial that found a quota."""
        return self._trials.may_begin(now, rate)

    def begin_trial(self, now: float, rate: float) -> None:
        """Begin a trial of a rate."""
        self._trials.begin(now, rate)

    def begin_trial_if_suspicious(self, now: float, rate: float, *, given: bool) -> None:
        """Begin a trial where a rate well below what was admitted lately meets rejections.

        Sooner the more is known to be chance: where too little is believed a rate sinks slowly, and
        with it what is remembered as admitted. (At 20 % the worst twentieth of 301 seeds had a
        goodput of .81 at most, now .86.) A rate of few calls tells nothing, unless a quota was
        `given`: then nobody else is there.
        """
        t = self._tuning
        well_below = rate * (1.0 - self.share) < t.suspicious * self._admitted.most
        tells = given or self._calls_per_second >= t.least_trial_rate
        if well_below and tells and self.may_begin_trial(now, rate):
            self.begin_trial(now, rate)

    def go_on_with_trial(self, now: float, *, held_back: bool) -> Found | None:
        """Record a call of a trial; return what it found, when it ends."""
        found = self._trials.sent(now, held_back=held_back)
        if found is None:
            return None
        if found.verdict is Verdict.NOTHING:
            return found
        self._alarm.restart()
        self.recovering = found.verdict is Verdict.CHANCE and self.share > 0
        if found.verdict is not Verdict.CHANCE:
            self._admitted.disproves(found.rate)
        if self.recovering:
            proved = self._tuning.below * min(self._admitted.most, 2 * found.before)
            return found._replace(rate=max(found.rate, proved))
        return found

    def cut(self) -> None:
        """Record that the rate is cut: nothing from before counts."""
        self._trials.abandon()
        self._alarm.restart()

    def end_climb(self) -> float:
        """Record the end of a climb; return the rate at which the rejections began."""
        self._climb_ended, self._try_after_look = True, self._alarm.rejected_before > 0
        return self._alarm.onset

    def end_look(self, now: float, rate: float, *, few: bool) -> None:
        """End the looks after a climb; begin a trial where it met some early, and there are few."""
        self._climb_ended = False
        if few and self._try_after_look:
            self._try_after_look = False
            self.begin_trial(now, rate)

    def look_far(self, rate: float, share: float) -> None:
        """Record that a share was rejected at a rate: perhaps too large a one to be chance."""
        if share > self._tuning.surely_a_quota:
            self.disprove(rate * (1 - share))

    def disprove(self, rate: float) -> None:
        """Record that surely no more than a rate is admitted any longer."""
        self._admitted.disproves(rate)
