"""What a document type refuses, and what its identity is made of."""

import pickle
from dataclasses import replace

import pytest

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.faults import UsageFault
from sluicegate.gemini.response_schema import question
from tests.sluicegate.building import type_of


def of(*fields: Field) -> DocumentType:
    """Build a type with these fields."""
    return DocumentType("parcel", "1", "Read it.", fields)


@pytest.mark.parametrize(
    "name",
    [
        *sorted(RESERVED_NAMES),
        "Document_URI",
        "PROVENANCE",
        "_table_suffix",
        "_PARTITIONTIME",
        "_file_name",
        "_row_timestamp",
        "__root__x",
        "_colidentifier",
    ],
)
def test_reserved_names_raise(name: str) -> None:
    """They are the product's columns and BigQuery's, in upper and lower case."""
    with pytest.raises(UsageFault, match=f"'parcel'.*{name}"):
        of(Field("a", "string", required=True), Field(name, "string"))


def test_reserved_names_are_free_deeper_down() -> None:
    """Inside a record they are allowed."""
    inner = Field("provenance", "string")
    assert of(Field("a", "string", required=True), Field("r", "object", fields=(inner,)))


def test_at_least_one_field_is_required() -> None:
    """Else a blank page would become a row."""
    with pytest.raises(UsageFault, match="at least one field must be required"):
        of(Field("a", "string"))
    with pytest.raises(UsageFault, match="at least one"):
        of(Field("r", "object", fields=(Field("a", "string", required=True),)))


def test_the_fingerprint_is_of_prompt_and_schema_alone() -> None:
    """A new check or version buys no answer again; another question does."""
    base = type_of({"a": {"type": "string"}, "b": {"type": "integer"}})
    checked = type_of(
        {"a": {"type": "string"}, "b": {"type": "integer"}},
        checks=[{"check": "currency", "field": "a"}],
        version="2",
    )
    assert question(checked, "m") == question(base, "m")
    assert question(replace(base, prompt="Read all."), "m") != question(base, "m")
    assert question(type_of({"b": {"type": "integer"}, "a": {"type": "string"}}, ["a"]), "m") != (
        question(base, "m")
    )
    described = type_of({"a": {"type": "string", "description": "!"}, "b": {"type": "integer"}})
    assert question(described, "m") != question(base, "m")


def test_what_is_not_sent_is_not_in_the_fingerprint() -> None:
    """A stricter pattern judges stored answers anew without buying them again."""
    assert question(type_of({"a": {"type": "string", "pattern": "^x"}}), "m") == (
        question(type_of({"a": {"type": "string"}}), "m")
    )


def test_generation_parameters_hold_the_options_and_not_the_limit() -> None:
    """What changes a whole answer is in them; more room for the cut ones changes no other."""
    kind = type_of(
        {"a": {"type": "string"}},
        options={"max_output_tokens": 100, "thinking_budget": 0, "temperature": None},
    )
    assert kind.generation_parameters == {
        "media_resolution": "medium",
        "thinking_budget": 0,
    }


@pytest.mark.parametrize("kind", [INVOICE, type_of({"a": {"type": "string"}})])
def test_types_pickle(kind: DocumentType) -> None:
    """On the worker a type is the same question."""
    there = pickle.loads(pickle.dumps(kind))
    assert there == kind
    assert question(there, "m") == question(kind, "m")
    assert there.model().model_fields.keys() == kind.model().model_fields.keys()
