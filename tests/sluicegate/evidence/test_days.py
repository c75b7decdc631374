"""Printed days: all that they may mean."""

import datetime as dt

from sluicegate.evidence.dates import find_days


def test_a_date_may_be_two_days() -> None:
    """The month comes first or second, and words for months decide."""
    (found,) = find_days("due 03/04/2026")
    assert found.values == {dt.date(2026, 4, 3), dt.date(2026, 3, 4)}
    (spelt,) = find_days("27 de octubre de 2025")
    assert spelt.values == {dt.date(2025, 10, 27)}
    assert find_days("12,50 and 3 pieces") == []
