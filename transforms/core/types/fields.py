"""The field tree: the one definition that every schema of a document type is derived from.

It is read from a JSON Schema, of a pydantic model or of a YAML file, and holds what a table can
hold: scalars, lists of them, and records. What it cannot hold is refused with the path of it.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from transforms.core.faults import UsageFault

Kind = Literal[
    "string", "integer", "decimal", "float", "boolean", "date", "datetime", "object"
]  # fmt: skip

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_MAX_DEPTH = 10  # BigQuery takes 15 levels, and ours lie below one more

_STRING_FORMATS: dict[str, Kind] = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
_KEYWORDS = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "default", "description",
    "enum", "examples", "format", "items", "maxItems", "maxLength", "maximum", "minItems",
    "minLength", "minimum", "nullable", "pattern", "properties", "required", "title", "type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `required` means that a row without a value for it is not a row."""

    name: str
    kind: Kind
    description: str = ""
    required: bool = False
    repeated: bool = False
    enum: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    max_items: int | None = None
    min_items: int | None = None
    fields: tuple["Field", ...] = ()


def read_fields(schema: dict[str, Any]) -> tuple[Field, ...]:
    """Read the fields of an object schema; raise UsageFault for what a table cannot hold."""
    root = _resolve(schema, schema, "schema")
    if root.get("type") != "object":
        raise UsageFault('schema: its "type" must be "object"')
    return _read_object(root, schema, "schema", 0)


def _read_object(
    node: dict[str, Any], root: dict[str, Any], path: str, depth: int
) -> tuple[Field, ...]:
    if depth > _MAX_DEPTH:
        raise UsageFault(f"{path}: nested more than {_MAX_DEPTH} levels deep, or without end")
    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise UsageFault(f'{path}: an object needs "properties"')
    required = node.get("required", [])
    if not isinstance(required, list):
        raise UsageFault(f'{path}: "required" must be a list of names')
    unknown = [name for name in required if name not in properties]
    if unknown:
        raise UsageFault(f"{path}: required, but not among the properties: {', '.join(unknown)}")
    seen = {name.lower() for name in properties}
    if len(seen) != len(properties):
        raise UsageFault(f"{path}: BigQuery's column names do not differ by case alone")
    return tuple(
        _read_field(name, entry, root, f"{path}.{name}", depth, required=name in required)
        for name, entry in properties.items()
    )


def _read_field(
    name: str, node: Any, root: dict[str, Any], path: str, depth: int, *, required: bool
) -> Field:
    if not _NAME.fullmatch(name):
        raise UsageFault(f"{path}: a name has letters, digits and _, and starts with no digit")
    node = _resolve(node, root, path)
    if node.get("type") == "array":
        item = _resolve(node.get("items"), root, f"{path}[]")
        if item.get("type") == "array":
            raise UsageFault(f"{path}: a list of lists does not fit a table; use a list of objects")
        field = _read_value(name, item, root, f"{path}[]", depth)
        return replace(
            field,
            description=str(node.get("description") or field.description),
            repeated=True,
            required=required,
            max_items=node.get("maxItems"),
            min_items=node.get("minItems"),
        )
    return replace(_read_value(name, node, root, path, depth), required=required)


def _read_value(
    name: str, node: dict[str, Any], root: dict[str, Any], path: str, depth: int
) -> Field:
    kind = _kind_of(node, path)
    enum = node.get("enum", [node["const"]] if "const" in node else [])
    if enum and (kind != "string" or not all(isinstance(word, str) for word in enum)):
        raise UsageFault(f'{path}: "enum" is for strings')
    return Field(
        name=name,
        kind=kind,
        description=str(node.get("description") or ""),
        enum=tuple(enum),
        minimum=_bound(node.get("minimum")),
        maximum=_bound(node.get("maximum")),
        min_length=node.get("minLength"),
        max_length=node.get("maxLength"),
        pattern=node.get("pattern"),
        fields=_read_object(node, root, path, depth + 1) if kind == "object" else (),
    )


def _kind_of(node: dict[str, Any], path: str) -> Kind:
    of_type, of_format = node.get("type"), str(node.get("format", ""))
    if of_type == "string":
        return _STRING_FORMATS.get(of_format, "string")
    if of_type == "number":
        return "float" if of_format in ("float", "double") else "decimal"
    if of_type == "integer":
        return "integer"
    if of_type == "boolean":
        return "boolean"
    if of_type == "object":
        return "object"
    raise UsageFault(
        f'{path}: "type" is {of_type!r}; use string, number, integer, boolean, object or array'
    )


def _resolve(node: Any, root: dict[str, Any], path: str) -> dict[str, Any]:
    """Follow $ref, and reduce "this or null" to "this"."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, dict):
            raise UsageFault(f"{path}: a schema is a mapping, not {node!r}")
        unknown = sorted(set(node) - _KEYWORDS)
        if unknown:
            raise UsageFault(f"{path}: unsupported JSON Schema keyword: {', '.join(unknown)}")
        if "$ref" in node:
            target: Any = root
            for step in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target.get(step) if isinstance(target, dict) else None
            rest = {key: value for key, value in node.items() if key != "$ref"}
            node = {**target, **rest} if isinstance(target, dict) else target
        elif "anyOf" in node:
            options = [o for o in node["anyOf"] if not (isinstance(o, dict) and _is_null(o))]
            if len(options) != 1 or not isinstance(options[0], dict):
                raise UsageFault(f'{path}: "anyOf" may only say "this or null"')
            rest = {key: value for key, value in node.items() if key != "anyOf"}
            node = {**options[0], **rest}
        elif isinstance(node.get("type"), list):
            kinds = [kind for kind in node["type"] if kind != "null"]
            if len(kinds) != 1:
                raise UsageFault(f'{path}: "type" may be one type, or one and "null"')
            node = {**node, "type": kinds[0]}
        else:
            return node
    raise UsageFault(f"{path}: $ref goes in circles")


def _is_null(node: dict[str, Any]) -> bool:
    return node.get("type") == "null"


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
