"""The lease of a journal: one run holds it, the next gets it when that one has ended or is dead."""

import itertools
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluicegate.asking.holder import Holder, name_of
from sluicegate.asking.lease import JournalLease, Lease, Terms, decode, encode
from sluicegate.asking.lease_keeper import LeaseKeeper
from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.storage import Changed, NotFound, Stored, Unavailable, store_for

PREFIX = "memory://journal"
URI = f"{PREFIX}/lease.json"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
Pause = Callable[[float], None]


class Memory:
    """A store whose clock is a test's: seconds since noon."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.objects: dict[str, Stored] = {}
        self.before_write: Callable[[], None] = lambda: None
        self.is_away = False
        self._versions = itertools.count(1)

    def look(self, uri: str) -> Stored:
        """Return what was written."""
        if self.is_away:
            raise Unavailable("the store is away")
        if uri not in self.objects:
            raise NotFound(uri)
        return self.objects[uri]

    def write(self, uri: str, data: bytes) -> None:
        """Write at the store's time."""
        at = NOON + timedelta(seconds=self.seconds)
        self.objects[uri] = Stored(data, str(next(self._versions)), at)

    def write_if(self, uri: str, data: bytes, version: str) -> Stored:
        """Write where the version is still that one."""
        meanwhile, self.before_write = self.before_write, lambda: None
        meanwhile()
        there = self.objects.get(uri)
        if version != (there.version if there else ""):
            raise Changed(uri)
        self.write(uri, data)
        return self.objects[uri]


@pytest.fixture
def store() -> Memory:
    """Return an empty store."""
    return Memory()


def lease_of(
    store: Memory, run_id: str, *, wrong_by: float = 0.0, process: str = ""
) -> JournalLease:
    """Return a run's lease; its machine's clock is wrong by so many seconds."""

    def now() -> datetime:
        return NOON + timedelta(seconds=store.seconds + wrong_by)

    holder = Holder(run_id, f"host-of-{run_id}", 4711, process)
    return JournalLease(store, PREFIX, holder, Clock(now=now))  # type: ignore[arg-type]


def held_by(store: Memory) -> str:
    """Return the run that holds the lease."""
    lease = decode(store.objects[URI].data)
    assert lease
    return "" if lease.released else lease.holder.run_id


def refusal(step: Callable[..., object], *arguments: object) -> str:
    """Return why a step is refused."""
    with pytest.raises(JobFault) as refused:
        step(*arguments)
    assert refused.value.code == "journal_in_use"
    return refused.value.message


def test_a_second_run_is_told_who_holds_it_and_until_when(store: Memory) -> None:
    """Who, where, since when, how long ago it was heard of, what to do, when it would be free."""
    lease_of(store, "one", process="this one").acquire()
    store.seconds = 30
    said = refusal(lease_of(store, "two").acquire)
    assert said.startswith(
        "run one on host-of-one (process 4711), begun 2026-11-26 12:00:00 UTC, works on the "
        f"journal {PREFIX} and was heard of 30 s ago"
    )
    assert "let it end, or stop it, and run the same command again" in said
    assert said.endswith("(if it is dead, its place is free in 90 s)")
    assert held_by(store) == "one"
    assert refusal(lease_of(store, "two").check) == said, "looking is refused alike"


def test_it_is_kept_by_renewing_and_taken_over_when_it_is_stale(store: Memory) -> None:
    """120 seconds after the last renewal, and not before."""
    first, second = lease_of(store, "one"), lease_of(store, "two")
    first.acquire()
    for seconds in (100, 200, 300):
        store.seconds = seconds
        assert first.renew()
        refusal(second.acquire)
    store.seconds = 300 + 119
    refusal(second.acquire)
    store.seconds = 300 + 120
    second.acquire()
    assert held_by(store) == "two"


@pytest.mark.parametrize("wrong_by", [-86_400.0, -600.0, 600.0, 86_400.0])
def test_machines_clocks_may_be_wrong(store: Memory, wrong_by: float) -> None:
    """Only the store's clock counts, which writes both times."""
    lease_of(store, "one", wrong_by=-wrong_by).acquire()
    second = lease_of(store, "two", wrong_by=wrong_by)
    store.seconds = 119
    refusal(second.acquire)
    store.seconds = 120
    second.acquire()


