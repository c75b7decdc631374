"""Fallback models: which failures another model is asked about, and what they have cost so far.

A document carries what other models have spent on it, so that its row or failure accounts for
every token.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sluicegate.codes import CODES
from sluicegate.records import (
    Answer,
    Document,
    Failure,
    FallbackSpend,
    Usage,
    Waiting,
    add_spends,
)


def is_worth_fallback(failure: Failure) -> bool:
    """Return whether another model may do better: the answer was at fault, not the document."""
    return failure.document is not None and CODES[failure.code].of_the_model


def for_next_model(failure: Failure, model: str) -> Document:
    """Return the failed document, with what it has cost so far and why `model` failed.

    Raises ValueError for a failure without its document.
    """
    if failure.document is None:
        raise ValueError("a failure without its document cannot go to another model")
    before = failure.document.fallback_spend or FallbackSpend()
    spent = FallbackSpend(
        usage=before.usage + failure.usage,
        paid=before.paid + failure.paid,
        cost_usd=_sum(before.cost_usd, failure.cost_usd),
        attempts=before.attempts + failure.attempts,
        responses=before.responses + failure.responses,
        by_tier=add_spends(before.by_tier, failure.by_tier),
        remarks=(*before.remarks, f"{model} gave no usable answer: {failure.code}"),
    )
    return replace(failure.document, fallback_spend=spent)


def as_recorded(failure: Failure) -> Iterator[Failure]:
    """Yield the failure as it is recorded: with the cost and the remarks of every model.

    Of a document that failed by all of its records they are recorded one by one: the first has what
    the document has cost.
    """
    whole = _with_fallback_spend(failure)
    if not whole.of_records:
        yield whole
        return
    first, *others = whole.of_records
    yield replace(
        whole,
        code=first.code,
        message="; ".join((first.message, *_remarks(failure))),
        raw_answer=first.raw_answer,
        place=first.place,
        record_count=first.record_count,
        of_records=(),
    )
    yield from others


def _remarks(failure: Failure) -> tuple[str, ...]:
    spent = failure.document.fallback_spend if failure.document else None
    return spent.remarks if spent else ()


def _with_fallback_spend(failure: Failure) -> Failure:
    spent = failure.document.fallback_spend if failure.document else None
    if spent is None:
        return replace(failure, document=None) if failure.document else failure
    return replace(
        failure,
        message="; ".join((failure.message, *spent.remarks)),
        document=None,
        **_totals(spent, failure),
    )


def with_fallback_spend(answer: Answer) -> Answer:
    """Return the answer with the cost and the remarks of every model before it."""
    spent = answer.document.fallback_spend
    if spent is None:
        return answer
    return replace(
        answer,
        warnings=(*answer.warnings, *spent.remarks),
        **_totals(spent, answer),
    )


def waiting_with_fallback_spend(waiting: Waiting) -> Waiting:
    """Return the document that waits for a model with the cost of every model before it."""
    spent = waiting.document.fallback_spend
    return waiting if spent is None else replace(waiting, **_paid(spent, waiting))


def _totals(spent: FallbackSpend, last: Answer | Failure) -> dict[str, Any]:
    return {
        "usage": spent.usage + last.usage,
        # Of a bundle that ran again nothing was called, though this run had paid for it.
        "journaled": last.journaled and not (spent.attempts and spent.paid != Usage()),
        **_paid(spent, last),
    }


def _paid(spent: FallbackSpend, last: Answer | Failure | Waiting) -> dict[str, Any]:
    return {
        "paid": spent.paid + last.paid,
        "cost_usd": _sum(spent.cost_usd, last.cost_usd),
        "attempts": spent.attempts + last.attempts,
        "responses": spent.responses + last.responses,
        "by_tier": add_spends(spent.by_tier, last.by_tier),
    }


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
