"""The journal gives back what was paid for, or nothing; never something else."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.asking.identity import Question, Request
from sluicegate.asking.journal import Entry, Journal, decode, encode
from sluicegate.asking.response import Response
from sluicegate.faults import JobFault
from sluicegate.records import Usage
from tests.sluicegate.live.virtual_time import InlineStores, at_once

REQUEST = Request("ab" * 32, "cd" * 32)
RESPONSES = [
    Response("{", "MAX_TOKENS", usage=Usage(1, 2, 3, 4), latency_ms=5),
    Response(
        '{"a": "é\ud800\x00"}', "STOP", "", Usage(9, 8, 7, 6), "m-001", "ON_DEMAND", latency_ms=10
    ),
]
ENTRY = Entry(tuple(RESPONSES))
OBJECT = encode(REQUEST, ENTRY)


def test_responses_come_back_whole() -> None:
    """In order, with all their parts, hostile text included."""
    assert decode(OBJECT, REQUEST) == ENTRY
    assert decode(encode(REQUEST, Entry()), REQUEST) == Entry()


def test_what_the_row_should_say_of_the_bytes_comes_back() -> None:
    """A later run does not read them again; objects without it are of an earlier version."""
    warned = Entry(tuple(RESPONSES), warnings=("a page was left out", "é"))
    assert decode(encode(REQUEST, warned), REQUEST) == warned
    stored = json.loads(gzip.decompress(OBJECT))
    del stored["warnings"]
    assert decode(gzip.compress(json.dumps(stored).encode()), REQUEST) == ENTRY


def test_an_object_is_the_same_every_time() -> None:
    """No clock in it: writing twice writes the same bytes."""
    assert encode(REQUEST, ENTRY) == OBJECT


@given(
    st.lists(
        st.builds(
            Response,
            text=st.text(st.characters(), max_size=40),
            finish_reason=st.sampled_from(["STOP", "", "OTHER"]),
            block_reason=st.text(max_size=5),
            usage=st.builds(Usage, *[st.integers(0, 10**9)] * 4),
            latency_ms=st.integers(0, 10**7),
        ),
        max_size=3,
    )
)
def test_any_responses_come_back(responses: list[Response]) -> None:
    """Whatever a model answers, it is read as it was written."""
    assert decode(encode(REQUEST, Entry(tuple(responses))), REQUEST) == Entry(tuple(responses))


def test_another_request_is_not_trusted() -> None:
    """An object under a wrong name is absent."""
    assert decode(OBJECT, Request("ef" * 32, REQUEST.schema)) is None
    assert decode(OBJECT, Request(REQUEST.base, "ef" * 32)) is None


def test_every_cut_object_is_absent() -> None:
    """What an upload that broke off left is not used."""
    assert all(decode(OBJECT[:end], REQUEST) is None for end in range(len(OBJECT)))


@given(
    at=st.integers(0, len(OBJECT) - 1),
    value=st.integers(0, 255),
    tail=st.binary(max_size=4),
)
@example(at=0, value=OBJECT[0], tail=b"\0")
@example(at=3, value=4, tail=b"")
def test_a_mutated_object_is_absent_or_right(at: int, value: int, tail: bytes) -> None:
    """Flipped bits give nothing, or change nothing: never another answer, never an error."""
    data = bytearray(OBJECT)
    data[at] = value
    assert decode(bytes(data) + tail, REQUEST) in (None, ENTRY)


def packed(**changes: Any) -> bytes:
    """Return an object with some entries changed, its checksum right unless changed too."""
    entry = json.loads(gzip.decompress(OBJECT)) | changes
    if "sha256" not in changes:
        text = json.dumps(entry["responses"], sort_keys=True)
        entry["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return gzip.compress(json.dumps(entry).encode(), mtime=0)


def test_the_checksum_is_over_the_responses() -> None:
    """Another reader of the format can compute it."""
    assert decode(packed(), REQUEST) == ENTRY


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"5", mtime=0),
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b"\xff\xfe", mtime=0),
        gzip.compress(b"[" * 100_000, mtime=0),
        packed(sha256="0" * 64),
        packed(responses=None),
        packed(responses=5),
        packed(responses=[5]),
        packed(responses=[{}]),
        packed(responses=[{"text": "x", "finish_reason": "STOP", "usage": 5}]),
    ],
)
def test_other_content_is_absent(data: bytes) -> None:
    """Damage, a wrong checksum, another shape."""
    assert decode(data, REQUEST) is None


def test_it_is_stored_by_request(tmp_path: Path) -> None:
    """Under two digits of its own, to spread the names."""
    journal = Journal(InlineStores(), f"{tmp_path}/j/")
    assert at_once(journal.get(REQUEST)) == Entry()
    at_once(journal.put(REQUEST, Entry(tuple(RESPONSES[:1]))))
    at_once(journal.put(REQUEST, ENTRY))
    assert at_once(journal.get(REQUEST)) == ENTRY
    assert journal.uri(REQUEST) == f"{tmp_path}/j/ab/{REQUEST.base}.{REQUEST.schema}.json.gz"
    assert [path.name for path in (tmp_path / "j/ab").iterdir()] == [
        f"{REQUEST.base}.{REQUEST.schema}.json.gz"
    ]


def test_that_a_question_was_answered_is_stored(tmp_path: Path) -> None:
    """It holds for that question alone, and not where the store cannot be read."""
    journal, question = Journal(InlineStores(), str(tmp_path)), Question("p", "s", "m")
    assert not at_once(journal.was_answered(question))
    at_once(journal.mark_answered(question))
    at_once(journal.mark_answered(question))
    assert at_once(journal.was_answered(question))
    assert not at_once(journal.was_answered(Question("p", "s", "n")))
    (tmp_path / "file").write_text("")
    assert not at_once(Journal(InlineStores(), f"{tmp_path}/file/j").was_answered(question))


def test_a_corrupt_entry_is_written_anew(tmp_path: Path) -> None:
    """It counts as absent until it is replaced."""
    journal = Journal(InlineStores(), str(tmp_path))
    at_once(journal.put(REQUEST, ENTRY))
    Path(journal.uri(REQUEST)).write_bytes(b"junk")
    assert at_once(journal.get(REQUEST)) == Entry()
    at_once(journal.put(REQUEST, ENTRY))
    assert at_once(journal.get(REQUEST)) == ENTRY


def test_a_disk_that_fails_is_the_jobs_fault(tmp_path: Path) -> None:
    """The job stops where it cannot store what it paid for, or cannot read the journal."""
    (tmp_path / "ab").write_text("a file where a folder must be")
    with pytest.raises(JobFault) as caught:
        at_once(Journal(InlineStores(), str(tmp_path)).put(REQUEST, ENTRY))
    assert caught.value.code == "journal_unwritable"
    folder = tmp_path / "j"
    Path(Journal(InlineStores(), str(folder)).uri(REQUEST)).mkdir(parents=True)
    with pytest.raises(JobFault) as caught:
        at_once(Journal(InlineStores(), str(folder)).get(REQUEST))
    assert caught.value.code == "journal_unreadable"


def test_an_upgrade_buys_nothing_again() -> None:
    """Names that this version does not know are ignored, missing ones get their defaults."""
    stored = {
        "text": "x",
        "finish_reason": "STOP",
        "usage": {"prompt_tokens": 3, "new": 5},
        "new": 1,
    }
    assert decode(packed(responses=[stored]), REQUEST) == Entry(
        (Response("x", "STOP", usage=Usage(3)),)
    )
    assert decode(packed(failed=True), REQUEST) == Entry(tuple(RESPONSES), failed=True)


def test_a_later_format_stops_the_job() -> None:
    """What a later version paid for is neither misread nor bought again."""
    with pytest.raises(JobFault, match="later version"):
        decode(packed(format=2), REQUEST)


def test_a_damaged_entry_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An answer that has to be bought again is named in the log."""
    journal = Journal(InlineStores(), str(tmp_path))
    at_once(journal.put(REQUEST, ENTRY))
    Path(journal.uri(REQUEST)).write_bytes(b"junk")
    at_once(journal.get(REQUEST))
    assert REQUEST.base in caplog.text
