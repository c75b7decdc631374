"""The pure parts of the batch room: members, keys, routes, spreading, results, the watchdog."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.batch_service import Job, Row
from sluicegate.asking.dialogue import Answered, Ask, Failed
from sluicegate.asking.identity import Request
from sluicegate.asking.journal import Entry
from sluicegate.asking.response import ApiError, Response
from sluicegate.batch.board import Board, OpenShards, Trouble, canary_of
from sluicegate.batch.drafts import Member, Sheet, decode_members, encode_members, line_of, without
from sluicegate.batch.manifest import Manifest, decode, encode
from sluicegate.batch.members import Members, identity_of, key_of, shard_name
from sluicegate.batch.register import Overlaps, Register, View
from sluicegate.batch.results import Unusable, joined
from sluicegate.batch.routing import Routing
from sluicegate.batch.spreading import Spread
from sluicegate.batch.store_time import StoreTime
from sluicegate.batch.watchdog import next_step
from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.records import Document
from sluicegate.storage import Changed
from sluicegate.storage.local import LocalStore

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def identity(number: int) -> str:
    """Return one of many identities."""
    return hashlib.sha256(b"%d" % number).hexdigest()


def manifest(number: int = 0, **changes: Any) -> Manifest:
    """Return the manifest of a shard."""
    known = Manifest(
        number=number, shard=f"{number:024}", state="planned", token="t", run_id="r",
        service="developer", key="key ab", model="gemini-3.1-flash-lite", question="q", schema="s",
        max_output_tokens=8192, documents=2, input_bytes=10,
    )  # fmt: skip
    return replace(known, **changes)


def member(number: int) -> Member:
    """Return a member whose request has an identity of its own."""
    request = Request(identity(number), "s" * 64)
    return Member(Document(f"in/{number}.pdf", 10, "7", digest=f"sha256:{number}"), request)


def test_members_are_looked_up_and_come_back_sorted() -> None:
    """Of a thousand digests each is found, and none that is not there."""
    all_of_them = [identity(number) for number in range(1000)]
    members = Members.of(all_of_them[::2] * 2)
    assert len(members) == 500
    assert len(members.data) == 500 * 32
    assert all((each in members) == (place % 2 == 0) for place, each in enumerate(all_of_them))
    assert list(members) == sorted(all_of_them[::2])
    assert identity(1) not in Members()


def test_a_key_is_no_number_and_leads_back() -> None:
    """Anything else is nobody's key."""
    assert identity_of(key_of(identity(1))) == identity(1)
    assert key_of("0" * 64).startswith("r-")
    assert not any(map(identity_of, ("", "r-", "r-12", identity(1), "x-" + identity(1))))


def test_a_shards_name_follows_from_its_members_and_what_is_asked() -> None:
    """Not from their order; of another journal or question it is another."""
    some = [identity(1), identity(2)]
    assert shard_name(some, "q", "p") == shard_name(reversed(some), "q", "p")
    names = {shard_name(some, "q"), shard_name(some, "p"), shard_name(some[:1], "q")}
    assert len(names) == 3
    assert all(len(name) == 24 for name in names)


def test_a_manifest_is_read_as_it_was_written() -> None:
    """One of a later format, or a damaged one, is none."""
    written = manifest(3, state="created", name="batches/x", sent_at=NOW.isoformat())
    assert decode(encode(written)) == written
    assert decode(encode(written).replace(b'"format": 1', b'"format": 2')) is None
    assert decode(b"{") is None
    assert written.age_seconds(NOW) == 0
    assert len(written.display_name) <= 63, "a label's length"
    assert written.display_name == written.display_name.lower()


