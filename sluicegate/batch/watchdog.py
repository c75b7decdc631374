"""What to do about a job, by its state and its age. Pure.

A job is never asked for again before its service has said that it ended: jobs that were given up as
stuck were seen to finish, and to be paid for (sourcelibrary-v2 #643). To cancel one is no end yet.
"""

from typing import Literal

from sluicegate.asking.batch_service import Job

WARN_HOURS = 12.0

Step = Literal["wait", "cancel", "collect"]


def next_step(
    job: Job, age_hours: float, deadline_hours: float, *, keeps_partial: bool, cancelled: bool
) -> Step:
    """Return what to do now.

    Where a cancelled job returns what was answered, it is cancelled at the deadline. Where it would
    lose that, it is cancelled only if nothing was answered, which is told; else it is left to end
    by itself.
    """
    if job.has_ended:
        return "collect"
    if cancelled or age_hours < deadline_hours:
        return "wait"
    return "cancel" if keeps_partial or job.succeeded == 0 else "wait"
