"""A job as tests submit it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.dataflow import SubmittedJob

# As of an image that was built with this Python, whichever it is.
IMAGE = (
    "europe-west1-docker.pkg.dev/my-project/sluicegate/sluicegate:0.1.0"
    f"-py{sys.version_info.major}.{sys.version_info.minor}"
)


@dataclass(frozen=True)
class Submitted:
    """A job as Dataflow got it, and how it went."""

    jobs: list[SubmittedJob]  # none where the job was only written down
    summary: Any
    folder: str  # gs:// prefix of everything the run has

    @property
    def job(self) -> SubmittedJob:
        """The job that was submitted."""
        return self.jobs[0]


Submit = Callable[..., Submitted]


class Hurried:
    """Beam's clock between two polls, without the wait."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)
