"""What a schema says of values beyond their type: bounds, lengths, patterns, enumerations."""

import math
import re
from decimal import Decimal
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from sluicegate.document_types.json_schema import Node
from sluicegate.faults import UsageFault, one_line

_NUMBERS = ("integer", "decimal", "float")
_FOR_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_FOR_TEXT = ("minLength", "maxLength", "pattern")
_JSON_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][-+]?\d{1,3})?")


def of_value(node: Node, kind: str, path: str) -> dict[str, Any]:
    """Return the constraints of a scalar, under the names that Field has for them.

    Raises UsageFault for one that is malformed, or that this kind of value cannot have.
    """
    if kind != "object" and not node.get("enum"):
        _check_kind(node, kind, path)
    return {
        "minimum": bound(node, "minimum", path),
        "maximum": bound(node, "maximum", path),
        "above": bound(node, "exclusiveMinimum", path),
        "below": bound(node, "exclusiveMaximum", path),
        "multiple_of": _multiple(node, path),
        "min_length": size(node, "minLength", path),
        "max_length": size(node, "maxLength", path),
        "pattern": _pattern(node, path),
    }


def _check_kind(node: Node, kind: str, path: str) -> None:
    for keywords, kinds, what in (
        (_FOR_NUMBERS, _NUMBERS, "numbers"),
        (_FOR_TEXT, ("string",), "plain text"),
    ):
        wrong = [word for word in keywords if node.get(word) is not None and kind not in kinds]
        if wrong:
            raise UsageFault(f'{path}: "{wrong[0]}" is for {what}, not for a {kind}; leave it out')


def enumeration(node: Node, kind: str, path: str) -> tuple[str | Decimal, ...]:
    """Return the values of an enum or const: texts, or numbers where the field is one."""
    values = node.get("enum", [node["const"]] if "const" in node else [])
    if not isinstance(values, list):
        raise UsageFault(f'{path}: "enum" is a list of strings, or of numbers, not {values!r}')
    if not values:
        return ()
    if kind == "string" and all(isinstance(value, str) for value in values):
        if not all(value.strip() for value in values):
            raise UsageFault(
                f'{path}: "" is among the words of "enum", which the service refuses; leave it '
                "out: a field without a value is null"
            )
        return tuple(values)
    if kind in ("integer", "decimal") and all(_is_number(value) for value in values):
        return tuple(Decimal(str(value)) for value in values)
    raise UsageFault(
        f'{path}: "enum" and "const" are for a string, or for numbers; for a {kind} leave it out, '
        "or use strings alone"
    )


def bound(node: Node, keyword: str, path: str) -> Decimal | None:
    """Return the number that a keyword gives; None without it."""
    value = node.get(keyword)
    if value is None:
        return None
    # YAML reads 1e+17, as JSON writes it, as text.
    if isinstance(value, str) and _JSON_NUMBER.fullmatch(value):
        return Decimal(value)
    if not _is_number(value):
        raise UsageFault(f'{path}: "{keyword}" is a number, not {value!r}')
    return Decimal(str(value))


def size(node: Node, keyword: str, path: str) -> int | None:
    """Return the whole number that a keyword gives; None without it."""
    value = node.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageFault(f'{path}: "{keyword}" is a whole number from 0, not {value!r}')
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _multiple(node: Node, path: str) -> Decimal | None:
    value = bound(node, "multipleOf", path)
    if value is not None and value <= 0:
        raise UsageFault(f'{path}: "multipleOf" is a number above 0, not {value}')
    return value


def _pattern(node: Node, path: str) -> str | None:
    value = node.get("pattern")
    if value is None:
        return None
    try:
        re.compile(value)
        SchemaValidator(core_schema.str_schema(pattern=value))
    except (re.error, TypeError, OverflowError, SchemaError) as error:
        reason = one_line(error, limit=None)
        raise UsageFault(
            f'{path}: "pattern" is no regular expression that can be used here: {reason}; write '
            "it without look-around and back references, or leave it out"
        ) from error
    return str(value)
