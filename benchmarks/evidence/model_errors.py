"""Errors that models make, put into right rows with a seed, one of a kind at a time."""

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from benchmarks.evidence.truth import Known
from sluicegate.evidence.canonical import canonical_letter
from sluicegate.evidence.places import Places

_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row with an error in it: which values are wrong, and how many of the truth are missing."""

    values: dict[str, Any]
    fields: frozenset[str] = frozenset()
    missing: int = 0  # values of lines that were dropped


def changed(value: Any, rng: Random) -> Any:
    """Return a value with one digit or letter another one; None where that makes no value."""
    if isinstance(value, dt.date):
        text = _other(value.isoformat(), rng)
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return None
    if isinstance(value, Decimal):
        found = Decimal(_other(str(value), rng))
        return None if found == value else found
    return _other(str(value), rng)


def _other(text: str, rng: Random) -> str:
    at = rng.choice([n for n, each in enumerate(text) if each.isalnum()])
    letters = "0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    # An accent taken away is no other letter.
    new = rng.choice([each for each in letters if each not in canonical_letter(text[at])])
    return f"{text[:at]}{new.upper() if text[at].isupper() else new}{text[at + 1 :]}"


def _digit_wrong(known: Known, rng: Random) -> Wrong | None:
    values = copy.deepcopy(known.values)
    field = rng.choice(["invoice_id", "invoice_date", "total_amount", "quantity", "total", "total"])
    holder, path = values, field
    if field in ("quantity", "total"):
        number = rng.randrange(len(values["line_items"]))
        holder, path = values["line_items"][number], f"line_items[{number}].{field}"
    new = changed(holder[field], rng)
    if new is None or (field == "invoice_id" and not any(map(str.isdigit, str(new)))):
        return None
    holder[field] = new
    return Wrong(values, frozenset((path,)))


def _subtotal_for_total(known: Known, rng: Random) -> Wrong | None:  # noqa: ARG001
    added = sum((item["total"] for item in known.values["line_items"]), Decimal(0))
    if added == known.values["total_amount"]:
        return None
    return Wrong({**known.values, "total_amount": added}, frozenset(("total_amount",)))


def _other_date(known: Known, rng: Random) -> Wrong | None:
    days = Places(known.pages).days
    own = {id(place) for place in days.get(known.values["invoice_date"], ())}
    others = sorted(
        day for day, places in days.items() if not any(id(place) in own for place in places)
    )
    if not others:
        return None
    return Wrong({**known.values, "invoice_date": rng.choice(others)}, frozenset(("invoice_date",)))


def _line_dropped(known: Known, rng: Random) -> Wrong | None:
    items = known.values["line_items"]
    if len(items) < 2:
        return None
    gone = rng.randrange(len(items))
    return Wrong(
        {**known.values, "line_items": items[:gone] + items[gone + 1 :]}, missing=len(items[gone])
    )


def _neighbours_column(known: Known, rng: Random) -> Wrong | None:
    """Put the price of one piece where the amount of the line belongs: in one line, or in all."""
    values = copy.deepcopy(known.values)
    items = values["line_items"]
    prices = [(item["total"] / item["quantity"]).quantize(_CENTS) for item in items]
    differing = [n for n, item in enumerate(items) if prices[n] != item["total"]]
    printed = Places(known.pages).numbers
    differing = [n for n in differing if abs(prices[n]) in printed]
    if not differing:
        return None
    chosen = differing if rng.random() < 0.5 else [rng.choice(differing)]
    for number in chosen:
        items[number]["total"] = prices[number]
    return Wrong(values, frozenset(f"line_items[{number}].total" for number in chosen))


def _letter_wrong(known: Known, rng: Random) -> Wrong | None:
    values = copy.deepcopy(known.values)
    if rng.random() < 0.3:
        values["vendor_name"] = changed(values["vendor_name"], rng)
        return Wrong(values, frozenset(("vendor_name",)))
    number = rng.randrange(len(values["line_items"]))
    item = values["line_items"][number]
    item["description"] = changed(item["description"], rng)
    return Wrong(values, frozenset((f"line_items[{number}].description",)))


def _left_out(known: Known, rng: Random) -> Wrong | None:
    field = rng.choice(["invoice_date", "currency"])
    return Wrong({**known.values, field: None}, frozenset((field,)))


KINDS: dict[str, Callable[[Known, Random], Wrong | None]] = {
    "a digit wrong": _digit_wrong,
    "the subtotal for the total": _subtotal_for_total,
    "another date of the page": _other_date,
    "a line dropped": _line_dropped,
    "the neighbour's column": _neighbours_column,
    "a letter wrong": _letter_wrong,
    "a value left out": _left_out,
}
# Those that the figures over all are of; the others are shown beside them.
USUAL = tuple(KINDS)[:5]
