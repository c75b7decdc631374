"""Facts to the answer a schema asks for."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from emulators.reader import payments
from emulators.reader.facts import Facts
from emulators.reader.items import Item
from emulators.reader.kinds import Kind
from emulators.reader.reading import Reading
from sluicegate.evidence.concepts import concept, item_concept, split_name
from sluicegate.evidence.tokens import fold, words_of

Schema = Mapping[str, Any]
# A schema with these properties wants an invoice; what is not found there is null.
_INVOICE = frozenset(("invoice_id", "vendor_name", "total_amount"))
_MAX_DEPTH = 12


def answer(reading: Reading, facts: Facts, schema: Schema) -> dict[str, Any]:
    """Fill the object a schema describes with what was found; numbers are Decimal.

    What was not found is null where the schema allows it (and always in an invoice), else a
    neutral value of the right type.
    """
    root = _Filler(reading, facts, schema)
    return root.fill_object(root.resolve(schema), ())


class _Filler:
    """Walks a schema and picks a value for each property."""

    def __init__(self, reading: Reading, facts: Facts, schema: Schema) -> None:
        self._reading = reading
        self._facts = facts
        self._root = schema
        self._null_allowed = properties(self.resolve(schema)).keys() >= _INVOICE

    def resolve(self, schema: Schema) -> Schema:
        """Follow `$ref`, and choose the first alternative that is not null."""
        for _ in range(_MAX_DEPTH):
            reference = schema.get("$ref")
            choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if isinstance(reference, str):
                schema = {
                    **self._pointed(reference),
                    **{k: v for k, v in schema.items() if k != "$ref"},
                }
            elif choices:
                kept = [choice for choice in choices if type_of(choice) != "null"]
                nullable = len(kept) < len(choices) or schema.get("nullable", False)
                rest = {k: v for k, v in schema.items() if k not in {"anyOf", "oneOf", "allOf"}}
                # A decimal is often "number or string": the number says more.
                kept.sort(key=lambda choice: type_of(self.resolve(choice)) != "number")
                schema = {**rest, **(kept[0] if kept else {}), "nullable": nullable}
            else:
                break
        return schema

    def _pointed(self, reference: str) -> Schema:
        node: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            node = node.get(step, {}) if isinstance(node, Mapping) else {}
        return node if isinstance(node, Mapping) else {}

    def fill_object(self, schema: Schema, path: tuple[str, ...]) -> dict[str, Any]:
        """Fill the properties of an object of the document."""
        return {
            name: self._fill(self.resolve(inner), (*path, name))
            for name, inner in properties(schema).items()
        }

    def _fill(self, schema: Schema, path: tuple[str, ...]) -> Any:
        kind = type_of(schema)
        if kind == "object" and len(path) < _MAX_DEPTH:
            return self.fill_object(schema, path)
        if kind == "array":
            inner = self.resolve(schema.get("items") or {})
            if type_of(inner) == "object" and concept(path) in {"items", None}:
                limit = schema.get("maxItems")
                rows = [self._fill_item(inner, item) for item in self._facts.items]
                return rows[: int(limit)] if limit is not None else rows
            found = self._value(path)
            return [] if found is None else [coerce(found, inner)]
        found = self._value(path)
        value = None if found is None else coerce(found, schema)
        return self._missing(schema) if value is None else value

    def _fill_item(self, schema: Schema, item: Item) -> dict[str, Any]:
        names = properties(schema)
        concepts = {name: item_concept(name) for name in names}
        row: dict[str, Any] = {}
        for name, inner in names.items():
            wanted = self.resolve(inner)
            found = getattr(item, concepts[name] or "", None)
            value = None if found is None else coerce(found, wanted)
            row[name] = self._missing(wanted) if value is None else value
        return row

    def _missing(self, schema: Schema) -> Any:
        if self._null_allowed or _nullable(schema):
            return None
        return _neutral(schema)

    def _value(self, path: tuple[str, ...]) -> Any:
        facts = self._facts
        found = concept(path)
        if facts.kind is Kind.OTHER:
            return None
        if found in {None, "other"}:
            return self._labelled(path[-1])
        party = facts.buyer if found in {"buyer", "buyer_address"} else facts.vendor
        values: dict[str, Any] = {
            "vendor": party.name if party else None,
            "buyer": party.name if party else None,
            "vendor_address": party.address if party else None,
            "buyer_address": party.address if party else None,
            "kind": facts.kind.value,
            "payment": facts.payment_text or facts.payment,
        }
        return values[str(found)] if found in values else getattr(facts, str(found), None)

    def _labelled(self, name: str) -> str | None:
        """Look for a cell that begins with the words of a property's name."""
        wanted = tuple(split_name(name))
        for line in self._reading.lines:
            for index, cell in enumerate(line.cells):
                if words_of(cell.text)[: len(wanted)] == wanted:
                    rest = cell.text.split(" ", len(wanted))[len(wanted) :]
                    if rest and rest[0].strip(" :#"):
                        return rest[0].strip(" :#")
                    if index + 1 < len(line.cells):
                        return line.cells[index + 1].text
        return None


