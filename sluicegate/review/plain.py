"""Values of rows as plain JSON and back, and the fields of rows whose document type is not at hand.

Numbers are texts, so that no digit is lost in a browser; days and moments are ISO 8601.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sluicegate.document_types.fields import Field, Kind
from sluicegate.document_types.table_schema import RESERVED_NAMES

_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (Decimal, "decimal"),
    (datetime, "datetime"),
    (date, "date"),
    (dict, "object"),
)


def plain(value: Any) -> Any:
    """Return a value as the page has it: numbers and times as texts, the rest as JSON."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def typed(value: Any, field: Field) -> Any:
    """Return a plain value as the field's column takes it; raise ValueError where it does not fit.

    Blank text is null. In a list, items without any value are left out.
    """
    if field.repeated:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError("is no list")
        items = [_one(each, field) for each in value]
        return [item for item in items if item is not None]
    return _one(value, field)


def _one(value: Any, field: Field) -> Any:
    if field.kind == "object":
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise ValueError("is no record")
        return {each.name: typed(value.get(each.name), each) for each in field.fields}
    if value is None or str(value).strip() == "":
        return None
    return _scalar(value, field.kind)


def _scalar(value: Any, kind: Kind) -> Any:
    text = str(value)
    try:
        match kind:
            case "decimal":
                return Decimal(text.strip())
            case "integer":
                return int(text.strip())
            case "float":
                return float(text.strip())
            case "date":
                return date.fromisoformat(text.strip())
            case "datetime":
                return datetime.fromisoformat(text.strip())
            case "boolean":
                return {"true": True, "false": False}[text.strip().lower()]
    except (ValueError, InvalidOperation, KeyError):
        raise ValueError(f"{text[:60]!r} is no {kind}") from None
    return text


def fields_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """Return the fields that rows have, by their values; one that is null everywhere is a text."""
    seen: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            if name not in RESERVED_NAMES:
                seen.setdefault(name, []).append(value)
    return tuple(_field(name, values) for name, values in seen.items())


def _field(name: str, values: Sequence[Any]) -> Field:
    repeated = any(isinstance(value, list) for value in values)
    if repeated:
        values = [each for value in values for each in value or ()]
    given = [value for value in values if value is not None]
    kind: Kind = next(
        (kind for of, kind in _KINDS if any(isinstance(v, of) for v in given)), "string"
    )
    inner = fields_of(each for each in given if isinstance(each, dict))
    if kind == "object" and not inner:
        kind = "string"
    return Field(name, kind, repeated=repeated, fields=inner if kind == "object" else ())
