"""What the figures leave out is said, with numbers where there are any."""

from collections.abc import Sequence
from datetime import date

import pytest

from sluicegate.document_types.invoice import INVOICE
from sluicegate.estimate.census import Group
from sluicegate.estimate.costs import Looked, Took, costs_of
from sluicegate.estimate.notes import notes
from sluicegate.estimate.plan import Part
from sluicegate.gemini.catalogue import Model, load_catalogue
from sluicegate.records import Document, Usage

DAY = date(2026, 11, 27)
LITE = load_catalogue().get("gemini-3.1-flash-lite")
FLASH = load_catalogue().get("gemini-3.8-flash")
PRO = load_catalogue().get("gemini-3.1-pro-preview")
ONCE = Took(((LITE, Usage(1_000, 0, 100)),))


def looked(took: Sequence[Took], pages: float = 1.0) -> list[Looked]:
    """Return one stratum of ten times as many documents as were asked."""
    documents = [Document(f"gs://b/{number}.pdf", 1_000) for number in range(len(took))]
    group = Group("pdf", 10 * len(took), 10_000 * len(took), documents)
    return [Looked(Part(group, documents, documents), [pages] * len(took), took)]


def said(took: Sequence[Took], model: Model = LITE, pages: float = 1.0) -> str:
    """Return all notes."""
    found = looked(took, pages)
    return " | ".join(
        notes(found, INVOICE, model, DAY, lambda day: costs_of(found, day).usd["standard"].value)
    )


def test_what_a_sample_has_not_seen_may_still_be() -> None:
    """None of 100 asked again: 3 % of all may be, and what a cut answer then costs."""
    assert "up to 3.0% of all may be, a cut answer for $0.0492 more at most" in said([ONCE] * 100)


def test_what_a_sample_has_seen_is_counted() -> None:
    """Documents asked again, and those that went to another model, are in the figures."""
    again = Took((ONCE.responses[0], ONCE.responses[0]))
    other = Took((ONCE.responses[0], (FLASH, Usage(1_000, 0, 100))))
    notes_of = said([ONCE] * 7 + [again] * 2 + [other])
    assert "2 of 10 documents were asked again" in notes_of
    assert "fallback models were asked about 1 of 10 documents" in notes_of


def test_a_price_that_will_change_is_priced() -> None:
    """The whole input at the price of the day after."""
    took = [Took(((FLASH, Usage(1_000_000, 0, 100_000)),))] * 10
    text = said(took, FLASH)
    assert "from 2027-01-01 on the prices are others: $225.00 at the standard tier" in text
    assert costs_of(looked(took), DAY).usd["standard"].value == 100 * 1.125


def test_long_prompts_are_told_where_they_cost_more() -> None:
    """Of what was read, how many are as long."""
    text = said([ONCE] * 10, PRO, pages=400.0)
    assert "prompts of more than 200,000 tokens have a higher price: some 357 pages" in text
    assert "10 of the 10 files that were read are as long" in text
    assert "200,000" not in said([ONCE] * 10)


def test_what_was_paid_before_is_not_left_to_pay() -> None:
    """Half of the sample was answered before: half of the rest is left, less the sample itself."""
    before = Took(ONCE.responses, paid_before=True)
    costs = costs_of(looked([ONCE, before] * 20), DAY)
    each = ONCE.usd("standard", DAY)
    assert costs.usd["standard"].value == pytest.approx(400 * each)
    assert costs.left_usd["standard"].value == pytest.approx((200 - 20) * each)
    assert costs.usd["flex"].value == costs.usd["batch"].value == pytest.approx(200 * each)
    assert costs.calls.value == 400
