"""Rows that the pages print and an answer does not have."""

from decimal import Decimal
from typing import Any

import pytest

from sluicegate.completeness.tables import missing, tables
from sluicegate.document_types.invoice import INVOICE
from tests.sluicegate.completeness.lines import page, row

LINES = page(
    3,
    row("Item", "Qty", "Price", "Amount"),
    row("Screws", "2", "3.00", "6.00"),
    row("and what is said of them"),
    row("Bolts", "5", "1.00", "5.00"),
    (*row("Carried forward"), ("11.00", 360.0)),
    row("Nuts", "1", "1,234.50", "1,234.50"),
    (*row("Net"), ("1,245.50", 360.0)),
    (*row("Total"), ("1,482.15", 360.0)),
)


def found(*amounts: str, total: str = "1482.15") -> list[Any]:
    """Return what an invoice with lines of these amounts lacks of the page."""
    quantity = {"6.00": 2, "5.00": 5}
    items = [{"quantity": quantity.get(a, 1), "total": Decimal(a)} for a in amounts]
    values = {"total_amount": Decimal(total), "line_items": items}
    return [f for table in tables([values], INVOICE.fields) for f in missing(table, LINES)]


def test_nothing_is_missing_of_a_whole_table() -> None:
    """Sums, balances carried over and further lines of a text are no rows."""
    assert found("6.00", "5.00", "1234.50") == []


@pytest.mark.parametrize(
    ("amounts", "first"),
    [(("6.00", "5.00"), "Nuts"), (("5.00", "1234.50"), "Screws"), (("5.00",), "Screws")],
)
def test_a_row_that_is_not_in_the_answer_is_named(amounts: tuple[str, ...], first: str) -> None:
    """With its page, and how many there are."""
    (finding,) = found(*amounts)
    assert finding.pages == (3,)
    assert f"the first '{first}" in finding.says
    assert ("2 lines" if len(amounts) == 1 else "a line") in finding.says


def test_an_empty_list_is_seen_by_what_multiplies() -> None:
    """No row is known, but quantity times price is an amount."""
    (finding,) = found()
    assert "3 lines" in finding.says


def test_a_layer_that_says_other_things_says_nothing() -> None:
    """None of the answer's rows are on the page: the layer is not what the page shows."""
    assert found("77.70", "88.80") == []


def test_one_column_of_numbers_is_no_table() -> None:
    """A sum would look like a row."""
    lines = page(1, row("A", "1.00"), row("B", "2.00"), row("Total", "3.00"))
    values = {"line_items": [{"total": Decimal("1.00")}]}
    assert [f for t in tables([values], INVOICE.fields) for f in missing(t, lines)] == []
