"""Failures of single records are read from failure lines, and nothing else is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sluicegate.landing.failed_records import failed_record
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Failure, Place

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def line(type_name: str = "invoice", **changes: Any) -> bytes:
    """Return the line of a failure."""
    failure = Failure("gs://b/a.pdf", "check_failed", "m", identity="ab", **changes)
    return failure_line(failure, "run-1", NOW, type_name).encode() + b"\n"


def test_the_failure_of_a_record_says_which() -> None:
    """Its run, its request and its index, by its document."""
    found = failed_record(line(place=Place(3, 1, 2), record_count=5), "invoice")
    assert found == ("gs://b/a.pdf", ("run-1", "ab", 3))


@pytest.mark.parametrize(
    "data",
    [
        line(),
        line("receipt", place=Place(0)),
        b"",
        b"no JSON",
        b"[]",
        b"3",
        b'{"document_uri": "a"}',
        b'{"document_uri": "a", "record_index": "0", "document_type": "invoice"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_failure_of_a_record_is_passed_over(data: bytes) -> None:
    """That of a whole document, that of another type, and what is no failure at all."""
    assert failed_record(data, "invoice") is None
