"""The records: frozen, picklable, and summable where they are sums."""

import dataclasses
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.records import CallStats, Document, Failure, Row, Usage, document_id
from tests.sluicegate.building import answer_of

USAGES = st.builds(Usage, *[st.integers(0, 10**9)] * 4)


@given(USAGES, USAGES)
def test_usages_add_up(one: Usage, other: Usage) -> None:
    """Field by field; cached tokens are prompt tokens and are not counted again."""
    both = one + other
    assert both.total_tokens == one.total_tokens + other.total_tokens
    assert both.cached_tokens == one.cached_tokens + other.cached_tokens
    assert one + Usage() == one
    assert Usage(10, 9, 2, 3).total_tokens == 15


def test_statistics_are_sums_of_spans() -> None:
    """The difference is what was done since."""
    early, late = CallStats(3, 1, 2, 1.5), CallStats(10, 2, 5, 4.0)
    assert late - early + early == late
    assert early - early == CallStats()


@pytest.mark.parametrize(
    "record",
    [
        Document("a", 1),
        answer_of("{}"),
        Row("a", {"n": Decimal(1)}, Usage(), None, 1, 1, journaled=False),
        Failure("a", "empty", "m"),
        CallStats(1),
    ],
    ids=lambda record: type(record).__name__,
)
def test_records_are_frozen_and_pickle(record: object) -> None:
    """They pass shuffles unchanged."""
    assert pickle.loads(pickle.dumps(record)) == record
    name = dataclasses.fields(record)[0].name  # type: ignore[arg-type]
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        setattr(record, name, "other")


def test_an_id_stands_for_the_uri() -> None:
    """32 hex digits, the same for ever, for names of any bytes."""
    assert len(document_id("gs://b/a.pdf")) == 32
    assert Document("gs://b/a.pdf", 1).document_id == document_id("gs://b/a.pdf")
    assert document_id("caf\udce9") != document_id("café")
    assert document_id("") == "e3b0c44298fc1c149afbf4c8996fb924"


def test_a_failure_of_a_document_paid_nothing() -> None:
    """No call was made for it."""
    failure = Failure.of(Document("a", 1, "7"), "empty", "zero bytes")
    assert (failure.attempts, failure.cost_usd, failure.paid) == (0, Decimal(0), Usage())
    assert failure.document_version == "7"


def test_a_failure_after_an_answer_keeps_what_was_paid() -> None:
    """Identity, text, tokens, money."""
    answer = answer_of("prose", journaled=True)
    failure = Failure.after(answer, "not_json", "why")
    assert (failure.raw_answer, failure.paid, failure.cost_usd, failure.identity) == (
        "prose",
        answer.paid,
        answer.cost_usd,
        answer.identity,
    )
    assert failure.journaled
