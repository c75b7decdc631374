"""A job that goes on without its launcher: what is said of it, and waiting for its end.

    dataflow_job.py   a job on Dataflow
    cluster_job.py    a job at a Beam job server: Flink

Nobody can tell from here when such a job ends, unless it is watched. So whoever loses sight of it
is told where to look, how to cancel it, and not to start it a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sluicegate.faults import one_line
from sluicegate.pacing.clock import Clock

Say = Callable[[str], object]

# How long a job is looked for that cannot be seen: a night without fresh credentials, and a day.
PATIENCE_SECONDS = 24 * 3600.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5.0, 300.0


class RemoteJob(Protocol):
    """A job that was submitted."""

    @property
    def about(self) -> "AboutJob":
        """What a person needs to know of it."""
        ...

    def wait(self, say: Say) -> str:
        """Wait for its end and return its state; raise JobGoesOn where it cannot be watched.

        Trouble of the watching is said once, and waited out. Any other error is the job's own.
        """
        ...


@dataclass(frozen=True, slots=True)
class AboutJob:
    """How to find, watch and cancel a job."""

    id: str
    name: str  # "" where its runner gives it one that says nothing
    watch: str  # a link, or where to look
    cancel: str  # a command

    @property
    def submitted(self) -> str:
        """What is said once it is submitted; Airflow's operators look for the first words."""
        return (
            f"Created job with id: [{self.id}]{f', named {self.name}' if self.name else ''}\n"
            f"  watch it: {self.watch}\n"
            f"  cancel it: {self.cancel}"
        )

    @property
    def goes_on(self) -> str:
        """What is said to whoever loses sight of it."""
        return (
            f"job {self.id} goes on without this command. Watch it: {self.watch}. Cancel it: "
            f"{self.cancel}. Do not run the same command again before it has ended"
        )


@dataclass
class Lost:
    """For how long a job cannot be seen, and what is said of that. Times are seconds."""

    about: AboutJob
    say: Say
    pause: Callable[[float], object]
    clock: Clock = field(default_factory=Clock)
    _since: float | None = field(init=False)
    _pause: float = field(init=False)

    def __post_init__(self) -> None:
        self.seen()

    def again(self, error: Exception) -> bool:
        """Wait before the job is looked for again; False when the patience is at its end."""
        now = self.clock.monotonic()
        if self._since is None:
            self._since = now
            self.say(
                f"the job cannot be seen now ({type(error).__name__}: {one_line(error)}), and is "
                f"looked for again: {self.about.goes_on}"
            )
        if now - self._since > PATIENCE_SECONDS:
            return False
        self.pause(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        return True

    def seen(self) -> None:
        """Note that it can be seen."""
        self._since, self._pause = None, _FIRST_PAUSE_SECONDS
