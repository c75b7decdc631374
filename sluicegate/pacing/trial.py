"""A trial: does it depend on the rate what is rejected? Send less for a moment, then more.

    low     a third less: a quota is silent, what is rejected is chance
    high    a quarter more: a quota rejects a fifth, chance the same share as before

All clients do so at the same moments of the wall clock, and those that know of chance send less
then, too. So a trial moves everybody's load: one client of many could not tell by its own.
Compare PCC Vivace (Dong et al., NSDI 2018), which follows the measured slope, too.
"""

import enum
import math

from sluicegate.pacing.count import Count
from sluicegate.pacing.tuning import Tuning

# Share of calls.
_HELD_BACK_MOST = 0.2


class Verdict(enum.Enum):
    """What a trial says of rejections."""

    QUOTA = enum.auto()  # where more is sent more is rejected
    CHANCE = enum.auto()  # they come where a quota is silent, or as often whatever is sent
    UNSURE = enum.auto()  # too little was rejected, or everything
    NOTHING = enum.auto()  # nothing was compared


class Trial:
    """One trial at a rate; it takes as many rounds as it needs. Times: seconds of a shared clock.

    `high`: send more, too. Without, it is a dip, which counts what chance rejects.
    """

    def __init__(self, tuning: Tuning, now: float, rate: float, *, high: bool) -> None:
        self._tuning = tuning
        self.rate = rate
        self.has_high = high
        self.rounds = 0
        self.low = self.high = Count()
        self._held_back = self._rejected = 0
        self._lately = 0.0  # share rejected of the last calls
        self._begin = math.ceil(now / tuning.round_seconds) * tuning.round_seconds

    def factor(self, now: float) -> float:
        """Return the share of the rate that is sent now."""
        t, at = self._tuning, self._at(now)
        if 0 <= at < t.low_seconds:
            return t.low
        return t.high if self._is_high(at) else 1.0

    def sent(self, now: float, *, held_back: bool) -> None:
        """Count a call; `held_back`: by something else than the rate."""
        self._count(now, Count(1.0, 0.0))
        self._lately -= self._lately / self._tuning.last_calls
        self._held_back += held_back

    def rejected(self, sent_at: float) -> None:
        """Count the rejection of a call sent at `sent_at`."""
        self._count(sent_at, Count(0.0, 1.0))
        self._lately += 1.0 / self._tuning.last_calls
        self._rejected += 1

    def ends_round(self, now: float) -> bool:
        """Return whether a round has ended and its rejections have come; True once a round."""
        t = self._tuning
        length = t.low_seconds + t.high_seconds * self.has_high + t.rejection_seconds
        ended = math.ceil((now - self._begin - length) / t.round_seconds)
        if ended <= self.rounds:
            return False
        self.rounds = ended
        return True

    def verdict(self) -> Verdict | None:
        """Return what the rounds so far say; None if another one is needed."""
        t, evidence = self._tuning, self.evidence()
        if self.all_rejected:
            return Verdict.QUOTA if evidence >= t.sure else Verdict.UNSURE
        if self.low_is_silent and self._is_loud(self.low):
            return Verdict.CHANCE
        if evidence >= t.sure:
            return Verdict.QUOTA
        last = self.rounds >= t.trial_rounds
        if evidence <= -t.sure:
            # Without a rejection of the low parts it is not known how much is chance. Where hardly
            # anything is rejected at all, waiting for one only keeps the rate from growing.
            waits = not self.low.rejected and 2 * self._rejected >= self.rounds
            return None if waits and not last else Verdict.CHANCE
        return Verdict.UNSURE if last else None

    def evidence(self) -> float:
        """Return the logarithm of how much likelier a quota is than chance."""
        low, high = self.low, self.high
        share, both = _share(low), _share(low + high)
        by_quota = max(
            high.likelihood(1.0 - (1.0 - share) / (1.0 + excess * self._tuning.trial_excess))
            for excess in (1, 2, 4)
        )
        return by_quota + low.likelihood(share) - high.likelihood(both) - low.likelihood(both)

    @property
    def by_chance(self) -> Count:
        """Calls that chance alone rejected, in a trial that found chance."""
        return self.low + self.high if self.evidence() < 0 else self.low

    @property
    def far_exceeded(self) -> bool:
        """Whether so much of the last calls was rejected that the quota has sunk meanwhile."""
        return self._lately > self._tuning.most_rejected

    @property
    def was_held_back(self) -> bool:
        """Whether something else than the rate decided how much was sent."""
        return self._held_back > _HELD_BACK_MOST * (self.low.calls + self.high.calls)

    @property
    def all_rejected(self) -> bool:
        """Whether so much was rejected that it is no chance: a quota is used up."""
        both = self.low + self.high
        return both.rejected > self._tuning.most_chance * both.calls

    @property
    def low_is_silent(self) -> bool:
        """Whether a quota rejected nothing in the low parts, as far as the high ones tell.

        Where the quota has sunk below both, they are admitted the less the more is sent.
        """
        kept_high = (self.high.calls - self.high.rejected + 0.5) / (self.high.calls + 1.0)
        kept_low = (self.low.calls - self.low.rejected + 0.5) / (self.low.calls + 1.0)
        return not self.all_rejected and kept_high >= self._tuning.silent_kept * kept_low

    def _is_loud(self, count: Count) -> bool:
        """Return whether a quota that is silent would surely not have rejected so many."""
        t = self._tuning
        sure = count.best - count.likelihood(t.silent_share) > t.sure_by_low
        return sure and count.rejected >= t.loud_rejections

    def _at(self, moment: float) -> float:
        """Return the seconds since a round began; negative before the first."""
        since = moment - self._begin
        return since % self._tuning.round_seconds if since >= 0 else -1.0

    def _is_high(self, at: float) -> bool:
        t = self._tuning
        return self.has_high and t.low_seconds <= at < t.low_seconds + t.high_seconds

    def _count(self, moment: float, count: Count) -> None:
        at = self._at(moment)
        if self._tuning.low_skipped_seconds <= at < self._tuning.low_seconds:
            self.low += count
        elif self._is_high(at):
            self.high += count


def _share(count: Count) -> float:
    return (count.rejected + 0.1) / (count.calls + 4.0)
