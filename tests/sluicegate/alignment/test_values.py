"""Two values side by side: the same, the same but for their form, or different."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.alignment.values import canonical, compare, equal, rendered, shown

NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | st.text() | NUMBERS
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, None, "same"),
        (None, "a", "gained"),
        ("a", None, "lost"),
        (Decimal("12.50"), Decimal("12.500000000"), "same"),
        (Decimal("0.1"), 0.1, "same"),
        (Decimal("12.50"), "12.5", "same"),
        (7, Decimal(7), "same"),
        (Decimal("-0"), Decimal(0), "same"),
        (Decimal("12.51"), Decimal("12.50"), "changed"),
        (Decimal("123456789012345678901234567.123456789"),
         Decimal("123456789012345678901234567.123456788"), "changed"),
        ("007", "7", "changed"),
        ("", None, "lost"),
        ("ACME Corp.", "Acme  corp", "spelling"),
        ("ﬁne", "fine", "spelling"),
        ("Müller", "Muller", "changed"),
        ("-", "/", "changed"),
        ("RE-1", "RE 1", "spelling"),
        (date(2026, 1, 2), "2026-01-02", "same"),
        (date(2026, 1, 2), date(2026, 2, 1), "changed"),
        (True, False, "changed"),
        (True, 1, "changed"),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "same"),
    ],
)  # fmt: skip
def test_what_became_of_a_value(before: Any, after: Any, change: str) -> None:
    """Numbers are compared as exact numbers, text to the letter, and form is told from content."""
    assert compare(before, after) == change


@given(VALUES)
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    """No value a row can hold differs from itself, and each has a form to look it up by."""
    assert compare(value, value) == "same"
    assert hash(canonical(value)) == hash(canonical(value))


@given(PLAIN, PLAIN)
def test_being_equal_has_no_direction(one: Any, other: Any) -> None:
    """With before and after exchanged, what was the same is the same."""
    assert equal(one, other) == equal(other, one)


def test_numbers_are_shown_without_trailing_zeros() -> None:
    """A NUMERIC is shown as a person would write it; a huge exponent is not written out."""
    assert rendered(Decimal("1451.070000000")) == "1451.07"
    assert rendered(Decimal(100)) == "100"
    assert rendered(Decimal("0E-9")) == "0"
    assert len(rendered(Decimal("1E+999999"))) < 20


def test_what_is_shown_is_bounded() -> None:
    """A text of a million letters is shown by its beginning."""
    assert len(shown("x" * 1_000_000) or "") == 301
    assert shown(None) is None
