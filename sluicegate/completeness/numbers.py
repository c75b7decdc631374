"""Printed numbers to what they may mean: `1,234` is 1234 or 1.234, and the page does not say."""

import re
from decimal import Decimal
from functools import lru_cache

# Digits in groups of three, or as they come; with at most one decimal mark.
_GROUPS = re.compile(r"\d{1,3}(?:([ .,'’\u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d{1,4})?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,4})?")
_PLAIN = re.compile(r"\d+(?:[.,]\d{1,6})?|[.,]\d{1,4}")
# What may stand beside a number that is an amount: signs, brackets, a currency, a debit mark.
_BESIDE = re.compile(r"(?:[A-Z]{3}|Fr\.?|CR|DR|Cr|Dr|[SH]|[€$£¥₹₣]|R\$|kr|zł|Kč|[-−–+()*\s])*")


@lru_cache(maxsize=65_536)
def readings(text: str) -> frozenset[Decimal]:
    """Return what a run of text may mean as a number, without its sign; nothing for other text.

    A per cent is none.
    """
    matches = (each.search(text) for each in (_GROUPS, _INDIAN, _PLAIN))
    found = max(filter(None, matches), key=lambda match: len(match[0]), default=None)
    if found is None or "%" in text:
        return frozenset()
    if not _BESIDE.fullmatch(text[: found.start()]) or not _BESIDE.fullmatch(text[found.end() :]):
        return frozenset()
    return frozenset(_meant(found[0]))


def _meant(digits: str) -> set[Decimal]:
    plain = re.sub(r"[ '’\u00a0\u202f]", "", digits)
    marks = [sign for sign in plain if sign in ".,"]
    if not marks:
        return {Decimal(plain)}
    head, _, tail = plain.rpartition(marks[-1])
    whole = re.sub(r"[.,]", "", head) or "0"
    as_decimal = Decimal(f"{whole}.{tail}")
    if len(set(marks)) > 1:
        return {as_decimal}
    if len(marks) > 1:
        return {Decimal(whole + tail)}
    return {as_decimal, Decimal(whole + tail)} if len(tail) == 3 else {as_decimal}
