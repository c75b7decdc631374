"""The register of shards: numbered manifests under the journal, each claimed and changed by one.

    JOURNAL/batches/000001.json           the manifest of claim number 1
    JOURNAL/batches/closed                numbers that nobody has to look at any more
    JOURNAL/batches/<shard>/members       digests of its requests
    JOURNAL/batches/<shard>/input.jsonl   what the job reads
    JOURNAL/batches/<shard>/documents.gz  which documents they are

A claim takes the next free number, and holds only if none of its members is in a claim before it.
Numbers have one order for everybody: of two runs that plan the same documents, the later claim
sees the earlier. A claim that was named by its members would let two overlapping ones stand beside
each other.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sluicegate.batch.manifest import Manifest, State, decode, encode
from sluicegate.batch.members import Members
from sluicegate.faults import JobFault
from sluicegate.storage import Changed, NotFound, Store, Stored, StoreError, Unavailable, join
from sluicegate.storage.patterns import literal

_TRIES = 100  # at a number that others take meanwhile


@dataclass(frozen=True, slots=True)
class Entry:
    """A manifest, and the version of it that a change must replace."""

    manifest: Manifest
    version: str


@dataclass(frozen=True, slots=True)
class View:
    """Which shards there were before a run looked at the journal.

    What was closed by then has its answers in the journal, and the run has seen them. Any other
    shard, of then or later, may have answers that it has not.
    """

    last: int = 0  # the highest number
    open: tuple[Manifest, ...] = ()

    def oldest_seconds(self, now: datetime) -> float:
        """Return since when the oldest open job has been asked for."""
        return max((each.age_seconds(now) for each in self.open), default=0.0)

    def concerns(self, number: int) -> bool:
        """Whether the members of that claim may have answers that the run has not seen."""
        return number > self.last or any(each.number == number for each in self.open)


class Overlaps(Exception):  # noqa: N818 - what the claim does
    """Some of the members are in an earlier claim: `taken` are theirs."""

    def __init__(self, taken: frozenset[str]) -> None:
        super().__init__(f"{len(taken)} are in another shard")
        self.taken = taken


class Register:
    """All shards of a journal. Scope: any thread of any process of any run.

    Methods raise JobFault where the store cannot be read or written, and Changed where another
    has changed the manifest.
    """

    def __init__(self, store: Store, journal: str, token: str, now: Callable[[], datetime]) -> None:
        self.store, self.token, self.now = store, token, now
        self.prefix = join(journal, "batches")

    def uri(self, shard: str, name: str) -> str:
        """Return where an object of a shard is."""
        return join(self.prefix, f"{shard}/{name}")

    def entries(self) -> list[Entry]:
        """Return the shards by number, without those that are put away."""
        return self._entries(self._numbers(), self._put_away())

    def view(self) -> View:
        """Return which shards there are now."""
        numbers, away = self._numbers(), self._put_away()
        found = [each.manifest for each in self._entries(numbers, away)]
        return View(_highest(numbers, away), tuple(each for each in found if each.is_open))

    def members(self, shard: str) -> Members:
        """Return who is in a shard."""
        return Members(self.load(self.uri(shard, "members")))

    def claim(self, manifest: Manifest, identities: Iterable[str], view: View) -> Entry:
        """Take the next number for a shard that is written; raise Overlaps.

        Where the same shard has been claimed already, that claim is returned: a bundle may run
        twice, and two runs may plan the same documents.
        """
        ours = tuple(identities)
        looked_at, taken = set[int](), set[str]()
        for _ in range(_TRIES):
            numbers = self._numbers()
            for number in numbers:
                if number in looked_at or not view.concerns(number):
                    continue
                looked_at.add(number)
                found = self._read(number)
                other = found.manifest
                if other.shard == manifest.shard and other.is_open:
                    return found
                if other.state not in ("released", "forgotten"):
                    members = self.members(other.shard)
                    taken.update(each for each in ours if each in members)
            if taken:
                raise Overlaps(frozenset(taken))
            try:
                free = _highest(numbers, self._put_away()) + 1
                return self._write(replace(manifest, number=free), "")
            except Changed:  # another has that number, and is looked at next
                continue
        raise JobFault("journal_in_use", "several runs claim batch jobs at once; start one")

    def change(self, entry: Entry, state: State, **changes: Any) -> Entry:
        """Take a manifest to another state; raise Changed where it is no longer that version."""
        return self._write(entry.manifest.becomes(state, **changes), entry.version)

    def entry(self, number: int) -> Entry:
        """Return a manifest as it is now."""
        return self._read(number)

    def put_away(self, numbers: Iterable[int]) -> None:
        """Note numbers of closed shards, so that their manifests are not read again."""
        closed = self._put_away() | set(numbers)
        self.save(join(self.prefix, "closed"), json.dumps(sorted(closed)).encode())

    def save(self, uri: str, data: bytes) -> None:
        """Write an object of a shard."""
        try:
            self.store.write(uri, data)
        except StoreError as error:
            raise unusable("journal_unwritable", error) from error

    def load(self, uri: str) -> bytes:
        """Read an object of a shard."""
        try:
            return self.store.read(uri)
        except StoreError as error:
            raise unusable("journal_unreadable", error) from error

    def _entries(self, numbers: Iterable[int], away: set[int]) -> list[Entry]:
        return [self._read(number) for number in numbers if number not in away]

    def _put_away(self) -> set[int]:
        try:
            return set(json.loads(self.store.read(join(self.prefix, "closed"))))
        except NotFound:
            return set()
        except (ValueError, TypeError):  # it only saves reading
            return set()
        except StoreError as error:
            raise unusable("journal_unreadable", error) from error

    def _numbers(self) -> list[int]:
        try:
            found = list(self.store.list(f"{literal(self.prefix)}/*.json"))
        except NotFound:
            return []
        except StoreError as error:
            raise unusable("journal_unreadable", error) from error
        names = (each.uri.rpartition("/")[2].removesuffix(".json") for each in found)
        return sorted(int(name) for name in names if name.isdigit())

    def _uri(self, number: int) -> str:
        return join(self.prefix, f"{number:06}.json")

    def _look(self, uri: str) -> Stored:
        try:
            return self.store.look(uri)
        except StoreError as error:
            raise unusable("journal_unreadable", error) from error

    def _read(self, number: int) -> Entry:
        uri = self._uri(number)
        stored = self._look(uri)
        manifest = decode(stored.data)
        if manifest is None:
            raise JobFault(
                "journal_too_new",
                f"{uri} was written by a later version, or is damaged: what its batch job has is "
                "unknown; use that version, or another --journal",
            )
        return Entry(manifest, stored.version)

    def _write(self, manifest: Manifest, version: str) -> Entry:
        manifest = replace(manifest, token=self.token)
        uri, data = self._uri(manifest.number), encode(manifest)
        try:
            return Entry(manifest, self.store.write_if(uri, data, version).version)
        except Changed:
            # A request that was sent again after it had succeeded is told the same.
            stored = self._look(uri)
            if stored.data == data:
                return Entry(manifest, stored.version)
            raise
        except StoreError as error:
            raise unusable("journal_unwritable", error) from error


def _highest(numbers: Iterable[int], put_away: set[int]) -> int:
    """Return the highest number there ever was: manifests may be deleted by their age."""
    return max((*numbers, *put_away), default=0)


def unusable(code: str, error: StoreError) -> JobFault:
    """Return the fault of a store that cannot be used."""
    if isinstance(error, Unavailable):
        return JobFault("storage_unavailable", str(error))
    verb = "read" if code == "journal_unreadable" else "written"
    return JobFault(code, f"the journal's batches cannot be {verb}: {error}")
