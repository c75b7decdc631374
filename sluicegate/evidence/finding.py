"""Where a single value is printed: every place, and how it was found. By the kind of the value."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sluicegate.document_types.fields import Field
from sluicegate.evidence.concepts import concept
from sluicegate.evidence.currencies import marks_in
from sluicegate.evidence.evidence import Found
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.similar import similar


@dataclass(frozen=True, slots=True)
class Finding:
    """All places of a value: `found` is exact, derived or similar; absent without a place."""

    places: tuple[Place, ...]
    found: Found


# What is no code of ISO 4217 is looked for all the same: capitals, for `FUR` is not `für`.
_CODE = re.compile(r"[A-Z]{3}")
_ABSENT = Finding((), "absent")
_DERIVED = Finding((), "derived")


def find(value: Any, field: Field, places: Places, *, closely: bool = True) -> Finding:
    """Return every place where a value is printed, by the field's kind and the value's type.

    `closely` looks for a similar text where a text is not printed.
    """
    if isinstance(value, bool):
        return _DERIVED
    if isinstance(value, int | float | Decimal):
        return _number(value, places)
    if isinstance(value, dt.datetime):
        return _moment(value, places)
    if isinstance(value, dt.date):
        return _exact(places.days.get(value, ()))
    if _holds_currency(field) and _CODE.fullmatch(str(value)):
        return _currency(str(value), places)
    return _text(str(value), field, places, closely=closely)


def _exact(found: Any) -> Finding:
    return Finding(tuple(found), "exact") if found else _ABSENT


def _number(value: float | Decimal, places: Places) -> Finding:
    """Find a number with its sign; else with the other one, or as the per cent it is a share of."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    same = places.numbers.get(abs(number), [])
    signed = [place for place in same if not number or place.is_negative == (number < 0)]
    if signed:
        return Finding(tuple(signed), "exact")
    if same:
        # A credit note prints its sums without the minus that they mean.
        return Finding(tuple(same), "derived" if number < 0 else "similar")
    shares = [place for place in places.numbers.get(100 * abs(number), ()) if place.is_percent]
    return Finding(tuple(shares), "derived") if shares else _ABSENT


def _moment(value: dt.datetime, places: Places) -> Finding:
    days = places.days.get(value.date(), [])
    if not days:
        return _ABSENT
    clock = f"{value:%H:%M}"
    timed = [place for place in days if clock in places.lines[place.line].text]
    return Finding(tuple(timed), "exact") if timed else Finding(tuple(days), "derived")


def _holds_currency(field: Field) -> bool:
    return concept((field.name,)) == "currency" or "currenc" in field.name


def _currency(code: str, places: Places) -> Finding:
    """Find a code as it is, else a sign or a name that may mean it; absent if only others stand."""
    spelt: list[Place] = []
    signs: list[Place] = []
    others = False
    for cell in places.cells:
        for start, end, meant in marks_in(cell.text):
            if code not in meant and cell.text[start:end] != code:
                others = True
            elif cell.text[start:end] == code or len(meant) == 1:  # € is one currency, $ is many
                spelt.append(places.at(cell, start, end))
            else:
                signs.append(places.at(cell, start, end))
    if spelt:
        return Finding(tuple(spelt), "exact")
    if signs:
        return Finding(tuple(signs), "derived")
    return _ABSENT if others else _DERIVED


def _text(value: str, field: Field, places: Places, *, closely: bool) -> Finding:
    found = places.text(value)
    if found:
        return Finding(tuple(found), "exact")
    if field.enum:
        return _DERIVED
    day = _as_day(value)
    if day and (dated := places.days.get(day)):
        return _exact(dated)
    near = similar(value, places) if closely else None
    return Finding((near,), "similar") if near else _ABSENT


def _as_day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
