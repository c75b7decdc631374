"""One document's calls so far, and how long its next one waits for capacity."""

from collections.abc import Callable
from dataclasses import dataclass

from sluicegate.asking.verdict import RateLimited
from sluicegate.faults import DocumentFault
from sluicegate.pacing.retry import RetryPolicy


@dataclass
class Attempts:
    """One document's calls so far, and how they ended. Mutable; owned by its task."""

    calls: int = 0
    transient_errors: int = 0  # those of an outage left out
    takes_budget: bool = False  # its next retry does
    rejections: int = 0  # 429
    overloads: int = 0  # 503 of the model
    first_rejected_at: float | None = None  # by either
    rejected_last: bool = False  # the last reply was a 429
    troubles_of_all: int = 0  # that say themselves that they pass
    first_trouble_of_all_at: float | None = None
    token_renewed: bool = False  # called once more with a new access token
    failed_alone: bool = False  # it once failed while others did not: no evidence about the job

    def wait_for_capacity(
        self,
        verdict: RateLimited,
        policy: RetryPolicy,
        now: float,
        draw: Callable[[], float],
        *,
        well: bool,
    ) -> float:
        """Count a call that met no capacity; return the seconds of backoff before the next one.

        Raises DocumentFault at the document's deadline. `well`: the service answers other calls.
        """
        self.rejected_last = not verdict.overloaded
        if self.first_rejected_at is None:
            self.first_rejected_at = now
        waited = now - self.first_rejected_at
        if waited > policy.deadline_seconds:
            code, status = ("server_error", 503) if verdict.overloaded else ("rate_limited", 429)
            raise DocumentFault(code, f"answered {status} for {waited:.0f} s: {verdict.message}")
        if verdict.overloaded:
            self.overloads += 1
            backoff = policy.backoff_overloaded(self.overloads, draw(), well=well)
        else:
            self.rejections += 1
            backoff = policy.backoff_rejected(self.rejections, draw())
        if not verdict.retry_after_seconds:
            return backoff
        left = policy.deadline_seconds - waited
        return max(backoff, policy.as_asked(verdict.retry_after_seconds, left, draw()))
