"""Every malformed YAML file is the command's fault, said in one line that names the file."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.document_types.load import (
    load_document_type,
    options_reference,
    parse_document_type,
)
from sluicegate.faults import UsageFault
from tests.sluicegate.bounded import run_bounded
from tests.sluicegate.building import type_yaml

TEXT = {"type": "string"}


def refusal(text: bytes) -> str:
    """Return why a file is refused; the file must be named and no line broken."""
    with pytest.raises(UsageFault) as caught:
        parse_document_type(text, "kinds/parcel.yaml")
    message = str(caught.value)
    assert "'kinds/parcel.yaml'" in message
    assert "\n" not in message
    return message


def test_a_type_says_how_many_records_a_document_holds(tmp_path: Path) -> None:
    """One where nothing is said; a flag has the last word; another word is refused."""
    path = tmp_path / "slip.yaml"
    path.write_bytes(type_yaml({"a": TEXT}))
    assert load_document_type(str(path)).records == "one"
    assert load_document_type(str(path), "many").records == "many"
    path.write_bytes(type_yaml({"a": TEXT}, records="many"))
    assert load_document_type(str(path)).holds_many
    assert not load_document_type(str(path), "one").holds_many
    assert load_document_type("receipt", "many").holds_many
    assert "records: Input should be 'one' or 'many'" in refusal(
        type_yaml({"a": TEXT}, records="two")
    )


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """Name, version, prompt, options, checks and schema arrive in the type."""
    path = tmp_path / "parcel.yaml"
    path.write_text(
        """
name: parcel
version: "3"
prompt: Read the label.
options: {max_output_tokens: 512, media_resolution: low, temperature: 0.5}
checks:
  - {check: sum, of: pieces.weight, equals: weight, tolerance: 0.1, on_fail: fail}
  - {check: plausible_date, field: posted, earliest: 2020-01-01}
schema:
  type: object
  required: [number]
  properties:
    number: {type: string, minLength: 1}
    posted: {type: string, format: date}
    weight: {type: [number, "null"]}
    pieces:
      type: array
      items: {$ref: "#/$defs/Piece"}
  $defs:
    Piece: {type: object, properties: {weight: {type: number}}}
