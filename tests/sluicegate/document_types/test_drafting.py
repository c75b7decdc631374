"""From a pydantic model to YAML, to a table's schema, to rows: nothing is lost on the way."""

import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import fastavro
import pytest
import yaml
from pydantic import BaseModel, Field, field_validator

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.drafting import draft, find_model
from sluicegate.document_types.fields import Field as TypeField
from sluicegate.document_types.load import parse_document_type
from sluicegate.document_types.table_schema import RESERVED_NAMES, avro_schema, table_schema
from sluicegate.faults import DocumentFault, UsageFault
from sluicegate.landing.rows import RowBuilder
from sluicegate.records import Row
from tests.sluicegate.building import answer_of, only_row
from tests.sluicegate.document_types.public_models import (
    ANSWERS,
    BankStatement,
    CardCharge,
    EInvoice,
    ExpenseReceipt,
    FuelReceipt,
    HotelFolio,
    SupplierInvoice,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_OWN = RESERVED_NAMES


def drafted(model: type) -> DocumentType:
    """Return the document type that the YAML of a model's draft holds."""
    made = draft(model, f"shop.models:{model.__name__}")
    assert made.left_out == ()
    return parse_document_type(made.text.encode(), "made.yaml")


def pasted(model: type[BaseModel]) -> DocumentType:
    """Return the document type of a file whose schema is pydantic's, as it is."""
    schema = json.dumps(model.model_json_schema())
    return parse_document_type(f"prompt: Read it.\nschema: {schema}\n".encode(), "mine.yaml")


def row_of(kind: DocumentType, answer: dict[str, Any]) -> Row:
    """Build the row of an answer."""
    return only_row(RowBuilder(kind, "run-1"), answer_of(answer), NOW)


def column_types(columns: list[dict[str, Any]]) -> dict[str, Any]:
    """Return columns by name: their type and mode, and the columns within."""
    return {
        column["name"]: (
            column_types(column["fields"]) if "fields" in column else column["type"],
            column["mode"],
        )
        for column in columns
        if column["name"] not in _OWN
    }


@pytest.mark.parametrize("way", [drafted, pasted])
@pytest.mark.parametrize("model", ANSWERS, ids=lambda model: model.__name__)
def test_a_model_comes_back_from_its_rows(model: type[BaseModel], way: Any) -> None:
    """What is in the row is what the model itself reads in the answer."""
    kind = way(model)
    row = row_of(kind, ANSWERS[model])
    said = {name: value for name, value in row.values.items() if name not in _OWN}
    assert model.model_validate(said) == model.model_validate(_without_blank(ANSWERS[model]))


def _without_blank(answer: dict[str, Any]) -> dict[str, Any]:
    """Take an object of nulls for null, as rows do."""
    return {
        name: None if isinstance(value, dict) and not any(value.values()) else value
        for name, value in answer.items()
    }


@pytest.mark.parametrize("model", ANSWERS, ids=lambda model: model.__name__)
def test_rows_of_a_model_can_be_written(model: type[BaseModel]) -> None:
    """The schema of files holds them, and gives them back."""
    kind = drafted(model)
    row = row_of(kind, ANSWERS[model])
    schema = fastavro.parse_schema(avro_schema(table_schema(kind.fields), "Row"))
    file = io.BytesIO()
    fastavro.writer(file, schema, [row.values])
    file.seek(0)
    (read,) = fastavro.reader(file)
    assert {name: read[name] for name in read if name not in _OWN} == {
        name: value for name, value in row.values.items() if name not in _OWN
    }


@pytest.mark.parametrize("model", ANSWERS, ids=lambda model: model.__name__)
def test_both_ways_give_the_same_columns(model: type[BaseModel]) -> None:
    """The draft differs from pydantic's schema in what is written, not in what is meant."""
    one, other = drafted(model), pasted(model)
    assert column_types(table_schema(one.fields)["fields"]) == (
        column_types(table_schema(other.fields)["fields"])
    )
    assert [_required(field) for field in one.fields] == [_required(f) for f in other.fields]
    assert one.name == other.name
    assert other.version == "1"


def _required(field: TypeField) -> Any:
    return field.name, field.always_filled, [_required(child) for child in field.fields]


def test_the_columns_of_a_draft() -> None:
    """Decimals are NUMERIC, enums and times text, lists REPEATED, models RECORD."""
    assert column_types(table_schema(drafted(SupplierInvoice).fields)["fields"])["lines"] == (
        {
            "description": ("STRING", "NULLABLE"),
            "quantity": ("NUMERIC", "NULLABLE"),
            "unit_price": ("NUMERIC", "NULLABLE"),
            "amount": ("NUMERIC", "NULLABLE"),
        },
        "REPEATED",
    )
    assert column_types(table_schema(drafted(ExpenseReceipt).fields)["fields"]) == {
        "merchant": ("STRING", "NULLABLE"),
        "bought_on": ("DATE", "NULLABLE"),
        "bought_at": ("STRING", "NULLABLE"),
        "category": ("STRING", "NULLABLE"),
        "total": ("NUMERIC", "NULLABLE"),
        "tip": ("NUMERIC", "NULLABLE"),
        "tags": ("STRING", "REPEATED"),
    }
    folio = column_types(table_schema(drafted(HotelFolio).fields)["fields"])
    assert folio["arrival"] == ("TIMESTAMP", "NULLABLE")
    assert folio["stars"] == ("INTEGER", "NULLABLE")
    assert folio["charges"] == ("NUMERIC", "REPEATED")


@pytest.mark.parametrize(
    ("model", "changes", "code", "reason"),
    [
        (SupplierInvoice, {"total": 2.985}, "value_out_of_range", "total: should be a multiple"),
        (SupplierInvoice, {"total": 10**10}, "value_out_of_range", "total: Input should be less"),
        (SupplierInvoice, {"number": None}, "schema_mismatch", "number was not found"),
        (SupplierInvoice, {"issued_on": "1 May"}, "schema_mismatch", "issued_on: should be a date"),
        (EInvoice, {"type_code": "999"}, "schema_mismatch", "type_code: Input should be '380'"),
        (EInvoice, {"tax_subtotals": []}, "value_out_of_range", "tax_subtotals: List should have"),
        (ExpenseReceipt, {"total": -1}, "value_out_of_range", "total: Input should be greater"),
        (BankStatement, {"iban": "x"}, "value_out_of_range", "iban: String should match"),
        (BankStatement, {"page_count": 0}, "value_out_of_range", "page_count: Input should be gr"),
        (CardCharge, {"amount": {"value": None, "currency": "USD"}}, "schema_mismatch",
         "amount.value was not found"),
        (HotelFolio, {"stars": 1}, "schema_mismatch", "stars: should be one of 3, 4, 5"),
        (FuelReceipt, {"kind": "heating"}, "schema_mismatch", "kind: Input should be 'fuel'"),
        (FuelReceipt, {"litres": 1.2345}, "value_out_of_range", "litres: should be a multiple"),
    ],
)  # fmt: skip
def test_constraints_hold(
    model: type[BaseModel], changes: dict[str, Any], code: str, reason: str
) -> None:
    """What the model would refuse is refused, with the path and the reason."""
    with pytest.raises(DocumentFault) as caught:
        row_of(drafted(model), {**ANSWERS[model], **changes})
    assert caught.value.code == code
    assert caught.value.message.startswith(reason)


def test_null_is_taken_where_the_model_takes_it() -> None:
    """A field that must be there and may be null is null in the row."""
    assert row_of(pasted(EInvoice), ANSWERS[EInvoice]).values["buyer_reference"] is None
    without = {k: v for k, v in ANSWERS[EInvoice].items() if k != "buyer_reference"}
    assert row_of(drafted(EInvoice), without).values["buyer_reference"] is None


def test_the_stub_can_be_used_at_once() -> None:
    """A prompt that lets every field be null, and checks that might fit, as comments."""
    text = draft(SupplierInvoice, "shop.models:SupplierInvoice").text
    assert "You read one supplier invoice and return its data as JSON." in text
    assert "#   - {check: plausible_date, field: issued_on}" in text
    assert "total: {type: number, exclusiveMinimum: -10000000000" in text
    entries = yaml.safe_load(text)
    assert list(entries) == ["name", "version", "prompt", "schema"]
    checks = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    at = checks.index("checks:")
    with_checks = text + "\n" + "\n".join(checks[at : at + 3])
    assert len(parse_document_type(with_checks.encode(), "x.yaml").checks) == 2


class Dog(BaseModel):
    """One of two."""

    kind: Literal["dog"]


class Cat(BaseModel):
    """The other."""

    kind: Literal["cat"]


class Node(BaseModel):
    """One that holds itself."""

    name: str
    children: list["Node"] = []


class Troubled(BaseModel):
    """A model of what no table holds."""

    good: str
    by_name: dict[str, float]
    anything: Any = None
    pair: tuple[str, int]
    table: list[list[str]]
    pet: Dog | Cat
    told_pet: Dog | Cat = Field(discriminator="kind")
    day: date | str
    mixed: Literal["a", 1]
    flag: Literal[True]
    tree: Node
    named: str = Field(alias="Total amount")
    sized: str = Field("", json_schema_extra={"if": {}})
    provenance: str = ""


def test_what_cannot_be_held_is_left_out_and_said() -> None:
    """All of it at once, each with its path and what to do instead; the rest is written."""
    made = draft(Troubled, "shop.models:Troubled")
    said = dict(reason.split(": ", 1) for reason in made.left_out)
    for path, instead in {
        "schema.by_name": "make a list of objects with a key and a value",
        "schema.anything": "use string, number, integer, boolean, object or array",
        "schema.pair": "make an object with a name for each place",
        "schema.table": "use a list of objects",
        "schema.pet": "use one object that has the fields of all of them",
        "schema.told_pet": "or write a document type for each",
        "schema.day": "choose one of them, or use string",
        "schema.mixed": "use strings alone",
        "schema.flag": "use strings alone",
        "schema.Total amount": "rename it, or give it such an alias",
        "schema.sized": "leave it out, and say in the description",
        "schema.provenance": "rename the field",
    }.items():
        assert instead in said.pop(path)
    (deep,) = said
    assert deep.startswith("schema.tree.children[].children[]")
    assert "write out the levels that there are" in said[deep]
    names = [field.name for field in parse_document_type(made.text.encode(), "x.yaml").fields]
    assert names == ["good"]
    for reason in made.left_out:
        assert f"#   - {reason}" in made.text


def test_what_does_not_travel_is_noted() -> None:
    """Validators in Python, of the model and of those within it."""

    class Line(BaseModel):
        amount: Decimal

        @field_validator("amount")
        @classmethod
        def rounded(cls, value: Decimal) -> Decimal:
            return round(value, 2)

    class Bill(BaseModel):
        number: str
        lines: list[Line]

    made = draft(Bill, "shop.models:Bill")
    assert made.left_out == ()
    (note,) = made.notes
    assert note.startswith("schema.lines: the validator Line.rounded does not travel; write a")


def test_a_model_without_anything_required_says_so() -> None:
    """It would make a row of a blank page."""

    class Loose(BaseModel):
        name: str | None = None

    (reason,) = draft(Loose, "shop.models:Loose").left_out
    assert reason.startswith("schema: no field is required")


def test_dataclasses_are_models_too() -> None:
    """Whatever pydantic can read."""

    @dataclass
    class Ticket:
        code: str
        price: Decimal | None = None

    assert [field.kind for field in drafted(Ticket).fields] == ["string", "decimal"]


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("shop", "named as package.module:Model"),
        ("nowhere_at_all:Model", "cannot be imported: ModuleNotFoundError"),
        ("json:Model", "has no 'Model'"),
        ("json:dumps", "is no model, but function"),
        ("json:JSONDecoder", "is no pydantic model: Unable to generate"),
    ],
)
def test_what_is_no_model_is_said(reference: str, reason: str) -> None:
    """In one sentence, before anything is written."""
    with pytest.raises(UsageFault) as caught:
        draft(find_model(reference), reference)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a class too; a module that fails says how."""
    (tmp_path / "shop_of_mine.py").write_text("class A:\n  class B: pass\n")
    (tmp_path / "shop_that_fails.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_model("shop_of_mine:A.B").__qualname__ == "A.B"
    with pytest.raises(UsageFault, match="ZeroDivisionError"):
        find_model("shop_that_fails:A")
    sys.modules.pop("shop_of_mine")
