"""The field tree: the one definition that every schema of a document type is derived from.

It is read from a JSON Schema, of a pydantic model or of a YAML file, and holds what a table can
hold: scalars, lists of them, and records. Anything else raises UsageFault with its path.
"""

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from sluicegate.faults import UsageFault

Kind = Literal[
    "string", "integer", "decimal", "float", "boolean", "date", "datetime", "object"
]  # fmt: skip

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_MAX_DEPTH = 10  # BigQuery allows 15 levels, and the row itself is one
_MAX_FIELDS = 2000  # $ref can multiply them; BigQuery allows 10,000 columns

_STRING_FORMATS: dict[str, Kind] = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
_KEYWORDS = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "default", "description",
    "enum", "examples", "format", "items", "maxItems", "maxLength", "maximum", "minItems",
    "minLength", "minimum", "nullable", "pattern", "properties", "required", "title", "type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `required`: without a value for it there is no row."""

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
    root = _resolve(schema, _Source(schema), "schema")
    if root.get("type") != "object":
        raise UsageFault('schema: its "type" must be "object"')
    return _read_object(root, _Source(schema), "schema", 0)


class _Source:
    """The whole schema, for $ref, and how many more fields it may have."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.left = _MAX_FIELDS

    def count(self, path: str) -> None:
        """Count one field; raise UsageFault when there are too many."""
        self.left -= 1
        if self.left < 0:
            raise UsageFault(f"{path}: more than {_MAX_FIELDS:,} fields in all")


def _read_object(node: dict[str, Any], source: _Source, path: str, depth: int) -> tuple[Field, ...]:
    if depth > _MAX_DEPTH:
        raise UsageFault(f"{path}: nested more than {_MAX_DEPTH} levels deep, or without end")
    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise UsageFault(f'{path}: an object needs "properties"')
    required = node.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise UsageFault(f'{path}: "required" must be a list of names')
    unknown = [name for name in required if name not in properties]
    if unknown:
        raise UsageFault(f"{path}: required, but not among the properties: {', '.join(unknown)}")
    seen = {str(name).lower() for name in properties}
    if len(seen) != len(properties):
        raise UsageFault(f"{path}: BigQuery's column names do not differ by case alone")
    return tuple(
        _read_field(name, entry, source, f"{path}.{name}", depth, required=name in required)
        for name, entry in properties.items()
    )


def _read_field(
    name: str, node: Any, source: _Source, path: str, depth: int, *, required: bool
) -> Field:
    source.count(path)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageFault(f"{path}: a name has letters, digits and _, and starts with no digit")
    node = _resolve(node, source, path)
    if node.get("type") == "array":
        item = _resolve(node.get("items"), source, f"{path}[]")
        if item.get("type") == "array":
            raise UsageFault(f"{path}: a list of lists does not fit a table; use a list of objects")
        field = _read_value(name, item, source, f"{path}[]", depth)
        return replace(
            field,
            description=str(node.get("description") or field.description),
            repeated=True,
            required=required,
            max_items=_size(node, "maxItems", path),
            min_items=_size(node, "minItems", path),
        )
    return replace(_read_value(name, node, source, path, depth), required=required)


def _read_value(name: str, node: dict[str, Any], source: _Source, path: str, depth: int) -> Field:
    kind = _kind_of(node, path)
    enum = node.get("enum", [node["const"]] if "const" in node else [])
    if not isinstance(enum, list) or (
        enum and (kind != "string" or not all(isinstance(word, str) for word in enum))
    ):
        raise UsageFault(f'{path}: "enum" is a list of strings, for a string')
    if "" in enum:
        raise UsageFault(
            f'{path}: "" is among the words of "enum", which the service refuses; leave it out: '
            "a field without a value is null"
        )
    return Field(
        name=name,
        kind=kind,
        description=str(node.get("description") or ""),
        enum=tuple(enum),
        minimum=_bound(node, "minimum", path),
        maximum=_bound(node, "maximum", path),
        min_length=_size(node, "minLength", path),
        max_length=_size(node, "maxLength", path),
        pattern=_pattern(node, path),
        fields=_read_object(node, source, path, depth + 1) if kind == "object" else (),
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


def _resolve(node: Any, source: _Source, path: str) -> dict[str, Any]:
    """Follow $ref, and reduce "X or null" to "X"."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, dict):
            raise UsageFault(f"{path}: a schema is a mapping, not {node!r}")
        unknown = sorted(str(key) for key in node if key not in _KEYWORDS)
        if unknown:
            raise UsageFault(f"{path}: unsupported JSON Schema keyword: {', '.join(unknown)}")
        if "$ref" in node:
            target: Any = source.schema
            for step in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target.get(step) if isinstance(target, dict) else None
            rest = {key: value for key, value in node.items() if key != "$ref"}
            node = {**target, **rest} if isinstance(target, dict) else target
        elif "anyOf" in node and isinstance(node["anyOf"], list):
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


def _bound(node: dict[str, Any], keyword: str, path: str) -> Decimal | None:
    value = node.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageFault(f'{path}: "{keyword}" is a number, not {value!r}')
    return Decimal(str(value))


def _size(node: dict[str, Any], keyword: str, path: str) -> int | None:
    value = node.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageFault(f'{path}: "{keyword}" is a whole number from 0, not {value!r}')
    return value


def _pattern(node: dict[str, Any], path: str) -> str | None:
    value = node.get("pattern")
    if value is None:
        return None
    try:
        re.compile(value)
    except (re.error, TypeError) as error:
        raise UsageFault(f'{path}: "pattern" is no regular expression: {error}') from error
    return str(value)