def test_a_claim_takes_the_next_number_and_drops_what_is_claimed_before(tmp_path: Path) -> None:
    """Also what was collected since the view was taken, and never what had been by then."""
    store = LocalStore()
    one = Register(store, str(tmp_path), "one", lambda: NOW)
    view = one.view()
    for shard, numbers in (("a", (1, 2)), ("b", (2, 3))):
        one.save(one.uri(shard, "members"), Members.of(map(identity, numbers)).data)
    first = one.claim(manifest(shard="a"), map(identity, (1, 2)), view)
    assert first.manifest.number == 1
    again = one.claim(manifest(shard="a"), map(identity, (1, 2)), view)
    assert again.manifest == first.manifest, "a bundle that runs twice has one claim"
    one.change(first, "collected")
    one.put_away([1])
    other = Register(store, str(tmp_path), "other", lambda: NOW)
    with pytest.raises(Overlaps) as overlaps:
        other.claim(manifest(shard="b"), map(identity, (2, 3)), view)
    assert overlaps.value.taken == {identity(2)}
    second = other.claim(manifest(shard="b"), map(identity, (2, 3)), other.view())
    assert second.manifest.number == 2
    with pytest.raises(Changed):
        one.change(first, "forgotten")


def test_a_number_is_never_used_again(tmp_path: Path) -> None:
    """Though a bucket deletes old manifests by their age."""
    register = Register(LocalStore(), str(tmp_path), "one", lambda: NOW)
    claimed = register.claim(manifest(shard="a"), (), View())
    register.change(claimed, "collected")
    register.put_away([1])
    (tmp_path / "batches/000001.json").unlink()
    assert register.view().last == 1
    assert register.claim(manifest(shard="b"), (), register.view()).manifest.number == 2


@pytest.mark.parametrize(
    ("decision", "entry", "open_", "leftovers", "way"),
    [
        (Ask(8192), Entry(), False, "standard", "plan"),
        (Ask(8192), Entry(), True, "standard", "wait"),
        (Answered(Response("{}", "STOP")), Entry(), True, "standard", "call"),
        (Failed("blocked", "", Response("", "SAFETY")), Entry(), False, "standard", "call"),
        (Ask(8192), Entry(left_by_batch=True), False, "standard", "call"),
        (Ask(8192), Entry(left_by_batch=True), False, "batch", "plan"),
        (Ask(8192), Entry((Response("", "OTHER"),)), False, "flex", "call"),
        (Ask(32768), Entry((Response("{", "MAX_TOKENS"),)), False, "batch", "call"),
        (Ask(32768), Entry((Response("{", "MAX_TOKENS"),)), True, "batch", "wait"),
    ],
)
def test_a_document_goes_the_way_of_its_history(
    decision: Any, entry: Entry, open_: bool, leftovers: str, way: str
) -> None:
    """Answered: no way at all; asked for: it waits; left over: by calls; new: into a job."""
    assert Routing(8192, leftovers).of(decision, entry, lambda: open_) == way


def test_documents_are_spread_over_jobs_of_about_one_size() -> None:
    """Ten thousand over jobs of 1,500; a canary of about eighty, and the others held back."""
    spread = Spread(10_000, 1500, "proven", 100)
    buckets = [spread.bucket(identity(number)) for number in range(10_000)]
    sizes = sorted(buckets.count(bucket) for bucket in set(buckets))
    assert len(sizes) == 8
    assert sizes[-1] < 1500
    canary = Spread(10_000, 1500, "none", 100)
    first = [canary.bucket(identity(number)) for number in range(10_000)]
    assert 50 < first.count("canary") <= 110
    assert set(first) == {"canary", None}
    assert Spread(100, 1500, "none", 100).bucket(identity(1)) == "canary"
    assert Spread(10, 1500, "asked", 100).bucket(identity(1)) is None
    assert Spread(10, 1500, "proven", 100).bucket(identity(1)) == "0"


def test_rows_are_joined_by_key_alone() -> None:
    """In any order; one that is missing is missing, one that comes twice is one."""
    members = [member(number) for number in range(3)]
    rows = [
        Row(key_of(members[number].request.identity), Response(f"{number}", "STOP"))
        for number in (2, 0, 2)
    ]
    found = joined(rows, members)
    assert {row.reply.text for row in found.values() if isinstance(row.reply, Response)} == {
        "0", "2"
    }  # fmt: skip
    assert found[members[2].request.identity] == rows[0]
    with pytest.raises(Unusable, match="not asked for"):
        joined([Row(key_of(identity(9)), None)], members)
    with pytest.raises(Unusable, match="different things"):
        joined([rows[0], replace(rows[0], reply=ApiError(500, {}))], members)


