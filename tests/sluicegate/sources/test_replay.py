"""Replay: which documents of which failure lines are done again."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.codes import DOCUMENT_CODES
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Document, Failure
from sluicegate.sources.replay import Choice, UnusableLine, find_again, is_finished, read_record
from sluicegate.storage import StoreError

TIMEOUT = ("2026-11-23T12:00:00", "r1", "timeout", True)
BLOCKED = ("2026-11-23T13:00:00", "r2", "blocked", False)


@pytest.mark.parametrize("code", DOCUMENT_CODES)
def test_lines_that_a_run_writes_are_read(code: str) -> None:
    """A later run replays them."""
    from datetime import UTC, datetime  # noqa: PLC0415

    line = failure_line(Failure("gs://b/é", code, "m"), "r1", datetime(2026, 11, 23, tzinfo=UTC))
    uri, record = read_record(line.encode() + b"\n")
    assert uri == "gs://b/é"
    assert record == (
        "2026-11-23T00:00:00.000000+00:00",
        "r1",
        code,
        DOCUMENT_CODES[code].retryable,
    )


def test_a_line_of_another_version_is_read() -> None:
    """It may have more keys, an unknown code, and no `retryable`."""
    assert read_record(b'{"document_uri": "a", "code": "new", "x": 1}')[1] == ("", "", "new", False)
    assert read_record(b'{"document_uri": "a", "code": "timeout"}')[1][3] is True


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"{", b'{"document_uri": "a", "code": "tim', b"[]", b"5", b"null", b"\xff\xfe",
        b'{"code": "timeout"}', b'{"document_uri": "", "code": "timeout"}',
        b'{"document_uri": 5, "code": "timeout"}', b'{"document_uri": "a"}', b"[" * 100_000,
        b'{"document_uri": "a", "code": ["timeout"]}',
    ],
)  # fmt: skip
def test_a_broken_line_is_unusable(line: bytes) -> None:
    """The error says why, in a sentence; no other error is raised."""
    with pytest.raises(UnusableLine, match=r"^it "):
        read_record(line)


@given(st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(
    lambda value: json.dumps({"document_uri": value, "code": value}).encode()))  # fmt: skip
def test_any_line_is_a_record_or_unusable(line: bytes) -> None:
    """No content of a file raises another error."""
    try:
        uri, _ = read_record(line)
    except UnusableLine:
        return
    assert uri


@pytest.mark.parametrize(
    ("choice", "records", "taken"),
    [
        (Choice(), [BLOCKED], True),
        (Choice(frozenset({"timeout"})), [TIMEOUT], True),
        (Choice(frozenset({"timeout", "blocked"})), [BLOCKED], True),
        (Choice(frozenset({"timeout"})), [TIMEOUT, BLOCKED], False),
        (Choice(frozenset({"blocked"})), [BLOCKED, TIMEOUT], True),
        (Choice(retryable_only=True), [TIMEOUT], True),
        (Choice(retryable_only=True), [BLOCKED, TIMEOUT], False),
        (Choice(frozenset({"blocked"}), retryable_only=True), [BLOCKED], False),
    ],
)
def test_the_latest_failure_decides(choice: Choice, records: list[Any], taken: bool) -> None:
    """The order of the lines does not matter."""
    assert choice.takes(records) is taken


def test_one_of_a_documents_failed_records_is_enough() -> None:
    """Of those that the latest run recorded; none of an earlier run counts."""
    records = [
        ("2026-11-23T13:00:01", "r2", "check_failed", False),
        ("2026-11-23T13:00:02", "r2", "schema_mismatch", False),
        TIMEOUT,
    ]
    assert Choice(frozenset({"check_failed"})).takes(records)
    assert Choice(frozenset({"schema_mismatch"})).takes(records)
    assert not Choice(frozenset({"timeout"})).takes(records)


def test_files_of_killed_runs_are_left_out() -> None:
    """They are in Beam's folder for unfinished files."""
    assert is_finished("gs://b/failures/r1/failures-00000-of-00001.jsonl")
    assert not is_finished("gs://b/failures/r1/beam-temp-failures-3f/1a.failures.jsonl")


def test_documents_are_found_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their version and size are today's; gone ones and refused ones are failures again."""
    path = tmp_path / "a [1].pdf"
    path.write_bytes(b"12345")
    found = find_again(str(path))
    assert isinstance(found, Document)
    assert (found.uri, found.size_bytes) == (str(path), 5)
    gone = find_again(str(tmp_path / "b"))
    assert isinstance(gone, Failure)
    assert (gone.code, gone.document_uri) == ("not_found", str(tmp_path / "b"))

    class Refusing:
        def stat(self, uri: str) -> Document:
            raise StoreError("403")

    monkeypatch.setattr("sluicegate.sources.replay.store_for", lambda _: Refusing())
    refused = find_again("gs://b/a")
    assert isinstance(refused, Failure)
    assert refused.code == "unreadable"
