"""When a trial is held, and what follows from it.

A rejection at a rate well below what was admitted lately is suspicious: a quota does not reject
there, unless it has sunk or others have come. Then a trial tells, and nothing is cut before. While
chance is known, dips follow its share.
"""

import math
from typing import NamedTuple

from sluicegate.pacing.chance import Chance
from sluicegate.pacing.count import Count
from sluicegate.pacing.trial import Trial, Verdict
from sluicegate.pacing.tuning import Tuning


class Found(NamedTuple):
    """What a trial found. Rates are in units a second."""

    verdict: Verdict
    before: float  # the rate it was held at
    rate: float  # the one to go on at


class Trials:
    """Holds trials and dips, and teaches `chance`. Times are seconds of the client's clock.

    `shift` makes them those of a clock that all clients of the quota share.
    """

    def __init__(self, tuning: Tuning, chance: Chance, shift: float) -> None:
        self._tuning, self._chance, self._shift = tuning, chance, shift
        self._trial: Trial | None = None
        self._witnessed = Count()
        self._pause = tuning.trial_pause_seconds
        self._not_before = self._next_dip = -math.inf
        self._not_above = 0.0  # until then: only at less than this rate
        self._rounds_between = 1

    @property
    def in_dip(self) -> bool:
        """Whether a dip is under way: rejections above its low part still tell of a quota."""
        return self._trial is not None and not self._trial.has_high

    @property
    def far_exceeded(self) -> bool:
        """Whether so much is rejected in a trial that it had better end."""
        return self._trial is not None and self._trial.far_exceeded

    @property
    def running(self) -> bool:
        """Whether a trial or dip is under way: the rate is left alone until it has ended."""
        return self._trial is not None

    def factor(self, now: float) -> float:
        """Return the share of the rate that is sent now."""
        return self._trial.factor(now + self._shift) if self._trial else 1.0

    def may_begin(self, now: float, rate: float) -> bool:
        """Return whether a suspicious rejection leads to a trial.

        Not soon after one that found a quota, unless the rate has sunk far below it since.
        """
        return now >= self._not_before or rate < self._not_above

    def begin(self, now: float, rate: float) -> None:
        """Begin a trial of a rate."""
        self._begin(now, rate, high=True)

    def dip_if_due(self, now: float, rate: float) -> None:
        """Begin a dip, if it is time for one."""
        if self._chance.share and now >= self._next_dip:
            self._begin(now, rate, high=False)

    def _begin(self, now: float, rate: float, *, high: bool) -> None:
        self._trial = Trial(self._tuning, now + self._shift, rate, high=high)
        self._witnessed = Count()

    def abandon(self) -> None:
        """End a trial without a finding."""
        self._trial = None

    def sent(self, now: float, *, held_back: bool) -> Found | None:
        """Count a call; return what was found, when a trial ends.

        `held_back`: by something else than the rate, so that no more was sent though it was more.
        """
        trial = self._trial
        if trial is None:
            return None
        trial.sent(now + self._shift, held_back=held_back)
        if not trial.ends_round(now + self._shift):
            return None
        if not trial.has_high or trial.low_is_silent:
            self._chance.witness(now, trial.low - self._witnessed)
        self._witnessed = trial.low
        if not trial.has_high or trial.was_held_back:
            return self._end_dip(now, trial)
        verdict = trial.verdict()
        return self._end_trial(now, trial, verdict) if verdict else None

    def rejected(self, sent_at: float) -> None:
        """Count a rejection."""
        if self._trial:
            self._trial.rejected(sent_at + self._shift)

    def _end_dip(self, now: float, trial: Trial) -> Found:
        """Dips become rarer while nothing else happens, at moments that all clients share."""
        self._chance.learn(now)
        self._trial = None
        self._rounds_between = min(self._tuning.rounds_between_dips, 2 * self._rounds_between)
        every = self._rounds_between * self._tuning.round_seconds
        shared = now + self._shift
        self._next_dip = math.ceil(shared / every) * every - self._shift - 0.5
        return Found(Verdict.NOTHING, trial.rate, trial.rate)

    def _end_trial(self, now: float, trial: Trial, verdict: Verdict) -> Found:
        t, chance = self._tuning, self._chance
        # Else: perhaps a deep bucket saved calls in the low part for the high one.
        shown = verdict is Verdict.CHANCE and trial.low.rejected > 0
        if shown:
            chance.found(now, trial.by_chance)
        chance.learn(now)
        self._trial, self._rounds_between, self._next_dip = None, 1, now
        if verdict is Verdict.CHANCE:
            self._pause = t.trial_pause_seconds if chance.share else self._pause
            return Found(verdict, trial.rate, trial.rate * (t.raised_by_chance if shown else 1.0))
        self._not_before, self._not_above = now + self._pause, t.sank * trial.rate
        self._pause = min(t.trial_pause_most_seconds, 2 * self._pause)
        if verdict is Verdict.UNSURE:  # as after any rejection
            kept = 1.0 if chance.share else 1.0 - t.given_up
            return Found(verdict, trial.rate, trial.rate * kept)
        rejected = trial.high.rejected / max(1.0, trial.high.calls)
        admitted = trial.rate * t.high * (1.0 - rejected) / (1.0 - chance.share)
        if not chance.share:
            admitted = t.below * min(trial.rate, admitted)
        return Found(verdict, trial.rate, max(t.least_kept * trial.rate, admitted))
