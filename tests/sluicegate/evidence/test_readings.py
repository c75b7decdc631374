"""Printed numbers and days: all that they may mean, and nothing that they cannot."""

import datetime as dt
from decimal import Decimal

import pytest

from sluicegate.evidence.readings import find_days, find_numbers, numbers_of


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


def test_a_date_may_be_two_days() -> None:
    """The month comes first or second, and words for months decide."""
    (found,) = find_days("due 03/04/2026")
    assert found.values == {dt.date(2026, 4, 3), dt.date(2026, 3, 4)}
    (spelt,) = find_days("27 de octubre de 2025")
    assert spelt.values == {dt.date(2025, 10, 27)}
    assert find_days("12,50 and 3 pieces") == []
