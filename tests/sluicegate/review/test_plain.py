"""Values to the page and back, and the fields of rows whose type is not at hand."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.document_types.fields import Field
from sluicegate.document_types.invoice import INVOICE
from sluicegate.review.plain import fields_of, plain, typed

MANY = {
    "n": Decimal("12.500"), "day": date(2026, 3, 31), "at": datetime(2026, 3, 31, 12, tzinfo=UTC),
    "yes": True, "count": 2**60, "share": 0.1, "text": "x", "tags": ["a", "b"], "none": None,
    "party": {"name": "y", "rates": [{"rate": Decimal("0.20")}]}, "lines": [],
}  # fmt: skip


def test_values_come_back_as_they_were() -> None:
    """Through JSON, by the fields that the rows themselves show."""
    fields = fields_of([{**MANY, "document_uri": "a"}])
    assert [field.name for field in fields] == list(MANY)
    back = json.loads(json.dumps(plain(MANY)))
    assert back["n"] == "12.5"
    assert {field.name: typed(back[field.name], field) for field in fields} == MANY


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    """Nor is a number written with an exponent, which nobody types."""
    text = plain(number)
    assert "E" not in text
    assert typed(text, Field("n", "decimal")) == number


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1,5", "decimal"), ("2026-02-30", "date"), ("maybe", "boolean"), ("1.5", "integer")],
)
def test_what_does_not_fit_is_said(value: str, kind: Any) -> None:
    """With what it is and what it should be."""
    with pytest.raises(ValueError, match=f"'{value}' is no {kind}"):
        typed(value, Field("x", kind))


def test_blank_is_null_and_items_without_value_go() -> None:
    """As somebody leaves them who deletes a text."""
    lines = next(field for field in INVOICE.fields if field.repeated)
    assert typed("  ", Field("x", "decimal")) is None
    assert typed(None, lines) == []
    assert typed(["a", "", None], Field("tags", "string", repeated=True)) == ["a"]
    with pytest.raises(ValueError, match="no list"):
        typed("a", lines)
