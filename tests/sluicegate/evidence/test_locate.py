"""Locate: each value beside its label, items in their rows, and nothing that is not printed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.document_types.invoice import INVOICE
from sluicegate.evidence.evidence import Evidence
from sluicegate.evidence.locate import locate
from sluicegate.evidence.pages import Page
from sluicegate.evidence.words import words_on
from tests.sluicegate.evidence.paper import HEIGHT, WIDTH, page

BILL = (
    "Müller & Söhne GmbH                     Rechnung",
    "",
    "Rechnungsnummer:    RE-2024/000123      Kundennummer:  1512",
    "Rechnungsdatum:     03.04.2026          Zahlbar bis:   17.04.2026",
    "",
    "Bezeichnung                Menge        Einzelpreis        Betrag",
    "Kugellager 6204, ein-          2             100,00        200,00",
    "schließlich Montage",
    "Filterpatrone                 12              12,50        150,00",
    "",
    "Nettobetrag                                                350,00",
    "MwSt. 19 %                                                  66,50",
    "Gesamtbetrag                                           EUR 416,50",
)
ROW: dict[str, Any] = {
    "invoice_id": "RE-2024/000123",
    "vendor_name": "Muller & Sohne GmbH",
    "invoice_date": dt.date(2026, 4, 3),
    "currency": "EUR",
    "total_amount": Decimal("416.5"),
    "line_items": [
        {
            "description": "Kugellager 6204, einschließlich Montage",
            "quantity": Decimal(2),
            "total": Decimal(200),
        },
        {"description": "Filterpatrone", "quantity": Decimal(12), "total": Decimal(150)},
    ],
}


def looked_up(
    values: Mapping[str, Any], *pages: Page, record_pages: range | None = None
) -> dict[str, Evidence]:
    """Return the evidence by the path of the value."""
    return {each.field: each for each in locate(values, pages, INVOICE, record_pages)}


def test_every_value_of_a_bill_is_found_where_it_stands() -> None:
    """Also over the end of a line, and without accents; the box is in shares of the page."""
    found = looked_up(ROW, page(*BILL))
    assert {each.found for each in found.values()} == {"exact"}
    assert len(found) == 11
    wrapped = found["line_items[0].description"]
    assert wrapped.text == "Kugellager 6204, ein- schließlich Montage"
    assert (wrapped.page, wrapped.x0) == (1, round(20 / WIDTH, 5))
    assert wrapped.y0 == round((20 + 6 * 14) / HEIGHT, 5)
    assert wrapped.y1 == round((20 + 7 * 14 + 10) / HEIGHT, 5)
    assert not [each for each in found.values() if each.doubt]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("invoice_id", "RE-2024/000124"),
        ("invoice_id", "000123"),
        ("invoice_id", "RE-2024/00012"),
        ("vendor_name", "Muller & Sohme GmbH"),
        ("invoice_date", dt.date(2026, 4, 5)),
        ("total_amount", Decimal("416.51")),
        ("total_amount", Decimal(4165)),
        ("currency", "CHF"),
    ],
)
def test_one_digit_or_letter_off_is_never_exact(field: str, value: Any) -> None:
    """It is similar at most, it is doubtful, and all other values stand where they stood."""
    found = looked_up({**ROW, field: value}, page(*BILL))
    assert found[field].found in ("absent", "similar")
    assert found[field].doubt
    assert [name for name, each in found.items() if each.doubt] == [field]


def test_a_value_printed_twice_is_the_one_at_its_label() -> None:
    """Without a label that fits, both count, and one of them is shown."""
    twice = page("Subtotal   90.00", "Total      90.00", "Acme       Acme", "Invoice No.  7  7")
    found = looked_up({"total_amount": Decimal(90), "vendor_name": "Acme"}, twice)
    assert (found["total_amount"].found, found["total_amount"].candidates) == ("exact", 2)
    assert found["total_amount"].y0 == round(34 / HEIGHT, 5)
    assert (found["vendor_name"].found, found["vendor_name"].candidates) == ("exact_many", 2)


def test_a_small_number_is_looked_for_in_its_row_and_column() -> None:
    """A quantity of 1 stands in every row as a position; it is the one under the others."""
    table = page(
        "Pos  Item          Qty    Amount",
        "1    Bolt            3      3.00",
        "2    Nut             1      5.00",
        "3    Washer          2      7.00",
        "Total                      15.00",
    )
    items = [
        {"description": name, "quantity": Decimal(number), "total": Decimal(total)}
        for name, number, total in (("Bolt", 3, 3), ("Nut", 1, 5), ("Washer", 2, 7))
    ]
    found = looked_up({"line_items": items, "total_amount": Decimal(15)}, table)
    lefts = {found[f"line_items[{number}].quantity"].x0 for number in range(3)}
    assert len(lefts) == 1
    assert {each.found for each in found.values()} == {"exact"}
    items[1]["quantity"] = Decimal(2)  # its position, which stands in the row, but not there
    wrong = looked_up({"line_items": items}, table)["line_items[1].quantity"]
    assert wrong.found == "similar"
    assert wrong.doubt == "stands in another column than in the other rows"


def test_the_same_items_keep_the_order_of_the_page() -> None:
    """Of two lines that read the same, the first item is the upper one, over pages too."""
    head = "Item          Qty    Amount"
    pages = (
        page(head, "Bolt            3      3.00"),
        page(head, "Bolt            3      3.00", number=1),
    )
    items = [{"description": "Bolt", "quantity": Decimal(3), "total": Decimal(3)}] * 2
    found = looked_up({"line_items": items}, *pages)
    assert [found[f"line_items[{number}].total"].page for number in (0, 1)] == [1, 2]


def test_a_credit_note_prints_no_minus() -> None:
    """The sign follows from what the document is; a minus that is printed must be there."""
    printed = page("Credit note", "Total   90.00", "Paid   -12.00")
    assert looked_up({"total_amount": Decimal(-90)}, printed)["total_amount"].found == "derived"
    assert looked_up({"total_amount": Decimal(12)}, printed)["total_amount"].found == "similar"


def test_currencies_by_code_sign_and_nothing() -> None:
    """A sign of one currency is that currency; one of several may mean this one."""

    def found(code: str, line: str) -> str:
        return looked_up({"currency": code}, page(line))["currency"].found

    assert found("EUR", "Total 9.00 EUR") == "exact"
    assert found("EUR", "Total 9.00 €") == "exact"
    assert found("CAD", "Total $9.00") == "derived"
    assert found("EUR", "Total $9.00") == "absent"
    assert found("EUR", "Total 9.00") == "derived"


def test_a_record_is_looked_for_on_its_own_pages_first() -> None:
    """Of several records in a file each has its evidence; what is elsewhere is still found."""
    pages = page("Invoice no. 7", "Total  9.00"), page("Invoice no. 8", "Total  9.00", number=1)
    row = {"invoice_id": "8", "total_amount": Decimal(9), "vendor_name": "Invoice no"}
    found = looked_up(row, *pages, record_pages=range(2, 3))
    assert {name: each.page for name, each in found.items()} == dict.fromkeys(row, 2)
    assert looked_up({"invoice_id": "7"}, *pages, record_pages=range(2, 3))["invoice_id"].page == 1


def test_pages_without_words_are_unread_and_no_doubt() -> None:
    """A scan says nothing of its values, neither for nor against them."""
    found = looked_up(ROW, Page(100, 100, is_read=False))
    assert {(each.found, each.page, each.doubt) for each in found.values()} == {
        ("unread", None, None)
    }
    assert looked_up(ROW) == found


def test_words_of_a_page_lie_in_shares_of_it() -> None:
    """For whoever draws them over a picture: also where the page lies askew."""
    first, second = words_on(page("Total  9.00"))
    assert (first.text, second.text) == ("Total", "9.00")
    assert (first.x0, first.y0) == (round(20 / WIDTH, 5), round(20 / HEIGHT, 5))
    (_, askew) = words_on(replace(page("Total  9.00"), slope=0.05))
    fall = 0.05 * (second.x0 + second.x1) / 2 * WIDTH / HEIGHT
    assert askew.y0 == pytest.approx(second.y0 + fall, abs=1e-4)


def test_texts_without_spaces_and_from_the_right() -> None:
    """Chinese runs on; Arabic is searched in its reading order."""
    found = looked_up({"vendor_name": "杭州公司"}, page("名称：杭州公司电话"))
    assert found["vendor_name"].found == "exact"
    assert found["vendor_name"].text == "杭州公司"
