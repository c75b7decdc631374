"""What an answer lacks of its document."""

import json
from typing import Any

import pytest

from sluicegate.completeness.check import find, in_words
from sluicegate.completeness.finding import Finding
from sluicegate.document_types.bank_statement import BANK_STATEMENT
from sluicegate.document_types.load import load_document_type
from tests.sluicegate.completeness.lines import page, row

MANY = load_document_type("invoice", "many")


def one(first: int, last: int, total: float = 5, *lines: float) -> dict[str, Any]:
    """Return a record of an answer."""
    items = [{"description": "d", "quantity": 1, "total": each} for each in lines or (total,)]
    values = {"invoice_id": "A", "vendor_name": "V", "total_amount": total, "line_items": items}
    return {"first_page": first, "last_page": last, "values": values}


def lacks(
    *records: dict[str, Any],
    pages: int,
    aside: dict[int, str] | None = None,
    count: int | None = None,
    lines: Any = (),
) -> list[Finding]:
    """Return what is found of an answer with these records."""
    value = {
        "record_count": len(records) if count is None else count,
        "records": records,
        "set_aside": [{"page": p, "reason": r} for p, r in (aside or {}).items()],
    }
    return find(json.dumps(value), MANY, pages, lines)


def test_pages_in_records_or_set_aside_are_accounted_for() -> None:
    """Nothing is found."""
    assert lacks(one(1, 2), one(4, 4), pages=4, aside={3: "blank"}) == []


def test_a_page_that_nobody_speaks_of_is_found() -> None:
    """With its number; and a count that is not that of the records."""
    found = lacks(one(1, 1), one(4, 4), pages=4, aside={3: "blank"}, count=3)
    assert [each.pages for each in found] == [(), (2,)]
    assert "3 records were counted and 2 returned" in found[0].says
    assert all(each.in_answer for each in found)


NUMBERED = tuple(
    page(n, row("Invoice"), ((f"Page {place} of {of}", 500.0),))
    for n, (place, of) in enumerate([(1, 2), (2, 2), (1, 3), (3, 3), (2, 3), (1, 1)], 1)
)


def test_printed_page_numbers_agree_with_records() -> None:
    """Also where sheets lie in the wrong order."""
    assert lacks(one(1, 2), one(3, 5), one(6, 6), pages=6, lines=NUMBERED) == []


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([one(1, 5), one(6, 6)], "has the page numbers of several: 1 of 2, 2 of 2, 1 of 3"),
        ([one(1, 2), one(3, 3), one(4, 5), one(6, 6)], "on pages 3 to 3 lacks its page 2, 3 of 3"),
    ],
)
def test_records_that_are_merged_or_split_are_found(records: list[Any], says: str) -> None:
    """By the numbers that their pages print."""
    assert says in " ".join(each.says for each in lacks(*records, pages=6, lines=NUMBERED))


def test_numbers_of_the_files_own_pages_say_nothing_of_records() -> None:
    """A scanner stamps "page 2 of 4" on each."""
    stamped = tuple(page(n, ((f"Page {n} of 4", 500.0),)) for n in range(1, 5))
    assert lacks(*(one(n, n) for n in range(1, 5)), pages=4, lines=stamped) == []


def test_a_page_set_aside_as_blank_that_is_not_is_found() -> None:
    """Its text speaks against it; so do amounts on a page of terms."""
    full = page(2, row("A text of more than forty characters, on a page of its own"))
    priced = page(3, *(row("Item", "1", f"{n}.00") for n in range(5)))
    found = lacks(one(1, 1), pages=3, aside={2: "blank", 3: "terms"}, lines=(page(1), full, priced))
    assert [each.pages for each in found] == [(2,), (3,)]


def test_records_on_one_page_have_their_lines_in_common() -> None:
    """Of two receipts on a sheet, neither lacks the lines of the other."""
    sheet = (page(1, row("a", "1", "5.00", "5.00"), row("b", "1", "7.00", "7.00")),)
    assert lacks(one(1, 1, 5), one(1, 1, 7), pages=1, lines=sheet) == []
    (found,) = lacks(one(1, 1, 5), pages=1, lines=sheet)
    assert "a line" in found.says


def test_a_sum_that_is_printed_is_whole() -> None:
    """Whatever the total: a discount and a tax lie between them."""
    lines = (page(1, row("a", "1", "100.00", "100.00"), row("Net", "100.00"), row("Due", "60.00")),)
    assert lacks(one(1, 1, 60, 100), pages=1, lines=lines) == []
    (found,) = lacks(one(1, 1, 60, 100), pages=1)
    assert "line_items.total adds up to 100, total_amount is 60" in found.says


def test_a_statement_is_held_against_its_balances() -> None:
    """What does not add up is said with numbers."""
    value = {
        "account_number": "1", "opening_balance": 10, "closing_balance": 40,
        "transactions": [{"amount": 20, "balance": 30}],
    }  # fmt: skip
    (found,) = find(json.dumps(value), BANK_STATEMENT, 1, ())
    assert "opening_balance 10 and 1 lines come to 30, closing_balance is 40" in found.says


@pytest.mark.parametrize("text", ["prose", '{"records": [1]}', '{"records": null}', "{}"])
def test_an_answer_that_cannot_be_read_lacks_nothing(text: str) -> None:
    """That is another failure, which validation finds."""
    assert find(text, MANY, 3, ()) == []


def test_many_findings_are_cut() -> None:
    """The first of them, and how many more."""
    said = in_words([Finding(str(n)) for n in range(12)], limit=3)
    assert said == ["0", "1", "2", "and 9 more"]
