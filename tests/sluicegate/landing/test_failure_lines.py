"""A failure as a line of JSON: every code, every hostile text, always one line."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.codes import DOCUMENT_CODES, stage_of
from sluicegate.landing import failure_lines
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Answer, Document, Failure, Usage, document_id

NOW = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)
KEYS = [
    "document_uri", "document_id", "record_index", "record_count", "first_page", "last_page",
    "document_version", "stage", "code", "message", "retryable", "attempts", "tokens", "cost_usd",
    "tier", "journaled", "raw_answer", "raw_answer_truncated", "document_type", "request_identity",
    "run_id", "failed_at",
]  # fmt: skip


@pytest.mark.parametrize("code", DOCUMENT_CODES)
def test_every_code_makes_a_record(code: str) -> None:
    """It has the documented keys, and the code's own stage."""
    failure = Failure("gs://b/a.pdf", code, "why")
    record = json.loads(failure_line(failure, "run-1", NOW))
    assert list(record) == KEYS
    assert (record["code"], record["stage"]) == (code, stage_of(code))
    assert record["retryable"] is DOCUMENT_CODES[code].retryable
    assert record["document_id"] == document_id("gs://b/a.pdf")
    assert (record["run_id"], record["failed_at"]) == ("run-1", "2026-11-23T12:00:00.000005+00:00")
    assert (record["cost_usd"], record["raw_answer"]) == ("0", None)


def test_a_failure_after_an_answer_has_its_cost_and_text() -> None:
    """What was paid for an answer without a row is in its failure."""
    answer = Answer(
        Document("a", 1, "7"), "ab" * 32, "not json", "STOP", "m", paid=Usage(1, 2, 3, 4),
        cost_usd=Decimal("1E-7"), latency_ms=5, attempts=2,
    )  # fmt: skip
    record = json.loads(failure_line(Failure.after(answer, "not_json", "prose"), "r", NOW))
    assert record["tokens"] == {
        "prompt_tokens": 1,
        "cached_tokens": 2,
        "output_tokens": 3,
        "thought_tokens": 4,
    }
    assert (record["cost_usd"], record["attempts"]) == ("0.0000001", 2)
    assert (record["raw_answer"], record["raw_answer_truncated"]) == ("not json", False)
    assert (record["document_version"], record["request_identity"]) == ("7", "ab" * 32)


def test_an_unknown_cost_is_null() -> None:
    """It is not zero."""
    failure = Failure("a", "blocked", "m", cost_usd=None)
    assert json.loads(failure_line(failure, "r", NOW))["cost_usd"] is None


@pytest.mark.parametrize(("size", "truncated"), [(65_536, False), (65_537, True), (10**6, True)])
def test_long_answers_are_cut_and_marked(size: int, *, truncated: bool) -> None:
    """64 Ki characters are kept."""
    record = json.loads(
        failure_line(Failure("a", "not_json", "m", raw_answer="x" * size), "r", NOW)
    )
    assert len(record["raw_answer"]) == min(size, 65_536)
    assert record["raw_answer_truncated"] is truncated


def test_long_messages_are_cut() -> None:
    """2,000 characters are enough for why."""
    assert len(
        json.loads(failure_line(Failure("a", "empty", "m" * 9999), "r", NOW))["message"]
    ) == (2000)


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_any_text_is_one_ascii_line(message: str, raw: str) -> None:
    """Lone surrogates, newlines and line separators do not break the file."""
    line = failure_line(Failure("\udce9.pdf", "not_json", message, raw_answer=raw), "r", NOW)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    record = json.loads(line)
    # A pair of surrogates is one character to JSON, as it should be.
    assert record["message"] == json.loads(json.dumps(message))
    assert record["raw_answer"] == json.loads(json.dumps(raw))
    assert record["document_uri"] == "\udce9.pdf"


def test_an_unknown_code_is_a_defect() -> None:
    """There is no record of it."""
    with pytest.raises(KeyError):
        failure_line(Failure("a", "strange", "m"), "r", NOW)


def test_every_key_is_explained() -> None:
    """The table of keys has those of a record, in their order."""
    line = failure_line(Failure("a", "timeout", "m"), "r", NOW)
    assert list(json.loads(line)) == list(failure_lines.KEYS)
    assert failure_lines.reference().count("\n") == 2 + len(KEYS)
