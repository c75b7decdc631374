"""Schemas are refused where the API refuses them."""

from decimal import Decimal
from typing import Any

import pytest

from emulators.gemini.canned import canned_answer
from emulators.gemini.exact_json import dumps
from emulators.gemini.schema_check import (
    estimated_states,
    senseless,
    unfit_fields,
    unresolved_references,
)

INVOICE: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {
        "invoice_id": {"type": "STRING", "maxLength": 8},
        "invoice_date": {"type": "STRING", "nullable": True, "format": "date"},
        "currency": {"type": "STRING", "enum": ["EUR", "USD"]},
        "total_amount": {"type": "NUMBER"},
        "line_items": {
            "type": "ARRAY",
            "max_items": 5,
            "items": {
                "type": "OBJECT",
                "properties": {
                    "description": {"any_of": [{"type": "NULL"}, {"type": "STRING"}]},
                    "quantity": {"type": "INTEGER", "minimum": 1, "maximum": 3},
                    "total": {"type": "NUMBER"},
                },
                "required": ["description"],
            },
        },
    },
    "required": ["invoice_id", "total_amount"],
    "propertyOrdering": ["invoice_id"],
}


def test_a_good_schema_passes_in_both_spellings() -> None:
    """Both camelCase and snake_case names are the same field."""
    assert unfit_fields(INVOICE, vertex=False) == []
    assert senseless(INVOICE) == []


def test_unknown_names_are_refused_with_their_path() -> None:
    """The message names the field and where it is, as the API writes it."""
    schema = {
        "type": "OBJECT",
        "additionalProperties": False,
        "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING", "const": 1}}},
    }
    (first, first_text), (second, second_text) = unfit_fields(schema, vertex=False)
    assert first == "generation_config.response_schema"
    assert first_text == (
        'Invalid JSON payload received. Unknown name "additionalProperties" at '
        "'generation_config.response_schema': Cannot find field."
    )
    assert second == "generation_config.response_schema.properties[0].value.items"
    assert '"const"' in second_text
    assert len(unfit_fields(schema, vertex=True)) == 1


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": ["STRING", "NULL"]}, "cannot start list"),
        ({"type": "decimal"}, "Invalid value at"),
        ({"properties": {"a": {"anyOf": [{"type": "x"}]}}}, "any_of[0].type"),
    ],
)
def test_types_are_the_apis_own(schema: dict[str, Any], message: str) -> None:
    """A type is one of the seven, and only one."""
    ((_, text),) = unfit_fields(schema, vertex=False)
    assert message in text


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "OBJECT"}, "properties: should be non-empty for OBJECT type"),
        ({"type": "ARRAY"}, "items: missing field."),
        ({"type": "INTEGER", "enum": ["1"]}, "enum: only allowed for STRING type"),
        (
            {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["b"]},
            "required[0]: property is not defined",
        ),
    ],
)
def test_nonsense_is_refused(schema: dict[str, Any], message: str) -> None:
    """What parses may still make no sense."""
    (text,) = senseless(schema)
    assert message in text


def test_references_must_lead_somewhere() -> None:
    """A local reference is looked up, whatever it is nested in."""
    schema = {"$defs": {"a": {}}, "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}
    assert unresolved_references(schema, schema) == ["#/$defs/b"]


def test_states_grow_with_array_limits() -> None:
    """A longer array limit is a larger constraint."""
    larger = {"type": "ARRAY", "maxItems": 500, "items": INVOICE}
    assert estimated_states(larger) > 400 * estimated_states(INVOICE)


def test_canned_answers_fit_and_stay_the_same() -> None:
    """The same document gets the same answer, of the right types, with a total that adds up."""
    first = canned_answer(INVOICE, "ab")
    assert first == canned_answer(INVOICE, "ab")
    assert first != canned_answer(INVOICE, "cd")
    assert list(first) == list(INVOICE["properties"])
    assert first["currency"] in {"EUR", "USD"}
    assert len(first["invoice_id"]) <= 8
    assert first["total_amount"] == sum(item["total"] for item in first["line_items"])
    assert all(item["quantity"] in {1, 2, 3} for item in first["line_items"])
    assert isinstance(first["total_amount"], Decimal)


def test_canned_answers_follow_references_and_limits() -> None:
    """JSON Schema with $ref, type lists and bounds is answered as well."""
    schema: dict[str, Any] = {
        "$defs": {"Line": {"type": "object", "properties": {"price": {"type": "number"}}}},
        "type": "object",
        "properties": {
            "lines": {
                "type": "array",
                "items": {"$ref": "#/$defs/Line"},
                "minItems": 4,
                "maxItems": 4,
            },
            "paid": {"type": ["boolean", "null"]},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
        },
    }
    answer = canned_answer(schema, "ab")
    assert [list(line) for line in answer["lines"]] == [["price"]] * 4
    assert isinstance(answer["paid"], bool)
    assert 0 <= answer["share"] <= 1


def test_json_is_written_exactly() -> None:
    """Decimals keep their digits, text its characters."""
    value = {"a": Decimal("1E+3"), "b": [Decimal("0.10"), None, True, "ä\n"], "c": {}, "d": []}
    assert dumps(value) == '{"a": 1000, "b": [0.10, null, true, "ä\\n"], "c": {}, "d": []}'
    with pytest.raises(TypeError):
        dumps(Decimal("NaN"))
