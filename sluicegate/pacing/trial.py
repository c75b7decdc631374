"""A trial: does it depend on the rate what is rejected? Send less for a moment, then more.

    low     a third less: a quota is silent, what is rejected is chance
    high    a quarter more: a quota rejects a fifth, chance the same share as before

All clients do so at the same moments of the wall clock, and those that know of chance send less
then, too. So a trial moves everybody's load: one client of many could not tell by its own.
Compare PCC Vivace (Dong et al., NSDI 2018), which follows the measured slope, too.
"""

import math
from typing import NamedTuple

from sluicegate.pacing.tuning import Tuning

# Share of calls.
_HELD_BACK_MOST = 0.2


class Count(NamedTuple):
    """Calls, and how many of them were rejected."""

    calls: float = 0.0
    rejected: float = 0.0

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.calls - other.calls, self.rejected - other.rejected)


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
        self._held_back = 0
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
        self._held_back += held_back

    def rejected(self, sent_at: float) -> None:
        """Count the rejection of a call sent at `sent_at`."""
        self._count(sent_at, Count(0.0, 1.0))

    def ends_round(self, now: float) -> bool:
        """Return whether a round has ended and its rejections have come; True once a round."""
        t = self._tuning
        length = t.low_seconds + t.high_seconds * self.has_high + t.rejection_seconds
        ended = math.ceil((now - self._begin - length) / t.round_seconds)
        if ended <= self.rounds:
            return False
        self.rounds = ended
        return True

    def evidence(self) -> float:
        """Return the logarithm of how much likelier a quota is than chance."""
        low, high = self.low, self.high
        share = _share(low)
        both = _share(Count(low.calls + high.calls, low.rejected + high.rejected))
        by_quota = max(
            _log_likelihood(high, 1.0 - (1.0 - share) / (1.0 + excess * self._tuning.trial_excess))
            for excess in (1, 2, 4)
        )
        by_chance = _log_likelihood(high, both) + _log_likelihood(low, both)
        return by_quota + _log_likelihood(low, share) - by_chance

    @property
    def was_held_back(self) -> bool:
        """Whether something else than the rate decided how much was sent."""
        return self._held_back > _HELD_BACK_MOST * (self.low.calls + self.high.calls)

    @property
    def all_rejected(self) -> bool:
        """Whether so much was rejected that it is no chance: a quota is used up."""
        calls, rejected = self.low.calls + self.high.calls, self.low.rejected + self.high.rejected
        return rejected > self._tuning.most_chance * calls

    @property
    def low_is_silent(self) -> bool:
        """Whether a quota rejected nothing in the low parts, as far as the high ones tell.

        Where the quota has sunk below both, they are admitted the less the more is sent.
        """
        kept_high = (self.high.calls - self.high.rejected + 0.5) / (self.high.calls + 1.0)
        kept_low = (self.low.calls - self.low.rejected + 0.5) / (self.low.calls + 1.0)
        return not self.all_rejected and kept_high >= self._tuning.silent_kept * kept_low

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
            self.low = Count(self.low.calls + count.calls, self.low.rejected + count.rejected)
        elif self._is_high(at):
            self.high = Count(self.high.calls + count.calls, self.high.rejected + count.rejected)


def _share(count: Count) -> float:
    return (count.rejected + 0.1) / (count.calls + 4.0)


def _log_likelihood(count: Count, share: float) -> float:
    return count.rejected * math.log(share) + (count.calls - count.rejected) * math.log(1.0 - share)
