"""How a value of each kind is validated: pydantic types that all document types share.

Strict on purpose: a number in quotes is a schema mismatch, because a service that honours the
schema never sends one, and guessing at `"1.234"` is how totals go wrong by a thousand.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

# Far above any invoice and far below NUMERIC's 10**29: a larger total was misread.
MONEY_LIMIT = 10**15

_INTEGER_DIGITS = 20
_NUMERIC_DIGITS = 29

# The error type of a value that is too large, as opposed to one of the wrong kind.
OUT_OF_RANGE: Final = "out_of_range"

_EXACT = Context(prec=2000)  # digits: a double has up to 1,074 behind the point
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"should be a number, not {_kind(value)}")
    number = Decimal(value)
    if number.is_finite() and number and number.adjusted() >= _NUMERIC_DIGITS:
        raise _out_of_range("does not fit NUMERIC: 29 digits before the point")
    return number


def _out_of_range(message: str) -> PydanticCustomError:
    return PydanticCustomError(OUT_OF_RANGE, message)


def _integer(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        # The size first: an exponent of millions would make an integer of megabytes.
        if value.adjusted() >= _INTEGER_DIGITS:
            raise _out_of_range("should fit 64 bits")
        if value == value.to_integral_value():
            return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"should be a whole number, not {_kind(value)}")
    return value


def _float(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"should be a number, not {_kind(value)}")
    return float(value)


def _date(value: Any) -> Any:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value.strip()):
        raise ValueError("should be a date as YYYY-MM-DD")
    return date.fromisoformat(value.strip())


def _datetime(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("should be a time as YYYY-MM-DDTHH:MM:SS")
    moment = datetime.fromisoformat(value.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _string(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"should be text, not {_kind(value)}")
    return value.strip()


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"should be true or false, not {_kind(value)}")
    return value


def none_to_empty(value: Any) -> Any:
    """Turn null for a list into an empty one: the prompt asks for null where nothing is printed."""
    return [] if value is None else value


def blank_to_none(value: Any) -> Any:
    """Turn an object of nulls into null: models answer either for one that is not printed."""
    blank = isinstance(value, dict) and all(item in (None, []) for item in value.values())
    return None if blank else value


def without_doubles(values: list[Any]) -> list[Any]:
    """Drop what comes again in a list, as a set does; the order stays."""
    return list(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class MultipleOf:
    """Holds numbers to the multiples of a unit, as 0.01 for cents."""

    unit: Decimal

    def __call__(self, value: Any) -> Any:
        """Return the number; raise PydanticCustomError for one in between."""
        # Exact for every number that a column takes, whatever the context of the thread.
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        try:
            rest = _EXACT.remainder(number, self.unit)
        except InvalidOperation:
            rest = number
        if rest:
            raise _out_of_range(f"should be a multiple of {self.unit}")
        return value


@dataclass(frozen=True, slots=True)
class OneOf:
    """Holds numbers to those of an enumeration."""

    allowed: tuple[Any, ...]

    def __call__(self, value: Any) -> Any:
        """Return the number; raise ValueError for another one."""
        if value not in self.allowed:
            raise ValueError(f"should be one of {', '.join(map(str, self.allowed))}")
        return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {str: "text", bool: "true or false", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), "a number")


_DECIMAL_SCHEMA = {"type": "number", "format": "decimal"}

Text = Annotated[str, BeforeValidator(_string)]
Whole = Annotated[int, BeforeValidator(_integer)]
Exact = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(allow_inf_nan=False),
    WithJsonSchema(_DECIMAL_SCHEMA),
]
Money = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(ge=-MONEY_LIMIT, le=MONEY_LIMIT, allow_inf_nan=False),
    WithJsonSchema({**_DECIMAL_SCHEMA, "minimum": -MONEY_LIMIT, "maximum": MONEY_LIMIT}),
]
Double = Annotated[float, BeforeValidator(_float), Field(allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[
    datetime,
    BeforeValidator(_datetime),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Flag = Annotated[bool, BeforeValidator(_boolean)]

BY_KIND: dict[str, Any] = {
    "string": Text,
    "integer": Whole,
    "decimal": Exact,
    "float": Double,
    "date": Day,
    "datetime": Moment,
    "boolean": Flag,
}
