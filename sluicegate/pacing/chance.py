"""The share of calls that a server rejects by chance, whatever the rate.

Two kinds of calls tell it. Those sent at less than what a quota admits were rejected by chance
alone: they are its witnesses (trial.py sees to them). And chance is no more than what was rejected
of all calls lately. Chance comes and goes: witnesses from before a change are forgotten, as ADWIN
does (Bifet and Gavaldà, 2007).
"""

from collections import deque
from typing import NamedTuple

from sluicegate.pacing.count import Count
from sluicegate.pacing.tuning import Tuning


class _Witnesses(NamedTuple):
    at: float  # seconds
    calls: Count


class Chance:
    """What is known of it. Times are seconds of any monotonic clock."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.share = 0.0  # of calls, rejected by chance; 0 where nothing speaks for it
        self._calls = self._rejected = 0.0  # lately
        self._witnesses = deque[_Witnesses](maxlen=tuning.witness_rounds)

    @property
    def lately(self) -> float:
        """The share of all calls that was rejected lately; some, before anything is known."""
        return (self._rejected + 1.0) / (self._calls + 20.0)

    def sent(self) -> None:
        """Count a call, which is taken as admitted until its rejection comes."""
        self._calls += 1.0 - self._calls / self._tuning.lately_calls
        self._rejected -= self._rejected / self._tuning.lately_calls

    def rejected(self) -> None:
        """Count a rejection."""
        self._rejected += 1.0

    def witness(self, now: float, calls: Count) -> None:
        """Take in calls sent at a rate that no quota rejects."""
        self._witnesses.append(_Witnesses(now, calls))

    def found(self, now: float, calls: Count) -> None:
        """Take in the calls of a trial that found chance; forget all others."""
        self._witnesses.clear()
        self.witness(now, calls)

    def learn(self, now: float) -> None:
        """Judge anew, by what the witnesses say."""
        t = self._tuning
        while self._witnesses and self._witnesses[0].at < now - t.witness_seconds:
            self._witnesses.popleft()
        latest = self._since_a_change()
        self.share = t.believed * latest.rejected / (latest.calls + t.no_witness_calls)
        self.bound()

    def _since_a_change(self) -> Count:
        """Forget the witnesses that disagree with later ones; return the sum of the others."""
        everything = sum((each.calls for each in self._witnesses), Count())
        latest, most, kept = Count(), self._tuning.changed, len(self._witnesses)
        for number, each in enumerate(reversed(self._witnesses), start=1):
            latest += each.calls
            differ = latest.best + (everything - latest).best - everything.best
            if differ > most:
                most, kept = differ, number
        while len(self._witnesses) > kept:
            everything -= self._witnesses.popleft().calls
        return everything

    def bound(self) -> None:
        """Believe in no more than was rejected of all calls lately."""
        self.share = min(self.share, self._tuning.cap * self.lately)
        if self.share < self._tuning.no_chance:
            self.share = 0.0