def test_a_released_one_is_free_at_once(store: Memory) -> None:
    """And by its holder alone."""
    first = lease_of(store, "one")
    first.acquire()
    lease_of(store, "two").release()
    assert held_by(store) == "one"
    first.release()
    lease_of(store, "two").acquire()
    first.release()
    assert held_by(store) == "two"


def test_who_was_not_heard_of_learns_that_it_was_taken(store: Memory) -> None:
    """As a laptop that slept: its next renewal is refused, and changes nothing."""
    slept = lease_of(store, "one")
    slept.acquire()
    store.seconds = 3600
    lease_of(store, "two").acquire()
    said = refusal(slept.renew)
    assert said.startswith(f"run two on host-of-two took over the journal {PREFIX}")
    assert "its calls have ended" in said
    assert held_by(store) == "two"


def test_who_was_late_and_is_still_the_holder_goes_on(store: Memory) -> None:
    """Nobody wanted it meanwhile."""
    late = lease_of(store, "one")
    late.acquire()
    store.seconds = 3600
    assert late.renew()
    refusal(lease_of(store, "two").acquire)


@pytest.mark.parametrize("there", [True, False])
def test_of_two_at_once_one_gets_it(store: Memory, there: bool) -> None:
    """Whoever writes second finds the other's, on a new journal and on a stale lease."""
    if there:
        lease_of(store, "old").acquire()
        store.seconds = 1000
    store.before_write = lease_of(store, "one").acquire
    refusal(lease_of(store, "two").acquire)
    assert held_by(store) == "one"


def test_an_answer_that_was_lost_is_no_other_run(store: Memory) -> None:
    """A write that succeeded, and that the client tried again, is one's own."""
    mine = lease_of(store, "one")

    def written_already() -> None:
        store.write(URI, encode(Lease(Holder("one"), mine._token, "", "")))

    store.before_write = written_already
    mine.acquire()
    assert mine.renew()


def test_two_launches_under_one_run_id_are_two(store: Memory) -> None:
    """The token tells them apart; worker processes of one run share its lease."""
    lease_of(store, "one").acquire()
    refusal(lease_of(store, "one").acquire)
    lease_of(store, "one").join(pytest.fail)


def test_workers_of_a_run_renew_it_together(store: Memory) -> None:
    """One write for all of them; whoever comes second sees it and writes nothing."""
    launcher, worker = lease_of(store, "one"), lease_of(store, "one")
    launcher.acquire()
    worker.join(pytest.fail)
    version = store.objects[URI].version
    assert launcher.renew()
    assert store.objects[URI].version != version
    version = store.objects[URI].version
    assert worker.renew()
    assert store.objects[URI].version == version
    assert worker.renew()
    assert store.objects[URI].version != version


def test_a_worker_does_not_take_back_what_its_run_released(store: Memory) -> None:
    """Once everything has landed the journal is the next run's."""
    worker = lease_of(store, "one")
    worker.join(pytest.fail)
    lease_of(store, "one").release()
    assert not worker.renew()
    assert held_by(store) == ""


def waiting(store: Memory, then: Callable[[], object] = lambda: None) -> Pause:
    """Return a pause that lets the store's time pass, and after 20 seconds something happen."""

    def pause(seconds: float) -> None:
        store.seconds += seconds
        assert store.seconds < 1000
        if store.seconds == 20:
            then()

    return pause


def test_a_worker_waits_for_a_lease_that_may_be_dead(store: Memory) -> None:
    """A job on Dataflow was cancelled just before: nobody gives its lease back."""
    lease_of(store, "cancelled").acquire()
    lease_of(store, "one").join(waiting(store))
    assert (held_by(store), store.seconds) == ("one", 120)


def test_a_worker_does_not_wait_for_one_that_lives(store: Memory) -> None:
    """With its first renewal that is known."""
    other = lease_of(store, "other")
    other.acquire()
    refusal(lease_of(store, "one").join, waiting(store, other.renew))
    assert store.seconds == 20


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": "x"}'])
def test_one_that_cannot_be_read_counts_until_it_is_stale(store: Memory, data: bytes) -> None:
    """Of a later version, or damaged: its holder may be alive."""
    store.write(URI, data)
    assert "a run of a later version works on" in refusal(lease_of(store, "one").acquire)
    store.seconds = 120
    lease_of(store, "one").acquire()


