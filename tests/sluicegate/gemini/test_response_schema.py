"""The response schema: what both services take, and never more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.genai import types

from sluicegate.document_types.fields import read_fields
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.load import load_document_type
from sluicegate.gemini.response_schema import gemini_schema, question, response_schema

SUBSET = {
    "type", "format", "description", "nullable", "enum", "items", "properties",
    "required", "propertyOrdering",
}  # fmt: skip

EVERYTHING = read_fields(
    {
        "type": "object",
        "required": ["text", "many"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^x"},
            "word": {"type": "string", "enum": ["a", "b"]},
            "exact": {"type": "number", "minimum": 0, "maximum": 5},
            "real": {"type": "number", "format": "double"},
            "whole": {"type": "integer"},
            "day": {"type": "string", "format": "date", "description": "Day of issue"},
            "moment": {"type": "string", "format": "date-time"},
            "flag": {"type": "boolean"},
            "many": {
                "type": "array",
                "maxItems": 7,
                "items": {"type": "object", "properties": {"deep": {"type": "string"}}},
            },
            "words": {"type": "array", "items": {"type": "string"}},
            "one": {"type": "object", "properties": {"deep": {"type": "string"}}},
        },
    }
)


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema in it."""
    yield schema
    for child in [*schema.get("properties", {}).values(), schema.get("items")]:
        if child:
            yield from nodes(child)


@pytest.mark.parametrize("fields", [EVERYTHING, INVOICE.fields], ids=["everything", "invoice"])
def test_the_sdk_takes_the_schema_whole(fields: Any) -> None:
    """`types.Schema` accepts it and gives it back unchanged, so nothing was dropped."""
    schema = gemini_schema(fields)
    read = types.Schema.model_validate(schema)
    back = read.model_dump(by_alias=True, exclude_none=True, mode="json")
    assert {**back, "properties": dict(back["properties"])} == schema


def test_only_keywords_of_the_subset_are_sent() -> None:
    """Bounds of any kind are for our validation: schemas are refused for them."""
    for node in nodes(gemini_schema(EVERYTHING)):
        assert set(node) <= SUBSET


def test_every_property_is_required_and_in_order() -> None:
    """No name may be forgotten, so each is required, whatever a row requires."""
    for node in nodes(gemini_schema(EVERYTHING)):
        if node["type"] == "OBJECT":
            assert node["required"] == node["propertyOrdering"] == list(node["properties"])


def test_every_scalar_may_be_null() -> None:
    """A model that must fill a field invents: even required scalars are nullable."""
    properties = gemini_schema(EVERYTHING)["properties"]
    for name in ("text", "word", "exact", "real", "whole", "day", "moment", "flag"):
        assert properties[name]["nullable"] is True
    assert properties["many"]["items"]["properties"]["deep"]["nullable"] is True
    assert properties["one"]["nullable"] is True
    assert "nullable" not in properties["many"]
    assert properties["words"]["items"]["nullable"] is False


def test_types_and_hints() -> None:
    """Each kind has its type; dates are told their form, enumerations their words."""
    properties = gemini_schema(EVERYTHING)["properties"]
    assert [properties[n]["type"] for n in ("text", "exact", "real", "whole", "flag", "many")] == [
        "STRING",
        "NUMBER",
        "NUMBER",
        "INTEGER",
        "BOOLEAN",
        "ARRAY",
    ]
    assert properties["day"]["description"] == "Day of issue, as YYYY-MM-DD"
    assert properties["moment"]["description"] == "as YYYY-MM-DDTHH:MM:SS"
    assert (properties["word"]["enum"], properties["word"]["format"]) == (["a", "b"], "enum")


def test_many_records_are_asked_in_one_object() -> None:
    """The record's schema stands as it is in a list, with its pages, the count and what is left."""
    many = load_document_type("invoice", "many")
    schema = response_schema(many)
    record = schema["properties"]["records"]["items"]
    assert schema["required"] == ["record_count", "records", "set_aside"]
    assert record["required"] == ["first_page", "last_page", "values"]
    assert record["properties"]["values"] == response_schema(INVOICE) == gemini_schema(many.fields)
    aside = schema["properties"]["set_aside"]["items"]
    assert aside["required"] == ["page", "reason"]
    assert aside["properties"]["reason"]["enum"] == ["blank", "cover", "terms", "other"]
    numbers = (schema["properties"]["record_count"], record["properties"]["first_page"])
    assert all(number == {"type": "INTEGER"} for number in numbers)


def test_one_and_many_are_two_questions() -> None:
    """Neither prompt nor schema of one is that of the other; a type for one is asked as ever."""
    many = load_document_type("invoice", "many")
    assert many.full_prompt.startswith(INVOICE.prompt)
    assert many.full_prompt != INVOICE.prompt
    assert INVOICE.full_prompt == INVOICE.prompt
    one, several = question(INVOICE, "m"), question(many, "m")
    assert one.prompt_digest != several.prompt_digest
    assert one.schema != several.schema


def test_what_was_answered_stays_answered() -> None:
    """The fingerprints of 0.1, which sent `maxItems`: nothing is paid for twice without it."""
    receipt = load_document_type(str(Path(__file__).parents[3] / "samples/types/receipt.yaml"))
    assert question(INVOICE, "m").schema == (
        "1d95949606a2ee34fd76bacab7c91a156ebcdd284db3d9eacc067055ad619e80"
    )
    assert question(receipt, "m").schema == (
        "edc76dcc62a145fbb8669890065d292249668fcffde8f0f945d186343a5ae4e9"
    )
