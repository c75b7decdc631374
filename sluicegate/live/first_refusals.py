"""When refusals of a job's first documents are the job's fault, and not theirs."""

from sluicegate.faults import JobFault
from sluicegate.pacing.retry import RetryPolicy


class FirstRefusals:
    """Counts refusals whose blame is unclear, as long as nothing has been answered."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._refusals = 0

    def add(
        self, message: str, *, responses: bool, in_flight: int, answered_before: bool
    ) -> JobFault | None:
        """Count a refusal; return the job's fault once there are too many, else None.

        `responses`: it was a response without a usable answer. Such come sooner than answers, so
        there must be as many as calls are in flight.
        `answered_before`: an earlier run had answers to the same question.
        """
        self._refusals += 1
        policy = self._policy
        most = (
            policy.max_first_refusals_if_answered_before
            if answered_before
            else policy.max_first_refusals
        )
        if self._refusals < (max(most, in_flight) if responses else most):
            return None
        how = "brought no usable answer" if responses else "were all refused"
        return JobFault("request_refused", f"the first {self._refusals} documents {how}: {message}")
