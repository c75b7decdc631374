"""Reading the field tree: what a table holds is taken, the rest is refused with its path."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from sluicegate.document_types.fields import Field, read_fields
from sluicegate.faults import UsageFault

TEXT = {"type": "string"}


def schema(properties: Any, **more: Any) -> dict[str, Any]:
    """Return the JSON Schema of an object."""
    return {"type": "object", "properties": properties, **more}


def only(node: Any, **more: Any) -> Field:
    """Read a schema with one field."""
    (field,) = read_fields(schema({"a": node}, **more))
    return field


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "format": "date-time"}, "datetime"),
        ({"type": "string", "format": "decimal"}, "decimal"),
        ({"type": "string", "format": "uuid"}, "string"),
        ({"type": "number"}, "decimal"),
        ({"type": "number", "format": "float"}, "float"),
        ({"type": "number", "format": "double"}, "float"),
        ({"type": "integer"}, "integer"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "object", "properties": {"b": TEXT}}, "object"),
    ],
)
def test_types_and_formats_give_kinds(node: dict[str, Any], kind: str) -> None:
    """Each JSON type, with its format, is one kind; a plain number is exact."""
    assert only(node).kind == kind


def test_a_field_holds_all_that_its_schema_says() -> None:
    """Bounds, description, enumeration and pattern arrive unchanged, numbers exactly."""
    field = only(
        {
            "type": "number",
            "description": "Weight",
            "minimum": 0.1,
            "maximum": 10**20,
        },
        required=["a"],
    )
    assert (field.description, field.minimum, field.maximum, field.required) == (
        "Weight",
        Decimal("0.1"),
        Decimal(10**20),
        True,
    )
    text = only({"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^x"})
    assert (text.min_length, text.max_length, text.pattern, text.required) == (1, 5, "^x", False)
    assert only({"type": "string", "enum": ["a", "b"]}).enum == ("a", "b")
    assert only({"const": "a", "type": "string"}).enum == ("a",)


def test_the_order_of_the_properties_is_kept() -> None:
    """Columns come in the order of the schema."""
    assert [f.name for f in read_fields(schema({"z": TEXT, "a": TEXT, "m": TEXT}))] == [
        "z",
        "a",
        "m",
    ]


def test_arrays_repeat_their_items() -> None:
    """A list is its item's field, repeated; the list's own description and sizes win."""
    field = only(
        {
            "type": "array",
            "description": "The lines",
            "minItems": 1,
            "maxItems": 9,
            "items": {"type": "object", "description": "A line", "properties": {"b": TEXT}},
        }
    )
    assert (field.repeated, field.kind, field.description) == (True, "object", "The lines")
    assert (field.min_items, field.max_items) == (1, 9)
    assert [child.name for child in field.fields] == ["b"]
    assert only({"type": "array", "items": {**TEXT, "description": "A word"}}).description == (
        "A word"
    )


@pytest.mark.parametrize(
    "node",
    [
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"type": ["integer", "null"]},
        {"$ref": "#/$defs/Whole"},
        {"anyOf": [{"$ref": "#/$defs/Whole"}, {"type": "null"}]},
        {"$ref": "#/$defs/Alias"},
    ],
)
def test_null_and_references_are_reduced(node: dict[str, Any]) -> None:
    """This-or-null is this, in every way of writing it, and references are followed."""
    defs = {"Whole": {"type": "integer"}, "Alias": {"$ref": "#/$defs/Whole"}}
    assert only(node, **{"$defs": defs}).kind == "integer"


def test_words_beside_a_reference_win() -> None:
    """A description beside $ref or anyOf belongs to the field, not to what it refers to."""
    defs = {"$defs": {"T": {"type": "string", "description": "general"}}}
    assert only({"$ref": "#/$defs/T", "description": "special"}, **defs).description == "special"
    beside = {"anyOf": [{"$ref": "#/$defs/T"}, {"type": "null"}], "description": "special"}
    assert only(beside, **defs).description == "special"


def test_a_pydantic_model_is_read() -> None:
    """The JSON Schema that pydantic writes is read, nested models and defaults included."""

    class Item(BaseModel):
        """An item."""

        price: float | None = None

    class Bill(BaseModel):
        """A bill."""

        name: str
        items: list[Item] = []

    name, items = read_fields(Bill.model_json_schema())
    assert (name.required, items.required, items.repeated) == (True, False, True)
    assert items.fields[0].kind == "decimal"


@pytest.mark.parametrize(
    ("node", "path", "reason"),
    [
        (5, "schema.a", "mapping"),
        (None, "schema.a", "mapping"),
        ({}, "schema.a", '"type" is None'),
        ({"type": "float"}, "schema.a", "'float'"),
        ({"type": "null"}, "schema.a", "null"),
        ({"type": ["string", "integer"]}, "schema.a", "one type"),
        ({"type": ["null"]}, "schema.a", "one type"),
        ({"anyOf": [TEXT, {"type": "integer"}]}, "schema.a", "this or null"),
        ({"anyOf": [{"type": "null"}]}, "schema.a", "this or null"),
        ({"oneOf": [TEXT]}, "schema.a", "oneOf"),
        ({"type": "string", "multipleOf": 2}, "schema.a", "multipleOf"),
        ({"type": "array"}, "schema.a[]", "mapping"),
        ({"type": "array", "items": {"type": "tuple"}}, "schema.a[]", "'tuple'"),
        ({"type": "array", "items": {"type": "array", "items": TEXT}}, "schema.a", "list of lists"),
        ({"type": "object"}, "schema.a", "properties"),
        ({"type": "object", "properties": {}}, "schema.a", "properties"),
        ({"type": "object", "properties": {"b": {"type": "x"}}}, "schema.a.b", "'x'"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "x"}}}},
            "schema.a[].b",
            "'x'",
        ),
        ({"type": "integer", "enum": [1, "2"]}, "schema.a", "enum"),
        ({"type": "string", "enum": ["a", 1]}, "schema.a", "enum"),
        ({"type": "string", "enum": "abc"}, "schema.a", "enum"),
        ({"type": "boolean", "const": True}, "schema.a", "enum"),
        ({"$ref": "#/$defs/Nowhere"}, "schema.a", "mapping"),
        ({"$ref": "#/$defs/Circle"}, "schema.a", "circles"),
    ],
)
def test_what_no_table_holds_raises_with_its_path(node: Any, path: str, reason: str) -> None:
    """Every error says where in the schema it is and what was found."""
    circle = {"Circle": {"$ref": "#/$defs/Circle"}}
    with pytest.raises(UsageFault) as caught:
        only(node, **{"$defs": circle})
    assert str(caught.value).startswith(f"{path}:")
    assert reason in str(caught.value)


def test_a_schema_that_contains_itself_raises() -> None:
    """Recursion through properties ends in a UsageFault, not in a stack overflow."""
    tree = schema({"child": {"$ref": "#/$defs/Tree"}})
    with pytest.raises(UsageFault, match="nested more than 10 levels"):
        only({"$ref": "#/$defs/Tree"}, **{"$defs": {"Tree": tree}})


@pytest.mark.parametrize("levels", [9, 10])
def test_ten_levels_of_records_are_read(levels: int) -> None:
    """Nesting is allowed as deep as BigQuery allows with room to spare."""
    node: dict[str, Any] = TEXT
    for _ in range(levels):
        node = {"type": "object", "properties": {"b": node}}
    assert only(node).kind == "object"


@pytest.mark.parametrize("name", ["a-b", "1a", "", "a b", "é", "a.b", "a" * 129, "a\n"])
def test_names_that_no_column_can_have_raise(name: str) -> None:
    """A name is letters, digits and underscores, at most 128, and starts with no digit."""
    with pytest.raises(UsageFault, match="a name has letters"):
        read_fields(schema({name: TEXT}))


def test_long_names_are_read_up_to_the_limit() -> None:
    """128 characters fit a column's name."""
    assert read_fields(schema({"a" * 128: TEXT}))[0].name == "a" * 128


