"""Model texts gone wrong, as models do: each from a right answer and its schema."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from emulators.gemini.exact_json import Verbatim, dumps

HUGE = "1" + "0" * 40
PROSE = "I'm sorry, but I am unable to extract the requested information from this document."


def spoiled(fault: str, answer: Any, schema: dict[str, Any]) -> str:
    """Return the text in which ``answer`` is spoiled by a fault of `faults.SPOILED_TEXTS`."""
    if fault == "missing_required":
        return dumps(_without_required(answer, schema))
    return _SPOILERS[fault](answer)


def cut(text: str, share: float = 0.6) -> str:
    """Return the first part of a text, never all of it."""
    return text[: max(0, min(len(text) - 1, int(len(text) * share)))]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _each_number(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each_number(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_number(item, change) for item in value]
    return change(value) if _is_number(value) else value


def _first_number(answer: Any, replacement: Verbatim) -> Any:
    """Replace the first number of the top level or, failing that, every number inside."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if _is_number(value):
                return {**answer, key: replacement}
        # A document without a number still gets the fault: the field that should hold one.
        for key in answer:
            if any(word in key.lower() for word in ("total", "amount", "price")):
                return {**answer, key: replacement}
    return _each_number(answer, lambda _: replacement)


def _without_required(answer: Any, schema: dict[str, Any]) -> Any:
    if not isinstance(answer, dict):
        return {}
    required = [key for key in schema.get("required") or [] if key in answer]
    missing = required[0] if required else next(iter(answer), None)
    return {key: value for key, value in answer.items() if key != missing}


def _with_extra(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return {"unexpected_field": "surprise"}
    return {**answer, "unexpected_field": "surprise", "unexpected_object": {"depth": [1, 2]}}


def _twice(answer: Any) -> str:
    """Give the first key twice: first with another value, then with its own."""
    if not isinstance(answer, dict) or not answer:
        return '{"a": 1, "a": 2}'
    key = next(iter(answer))
    return f"{{{dumps(key)}: {dumps('other')}, {dumps(answer)[1:]}"


_SPOILERS: dict[str, Callable[[Any], str]] = {
    "cut_json": lambda answer: cut(dumps(answer)),
    "duplicate_keys": _twice,
    "empty_text": lambda _: "",
    "extra_fields": lambda answer: dumps(_with_extra(answer)),
    "fenced_json": lambda answer: f"```json\n{dumps(answer)}\n```",
    "huge_number": lambda answer: dumps(_first_number(answer, Verbatim(HUGE))),
    "nan": lambda answer: dumps(_first_number(answer, Verbatim("NaN"))),
    "not_json": lambda _: PROSE,
    "wrong_types": lambda answer: dumps(_each_number(answer, lambda _: "not a number")),
}
