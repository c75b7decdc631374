"""Collecting: every open shard is taken as far as it goes now; what has ended is harvested.

planned, sending      sent, or found: what a run left behind that was killed
created, not ended    waits; at the deadline its end is asked for, where nothing is lost by that
created, ended        harvested, then closed
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluicegate.asking.batch_service import (
    BatchService,
    CallRefused,
    CallUnclear,
    Job,
    NoSuchJob,
    Row,
)
from sluicegate.asking.verdict import FailJob
from sluicegate.batch.board import Trouble
from sluicegate.batch.drafts import DOCUMENTS, Member, decode_members
from sluicegate.batch.harvest import Harvested
from sluicegate.batch.manifest import Manifest, State
from sluicegate.batch.register import Entry, Register
from sluicegate.batch.results import Unusable
from sluicegate.batch.sending import Sender
from sluicegate.batch.watchdog import WARN_HOURS, next_step
from sluicegate.faults import JobFault
from sluicegate.storage import Changed

Store = Callable[[Manifest, Sequence[Row], Sequence[Member]], Harvested]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long jobs may take, and which are given up."""

    deadline_hours: float = 26.0
    forget: tuple[str, ...] = ()  # names of jobs, or numbers of their manifests


class Collector:
    """Takes shards further. Scope: one thread.

    `store` puts a job's rows into the journal. Methods raise JobFault for what every shard would
    meet: credentials, a store that fails.
    """

    def __init__(
        self,
        register: Register,
        service: BatchService,
        store: Store,
        patience: Patience,
        warn: Callable[[str], object],
    ) -> None:
        self._register, self._service, self._store = register, service, store
        self._patience, self._warn = patience, warn
        self._sender = Sender(register, service, warn)

    def collect(self, entry: Entry) -> Trouble | None:
        """Take one shard as far as it goes; return what is in its way."""
        if self._is_forgotten(entry.manifest):
            self._close(entry, "forgotten")
            return None
        if entry.manifest.state in ("planned", "sending"):
            send = self._sender.send if entry.manifest.state == "planned" else self._sender.find
            sent = send(entry)
            if sent.says:
                self._warn(sent.says)
            if sent.fault:
                return None if sent.entry is None else self._trouble(sent.entry, sent.fault)
            if sent.entry is None:
                return None
            entry = sent.entry
        return self._look(entry) if entry.manifest.state == "created" else None

    def _look(self, entry: Entry) -> Trouble | None:
        name = entry.manifest.name
        try:
            job = self._service.get(name)
        except NoSuchJob as error:
            return Trouble(entry.manifest.number, "batch_unreachable", self._unseen(entry, error))
        except CallRefused as refused:
            if isinstance(refused.verdict, FailJob):
                raise JobFault(refused.verdict.code, refused.verdict.message) from refused
            self._warn(f"batch job {name} cannot be looked at now: {refused}")
            return None
        except CallUnclear as error:
            # A job was seen to be unreadable for hours while it ran on: it waits.
            self._warn(f"batch job {name} cannot be looked at now: {error}")
            return None
        hours = entry.manifest.age_seconds(self._register.now()) / 3600
        step = next_step(
            job,
            hours,
            self._patience.deadline_hours,
            keeps_partial=self._service.caps.keeps_partial_results,
            cancelled=bool(entry.manifest.cancelled_at),
        )
        if step == "collect":
            return self._harvest(entry, job)
        if hours >= WARN_HOURS:
            self._warn(f"batch job {name} is {job.state} since {hours:.0f} hours")
        if step == "cancel":
            self._cancel(entry)
        return None

    def _cancel(self, entry: Entry) -> None:
        name = entry.manifest.name
        self._warn(f"batch job {name} is cancelled: it is older than --batch_deadline allows")
        try:
            self._service.cancel(name)
            now = self._register.now().isoformat()
            self._register.change(entry, entry.manifest.state, cancelled_at=now)
        except (CallUnclear, CallRefused) as error:
            self._warn(f"batch job {name} could not be cancelled: {error}")
        except Changed:
            return

    def _harvest(self, entry: Entry, job: Job) -> Trouble | None:
        manifest = entry.manifest
        members = tuple(
            decode_members(self._register.load(self._register.uri(manifest.shard, DOCUMENTS)))
        )
        try:
            rows = [_dated(row, job) for row in self._service.results(job)] if job.results else []
            if not rows and job.state in ("succeeded", "partial") and job.succeeded != 0:
                raise CallUnclear("they are not there yet")
            found = self._store(manifest, rows, members)
        except (Unusable, ValueError) as error:
            return Trouble(
                manifest.number,
                "batch_unusable",
                f"the results of batch job {job.name} cannot be used: {error}. None was taken; "
                f"--batch_forget={job.name} gives them up, and asks for all of them anew",
            )
        except NoSuchJob as error:
            return Trouble(manifest.number, "batch_unreachable", self._unseen(entry, error))
        except (CallUnclear, CallRefused) as error:
            self._warn(f"the results of batch job {job.name} cannot be read now: {error}")
            return None
        self._tell(job, found)
        self._close(
            entry,
            "collected",
            answered=found.answered,
            usable=found.usable,
            left_over=found.left_over,
            said=job.error or job.state,
        )
        return None

    def _tell(self, job: Job, found: Harvested) -> None:
        if job.state != "succeeded" or found.left_over:
            why = f" ({job.error})" if job.error else ""
            self._warn(
                f"batch job {job.name} ended as {job.state}{why}: {found.answered:,} documents "
                f"answered, {found.left_over:,} left over"
            )
        if found.changed:
            self._warn(
                f"{found.changed:,} answers of batch job {job.name} were thrown away, and are "
                "billed: their documents were replaced or deleted meanwhile"
            )

    def _close(self, entry: Entry, state: State, **changes: Any) -> None:
        try:
            self._register.change(entry, state, **changes)
        except Changed:  # another run has collected it, too: the same answers
            return

    def _is_forgotten(self, manifest: Manifest) -> bool:
        return bool({manifest.name, str(manifest.number)} & set(self._patience.forget))

    def _trouble(self, entry: Entry, fault: JobFault) -> Trouble:
        return Trouble(entry.manifest.number, fault.code, fault.message)

    def _unseen(self, entry: Entry, error: CallRefused) -> str:
        manifest, mine = entry.manifest, self._service.key
        made = f"with {manifest.key}" if manifest.key != mine else "with another project"
        return (
            f"batch job {manifest.name} ({manifest.documents:,} documents) cannot be seen: it was "
            f"made {made}, and this is {mine}. Use the project that made it: what it answered is "
            f"paid for. --batch_forget={manifest.name} gives it up, and asks for all of it anew "
            f"(HTTP {error.error.status}: {error})"
        )


def _dated(row: Row, job: Job) -> Row:
    """Return a row with the time that its price goes by: its own, or that of its job's end."""
    if row.served_at or job.ended_at is None:
        return row
    return replace(row, served_at=job.ended_at.isoformat())
