"""Values side by side: equal, equal but for their form, or different.

A value is what a row holds: text, a number, a boolean, a date, a record (dict), a list, or None.
"""

import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Change = Literal["same", "spelling", "changed", "gained", "lost"]

# Characters of a value that an example shows: enough to recognise it, bounded for memory.
_SHOWN = 300
_MAX_DIGITS = 60


def compare(before: Any, after: Any) -> Change:
    """Return how a value changed; two nulls are the same.

    Numbers are compared exactly and as numbers (12.50 is 12.5), a number with text as a number if
    the text is one. `spelling` means that only case, spaces, punctuation or Unicode form differ.
    """
    if before is None or after is None:
        return "same" if before is after else "gained" if before is None else "lost"
    if equal(before, after):
        return "same"
    return "spelling" if alike(before, after) else "changed"


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal: numbers exactly and as numbers, text to the letter."""
    numbers = number(one), number(other)
    if (is_number(one) or is_number(other)) and None not in numbers:
        return bool(numbers[0] == numbers[1])
    if isinstance(one, dict | list) and isinstance(other, type(one)):
        return bool(canonical(one) == canonical(other))
    return rendered(one) == rendered(other)


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are equal but for case, spaces, punctuation and Unicode form."""
    if is_number(one) or is_number(other):
        return False
    bare = plain(rendered(one))
    return bool(bare) and bare == plain(rendered(other))


def plain(text: str) -> str:
    """Return the letters and digits of a text, in one case and one Unicode form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def is_number(value: Any) -> bool:
    """Return whether a value is a number; a boolean is none."""
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


def number(value: Any) -> Decimal | None:
    """Return a number, or a text that is written as one, as an exact decimal; else None."""
    if not (is_number(value) or isinstance(value, str)):
        return None
    text = str(value).strip()
    if len(text) > _MAX_DIGITS:
        return value if isinstance(value, Decimal) and value.is_finite() else None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def rendered(value: Any) -> str:
    """Return a value as text: dates in ISO form, decimals without trailing zeros."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _MAX_DIGITS:
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return ", ".join(f"{k}: {rendered(v)}" for k, v in value.items() if v is not None)
    if isinstance(value, list):
        return "; ".join(map(rendered, value))
    return "" if value is None else str(value)


def shown(value: Any) -> str | None:
    """Return a value as an example shows it, cut to a bounded length; None for null."""
    if value is None:
        return None
    text = rendered(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def canonical(value: Any) -> Any:
    """Return a hashable form that is the same for equal values; 1.50, "1.5" and 1.5 are."""
    if isinstance(value, dict):
        return tuple(sorted((k, canonical(v)) for k, v in value.items() if v is not None))
    if isinstance(value, list):
        return tuple(map(canonical, value))
    found = number(value)
    return ("number", str(found.normalize())) if found is not None else rendered(value)