def test_a_shard_without_what_others_have_keeps_the_rest() -> None:
    """Its lines and its documents; copies of a content go together."""
    members = [member(1), replace(member(1), document=Document("copy.pdf", 10)), member(2)]
    lines = [line_of(each.request.identity, {"contents": []}) for each in members[1:]]
    left = without(frozenset({members[0].request.identity}), lines, members)
    assert left.members == [members[2]]
    assert left.lines == [lines[1]]
    draft, objects = left.objects("q")
    assert (draft.requests, draft.input_bytes) == (1, len(lines[1]) + 1)
    assert list(decode_members(objects["documents.gz"])) == [members[2]]
    assert list(decode_members(encode_members(members))) == members


def test_a_sheet_is_full_by_requests_and_by_bytes() -> None:
    """The first line always fits."""
    sheet = Sheet(2, 10)
    assert sheet.has_room(b"x" * 100)
    sheet.add(b"1234", [])
    assert sheet.has_room(b"1234")
    assert not sheet.has_room(b"12345")
    sheet.add(b"1234", [])
    assert not sheet.has_room(b"")


@pytest.mark.parametrize(
    ("state", "hours", "partial", "succeeded", "cancelled", "step"),
    [
        ("running", 25, True, None, False, "wait"),
        ("running", 27, True, 5, False, "cancel"),
        ("running", 27, True, 5, True, "wait"),
        ("running", 27, False, 5, False, "wait"),
        ("pending", 27, False, 0, False, "cancel"),
        ("pending", 27, False, None, False, "wait"),
        ("cancelled", 27, False, 0, True, "collect"),
        ("partial", 1, True, 5, False, "collect"),
        ("expired", 50, False, 0, False, "collect"),
    ],
)
def test_the_watchdog_ends_only_what_loses_nothing(
    state: Any, hours: float, partial: bool, succeeded: int | None, cancelled: bool, step: str
) -> None:
    """And takes only a last state for an end."""
    job = Job("batches/x", "d", state, succeeded=succeeded)
    assert next_step(job, hours, 26, keeps_partial=partial, cancelled=cancelled) == step


def test_a_canary_proves_its_question_alone() -> None:
    """By the sum over its jobs; an answer of an earlier run, of calls perhaps, is proof enough."""
    good = manifest(1, is_canary=True, state="collected", documents=10, usable=8)
    bad = manifest(2, is_canary=True, state="collected", documents=10, usable=7, name="batches/b")
    assert canary_of([], "q", was_answered=False) == ("none", "")
    assert canary_of([], "q", was_answered=True) == ("proven", "")
    assert canary_of([good], "q", was_answered=False) == ("proven", "")
    verdict, says = canary_of([good, bad], "q", was_answered=True)
    assert verdict == "failed"
    assert "of the first 20 documents 15 gave a valid answer in batch job batches/b" in says
    assert canary_of([bad], "another", was_answered=False) == ("none", "")
    assert canary_of([replace(bad, state="created")], "q", was_answered=True) == ("asked", "")


def test_time_is_the_stores_and_is_asked_for_once(tmp_path: Path) -> None:
    """Whatever the machine's own clock says; later it is counted on."""
    seconds = [5.0]
    clock = Clock(monotonic=lambda: seconds[0], now=lambda: NOW)
    place = tmp_path / "runs/r/batches"
    time = StoreTime(LocalStore(), str(place), clock)
    first = time()
    assert abs(first.timestamp() - place.stat().st_mtime) < 0.01
    place.unlink()
    seconds[0] += 90
    assert (time() - first).total_seconds() == 90
    assert not place.exists()
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(JobFault, match="journal_unwritable"):
        StoreTime(LocalStore(), str(tmp_path / "file/batches"), clock)()


def test_open_shards_know_their_members() -> None:
    """And the board what is wrong with one."""
    board = Board(View(2, (manifest(1), manifest(2))), (Trouble(2, "batch_unreachable", "gone"),))
    sets = {f"{number:024}": Members.of([identity(number)]) for number in (1, 2)}
    shards = OpenShards(board, sets.__getitem__)
    found = shards.of(identity(2))
    assert found is not None
    assert board.trouble(found.number) == board.troubles[0]
    assert shards.of(identity(3)) is None
    assert board.trouble(1) is None