def test_nothing_in_it_is_secret(store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run, host, process, two times, a random token."""
    monkeypatch.setenv("GEMINI_API_KEY", "key-that-must-not-leak")
    lease = JournalLease(store, PREFIX, Holder.here("one", lives_here=True), Clock())  # type: ignore[arg-type]
    lease.acquire()
    data = store.objects[URI].data
    assert b"key-that" not in data
    found = decode(data)
    assert found
    assert found.holder.pid == os.getpid()
    assert decode(encode(replace(found, released=True))) == replace(found, released=True)


def test_a_process_that_is_gone_holds_nothing(store: Memory) -> None:
    """Killed on this machine: the same command goes on at once, also before it was waited for."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = name_of(process.pid)
    assert name
    assert name == name_of(process.pid)
    holder = Holder("killed", "here", process.pid, name)
    assert not holder.is_gone
    JournalLease(store, PREFIX, holder, Clock()).acquire()  # type: ignore[arg-type]
    refusal(lease_of(store, "one").acquire)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie from here on
    assert holder.is_gone
    lease_of(store, "one").acquire()
    process.wait()
    assert holder.is_gone


def test_a_process_of_another_machine_may_be_alive() -> None:
    """So may one of another boot or container; and a number that was given anew is another."""
    machine, _, started = name_of(os.getpid()).rpartition(" ")
    assert not Holder("one", "host", os.getpid(), f"another/{machine} {started}").is_gone
    assert not Holder("one", "host", os.getpid(), "").is_gone
    assert Holder("one", "host", os.getpid(), f"{machine} {started}0").is_gone


def test_a_machine_that_slept_notices_as_it_wakes(store: Memory) -> None:
    """By its wall clock, though its monotonic one stood still: the keeper says so, and ends."""
    lost: queue.SimpleQueue[JobFault] = queue.SimpleQueue()
    wall = [NOON]
    clock = Clock(monotonic=lambda: 0.0, now=lambda: wall[0])
    terms = Terms(renew_seconds=0.05)
    lease = JournalLease(store, PREFIX, Holder("one"), clock, terms)  # type: ignore[arg-type]
    lease.acquire()
    keeper = LeaseKeeper(lease, clock, lost.put)
    store.seconds = 3600.0  # for everyone else
    lease_of(store, "two").acquire()
    wall[0] += timedelta(hours=1)
    assert lost.get(timeout=10).code == "journal_in_use"
    keeper.close()
    assert lost.empty()
    assert held_by(store) == "two"


def test_a_keeper_outlasts_a_store_that_is_away(store: Memory) -> None:
    """It tries again until it can renew, and says nothing."""
    real = Clock()
    lease = JournalLease(store, PREFIX, Holder("one"), real, Terms(renew_seconds=0.02))  # type: ignore[arg-type]
    lease.acquire()
    before = store.objects[URI].version
    store.is_away = True
    keeper = LeaseKeeper(lease, real, pytest.fail)
    renewed = threading.Event()
    store.before_write = renewed.set
    store.is_away = False
    assert renewed.wait(10)
    keeper.close()
    assert store.objects[URI].version != before


def test_on_a_disk_writers_take_turns(tmp_path: Path) -> None:
    """Of many threads that replace one version, one succeeds each time, and none is lost."""
    uri, store = f"{tmp_path}/new/lease.json", store_for(str(tmp_path))
    assert store.write_if(uri, b"0", "").data == b"0"
    with pytest.raises(Changed):
        store.write_if(uri, b"x", "")
    with pytest.raises(Changed):
        store.write_if(uri, b"x", "17")

    def count_up(times: int) -> None:
        while times:
            found = store.look(uri)
            try:
                store.write_if(uri, b"%d" % (int(found.data) + 1), found.version)
            except Changed:
                continue
            times -= 1

    threads = [threading.Thread(target=count_up, args=(20,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.look(uri).data == b"80"
    assert [found.uri for found in store.list(f"{tmp_path}/**")] == [uri], "no lock is a document"