""",
        "utf-8",
    )
    kind = load_document_type(str(path))
    assert (kind.name, kind.version, kind.prompt) == ("parcel", "3", "Read the label.")
    assert kind.max_output_tokens == 512
    assert dict(kind.parameters) == {"media_resolution": "low", "temperature": 0.5}
    assert [field.name for field in kind.fields] == ["number", "posted", "weight", "pieces"]
    assert [check.on_fail for check in kind.checks] == ["fail", "warn"]


def test_options_have_defaults() -> None:
    """A file may leave them out."""
    kind = parse_document_type(type_yaml({"a": TEXT}), "p.yaml")
    assert kind.generation_parameters == {
        "media_resolution": "medium",
        "temperature": 0.0,
    }
    assert kind.max_output_tokens == 8192


@pytest.mark.parametrize("name", ["invoices", "x.json", "", "receipt.yaml.txt"])
def test_an_unknown_name_raises_with_the_known_ones(name: str) -> None:
    """It is neither built in nor the path of a YAML file."""
    with pytest.raises(UsageFault, match="invoice") as caught:
        load_document_type(name)
    assert repr(name) in str(caught.value)


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    """The store's error is the command's fault."""
    with pytest.raises(UsageFault, match=r"nowhere\.yaml"):
        load_document_type(str(tmp_path / "nowhere.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(UsageFault, match=r"folder\.yaml"):
        load_document_type(str(tmp_path / "folder.yaml"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "dictionary"),
        (b"- 1", "dictionary"),
        (b"just text", "dictionary"),
        (b"[", "not YAML"),
        (b"a: b: c", "not YAML"),
        (b"\t- a", "not YAML"),
        (b"a: *nowhere", "not YAML"),
        (b"!!python/object:os.system {}", "not YAML"),
        (b"\x00", "not YAML"),
        (b"name: \xc3\x28", ""),
        (b"name: caf\xe9", ""),
        (b"\xff\xfen\x00", ""),
        (b"? [a]\n: b", "not YAML"),
        (b"&a [*a]", "nested"),
        (b"a: &a {b: *a}", "nested"),
        (b"day: 2024-99-99", "month"),
        (b"!!int z", "z"),
        (b"!!timestamp z", ""),
        (b"[" * 1000, ""),
        (b"a" * ((1 << 20) + 1), "larger than"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_no_type_at_all(text: bytes, reason: str) -> None:
    """Broken YAML, other data, other encodings, and files without end."""
    assert reason in refusal(text)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "Parcel"}, "name: "),
        ({"name": "1a"}, "name: "),
        ({"name": 5}, "name: "),
        ({"version": 1}, "version: "),
        ({"prompt": ""}, "prompt: "),
        ({"prompt": None}, "prompt: "),
        ({"chekcs": []}, "chekcs: Extra inputs"),
        ({"options": {"temprature": 1}}, "options.temprature: Extra inputs"),
        ({"options": {"temperature": 3}}, "options.temperature: "),
        ({"options": {"temperature": float("nan")}}, "options.temperature: "),
        ({"options": {"max_output_tokens": 65537}}, "options.max_output_tokens: "),
        ({"options": {"max_output_tokens": 63}}, "options.max_output_tokens: "),
        ({"options": {"media_resolution": "ultra"}}, "options.media_resolution: "),
        ({"options": {"thinking_budget": -2}}, "options.thinking_budget: "),
        ({"options": {"thinking_budget": 0, "thinking_level": "low"}}, "takes one"),
        ({"options": []}, "options: "),
        ({"checks": {}}, "checks: "),
        ({"checks": [{"check": "prime"}]}, "checks.0: "),
        ({"checks": [{"field": "a"}]}, "checks.0: "),
        ({"checks": [{"check": "currency"}]}, "checks.0.currency.field: Field required"),
        ({"checks": [{"check": "currency", "field": "b"}]}, "string at 'b'"),
        ({"checks": [{"check": "plausible_date", "field": "a"}]}, "date at 'a'"),
        ({"checks": [{"check": "sum", "of": "a", "equals": "n"}]}, "at 'a'"),
        ({"checks": [{"check": "sum", "of": "n", "equals": "r.x"}]}, "at 'r.x'"),
        ({"checks": [{"check": "sum", "of": "r", "equals": "n"}]}, "at 'r'"),
        ({"checks": [{"check": "sum", "of": "", "equals": "n"}]}, "at ''"),
        ({"schema": 5}, "schema: "),
        ({"schema": {}}, "must be"),
    ],
)
def test_every_wrong_entry_is_named(changes: dict[str, Any], reason: str) -> None:
    """Unknown keys, wrong values and bad check paths, each with its place in the file."""
    properties = {
        "a": TEXT,
        "n": {"type": "number"},
        "r": {"type": "object", "properties": {"d": TEXT}},
    }
    assert reason in refusal(type_yaml(properties, **changes))


@pytest.mark.parametrize("key", ["prompt", "schema"])
def test_missing_entries_are_named(key: str) -> None:
    """Two entries have no default."""
    entries = yaml.safe_load(type_yaml({"a": TEXT}))
    del entries[key]
    assert f"{key}: Field required" in refusal(yaml.safe_dump(entries).encode())


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "(?=x)"},
        {"type": "string", "pattern": 5},
        {"type": "number", "minimum": "abc"},
        {"type": "number", "minimum": [1]},
        {"type": "array", "items": TEXT, "maxItems": "many"},
        {"type": "array", "items": TEXT, "maxItems": -1},
        {"type": "string", "minLength": "abc"},
        {"type": "string", "maxLength": 1.5},
        {"type": "string", "enum": 5},
        {"type": "string", "enum": ["a", ""]},
        {"type": "string", "const": ""},
        {"type": "array", "items": {"type": "string", "enum": [""]}},
        {"anyOf": 5},
        {"$ref": 5},
        {"$ref": "#/$defs/nowhere"},
        {"type": {"a": 1}},
        {1: 2, "type": "string"},
        {"type": "object", "properties": {False: TEXT}},
        {"type": "object", "properties": {None: TEXT}},
    ],
    ids=str,
)
def test_malformed_fields_raise(node: Any) -> None:
    """Bounds, patterns and names of the wrong type raise when the file is read."""
    refusal(type_yaml({"a": TEXT, "b": node}))


@pytest.mark.parametrize("name", [1, False, None, 2.5])
def test_names_that_yaml_reads_as_something_else_raise(name: Any) -> None:
    """`no: {type: string}` is the name False to YAML: the error says so."""
    refusal(type_yaml({"a": TEXT, name: TEXT}))


@pytest.mark.parametrize("required", [[5], [{"a": 1}], "a", {"a": 1}])
def test_malformed_required_lists_raise(required: Any) -> None:
    """`required` is a list of names."""
    refusal(type_yaml({"a": TEXT}, required))


def test_recursion_raises() -> None:
    """A $ref to itself and an alias to itself end in a UsageFault."""
    looped = {"$defs": {"T": {"type": "object", "properties": {"t": {"$ref": "#/$defs/T"}}}}}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": TEXT, "t": {"$ref": "#/$defs/T"}},
        **looped,
    }
    assert "nested" in refusal(type_yaml({"a": TEXT}, schema=schema))
    alias = b"""
