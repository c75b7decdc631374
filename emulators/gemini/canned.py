"""Answers made from the schema alone: plausible, and the same for the same document every time."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from emulators.gemini.schema_check import camel, resolve

_CENT = Decimal("0.01")
_TOTALS = ("total_amount", "grand_total", "total", "amount")
_ITEM_TOTALS = ("total", "amount", "line_total", "price")
_FIRST_DAY = dt.date(2024, 1, 1)
_MOST_ITEMS = 3


def canned_answer(schema: dict[str, Any], digest: str) -> Any:
    """Return a value that fits ``schema``; ``digest`` (hex) decides all that is left open."""
    return CannedAnswers(schema).answer(digest)


class CannedAnswers:
    """Answers that fit one schema; used by one thread."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._root = schema
        self._chance = random.Random()
        # By id: they are parts of the root, which lives as long as this.
        self._chosen_before: dict[int, dict[str, Any]] = {}

    def answer(self, digest: str) -> Any:
        """Return the value that ``digest`` decides on."""
        self._chance.seed(digest)
        return self._value(self._root, "")

    def _value(self, schema: dict[str, Any], name: str) -> Any:
        chosen = self._chosen_before.get(id(schema))
        if chosen is None:
            chosen = self._chosen_before[id(schema)] = self._chosen(schema)
        schema = chosen
        if enum := schema.get("enum"):
            return self._chance.choice(enum)
        kind = schema.get("type", "OBJECT" if "properties" in schema else "STRING")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        match str(kind).upper():
            case "OBJECT":
                return self._object(schema)
            case "ARRAY":
                return self._array(schema, name)
            case "NUMBER":
                return self._number(schema)
            case "INTEGER":
                return int(self._number(schema, cents=False))
            case "BOOLEAN":
                return self._chance.random() < 0.5
            case "NULL":
                return None
            case _:
                return self._string(schema, name)

    def _chosen(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow references and take the first alternative that is not null."""
        for _ in range(20):  # a schema may refer to itself
            named = {camel(key): item for key, item in schema.items()}
            reference, choices = named.get("$ref"), named.get("anyOf") or named.get("oneOf")
            if isinstance(reference, str):
                schema = resolve(reference, self._root) or {}
            elif choices:
                real = [each for each in choices if str(each.get("type")).upper() != "NULL"]
                schema = (real or choices)[0]
            else:
                return named
        return {"type": "NULL"}

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        answer = {key: self._value(each, key) for key, each in properties.items()}
        for items in answer.values():
            if isinstance(items, list) and items and isinstance(items[0], dict):
                _make_total_fit(answer, items)
        return answer

    def _array(self, schema: dict[str, Any], name: str) -> list[Any]:
        least = int(schema.get("minItems") or 1)
        most = int(schema.get("maxItems") or max(least, _MOST_ITEMS))
        count = self._chance.randint(min(least, most), min(most, max(least, _MOST_ITEMS)))
        items = schema.get("items") or {"type": "STRING"}
        return [self._value(items, name) for _ in range(count)]

    def _number(self, schema: dict[str, Any], *, cents: bool = True) -> Decimal:
        least = Decimal(str(schema.get("minimum", 1)))
        most = Decimal(str(schema.get("maximum", max(least, least + 999))))
        found = least + (most - least) * Decimal(self._chance.randrange(1_000_000)) / 1_000_000
        return found.quantize(_CENT if cents else Decimal(1))

    def _string(self, schema: dict[str, Any], name: str) -> str:
        words = f"{name} {schema.get('format', '')} {schema.get('description', '')}".lower()
        if "date-time" in words:
            return f"{self._day()}T00:00:00Z"
        if schema.get("format") == "date" or "date" in name.lower() or "yyyy-mm-dd" in words:
            return self._day().isoformat()
        if "currency" in words:
            return "EUR"
        text = f"{name or 'text'}-{self._chance.randrange(16**6):06x}"
        return text[: schema.get("maxLength")]

    def _day(self) -> dt.date:
        return _FIRST_DAY + dt.timedelta(days=self._chance.randrange(900))


def _make_total_fit(answer: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Set the document's total to the sum of its items' totals, where both exist."""
    key = next((each for each in _ITEM_TOTALS if isinstance(items[0].get(each), Decimal)), None)
    total = next((each for each in _TOTALS if isinstance(answer.get(each), Decimal)), None)
    if key and total:
        answer[total] = sum((item[key] for item in items), Decimal(0))
