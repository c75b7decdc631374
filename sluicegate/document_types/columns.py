"""Law 7: every value is checked against its column, so that no load fails on it.

Limits are BigQuery's: NUMERIC has 29 digits before the point and 9 after it, INTEGER 64 bits,
DATE and TIMESTAMP the years 1 to 9999, a row of a load at most 100 MB.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sluicegate.document_types.table_schema import NUMERIC_PRECISION, NUMERIC_SCALE
from sluicegate.faults import DocumentFault

_QUANTUM = Decimal(1).scaleb(-NUMERIC_SCALE)
_NUMERIC_LIMIT = Decimal(10) ** (NUMERIC_PRECISION - NUMERIC_SCALE)
_MAX_TEXT_BYTES = 1 << 20  # of one value; answers are far smaller unless a model loops
_MAX_ROW_TEXT_BYTES = 8 << 20
_UNLOADABLE = re.compile("[\x00\ud800-\udfff]")


def fit_columns(
    values: dict[str, Any], columns: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Return the row as its columns accept it, and warnings of what was rounded or replaced.

    Raises DocumentFault("value_out_of_range") naming the column of a value that does not fit.
    """
    row = _RowState()
    fitted = _record(values, columns, "", row)
    if row.text_bytes > _MAX_ROW_TEXT_BYTES:
        raise DocumentFault("value_out_of_range", f"the row holds {row.text_bytes:,} bytes of text")
    return fitted, row.warnings


@dataclass(slots=True)
class _RowState:
    """Warnings and size of one row while it is fitted. Mutable; owned by one call."""

    warnings: list[str] = field(default_factory=list)
    text_bytes: int = 0


def _record(
    values: dict[str, Any], columns: list[dict[str, Any]], path: str, row: _RowState
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for column in columns:
        name, value = column["name"], values.get(column["name"])
        at = f"{path}{name}"
        if column["mode"] == "REPEATED":
            out[name] = [
                _value(item, column, f"{at}[{n}]", row) for n, item in enumerate(value or ())
            ]
        elif value is None:
            if column["mode"] == "REQUIRED":
                raise DocumentFault("value_out_of_range", f"{at}: no value for a REQUIRED column")
            out[name] = None
        else:
            out[name] = _value(value, column, at, row)
    return out


def _value(value: Any, column: dict[str, Any], at: str, row: _RowState) -> Any:
    kind = column["type"]
    if kind == "RECORD":
        return _record(value or {}, column["fields"], f"{at}.", row)
    return _FIT[kind](value, at, row)


def _text(value: Any, at: str, row: _RowState) -> str:
    text = str(value)
    if _UNLOADABLE.search(text):
        text = _UNLOADABLE.sub("\ufffd", text)
        row.warnings.append(f"{at}: characters that no table can hold were replaced")
    size = len(text) if text.isascii() else len(text.encode())
    if size > _MAX_TEXT_BYTES:
        raise DocumentFault("value_out_of_range", f"{at}: more than {_MAX_TEXT_BYTES:,} bytes")
    row.text_bytes += size
    return text


def _numeric(value: Any, at: str, row: _RowState) -> Decimal:
    number = Decimal(value)
    # `adjusted` first: `quantize` would make a number of a million digits of 1E+999999.
    if number.is_finite() and not number:
        return Decimal(0)
    if not number.is_finite() or number.adjusted() >= NUMERIC_PRECISION - NUMERIC_SCALE:
        raise DocumentFault("value_out_of_range", f"{at}: {_short(number)} does not fit NUMERIC")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -NUMERIC_SCALE:
        rounded = _quantize(number)
        row.warnings.append(f"{at}: rounded to {NUMERIC_SCALE} decimals")
        number = rounded
    if number.copy_abs() >= _NUMERIC_LIMIT:
        raise DocumentFault("value_out_of_range", f"{at}: {_short(number)} does not fit NUMERIC")
    return number


def _quantize(number: Decimal) -> Decimal:
    return number.quantize(
        _QUANTUM, rounding=ROUND_HALF_EVEN, context=Context(prec=2 * NUMERIC_PRECISION)
    )


def _integer(value: Any, at: str, row: _RowState) -> int:  # noqa: ARG001 - one signature
    if not -(2**63) <= int(value) < 2**63:
        raise DocumentFault("value_out_of_range", f"{at}: does not fit INT64")
    return int(value)


def _float(value: Any, at: str, row: _RowState) -> float:  # noqa: ARG001 - one signature
    if not math.isfinite(value):
        raise DocumentFault("value_out_of_range", f"{at}: {value} is not a finite number")
    return float(value)


def _day(value: date, at: str, row: _RowState) -> date:  # noqa: ARG001 - one signature
    return value


def _moment(value: datetime, at: str, row: _RowState) -> datetime:  # noqa: ARG001
    try:
        return value.astimezone(UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise DocumentFault("value_out_of_range", f"{at}: {value} is no timestamp") from error


def _boolean(value: Any, at: str, row: _RowState) -> bool:  # noqa: ARG001 - one signature
    return bool(value)


_FIT: dict[str, Any] = {
    "STRING": _text,
    "NUMERIC": _numeric,
    "INTEGER": _integer,
    "FLOAT": _float,
    "DATE": _day,
    "TIMESTAMP": _moment,
    "BOOLEAN": _boolean,
}


def _short(number: Decimal) -> str:
    return f"{number:.3E}" if number.is_finite() else str(number)
