"""Which failures go to another model, and that nothing spent on the way is forgotten."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sluicegate.asking.fallback import (
    as_recorded,
    for_next_model,
    is_worth_fallback,
    with_fallback_spend,
)
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.records import Answer, Document, Failure, Spend, Usage

DOCUMENT = Document("gs://b/a.pdf", 10, digest="md5:1")
FIRST = Failure(
    DOCUMENT.uri,
    "not_json",
    "the answer is not JSON",
    attempts=2,
    paid=Usage(10, 0, 5, 1),
    usage=Usage(20, 0, 10, 2),
    cost_usd=Decimal("0.1"),
    document=DOCUMENT,
    by_tier=(Spend("flex", "flex", 1, Usage(10, 0, 5, 1), Decimal("0.1")),),
)
ANSWER = Answer(
    for_next_model(FIRST, "small"),
    "identity",
    "{}",
    "STOP",
    "large",
    usage=Usage(7, 0, 3, 0),
    paid=Usage(7, 0, 3, 0),
    cost_usd=Decimal("0.4"),
    attempts=1,
    by_tier=(Spend("flex", "flex", 1, Usage(7, 0, 3, 0), Decimal("0.4")),),
)


def test_answers_at_fault_are_worth_a_fallback_and_documents_are_not() -> None:
    """Answers that are cut, malformed, a recitation, unparsed or not valid; no other code."""
    found = {code for code in DOCUMENT_CODES if is_worth_fallback(replace(FIRST, code=code))}
    assert found == {
        "answer_cut", "recitation", "malformed_answer", "not_json", "schema_mismatch",
        "value_out_of_range", "check_failed", "nothing_extracted", "no_records", "incomplete",
    }  # fmt: skip
    assert not is_worth_fallback(replace(FIRST, document=None))
    with pytest.raises(ValueError, match="without its document"):
        for_next_model(replace(FIRST, document=None), "small")


def test_an_answer_carries_what_other_models_cost() -> None:
    """It has their tokens, dollars, attempts and the reasons."""
    total = with_fallback_spend(ANSWER)
    assert total.paid == Usage(17, 0, 8, 1)
    assert total.usage == Usage(27, 0, 13, 2)
    assert (total.cost_usd, total.attempts) == (Decimal("0.5"), 3)
    assert total.by_tier == (Spend("flex", "flex", 2, Usage(17, 0, 8, 1), Decimal("0.5")),)
    assert total.warnings == ("small gave no usable answer: not_json",)
    assert with_fallback_spend(replace(ANSWER, document=DOCUMENT)) == replace(
        ANSWER, document=DOCUMENT
    )


def test_an_answer_is_journaled_only_if_all_before_it_were() -> None:
    """After an answer that was paid for in this run, an answer of the journal was not free."""
    assert not with_fallback_spend(replace(ANSWER, journaled=True)).journaled
    free = for_next_model(replace(FIRST, paid=Usage()), "small")
    assert with_fallback_spend(replace(ANSWER, document=free, journaled=True)).journaled


def test_a_last_failure_sums_up_all_models() -> None:
    """The third model's failure includes the first two, and its document is not recorded."""
    second = Failure.after(ANSWER, "schema_mismatch", "no total")
    third = Failure.after(
        replace(ANSWER, document=for_next_model(second, "large")), "answer_cut", "it was cut"
    )
    (last,) = as_recorded(third)
    assert last.paid == Usage(24, 0, 11, 1)
    assert (last.cost_usd, last.attempts) == (Decimal("0.9"), 4)
    assert last.message == (
        "it was cut; small gave no usable answer: not_json; "
        "large gave no usable answer: schema_mismatch"
    )
    assert last.document is None
    assert list(as_recorded(FIRST)) == [replace(FIRST, document=None)]
    plain = Failure("gs://b/x", "not_found", "gone")
    assert next(as_recorded(plain)) is plain


def test_an_unknown_price_stays_unknown() -> None:
    """A sum with an unknown part is unknown."""
    before = for_next_model(replace(FIRST, cost_usd=None), "small")
    assert with_fallback_spend(replace(ANSWER, document=before)).cost_usd is None
