"""Second chances: which failures are worth asking another model about, and what they cost so far.

A document carries what was spent on it by earlier models, so that its row or its failure, whatever
comes of it, accounts for every token.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from transforms.core.codes import CODES
from transforms.core.records import Answer, Document, Earlier, Failure, Usage

# Of the answers that could not be used, those that a stronger model may give better: cut at the
# limit, taken for a recitation, malformed; and whatever does not parse or validate.
_OF_THE_MODEL = frozenset({"answer_cut", "recitation", "malformed_answer"})
_STAGES = frozenset({"parse", "validate"})


def deserves_another(failure: Failure) -> bool:
    """Tell whether another model may do better: the answer was at fault, not the document."""
    if failure.document is None:
        return False
    return failure.code in _OF_THE_MODEL or CODES[failure.code].stage in _STAGES


def once_more(failure: Failure, model: str) -> Document:
    """Return the failed document, with what it has cost so far and why `model` was not enough.

    Raises ValueError for a failure without its document.
    """
    if failure.document is None:
        raise ValueError("a failure without its document cannot be asked about again")
    before = failure.document.earlier or Earlier()
    spent = Earlier(
        usage=before.usage + failure.usage,
        paid=before.paid + failure.paid,
        cost_usd=_sum(before.cost_usd, failure.cost_usd),
        attempts=before.attempts + failure.attempts,
        remarks=(*before.remarks, f"{model} gave no usable answer: {failure.code}"),
    )
    return replace(failure.document, earlier=spent)


def settled(failure: Failure) -> Failure:
    """Return the failure as it is recorded: with what every model cost, and what they said."""
    earlier = failure.document.earlier if failure.document else None
    if earlier is None:
        return replace(failure, document=None) if failure.document else failure
    return replace(
        failure,
        message="; ".join((failure.message, *earlier.remarks)),
        document=None,
        **_totals(earlier, failure),
    )


def accounted(answer: Answer) -> Answer:
    """Return the answer with what every model before it cost, and what they said."""
    earlier = answer.document.earlier
    if earlier is None:
        return answer
    return replace(
        answer, warnings=(*answer.warnings, *earlier.remarks), **_totals(earlier, answer)
    )


def _totals(earlier: Earlier, last: Answer | Failure) -> dict[str, Any]:
    return {
        "usage": earlier.usage + last.usage,
        "paid": earlier.paid + last.paid,
        "cost_usd": _sum(earlier.cost_usd, last.cost_usd),
        "attempts": earlier.attempts + last.attempts,
        "journaled": last.journaled and earlier.paid == Usage(),
    }


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