def test_names_that_differ_by_case_alone_raise() -> None:
    """BigQuery's columns ignore case, at every depth."""
    with pytest.raises(UsageFault, match=r"schema: .*case"):
        read_fields(schema({"Total": TEXT, "total": TEXT}))
    with pytest.raises(UsageFault, match=r"schema\.x: .*case"):
        read_fields(schema({"x": schema({"B": TEXT, "b": TEXT})}))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"type": "array"}, "must be"),
        ({"properties": {"a": TEXT}}, "must be"),
        (schema({"a": TEXT}, required=["b"]), "required, but not among the properties: b"),
        (schema({"a": TEXT}, required="a"), "list of names"),
        (schema([TEXT]), "properties"),
        (schema({"a": TEXT}, allOf=[]), "allOf"),
    ],
)
def test_a_broken_root_raises(broken: dict[str, Any], reason: str) -> None:
    """The schema itself is an object with properties, and requires only those."""
    with pytest.raises(UsageFault, match=r"^schema") as caught:
        read_fields(broken)
    assert reason in str(caught.value)


DECIMAL = {"anyOf": [{"type": "number"}, {"type": "string"}]}


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        (DECIMAL, "decimal"),
        (
            {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^(?!^[-+.]*$)"}]},
            "decimal",
        ),
        ({"anyOf": [*DECIMAL["anyOf"], {"type": "null"}]}, "decimal"),
        ({"anyOf": [DECIMAL, {"type": "null"}]}, "decimal"),
        ({"anyOf": [{"type": "integer"}, *DECIMAL["anyOf"]]}, "decimal"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "decimal"),
        ({"anyOf": [TEXT, TEXT]}, "string"),
        ({"allOf": [{"$ref": "#/$defs/Word"}]}, "string"),
        ({"$ref": "#/$defs/a~1b%20c"}, "integer"),
        ({"enum": ["a", None]}, "string"),
        ({"const": "a"}, "string"),
        ({"enum": [1, 2]}, "integer"),
        ({"enum": [7, 19.5]}, "decimal"),
        ({"type": "string", "format": "time", "readOnly": True, "x-origin": 1}, "string"),
    ],
    ids=str,
)
def test_what_pydantic_writes_is_one_type(node: dict[str, Any], kind: str) -> None:
    """Decimals, enums without a type, references within alternatives, marks that say nothing."""
    defs = {"Word": TEXT, "a/b c": {"type": "integer"}}
    assert only(node, **{"$defs": defs}).kind == kind