def properties(schema: Schema) -> Mapping[str, Schema]:
    """Return the properties of an object's schema, none for another."""
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def type_of(schema: Schema) -> str:
    """Return the type in lower case, whichever dialect names it; null aside."""
    named = schema.get("type", "")
    if isinstance(named, list):
        named = next((each for each in named if str(each).lower() != "null"), "null")
    if not named:
        named = "object" if "properties" in schema else "array" if "items" in schema else "string"
        named = "" if "anyOf" in schema or "$ref" in schema else named
    return str(named).lower()


def _nullable(schema: Schema) -> bool:
    named = schema.get("type")
    return bool(schema.get("nullable")) or (
        isinstance(named, list) and any(str(each).lower() == "null" for each in named)
    )


def _neutral(schema: Schema) -> Any:
    """Return an empty value of a schema's type."""
    options = schema.get("enum")
    if options:
        plain = {fold(str(option)): option for option in options}
        return next((plain[n] for n in ("unknown", "other", "none") if n in plain), options[0])
    return {
        "number": Decimal(0),
        "integer": 0,
        "boolean": False,
        "array": [],
        "object": {},
        "null": None,
    }.get(type_of(schema), "")


def coerce(found: Any, schema: Schema) -> Any:
    """Turn a found value into a schema's type, None if it does not go."""
    options = schema.get("enum")
    if options:
        return _option(found, [option for option in options if option is not None])
    kind = type_of(schema)
    if kind in {"number", "integer"}:
        number = _number(found)
        if number is None or kind == "number":
            return number
        return int(number.to_integral_value(ROUND_HALF_UP))
    if kind == "boolean":
        return bool(found)
    if kind != "string":
        return None
    if isinstance(found, dt.date):
        stamp = str(schema.get("format", "")) == "date-time"
        return f"{found.isoformat()}T00:00:00Z" if stamp else found.isoformat()
    text = format(found, "f") if isinstance(found, Decimal) else str(found)
    limit = schema.get("maxLength")
    return text[: int(limit)] if limit is not None else text


def _number(found: Any) -> Decimal | None:
    if isinstance(found, Decimal):
        return found
    if isinstance(found, str):
        digits = found.strip()
        return Decimal(digits) if digits.isascii() and digits.isdigit() else None
    return None


def _option(found: Any, options: list[Any]) -> Any:
    """Choose the option of an enum that means what was found; "other" if there is one."""
    text = str(found)
    for option in options:
        if words_of(str(option)) == words_of(text):
            return option
    meant = payments.canonical(text) or text
    for option in options:
        name = " ".join(words_of(str(option)))
        if name == " ".join(words_of(meant)) or payments.canonical(name) == meant:
            return option
    plain = {fold(str(option)): option for option in options}
    return plain.get("other") if payments.canonical(text) else None
