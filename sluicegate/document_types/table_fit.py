"""Whether a table fits a document type, and what has to change for it to. Pure.

Schemas are lists of columns in BigQuery's JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Columns = list[dict[str, Any]]

_SQL_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
# What ALTER COLUMN SET DATA TYPE turns into what: BigQuery's documented conversions, of our types.
_WIDENED = {("INT64", "NUMERIC"), ("INT64", "FLOAT64"), ("NUMERIC", "FLOAT64")}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One difference of a column that keeps rows out of the table."""

    reason: str
    alter: str = ""  # what follows ALTER TABLE `…` to mend it; "" where nothing does


def misfits(old: Columns, new: Columns, filled: frozenset[str], inside: str = "") -> list[Misfit]:
    """Return what keeps a table with `old` columns from taking rows with `new` ones.

    `filled` names the columns that no row leaves empty; `inside` the record they are in.
    """
    wanted = {column["name"].lower(): column for column in new}
    return [
        misfit
        for column in old
        for misfit in _of_column(column, wanted.get(column["name"].lower()), filled, inside)
    ]


def extended(old: Columns, new: Columns) -> Columns:
    """Return the old columns and, after them, the new ones that they lack, in records too."""
    wanted = {column["name"].lower(): column for column in new}
    have = {column["name"].lower() for column in old}
    return [_extended(column, wanted.get(column["name"].lower())) for column in old] + [
        _addable(column) for column in new if column["name"].lower() not in have
    ]


def respelt(old: Columns, new: Columns) -> Columns:
    """Return the old columns, named as the new ones are: BigQuery's names ignore case."""
    wanted = {column["name"].lower(): column for column in new}
    return [
        {
            **column,
            "name": match["name"],
            **(
                {"fields": respelt(column["fields"], match.get("fields", []))}
                if column.get("fields")
                else {}
            ),
        }
        for column in old
        for match in [wanted.get(column["name"].lower(), column)]
    ]


def advice(reference: str, found: list[Misfit], other: str) -> str:
    """Return in one line what is wrong and what to do; `other` is a table that could be used."""
    reasons = "; ".join(misfit.reason for misfit in found)
    instead = f"write to another table: --output={other}"
    if not all(misfit.alter for misfit in found):
        return f"{reasons}. What is there cannot be altered to fit: {instead}"
    statements = "; ".join(f"ALTER TABLE `{reference}` {misfit.alter}" for misfit in found)
    return f"{reasons}. Run: {statements}; or {instead}"


def _of_column(
    old: dict[str, Any], new: dict[str, Any] | None, filled: frozenset[str], inside: str
) -> Iterator[Misfit]:
    name = f"{inside}{old['name']}"
    required = old.get("mode") == "REQUIRED"
    relax = "" if inside else f"ALTER COLUMN `{old['name']}` DROP NOT NULL"
    if new is None:
        if required:
            yield Misfit(f"column {name!r} is REQUIRED and the document type has none", relax)
        return
    have, want = _sql_type(old), _sql_type(new)
    if have != want:
        widen = f"ALTER COLUMN `{old['name']}` SET DATA TYPE {want}"
        # What has limits (NUMERIC(12, 2), STRING(20)) can be freed of them; in an array it cannot.
        is_array = old.get("mode") == "REPEATED"
        freed = not is_array and have == f"{want}{_limits(old)}"
        can = not inside and ((have, want) in _WIDENED or freed)
        yield Misfit(f"column {name!r} is {have}, the type wants {want}", widen if can else "")
    elif required and new.get("mode") != "REQUIRED" and (inside or new["name"] not in filled):
        yield Misfit(f"column {name!r} is REQUIRED and may be empty in this type", relax)
    elif want.endswith("STRUCT"):
        yield from misfits(old.get("fields", []), new["fields"], frozenset(), f"{name}.")


def _sql_type(column: dict[str, Any]) -> str:
    kind = _SQL_TYPES.get(column["type"], column["type"]) + _limits(column)
    return f"ARRAY of {kind}" if column.get("mode") == "REPEATED" else kind


def _limits(column: dict[str, Any]) -> str:
    """Return the parameters of a type, as SQL has them: a load fails on a row beyond them."""
    given = [column.get(name) for name in ("maxLength", "precision", "scale")]
    numbers = [str(number) for number in given if number not in (None, "")]
    return f"({', '.join(numbers)})" if numbers else ""


def _extended(old: dict[str, Any], new: dict[str, Any] | None) -> dict[str, Any]:
    if new is None or not old.get("fields"):
        return old
    return {**old, "fields": extended(old["fields"], new.get("fields", []))}


def _addable(column: dict[str, Any]) -> dict[str, Any]:
    """Return a column as a table with rows can gain it: not REQUIRED."""
    return {**column, "mode": "NULLABLE"} if column.get("mode") == "REQUIRED" else column
