"""Printed numbers: all that they may mean, and nothing that they cannot."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.numerals import ascii_numbers, find_numbers, numbers_of, readings


@pytest.mark.parametrize(
    ("digits", "values"),
    [
        ("1234", ["1234"]),
        ("1,234", ["1234", "1.234"]),
        ("1.234,56", ["1234.56"]),
        ("1'451.07", ["1451.07"]),
        ("1 234,5", ["1234.5"]),
        ("0,125", ["0.125"]),
        ("12,34,567.00", ["1234567.00"]),
        ("1.234.567", ["1234567"]),
        ("17.03.2025", []),
    ],
)
def test_readings_of_a_number(digits: str, values: list[str]) -> None:
    """Separators are read in every way that they can be, and dates in none."""
    assert numbers_of(digits) == {Decimal(value) for value in values}


@pytest.mark.parametrize(
    ("text", "value", "printed", "negative"),
    [
        ("Total: 12,50 EUR", "12.5", "12,50", False),
        ("€12.50", "12.5", "12.50", False),
        ("-12.50", "12.5", "-12.50", True),
        ("(22.90)", "22.9", "(22.90)", True),
        ("22.90-", "22.9", "22.90", True),
        ("-$7.00", "7", "7.00", True),
        ("٣٥٫٥٠", "35.5", "٣٥٫٥٠", False),
        ("3 x 12.00", "3", "3", False),
        ("5kg", "5", "5", False),
    ],
)
def test_a_number_in_a_text(text: str, value: str, printed: str, *, negative: bool) -> None:
    """It is found with its sign, whatever stands around it, in digits of any script."""
    found = [each for each in find_numbers(text) if Decimal(value) in each.values]
    assert [text[each.start : each.end] for each in found] == [printed]
    assert found[0].is_negative == negative


@pytest.mark.parametrize("text", ["INV-2024-000123", "A4", "12/03/2026", "12:30", "PO77"])
def test_parts_of_other_things_are_no_numbers(text: str) -> None:
    """Ids, dates and times hold digits that nobody has charged."""
    assert list(find_numbers(text)) == []


def test_a_number_with_gaps_is_read_with_and_without_them() -> None:
    """Which it is, the table says: `3 125,00` may be a quantity and a price."""
    values = {value for each in find_numbers("3 125,00") for value in each.values}
    assert {Decimal("3125.00"), Decimal(3), Decimal("125.00")} <= values


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1,234", {"1234", "1.234"}),
        ("1.234,50", {"1234.50"}),
        ("1'234.50", {"1234.50"}),
        ("1 234,50 €", {"1234.50"}),
        ("-2,415.23", {"2415.23"}),
        ("(22.90)", {"22.90"}),
        ("CHF 45'746.58", {"45746.58"}),
        ("12", {"12"}),
        ("12,34,567", {"1234567"}),
        ("1.234.567", {"1234567"}),
        (".50", {"0.50"}),
        ("CR12.00", {"12.00"}),
        ("Kč 12,00", {"12.00"}),
        ("19 %", set()),
        ("INV-031676", set()),
        ("2026-01-31", set()),
        ("Room 12", set()),
        ("", set()),
    ],
)
def test_a_text_that_is_one_number(text: str, meant: set[str]) -> None:
    """Both where the page does not say; nothing for what is no amount."""
    assert readings(text) == {Decimal(each) for each in meant}


def test_a_row_of_capitals_is_read_at_once() -> None:
    """There are more ways to part it into currencies and debit marks than anybody can try."""
    assert readings("S" * 200 + "x 12.00") == frozenset()


@given(st.text(max_size=40))
def test_numbers_keep_their_place_in_ascii(text: str) -> None:
    """A character stays one character, whatever its script."""
    assert len(ascii_numbers(text)) == len(text)
