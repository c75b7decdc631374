"""The JSON of an answer: read exactly, every digit kept, and written again as exactly."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring_ascii
from typing import Any

from sluicegate.faults import DocumentFault

_MAX_TEXT = 16 << 20
_FENCE = "```"


def parse_answer(text: str) -> dict[str, Any]:
    """Return the one JSON object in the text; every number exact, as int or Decimal.

    Raises DocumentFault("not_json") for anything else: prose, cut JSON, NaN, a name given twice,
    endless nesting. A ``` fence around the object is removed.
    """
    if len(text) > _MAX_TEXT:
        raise DocumentFault("not_json", f"the answer has {len(text):,} characters")
    try:
        value = json.loads(
            _unfenced(text),
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_no_constant,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        raise DocumentFault(
            "not_json", f"the answer is not JSON: {error.msg} at character {error.pos:,}"
        ) from error
    except (ValueError, InvalidOperation, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise DocumentFault("not_json", f"the answer is not usable JSON: {reason}") from error
    if not isinstance(value, dict):
        raise DocumentFault("not_json", f"the answer is JSON, but no object: {text[:60]!r}")
    return value


def write_answer(value: dict[str, Any]) -> str:
    """Return the JSON of what `parse_answer` gives, or of the same from Python, Decimals exact."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield encode_basestring_ascii(value)
    elif isinstance(value, Decimal):
        yield str(value)
    elif isinstance(value, dict):
        yield "{"
        for number, (name, item) in enumerate(value.items()):
            yield f"{', ' if number else ''}{encode_basestring_ascii(name)}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _pieces(item)
        yield "]"
    else:
        yield json.dumps(value)


def _unfenced(text: str) -> str:
    """Remove a Markdown fence. By slices, not a regular expression: models loop in white space."""
    text = text.strip()
    if not (text.startswith(_FENCE) and text.endswith(_FENCE) and len(text) > 2 * len(_FENCE)):
        return text
    return text[len(_FENCE) : -len(_FENCE)].removeprefix("json")


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= 20 else Decimal(digits)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return value