name: parcel
version: "1"
prompt: Read it.
schema: &top
  type: object
  required: [a]
  properties:
    a: {type: string}
    b: *top
"""
    assert "nested" in refusal(alias)


_BOUNDED = """
from sluicegate.faults import UsageFault
from sluicegate.document_types.load import parse_document_type
text = {text!r}
try:
    parse_document_type(text, "bomb.yaml")
except UsageFault as fault:
    print("refused:", fault)
"""


def alias_bomb() -> bytes:
    """Return a schema in which nine records hold nine of the next, nine levels deep."""
    lines = ["name: parcel", 'version: "1"', "prompt: p", "schema:", "  type: object"]
    lines += ["  required: [a]", "  $defs:", "    L0: &l0 {type: string}"]
    for level in range(1, 10):
        properties = ", ".join(f"p{n}: *l{level - 1}" for n in range(9))
        lines.append(f"    L{level}: &l{level} {{type: object, properties: {{{properties}}}}}")
    lines += ["  properties: {a: {type: string}, b: *l9}"]
    return "\n".join(lines).encode()


def merge_bomb() -> bytes:
    """Return mappings that merge nine of the one before, nine times."""
    lines = ["m0: &m0 {k: v}"]
    for level in range(1, 10):
        merged = ", ".join([f"*m{level - 1}"] * 9)
        lines.append(f"m{level}: &m{level} {{<<: [{merged}]}}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize("bomb", [alias_bomb, merge_bomb])
def test_bombs_do_not_go_off(bomb: Any) -> None:
    """A kilobyte that unfolds to a billion nodes raises soon and in little memory."""
    assert run_bounded(_BOUNDED.format(text=bomb())).startswith("refused:")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8)
        | st.sampled_from(["string", "object", "array", "#/$defs/a", "number", "date"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "$ref", "anyOf", "enum", "required", "a", "format",
                 "minimum", "maxItems", "pattern", "minLength", "const"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_any_schema_is_read_or_raises(node: Any) -> None:
    """No tree of JSON gives anything but a type or a UsageFault."""
    message = "p.yaml"
    try:
        parse_document_type(type_yaml({"a": TEXT, "b": node}), "p.yaml")
    except UsageFault as fault:
        message = str(fault)
    assert "p.yaml" in message


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_raise(text: bytes) -> None:
    """No file gives anything but a UsageFault."""
    with pytest.raises(UsageFault, match=r"p\.yaml"):
        parse_document_type(text, "p.yaml")


def test_the_table_of_options_has_each_with_its_bounds() -> None:
    """Numbers between bounds, one of several words, and what may be left to the service."""
    table = options_reference()
    assert "| `max_output_tokens` | 8192 | 64 to 65536 |" in table
    assert "| `temperature` | 0.0 | 0 to 2, or null |" in table
    assert "| `media_resolution` | medium | `low`, `medium`, `high`, or null |" in table
    assert "| `thinking_budget` | – | -1 to 32768 |" in table


@pytest.mark.parametrize(
    ("title", "source", "name"),
    [
        ("SupplierInvoice", "x.yaml", "supplier_invoice"),
        ("EUInvoice 2", "x.yaml", "eu_invoice_2"),
        (None, "gs://b/types/Till receipts.yaml", "till_receipts"),
        ("", "kinds/parcel-2.yml", "parcel_2"),
        ("1.2.3", "4.yaml", "document"),
        (7, "x.yaml", "x"),
    ],
)
def test_a_type_without_a_name_has_one(title: Any, source: str, name: str) -> None:
    """Its schema's title, else its file's name; its version is 1."""
    entries = yaml.safe_load(type_yaml({"a": TEXT}))
    del entries["name"], entries["version"]
    if title is not None:
        entries["schema"]["title"] = title
    kind = parse_document_type(yaml.safe_dump(entries).encode(), source)
    assert (kind.name, kind.version) == (name, "1")


def test_a_bare_schema_is_told_where_it_belongs() -> None:
    """What pydantic writes is a part of the file, beside the prompt."""
    said = refusal(b'{"type": "object", "properties": {"a": {"type": "string"}}}')
    assert 'put it under "schema:"' in said
