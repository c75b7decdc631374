"""Documents that wait for batch jobs: what is said of them, and running again until none does.

A run is one step. With --wait the command takes the steps by itself: it looks at the open jobs, and
runs the job again once they have ended, or at the end of its time.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.settings import Settings
from sluicegate.asking.batch_service import BatchService, CallRefused, CallUnclear
from sluicegate.batch.manifest import Manifest
from sluicegate.batch.register import Register, View
from sluicegate.batch.sending import BETWEEN_LOOKS_SECONDS
from sluicegate.pacing.clock import Clock
from sluicegate.summary import Summary

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
# After which a run is worth its while though nothing is known to have ended: documents are held
# back until the service takes more jobs.
_HELD_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The shards that are open once a run has ended, and the time of their store."""

    view: View
    now: datetime

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Their manifests."""
        return self.view.open

    @classmethod
    def of(cls, register: Register) -> "OpenJobs":
        """Look at the journal of a run."""
        return cls(register.view(), register.now())

    def sentence(self, summary: Summary) -> str:
        """Return how a run ended that left documents waiting."""
        oldest = self.view.oldest_seconds(self.now)
        jobs = len(self.manifests)
        place = f" in {_jobs(jobs)}" if jobs else ""
        age = f", oldest {_age(oldest)}" if jobs else ""
        return (
            f"{summary.rows:,} rows, {summary.failures:,} failures, {summary.waiting:,} waiting"
            f"{place}{age}; run again to collect"
        )

    def have_ended(self, service: BatchService) -> bool:
        """Return whether another run would take every one of them further."""
        return all(self._has_ended(each, service) for each in self.manifests)

    def _has_ended(self, manifest: Manifest, service: BatchService) -> bool:
        if not manifest.name:  # not known to be there: a run looks for it, two minutes apart
            return manifest.age_seconds(self.now) >= BETWEEN_LOOKS_SECONDS
        try:
            return service.get(manifest.name).has_ended
        except CallRefused:  # the run says what that means
            return True
        except CallUnclear:
            return False


def wait_for_jobs(
    settings: Settings,
    seconds: float,
    say: Callable[[str], object],
    clock: Clock | None = None,
    pause: Callable[[float], object] | None = None,
) -> float:
    """Wait until a further run is worth its while, or the time is over; return what is left of it.

    At the end of the time there is one more run, for what has ended by then.
    """
    if settings.batch is None:
        return 0.0
    clock, pause = clock or Clock(), pause or threading.Event().wait
    service, register = settings.batch.service(), settings.batch.register()
    began, jobs = clock.monotonic(), OpenJobs.of(register)
    say(f"waiting for {_jobs(len(jobs.manifests))}, at most {_age(seconds)}")
    step = _FIRST_PAUSE_SECONDS
    while (waited := clock.monotonic() - began) < seconds:
        if jobs.manifests and jobs.have_ended(service):
            break
        if not jobs.manifests and waited >= _HELD_SECONDS:
            break
        pause(min(step, seconds - waited))
        step = min(1.5 * step, _LONGEST_PAUSE_SECONDS)
        jobs = OpenJobs.of(register)
    return max(0.0, seconds - (clock.monotonic() - began))


def again(arguments: Sequence[str], number: int) -> list[str]:
    """Return a command's arguments for its run of that number: a run has an id of its own."""
    before = ("", *arguments)
    return [
        f"{given}-{number}" if given.startswith("--run_id=") or flag == "--run_id" else given
        for flag, given in zip(before, arguments, strict=False)
    ]


def _jobs(number: int) -> str:
    return f"{number:,} batch job{'s' if number != 1 else ''}"


def _age(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
