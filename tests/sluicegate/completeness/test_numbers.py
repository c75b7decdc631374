"""What a printed number may mean."""

from decimal import Decimal

import pytest

from sluicegate.completeness.numbers import readings


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
        ("19 %", set()),
        ("2026-01-31", set()),
        ("Room 12", set()),
        ("", set()),
    ],
)
def test_readings(text: str, meant: set[str]) -> None:
    """Both where the page does not say; nothing for what is no amount."""
    assert readings(text) == {Decimal(each) for each in meant}
