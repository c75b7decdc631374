"""The protocol of a service that answers in batch jobs, and what it says of a job.

A job is created once, and never by a request that is sent again: no service takes an id of the
caller's, so a create that is repeated is a second job, and paid for twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sluicegate.asking.response import ApiError, Reply
from sluicegate.asking.verdict import Verdict
from sluicegate.media.prepare import Part

State = Literal["pending", "running", "succeeded", "partial", "failed", "cancelled", "expired"]
# What a job is in until its rows are done, or will never be. Any state but these is the last one.
OPEN: tuple[State, ...] = ("pending", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """A batch job, as its service describes it."""

    name: str  # what it is found by, for ever
    display_name: str
    state: State
    created_at: datetime | None = None
    ended_at: datetime | None = None
    succeeded: int | None = None  # rows that are answered so far; None where it is not told
    error: str = ""  # why it failed
    results: str = ""  # where they are, for `BatchService.results`; "" where there are none

    @property
    def has_ended(self) -> bool:
        """Whether no further row will be answered."""
        return self.state not in OPEN


@dataclass(frozen=True, slots=True)
class Order:
    """What a job is created from."""

    display_name: str
    model: str
    source: str  # what `send_input` returned
    destination: str  # where results may be written, a prefix of this attempt's own


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a job's results: a response, or why there is none."""

    key: str
    reply: Reply | None  # None: the row failed without a word
    served_at: str = ""  # ISO 8601, where the line says it


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one job takes, and what becomes of one that does not come to its end."""

    documents: int
    input_bytes: int
    keeps_partial_results: bool  # rows that were answered before it was cancelled or ran out


class CallRefused(Exception):  # noqa: N818 - what the service did
    """The service has said no: nothing was done, and nothing is paid for."""

    def __init__(self, error: ApiError, verdict: Verdict) -> None:
        super().__init__(error.message)
        self.error, self.verdict = error, verdict


class NoSuchJob(CallRefused):
    """There is no such job, or none that these credentials may see."""


class CallUnclear(Exception):  # noqa: N818 - as above
    """No answer, or one that says nothing: what was asked for may have been done."""


class BatchService(Protocol):
    """Batch jobs of one service. Scope: one thread at a time.

    Methods raise CallRefused, CallUnclear, and JobFault where there are no credentials.
    """

    caps: Caps
    key: str  # a fingerprint of who pays: the project, or a few digits of a key's hash

    def request(self, parts: tuple[Part, ...], max_output_tokens: int) -> dict[str, Any]:
        """Return the body of a request, as a line of the input has it."""
        ...

    def send_input(self, uri: str, display_name: str) -> str:
        """Hand over the input file at `uri`; return what an order names it by."""
        ...

    def create(self, order: Order) -> str:
        """Create a job by exactly one request; return its name."""
        ...

    def get(self, name: str) -> Job:
        """Return a job; raise NoSuchJob where it cannot be seen."""
        ...

    def find(self, display_name: str) -> list[Job]:
        """Return the jobs of that display name, as the service lists them now."""
        ...

    def cancel(self, name: str) -> None:
        """Ask for a job's end. That is no end yet: look at its state."""
        ...

    def results(self, job: Job) -> Iterator[Row]:
        """Yield the lines of a job's results; raise CallUnclear where they cannot be read now."""
        ...
