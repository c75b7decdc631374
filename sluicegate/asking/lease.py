"""The lease of a journal: one run at a time works on it.

`<prefix>/lease.json` names the run that holds it, and is written anew every 20 seconds for as long
as that run lives. Two runs on one journal would not see what the other has in flight, and pay for
it twice.

what is found                       a run that wants to begin
nothing, or a released lease        takes it
of a process that is gone           takes it at once: killed on this machine
not renewed for 120 seconds         takes it
renewed since                       is refused, and told who holds it, since when and for how long
                                    yet it has to wait if that run is dead

Each step is one conditional write, so of two runs one succeeds. How old a lease is goes by the
store's clock alone, which writes both times: machines' own clocks may be wrong by hours.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sluicegate.asking.holder import Holder
from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.storage import Changed, NotFound, Store, Stored, StoreError, Unavailable, join

_FORMAT = 1
_TRIES = 10  # at a lease that others write meanwhile
_LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How often a lease is renewed, and after what silence it is another's to take."""

    renew_seconds: float = 20.0
    stale_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Lease:
    """What `lease.json` says. `token` tells two runs of one id apart."""

    holder: Holder
    token: str
    began: str  # by the holder's clock, for people
    renewed: str
    released: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    lease: Lease | None  # None where the object cannot be read: of a later version, or damaged
    stored: Stored


class JournalLease:
    """One run's part in the lease of a journal. Scope: any thread of any process of the run.

    Methods raise JobFault: `journal_in_use` where another run has the journal, and the journal's
    own codes where the lease cannot be read or written.
    """

    def __init__(
        self, store: Store, prefix: str, holder: Holder, clock: Clock, terms: Terms | None = None
    ) -> None:
        self.terms = terms or Terms()
        self._store, self._prefix, self._holder, self._clock = store, prefix, holder, clock
        self._uri = join(prefix, "lease.json")
        self._token = f"{int(clock.draw() * 2**53):014x}"
        self._seen = ""  # the version that was looked at last

    def acquire(self) -> None:
        """Take the lease for a run that begins."""
        self._take(self._found())

    def check(self) -> None:
        """Raise JobFault where another run has the lease; take nothing."""
        found = self._found()
        if found and (why := self._in_the_way(found)):
            raise JobFault("journal_in_use", why)

    def join(self, pause: Callable[[float], object]) -> None:
        """Share what the run holds already, as one of its worker processes; else take it.

        A lease that another run may have left behind is watched until it is renewed or stale.
        """
        while True:
            found = self._found()
            if found and self._is_ours(found):
                self._seen = found.stored.version
                return
            if found and (why := self._in_the_way(found)):
                if self._seen and self._seen != found.stored.version:
                    raise JobFault("journal_in_use", why)
                self._seen = found.stored.version
                pause(min(_LOOK_SECONDS, self.terms.renew_seconds))
                continue
            self._take(found)
            return

    def renew(self) -> bool:
        """Say that the run lives; return whether it still needs the lease.

        Raises JobFault when another run took it, StoreError when that cannot be known now.
        """
        for _ in range(_TRIES):
            found = self._look()
            if found and found.lease and found.lease.holder.run_id != self._holder.run_id:
                raise JobFault("journal_in_use", self._lost(found.lease))
            if found and found.lease and found.lease.released:
                return False
            if found and found.stored.version != self._seen:
                self._seen = found.stored.version  # another process of this run renewed it
                return True
            with suppress(Changed):
                lease = found.lease if found and found.lease else self._new()
                self._write(replace(lease, renewed=self._now()), self._seen if found else "")
                return True
        return True

    def release(self) -> None:
        """Let the next run begin at once; a store that fails leaves it to wait."""
        with suppress(StoreError):
            for _ in range(_TRIES):
                found = self._look()
                if not found or not found.lease or not self._is_ours(found):
                    return
                with suppress(Changed):
                    self._write(replace(found.lease, released=True), found.stored.version)
                    return

    def _take(self, found: _Found | None) -> None:
        for _ in range(_TRIES):
            if found and found.lease and found.lease.token == self._token:
                self._seen = found.stored.version  # a write that succeeded and was tried again
                return
            if found and (why := self._in_the_way(found)):
                raise JobFault("journal_in_use", why)
            try:
                self._write(self._new(), found.stored.version if found else "")
            except Changed:
                found = self._found()
            except StoreError as error:
                raise _unusable("journal_unwritable", error) from error
            else:
                return
        raise JobFault("journal_in_use", "several runs want this journal at once; start one")

    def _found(self) -> _Found | None:
        try:
            return self._look()
        except StoreError as error:
            raise _unusable("journal_unreadable", error) from error

    def _look(self) -> _Found | None:
        try:
            stored = self._store.look(self._uri)
        except NotFound:
            return None
        return _Found(decode(stored.data), stored)

    def _is_ours(self, found: _Found) -> bool:
        lease = found.lease
        return bool(lease and lease.holder.run_id == self._holder.run_id and not lease.released)

    def _in_the_way(self, found: _Found) -> str:
        """Return why the run has to wait; "" where the lease may be taken."""
        lease = found.lease
        if lease and (lease.released or lease.holder.is_gone):
            return ""
        silent = (self._store_now() - found.stored.written_at).total_seconds()
        left = self.terms.stale_seconds - silent
        if left <= 0:
            return ""
        who = f"{lease.holder}, begun {lease.began}," if lease else "a run of a later version"
        return (
            f"{who} works on the journal {self._prefix} and was heard of {max(0, silent):.0f} s "
            "ago; two runs on one journal pay twice: let it end, or stop it, and run the same "
            f"command again (if it is dead, its place is free in {left:.0f} s)"
        )

    def _store_now(self) -> datetime:
        """Return the store's time: of an object that is written for it."""
        uri = join(self._prefix, f"runs/{self._holder.run_id or 'unnamed'}/waited")
        try:
            self._store.write(uri, b"")
            return self._store.look(uri).written_at
        except StoreError as error:
            raise _unusable("journal_unwritable", error) from error

    def _lost(self, lease: Lease) -> str:
        return (
            f"{lease.holder} took over the journal {self._prefix} ({lease.began}), since this run "
            f"was not heard of for {self.terms.stale_seconds:.0f} s; its calls have ended. Let "
            "that run end, then run the same command again: it goes on from here"
        )

    def _new(self) -> Lease:
        now = self._now()
        return Lease(self._holder, self._token, began=now, renewed=now)

    def _now(self) -> str:
        return f"{self._clock.now():%Y-%m-%d %H:%M:%S} UTC"

    def _write(self, lease: Lease, version: str) -> None:
        self._seen = self._store.write_if(self._uri, encode(lease), version).version


def encode(lease: Lease) -> bytes:
    """Return the object of a lease: JSON that people can read."""
    return json.dumps({"format": _FORMAT, **asdict(lease)}, indent=1).encode()


def decode(data: bytes) -> Lease | None:
    """Return the lease of an object, or None where it cannot be read."""
    try:
        stored = json.loads(data)
        if stored["format"] > _FORMAT:
            return None
        holder = {name: stored["holder"][name] for name in Holder.__dataclass_fields__}
        known = {name: stored[name] for name in ("token", "began", "renewed", "released")}
        return Lease(holder=Holder(**holder), **known)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _unusable(code: str, error: StoreError) -> JobFault:
    if isinstance(error, Unavailable):
        return JobFault("storage_unavailable", str(error))
    verb = "read" if code == "journal_unreadable" else "written"
    return JobFault(
        code,
        f"the journal cannot be {verb}: {error}; free space or fix permissions of --journal, "
        "then run again",
    )
