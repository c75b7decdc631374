"""Doubt: the usual errors of models are pointed at, each with its reason."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.load import parse_document_type
from sluicegate.document_types.review import ReviewRule
from sluicegate.evidence.locate import locate
from sluicegate.faults import UsageFault
from tests.sluicegate.evidence.paper import page
from tests.sluicegate.evidence.test_locate import BILL, ROW

FIRST, SECOND = ROW["line_items"]


def doubts(values: dict[str, Any], kind: Any = INVOICE) -> dict[str, str]:
    """Return the doubts about a row of the bill."""
    return {each.field: each.doubt for each in locate(values, [page(*BILL)], kind) if each.doubt}


def test_a_right_row_has_none() -> None:
    """Nothing is doubted for its own sake."""
    assert doubts(ROW) == {}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"total_amount": Decimal(350)}, "total_amount", "beside 'Gesamtbetrag'"),
        ({"invoice_date": dt.date(2026, 4, 17)}, "invoice_date", "beside 'Rechnungsdatum'"),
        ({"line_items": [FIRST]}, "line_items", "a line of 150,00"),
        ({"line_items": [SECOND]}, "line_items", "a line of 200,00"),
        ({"line_items": []}, "line_items", "a table of items"),
        ({"invoice_date": None}, "invoice_date", "left empty; the page has '03.04.2026'"),
        ({"currency": None}, "currency", "left empty; the page has 'EUR'"),
    ],
)
def test_an_error_of_a_model(change: dict[str, Any], field: str, says: str) -> None:
    """The wrong value is doubted, and no other one."""
    found = doubts({**ROW, **change})
    assert list(found) == [field]
    assert says in found[field]


def test_a_price_for_a_sum_stands_in_the_wrong_column() -> None:
    """One line is outside the others' column; of all lines, the heading above them tells."""
    dear = {**FIRST, "total": Decimal(100)}
    assert doubts({**ROW, "line_items": [dear, SECOND]}) == {
        "line_items[0].total": "stands in the column of the price"
    }
    both = [dear, {**SECOND, "total": Decimal("12.5")}]
    assert set(doubts({**ROW, "line_items": both})) == {
        "line_items[0].total", "line_items[1].total"
    }  # fmt: skip


def test_lines_that_add_up_to_nothing_are_all_doubted() -> None:
    """Where no line can be told from the others, each is to be looked at."""
    bare = page("Bolt   3.00", "Nut    5.00", "Washer  7.00", "Total  15.00")
    items = [
        {"description": name, "quantity": None, "total": Decimal(total)}
        for name, total in (("Bolt", 3), ("Nut", 5), ("Washer", 15))
    ]
    found = [each.field for each in locate({"line_items": items}, [bare], INVOICE) if each.doubt]
    assert "line_items[2].total" in found


def test_a_type_has_its_own_rule() -> None:
    """Fields can be left out, and kinds of facts; a field that is not there is an error."""
    text = b"""
prompt: Read it.
review: {found: [absent], labels: false, ignore: [line_items.total]}
schema:
  type: object
  required: [invoice_id]
  properties:
    invoice_id: {type: string}
    line_items: {type: array, items: {type: object, properties: {total: {type: number}}}}
"""
    kind = parse_document_type(text, "t.yaml")
    assert kind.review == ReviewRule(found=("absent",), labels=False, ignore=("line_items.total",))
    row = {"invoice_id": "NOWHERE", "line_items": [{"total": Decimal("7.77")}]}
    assert set(doubts(row, kind)) == {"invoice_id"}
    with pytest.raises(UsageFault, match=r"names 'line_items\.sum', and there is no such field"):
        parse_document_type(text.replace(b"line_items.total]", b"line_items.sum]"), "t.yaml")
