"""How a run can end badly: what is said of it, and the exit code that goes with it."""

from pipeline.exit_codes import BUSY, CEILING, FAILED, GOES_ON
from sluicegate.summary import Summary


class RunFailed(Exception):  # noqa: N818 - what happened to the run, in the field's words
    """The run did not end well. The text says why, and what to do.

    `summary` is that of a run whose rows and failures have landed all the same: a fault ended its
    calls, or more documents failed than it was allowed.
    """

    exit_code = FAILED
    says = "the run failed"

    def __init__(self, message: str, summary: Summary | None = None) -> None:
        super().__init__(message)
        self.summary = summary


class JournalInUse(RunFailed):
    """Another run works on the journal; nothing of this one was started."""

    exit_code = BUSY
    says = "not started"


class CeilingReached(RunFailed):
    """What was answered for --max_cost_usd has landed; the other documents wait."""

    exit_code = CEILING
    says = "stopped at the ceiling"


class JobGoesOn(RunFailed):
    """A job on a cluster could not be watched to its end; nobody knows how it ends."""

    exit_code = GOES_ON
    says = "lost sight of the job"


def failed_with(code: str, message: str, summary: Summary | None = None) -> RunFailed:
    """Return how a run ended that a fault of that code ended."""
    made = CeilingReached if code == "budget_reached" else RunFailed
    return made(f"{message} ({code})", summary)
