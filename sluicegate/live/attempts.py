"""One document's calls so far, and how long its next one waits for capacity."""

from collections.abc import Callable
from dataclasses import dataclass

from sluicegate.asking.verdict import RateLimited, Retry
from sluicegate.faults import DocumentFault
from sluicegate.pacing.retry import RetryPolicy


@dataclass
class Attempts:
    """One document's calls so far, and how they ended. Mutable; owned by its task."""

    calls: int = 0
    transient_errors: int = 0  # those of an outage left out
    takes_budget: bool = False  # its next retry does
    rejections: int = 0  # 429
    sheds: int = 0  # without capacity at the tier that was asked for
    at_last_resort: bool = False  # that tier is not asked any more
    overloads: int = 0  # 503 of the model
    first_rejected_at: float | None = None  # by either
    rejected_last: bool = False  # the last reply was a 429 of a quota,
    shed_last: bool = False  # or said that the tier has no capacity
    rejected_after: int = -1  # answers of the service, when either was counted last
    troubles_of_all: int = 0  # that say themselves that they pass
    first_trouble_of_all_at: float | None = None
    token_renewed: bool = False  # called once more with a new access token
    failed_alone: bool = False  # it once failed while others did not: no evidence about the job

    def after_rejection(
        self, verdict: RateLimited, policy: RetryPolicy, now: float, draw: Callable[[], float]
    ) -> float:
        """Count a 429; return the seconds before the next call, or raise at the deadline."""
        left = self._left(policy, now, "rate_limited", 429, verdict.message)
        self.rejections += 1
        self.rejected_last = True
        backoff = policy.backoff_rejected(self.rejections, draw())
        return policy.as_asked(verdict.retry_after_seconds, backoff, draw, left)

    def after_overload(
        self,
        verdict: Retry,
        policy: RetryPolicy,
        now: float,
        draw: Callable[[], float],
        *,
        well: bool,
    ) -> float:
        """Count a 503 of the model; return the seconds before the next call.

        Raises DocumentFault at the deadline. `well`: the service answers other calls.
        """
        left = self._left(policy, now, verdict.code, 503, verdict.message)
        self.overloads += 1
        backoff = policy.backoff_overloaded(self.overloads, draw(), well=well)
        return policy.as_asked(verdict.retry_after_seconds, backoff, draw, left)

    def after_shed(
        self,
        verdict: RateLimited,
        policy: RetryPolicy,
        now: float,
        draw: Callable[[], float],
        *,
        well: bool,
    ) -> float:
        """Count a call that its tier had no capacity for; return the seconds before the next.

        Raises DocumentFault at the deadline. `well`: the tier serves other calls.
        """
        left = self._left(policy, now, "rate_limited", "without capacity", verdict.message)
        self.sheds += 1
        self.shed_last = True
        backoff = policy.backoff_shed(self.sheds, draw(), well=well)
        return policy.as_asked(verdict.retry_after_seconds, backoff, draw, left)

    def begin_last_resort(self) -> None:
        """Begin again at another tier: what this one answered says nothing about that."""
        self.at_last_resort = True
        self.first_rejected_at = None
        self.rejected_after = -1
        self.transient_errors = 0

    def is_first_since(self, answers: int) -> bool:
        """Tell whether this rejection is its first since the service's last answer."""
        first, self.rejected_after = self.rejected_after != answers, answers
        return first

    def _left(
        self, policy: RetryPolicy, now: float, code: str, answered: object, message: str
    ) -> float:
        """Return the seconds until the document's deadline; raise its fault after it."""
        if self.first_rejected_at is None:
            self.first_rejected_at = now
        waited = now - self.first_rejected_at
        if waited > policy.deadline_seconds:
            raise DocumentFault(code, f"answered {answered} for {waited:.0f} s: {message}")
        return policy.deadline_seconds - waited