def test_constraints_of_a_number_beside_text() -> None:
    """Those of the number hold; bounds may be open, and as YAML reads what JSON writes."""
    field = only(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": "1e+17", "multipleOf": 0.01},
                {"type": "string", "pattern": "x"},
                {"type": "null"},
            ]
        }
    )
    assert (field.above, field.maximum, field.multiple_of) == (
        Decimal(0), Decimal(10**17), Decimal("0.01"),
    )  # fmt: skip
    assert (field.pattern, field.nullable) == (None, False)


@pytest.mark.parametrize(
    "null",
    [{"anyOf": [TEXT, {"type": "null"}]}, {"type": ["string", "null"]}, {"enum": ["a", None]}],
)
def test_required_and_null_are_two_things(null: dict[str, Any]) -> None:
    """A field that must be there and may be null is not always filled."""
    field = only(null, required=["a"])
    assert (field.required, field.nullable, field.always_filled) == (True, True, False)
    assert only(null).nullable is False


@pytest.mark.parametrize(
    ("node", "instead"),
    [
        ({"oneOf": [TEXT], "discriminator": {}}, "use one object that has the fields of all"),
        ({"anyOf": [TEXT, {"type": "string", "format": "date"}]}, "choose one of them"),
        ({"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}, "use one object that has"),
        ({"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "null"}]}, "write out what is meant"),
        ({"allOf": [TEXT, TEXT]}, "write several as one"),
        ({"type": "array", "prefixItems": [TEXT]}, "of a tuple make an object"),
        ({"type": "object", "additionalProperties": TEXT}, "of a dict make a list of objects"),
        ({"type": "object", "patternProperties": {}}, "of a dict make a list of objects"),
        ({"not": {}, "type": "string"}, "leave it out, and say in the description"),
        ({"type": "null"}, "leave it out"),
        ({"enum": ["a", 1]}, "use strings alone"),
        ({"enum": [""], "type": "string"}, "leave it out"),
        ({"type": "boolean", "const": True}, "use strings alone"),
        ({"type": "string", "pattern": "(?=x)"}, "write it without look-around"),
        ({"type": "integer", "pattern": "x"}, "leave it out"),
        ({"type": "string", "format": "date", "minimum": 3}, "leave it out"),
        ({"type": "number", "multipleOf": 0}, "above 0"),
        ({"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/A"}}, "make it a list"),
        ({"type": "array", "items": {"type": "array", "items": TEXT}}, "use a list of objects"),
    ],
    ids=str,
)
def test_each_refusal_says_what_to_do(node: dict[str, Any], instead: str) -> None:
    """The path, what is wrong, and what would do."""
    record = {"type": "object", "properties": {"b": TEXT}}
    defs = {
        "A": record,
        "B": {**record, "properties": {"c": TEXT}},
        "Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "null"}]},
    }
    with pytest.raises(UsageFault) as caught:
        only(node, **{"$defs": defs})
    assert str(caught.value).startswith("schema.a: ")
    assert instead in str(caught.value)


def test_alternatives_that_multiply_are_refused_soon() -> None:
    """Ten levels of ten alternatives each are ten thousand million; they are not walked."""
    defs: dict[str, Any] = {"L0": TEXT}
    for level in range(1, 10):
        defs[f"L{level}"] = {"anyOf": [{"$ref": f"#/$defs/L{level - 1}"}] * 10}
    with pytest.raises(UsageFault, match="multiply"):
        only({"$ref": "#/$defs/L9"}, **{"$defs": defs})
