"""A model built from the field tree validates as the one written in Python does."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sluicegate.document_types.invoice import INVOICE, Invoice
from sluicegate.document_types.models import build_model
from tests.sluicegate.building import type_of

BUILT = build_model("invoice", INVOICE.fields)
GOOD: dict[str, Any] = {
    "invoice_id": " A-1 ",
    "vendor_name": "Größe GmbH",
    "total_amount": Decimal("12.50"),
}


def outcome(model: Any, values: Any) -> Any:
    """Return the dumped values, or where and of which types the errors are."""
    try:
        return model.model_validate(values).model_dump()
    except ValidationError as error:
        return {(item["loc"], item["type"]) for item in error.errors()}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"invoice_date": "2026-02-28", "currency": "EUR"},
        {"invoice_date": " 2026-02-28 "},
        {"invoice_date": "2026-02-30"},
        {"invoice_date": "28.02.2026"},
        {"invoice_date": 20260228},
        {"invoice_id": None},
        {"invoice_id": "  "},
        {"invoice_id": 5},
        {"total_amount": "12.50"},
        {"total_amount": True},
        {"total_amount": Decimal("NaN")},
        {"total_amount": Decimal("Infinity")},
        {"total_amount": 10**15},
        {"total_amount": 10**15 + 1},
        {"total_amount": Decimal("-1E+16")},
        {"total_amount": Decimal("1E+999999999")},
        {"line_items": []},
        {"line_items": None},
        {"line_items": {}},
        {"line_items": [{"description": "x", "quantity": Decimal(1), "total": None}]},
        {"line_items": [{"total": "1"}]},
        {"line_items": [None]},
        {"line_items": [{"unknown": 1}]},
        {"unknown": [1, 2]},
    ],
)
def test_both_invoice_models_agree(changes: dict[str, Any]) -> None:
    """The model of a YAML file is no laxer and no stricter than the built in one."""
    values = {**GOOD, **changes}
    assert outcome(BUILT, values) == outcome(Invoice, values)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.decimals(), st.text(max_size=12)
)


@given(
    st.dictionaries(
        st.sampled_from([*Invoice.model_fields, "other"]),
        SCALARS
        | st.lists(
            st.dictionaries(st.sampled_from(["description", "quantity", "total"]), SCALARS),
            max_size=2,
        ),
    )
)
def test_both_invoice_models_agree_on_anything(values: dict[str, Any]) -> None:
    """The same values pass, and the same fail at the same places."""
    mine, its = outcome(BUILT, values), outcome(Invoice, values)
    assert repr(mine) == repr(its) if isinstance(mine, dict) else mine == its


def test_required_and_optional_fields() -> None:
    """A required field must be there and not null; the others may be neither."""
    model = build_model("x", INVOICE.fields)
    assert model.model_validate(GOOD).model_dump()["currency"] is None
    with pytest.raises(ValidationError):
        model.model_validate({**GOOD, "vendor_name": None})


@pytest.mark.parametrize(
    ("node", "good", "bad"),
    [
        ({"type": "string"}, ("x", "x"), 5),
        ({"type": "string", "minLength": 2}, ("xx", "xx"), " x "),
        ({"type": "string", "maxLength": 2}, (" xx ", "xx"), "xxx"),
        ({"type": "string", "pattern": "^[A-Z]+$"}, ("AB", "AB"), "ab"),
        ({"type": "string", "enum": ["a", "b"]}, ("a", "a"), "c"),
        ({"type": "integer"}, (Decimal("1E+2"), 100), Decimal("1.5")),
        ({"type": "integer", "minimum": 1, "maximum": 3}, (3, 3), 4),
        ({"type": "integer"}, (Decimal("2.0"), 2), True),
        ({"type": "number"}, (Decimal("0.10"), Decimal("0.10")), "0.10"),
        ({"type": "number", "minimum": 0}, (0, Decimal(0)), Decimal("-0.01")),
        ({"type": "number", "format": "double"}, (Decimal("0.5"), 0.5), "0.5"),
        ({"type": "number", "format": "double"}, (3, 3.0), Decimal("1E+400")),
        ({"type": "boolean"}, (True, True), 1),
        ({"type": "boolean"}, (False, False), "false"),
        ({"type": "string", "format": "date"}, ("2026-01-02", date(2026, 1, 2)), "2026-1-2"),
        (
            {"type": "string", "format": "date-time"},
            ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
            "tomorrow",
        ),
        (
            {"type": "string", "format": "date-time"},
            ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
            5,
        ),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, (["x"], ["x"]), ["x", "y"]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, (["x"], ["x"]), []),
        ({"type": "array", "items": {"type": "string"}}, ([], []), [None]),
    ],
)
def test_each_kind_takes_its_own_and_nothing_else(
    node: dict[str, Any], good: tuple[Any, Any], bad: Any
) -> None:
    """Values are taken strictly: a number in quotes is no number, 1 is not true."""
    model = type_of({"key": {"type": "string"}, "f": node}).model()
    value = model.model_validate({"key": "k", "f": good[0]}).model_dump()["f"]
    assert (value, type(value)) == (good[1], type(good[1]))
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"key": "k", "f": bad})
    assert caught.value.errors()[0]["loc"][0] == "f"


def test_the_model_is_built_once() -> None:
    """Validation of every answer uses one model."""
    kind = type_of({"a": {"type": "string"}})
    assert kind.model() is kind.model()
    assert INVOICE.model() is Invoice


@pytest.mark.parametrize("name", ["_id", "model_config", "schema", "copy", "json", "class", "self"])
def test_every_name_of_a_column_is_validated(name: str) -> None:
    """No field is lost because its name is reserved by pydantic."""
    kind = type_of({"key": {"type": "string"}, name: {"type": "string"}}, ["key", name])
    values = kind.model().model_validate({"key": "k", name: "v"}).model_dump()
    assert values == {"key": "k", name: "v"}
    with pytest.raises(ValidationError):
        kind.model().model_validate({"key": "k", name: 5})
