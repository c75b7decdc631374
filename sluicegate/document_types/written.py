"""From the field tree to the YAML of a document type: read again, it gives the same fields."""

from decimal import Decimal
from typing import Any

import yaml

from sluicegate.document_types.fields import Field

_WIDTH = 100
_TYPES = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "float": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
}
_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "above": "exclusiveMinimum",
    "below": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}


def type_file(name: str, prompt: str, fields: tuple[Field, ...], comments: list[str]) -> str:
    """Return the YAML of a document type, with lines of comment above the schema."""
    lines = "\n".join(f"  {line}" if line else "" for line in prompt.splitlines())
    schema = yaml.dump(
        {"schema": object_schema(fields)},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )
    said = "".join(f"# {line}".rstrip() + "\n" for line in comments)
    return f'name: {name}\nversion: "1"\n\nprompt: |\n{lines}\n\n{said}\n{schema}'


def object_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the JSON Schema of an object with these fields."""
    return {
        "type": "object",
        "required": _ListOnOneLine([field.name for field in fields if field.required]),
        "properties": {field.name: _written(field) for field in fields},
    }


def _written(field: Field) -> dict[str, Any]:
    described = {"description": field.description} if field.description else {}
    nullable = {"nullable": True} if field.nullable else {}
    if not field.repeated:
        value: dict[str, Any] = _value(field)
        # `properties` last: what is said of the object stands above them.
        inner: dict[str, Any] = {
            key: value.pop(key) for key in ("required", "properties") if key in value
        }
        return _shaped({**value, **nullable, **described, **inner})
    sizes = {
        "minItems": field.min_items,
        "maxItems": field.max_items,
        "uniqueItems": field.unique or None,
    }
    given = {key: size for key, size in sizes.items() if size is not None}
    items = _shaped(_value(field))
    return {"type": "array", **nullable, **described, **given, "items": items}


def _value(field: Field) -> dict[str, Any]:
    if field.kind == "object":
        return object_schema(field.fields)
    value: dict[str, Any] = dict(_TYPES[field.kind])
    if field.enum:
        value["enum"] = [_plain(word) for word in field.enum]
    limits = {_LIMITS[name]: getattr(field, name) for name in _LIMITS}
    return value | {key: _plain(limit) for key, limit in limits.items() if limit is not None}


def _shaped(value: dict[str, Any]) -> dict[str, Any]:
    return value if "properties" in value else _MapOnOneLine(value)


def _plain(value: Any) -> Any:
    """Return a Decimal as YAML can hold it without loss."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(str(float(value))) == value else str(value)


class _MapOnOneLine(dict[str, Any]):
    """A mapping that is written on one line, as far as the width allows."""


class _ListOnOneLine(list[str]):
    """A list that is written on one line, as far as the width allows."""


class _Dumper(yaml.SafeDumper):
    """YAML with the fields of a schema on a line each, and without aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Write everything out."""
        return True


_Dumper.add_representer(
    _MapOnOneLine,
    lambda dumper, data: dumper.represent_mapping(
        "tag:yaml.org,2002:map", dict(data), flow_style=True
    ),
)
_Dumper.add_representer(
    _ListOnOneLine,
    lambda dumper, data: dumper.represent_sequence(
        "tag:yaml.org,2002:seq", list(data), flow_style=True
    ),
)
