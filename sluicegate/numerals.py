"""Printed numbers as sets of readings: `1,234` is 1234 or 1.234, and the page does not say.

A reading is never a guess at the right one: a value is printed if it is one of the readings.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_MAX_DIGITS = 30
_ATOM = re.compile(r"\d+(?:[.,'’]\d+)*|(?<![\w.,])[.,]\d{2}(?!\d)")
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d{1,6}(?!\d))?")
# Letters before a number that leave it a number: currencies, `x3`, `No 3` has a space.
_MONEY_BEFORE = re.compile(
    r"(?:^|[^A-Za-z])(?:[A-Z]{3}|[xX]|[kK]r|zł|Kč|R[sM]|S?Fr|lei|Ft|[CD][Rr])\.?$"
)
_JOINED_BEFORE = re.compile(r"[A-Za-z0-9][-/_]+$|\d[:.,]+$")
# Thousands, or the lakhs and crores of India.
_GROUPS = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")
_GAPS = re.compile(r"[ '’]")
# A minus or a bracket before a number, and between them a currency.
_OPENED = re.compile(r"(-|\()\s?(?:[^\w\s]|[A-Za-z]{1,3}\.?)?\s?$")
_JOINED_AFTER = re.compile(r"[-/_:][A-Za-z0-9]|[.,]\d")
_SIGNS = str.maketrans({"٫": ".", "٬": ",", "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-"})
# What may stand beside a number that is an amount: signs, brackets, a currency, a debit mark.
# Without going back: of a row of capitals there are thousands of ways to part it.
_BESIDE = re.compile(r"(?:[A-Z]{3}|Fr\.?|[CD][Rr]|[SH]|[€$£¥₹₣]|R\$|kr|zł|Kč|[-−–+()*\s])*+")
_BEGINS = re.compile(_BESIDE.pattern + r"[\d.,]")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number from character `start` to `end` of a text, and all that it may mean."""

    start: int
    end: int
    values: frozenset[Decimal]
    is_negative: bool = False  # printed with a minus or in brackets
    is_percent: bool = False


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


@functools.lru_cache(maxsize=65_536)
def readings(text: str) -> frozenset[Decimal]:
    """Return what a text that is one number may mean, without its sign; nothing for other text.

    A per cent is none.
    """
    if "%" in text or not _BEGINS.match(text):
        return frozenset()
    found = max(find_numbers(text), key=lambda each: each.end - each.start, default=None)
    if found is None or not all(
        _BESIDE.fullmatch(beside) for beside in (text[: found.start], text[found.end :])
    ):
        return frozenset()
    return found.values


def ascii_numbers(text: str) -> str:
    """Return a text with ASCII digits, signs and separators in it; its length stays the same."""
    if text.isascii():
        return text
    return "".join(map(ascii_digit, text)).translate(_SIGNS)


@functools.lru_cache(maxsize=1024)
def ascii_digit(letter: str) -> str:
    """Return the ASCII digit for one of another script; any other character stays."""
    if letter.isascii():
        return letter
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


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
