"""The field tree: the one definition that every schema of a document type is derived from.

It is read from a JSON Schema, of a pydantic model or of a YAML file, and holds what a table can
hold: scalars, lists of them, and records. Anything else raises UsageFault with its path.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from sluicegate.document_types import constraints
from sluicegate.document_types.json_schema import MAX_DEPTH, Node, Source, reduced
from sluicegate.faults import UsageFault

Kind = Literal[
    "string", "integer", "decimal", "float", "boolean", "date", "datetime", "object"
]  # fmt: skip

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")

_STRING_FORMATS: dict[str, Kind] = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
_KINDS: dict[str, Kind] = {"integer": "integer", "boolean": "boolean", "object": "object"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `required` and not `nullable`: without a value for it there is no row.

    Of a field that is both, a schema says that its name is always there, and that null will do.
    """

    name: str
    kind: Kind
    description: str = ""
    required: bool = False
    repeated: bool = False
    enum: tuple[str | Decimal, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    max_items: int | None = None
    min_items: int | None = None
    fields: tuple["Field", ...] = ()
    nullable: bool = False
    above: Decimal | None = None
    below: Decimal | None = None
    multiple_of: Decimal | None = None
    unique: bool = False  # of a list: a value that comes again is dropped

    @property
    def always_filled(self) -> bool:
        """Tell whether every row has a value for it."""
        return self.required and not self.nullable


def read_fields(
    schema: dict[str, Any], refused: list[UsageFault] | None = None
) -> tuple[Field, ...]:
    """Read the fields of an object schema; raise UsageFault for what a table cannot hold.

    With `refused`, those faults are collected there, and their fields are left out.
    """
    source = Source(schema, refused)
    root = reduced(schema, source, "schema")
    if root.get("type") != "object":
        raise UsageFault(
            'schema: its "type" must be "object": a document is a row; '
            "of a list make an object with a field that is the list"
        )
    return _read_object(root, source, "schema", 0)


class _TooDeep(UsageFault):
    """Objects within objects, more than a table has levels."""


def _read_object(node: Node, source: Source, path: str, depth: int) -> tuple[Field, ...]:
    if depth > MAX_DEPTH:
        raise _TooDeep(
            f"{path}: nested more than {MAX_DEPTH} levels deep, or without end; write out the "
            "levels that there are, or use a list whose items name the one above them"
        )
    properties, required = _properties(node, path)
    fields = []
    for name, entry in properties.items():
        try:
            fields.append(_read_field(name, entry, source, path, depth, required=name in required))
        except _TooDeep as fault:
            if depth:  # the whole field of the row goes: levels of an endless one are worth nothing
                raise
            source.refuse(fault)
        except UsageFault as fault:
            source.refuse(fault)
    if not fields:
        raise UsageFault(f"{path}: none of its fields can be held; leave it out")
    return tuple(fields)


def _properties(node: Node, path: str) -> tuple[dict[str, Any], list[str]]:
    """Return the properties of an object, and the names of those that are required."""
    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise UsageFault(
            f'{path}: an object needs "properties": names that are not known beforehand are no '
            "columns; of a dict make a list of objects with a key and a value"
        )
    required = node.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise UsageFault(f'{path}: "required" must be a list of names')
    unknown = [name for name in required if name not in properties]
    if unknown:
        raise UsageFault(f"{path}: required, but not among the properties: {', '.join(unknown)}")
    seen = {str(name).lower() for name in properties}
    if len(seen) != len(properties):
        raise UsageFault(
            f"{path}: BigQuery's column names do not differ by case alone; rename one of them"
        )
    return properties, required


def _read_field(
    name: str, node: Any, source: Source, above: str, depth: int, *, required: bool
) -> Field:
    path = f"{above}.{name}"
    source.count_field(path)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageFault(
            f"{path}: a name has letters, digits and _, and starts with no digit; "
            "rename it, or give it such an alias"
        )
    node = reduced(node, source, path)
    nullable = required and bool(node.get("nullable"))
    if node.get("type") == "array":
        field = _read_items(name, node, source, path, depth)
    else:
        field = _read_value(name, node, source, path, depth)
    return replace(field, required=required, nullable=nullable)


def _read_items(name: str, node: Node, source: Source, path: str, depth: int) -> Field:
    item = reduced(node.get("items"), source, f"{path}[]")
    if item.get("type") == "array":
        raise UsageFault(f"{path}: a list of lists does not fit a table; use a list of objects")
    field = _read_value(name, item, source, f"{path}[]", depth)
    unique = bool(node.get("uniqueItems"))
    if unique and field.kind == "object":
        raise UsageFault(
            f'{path}: "uniqueItems" is for texts and numbers, not for objects; make it a list'
        )
    return replace(
        field,
        description=str(node.get("description") or field.description),
        repeated=True,
        unique=unique,
        max_items=constraints.size(node, "maxItems", path),
        min_items=constraints.size(node, "minItems", path),
    )


def _read_value(name: str, node: Node, source: Source, path: str, depth: int) -> Field:
    kind = _kind_of(node, path)
    return Field(
        name=name,
        kind=kind,
        description=str(node.get("description") or ""),
        enum=constraints.enumeration(node, kind, path),
        fields=_read_object(node, source, path, depth + 1) if kind == "object" else (),
        **constraints.of_value(node, kind, path),
    )


def _kind_of(node: Node, path: str) -> Kind:
    of_type, of_format = node.get("type"), str(node.get("format", ""))
    if of_type == "string":
        return _STRING_FORMATS.get(of_format, "string")
    if of_type == "number":
        return "float" if of_format in ("float", "double") else "decimal"
    if isinstance(of_type, str) and of_type in _KINDS:
        return _KINDS[of_type]
    if of_type == "null":
        raise UsageFault(f"{path}: \"type\" is 'null': nothing can stand there; leave it out")
    raise UsageFault(
        f'{path}: "type" is {of_type!r}; use string, number, integer, boolean, object or array'
    )
