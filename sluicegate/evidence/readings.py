"""Printed numbers and days as sets of readings: `1,234` is 1234 or 1.234, `03/04/2026` two days.

A reading is never a guess at the right one: a value is printed if it is one of the readings.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sluicegate.evidence import dates
from sluicegate.evidence.canonical import ascii_numbers

_MAX_DIGITS = 30
_ATOM = re.compile(r"\d+(?:[.,'’]\d+)*")
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d{1,6}(?!\d))?")
# Letters before a number that leave it a number: currencies, `x3`, `No 3` has a space.
_MONEY_BEFORE = re.compile(r"(?:^|[^A-Za-z])(?:[A-Z]{3}|[xX]|[kK]r|R[sM]|S?Fr|lei|Ft)\.?$")
_JOINED_BEFORE = re.compile(r"[A-Za-z0-9][-/_]+$|\d[:.,]+$")
# What a date has at least: cheap, for most texts have none.
_NUMERIC_DATE = re.compile(r"\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d")
_DATE_IN_WORDS = re.compile(r"\d.{0,12}[^\W\d_]{3}.{0,8}\d|[^\W\d_]{3}.{0,4}\d{1,2}.{1,6}\d|\d年")
# Thousands, or the lakhs and crores of India.
_GROUPS = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")
_GAPS = re.compile(r"[ '’]")
# A minus or a bracket before a number, and between them a currency.
_OPENED = re.compile(r"(-|\()\s?(?:[^\w\s]|[A-Za-z]{1,3}\.?)?\s?$")
_JOINED_AFTER = re.compile(r"[-/_:][A-Za-z0-9]|[.,]\d")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number from character `start` to `end` of a text, and all that it may mean."""

    start: int
    end: int
    values: frozenset[Decimal]
    is_negative: bool = False  # printed with a minus or in brackets
    is_percent: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A date from character `start` to `end` of a text, and all days that it may mean."""

    start: int
    end: int
    values: frozenset[dt.date]


def find_numbers(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text, those that overlap too: `1 234,50` is also 1 and 234.50."""
    plain = ascii_numbers(text)
    for pattern in (_GROUPED, _ATOM) if " " in plain else (_ATOM,):
        for match in pattern.finditer(plain):
            start, end = match.span()
            if end - start <= _MAX_DIGITS and _stands_free(plain, start, end):
                negative = _is_negative(plain, start, end)
                percent = plain[end : end + 2].lstrip().startswith("%")
                values = numbers_of(match.group())
                yield Numeral(*_with_sign(plain, start, end), values, negative, percent)


def numbers_of(digits: str) -> frozenset[Decimal]:
    """Return all readings of digits with separators, without their sign."""
    bare = _GAPS.sub("", digits)
    if bare[0] == "0" and bare[1:2].isdigit():
        return frozenset()  # an account, a code, or the end of a number with a gap in it
    signs = [sign for sign in bare if sign in ".,"]
    if not signs:
        return frozenset((Decimal(bare),))
    last = signs[-1]
    head, _, tail = bare.rpartition(last)
    whole = head.replace(".", "").replace(",", "") or "0"
    as_decimal = Decimal(f"{whole}.{tail}") if tail else Decimal(whole)
    if len(set(signs)) > 1:
        grouped = len(signs) == 2 or _GROUPS.fullmatch(head)
        return frozenset((as_decimal,)) if grouped else frozenset()
    as_groups = Decimal(whole + tail)
    if len(signs) > 1:
        return frozenset((as_groups,)) if _GROUPS.fullmatch(bare) else frozenset()
    could_group = len(tail) == 3 and 0 < len(head) <= 3 and head[0] != "0" and bare == digits
    return frozenset((as_decimal, as_groups)) if could_group else frozenset((as_decimal,))


def find_days(text: str) -> list[Day]:
    """Return the dates of a text, each with every day that it may mean."""
    found: dict[tuple[int, int], set[dt.date]] = {}
    plain = ascii_numbers(text)
    numeric = _NUMERIC_DATE.search(plain) is not None
    if not numeric and not _DATE_IN_WORDS.search(plain):
        return []
    for month_first in (False, True) if numeric else (False,):
        for dated in dates.find_dates(plain, month_first=month_first):
            found.setdefault((dated.start, dated.end), set()).add(dated.value)
    return [Day(start, end, frozenset(days)) for (start, end), days in found.items()]


def _stands_free(text: str, start: int, end: int) -> bool:
    """Tell whether digits are a number of their own, not a part of an id, a date or a time."""
    before, after = text[max(0, start - 6) : start], text[end : end + 2]
    if _JOINED_AFTER.match(after) or _JOINED_BEFORE.search(before):
        return False
    return not before[-1:].isalpha() or bool(_MONEY_BEFORE.search(before))


def _with_sign(text: str, start: int, end: int) -> tuple[int, int]:
    """Take a minus that touches the digits, or brackets around them, into the span."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == "-" or (before == "(" and after == ")"):
        start -= 1
    if after == ")" and before == "(":
        end += 1
    return start, end


def _is_negative(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 8) : start]
    opened = _OPENED.search(before) if "-" in before or "(" in before else None
    if opened and opened.group(1) == "-":
        return True
    after = text[end : end + 6].lstrip()
    if opened:
        return ")" in after
    return after.startswith("-") and not after[1:2].isalnum() and not after.startswith("--")
