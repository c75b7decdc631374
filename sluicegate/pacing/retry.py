"""Retry with backoff: how often and when a call is made again. Values and pure functions."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds on retries, and when refusals are the job's fault.

    Rejections (429), overloads (503 of the model) and a tier without capacity are bounded by a
    deadline, not by a count: they say nothing about the document.
    Transient errors (408, 5xx, timeouts, broken connections) are bounded by a count.
    """

    max_attempts: int = 4  # calls of one document that end in a transient error
    base_seconds: float = 1.0
    cap_seconds: float = 30.0
    rejected_base_seconds: float = 0.5  # the pacer holds the rate; this only spreads the retries
    rejected_cap_seconds: float = 5.0
    overloaded_base_seconds: float = 0.25
    # Where most calls are answered, an overload is chance: a longer wait changes nothing, and a
    # run's last documents would wait for it. Where hardly any is, the model needs the relief.
    overloaded_well_cap_seconds: float = 0.5
    overloaded_cap_seconds: float = 30.0
    # A tier without capacity: its calls take minutes, so that seconds are nothing; and where hardly
    # any is served, to ask each document's turn once a minute finds the capacity that comes back.
    shed_base_seconds: float = 1.0
    shed_well_cap_seconds: float = 4.0
    shed_cap_seconds: float = 60.0
    later_than_asked: float = 0.1  # share that may be added to a wait that was asked for
    deadline_seconds: float = 3600.0  # of one document, from its first rejected call
    max_first_refusals: int = 10  # when a job's first documents are all refused, so many: its fault
    # The same where an earlier run had answers to this very question. What is left to do may well
    # be just the documents that are refused, a hundred of them perhaps, but not everything.
    max_first_refusals_if_answered_before: int = 200

    def backoff(self, attempt: int, draw: float) -> float:
        """Return seconds before a retry: exponential, the upper half of it random.

        `attempt` counts from 1; `draw` is uniform in [0, 1). The lower half is fixed so that a
        retry never follows at once.
        """
        return _backoff(self.base_seconds, self.cap_seconds, attempt, draw)

    def backoff_rejected(self, attempt: int, draw: float) -> float:
        """Return seconds before a rejected call queues again; parameters as for `backoff`."""
        return _backoff(self.rejected_base_seconds, self.rejected_cap_seconds, attempt, draw)

    def backoff_overloaded(self, attempt: int, draw: float, *, well: bool) -> float:
        """Return seconds before an overloaded call queues again; parameters as for `backoff`.

        `well`: the service answers other calls.
        """
        cap = self.overloaded_well_cap_seconds if well else self.overloaded_cap_seconds
        return _backoff(self.overloaded_base_seconds, cap, attempt, draw)

    def backoff_shed(self, attempt: int, draw: float, *, well: bool) -> float:
        """Return seconds before a call that found no capacity queues again; as `backoff`.

        `well`: the tier serves other calls.
        """
        cap = self.shed_well_cap_seconds if well else self.shed_cap_seconds
        return _backoff(self.shed_base_seconds, cap, attempt, draw)

    def as_asked(
        self, seconds: float, backoff: float, draw: Callable[[], float], left: float = math.inf
    ) -> float:
        """Return the wait of a call that was asked to come back after so many seconds, if it was.

        Never less than that, nor than its backoff, and a little more: clocks differ, and all would
        come at once. Never more than what is `left` of its document's deadline: then it is called a
        last time.
        """
        if seconds <= 0:
            return backoff
        later = seconds * (1 + self.later_than_asked * draw()) + _LATER_SECONDS
        return max(backoff, min(later, left))


# At least so much later than asked for.
_LATER_SECONDS = 0.02


def _backoff(base: float, cap: float, attempt: int, draw: float) -> float:
    return min(cap, base * 2.0 ** min(attempt - 1, 16)) * (0.5 + 0.5 * draw)


class RetryBudget:
    """Retries as a share of traffic, so that retries do not multiply the load of an outage.

    Each document's first call earns `share` of a retry; `reserve` lets small jobs retry at all.
    Source of the idea and of the figure: the retry budgets of Finagle (20 %).
    """

    def __init__(self, share: float = 0.2, reserve: float = 10.0) -> None:
        self._share = share
        self._balance = reserve
        self._cap = max(reserve, 100.0)

    def earn(self) -> None:
        """Count a document's first call."""
        self._balance = min(self._cap, self._balance + self._share)

    def spend(self) -> bool:
        """Take one retry from the budget; return False when there is none to take now."""
        if self._balance < 1.0:
            return False
        self._balance -= 1.0
        return True
