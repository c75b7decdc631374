"""Printed amounts to decimals, whatever the separators."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from emulators.reader.currencies import MARK
from sluicegate.evidence.currencies import code_of


class Style(Enum):
    """Which sign a document sets before decimals."""

    COMMA = ","
    POINT = "."
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number found in a text from character `start` to `end`.

    `currency` is the ISO 4217 code of the sign beside it, or the sign itself where it is shared;
    `decimals` counts the printed decimals.
    """

    value: Decimal
    start: int
    end: int
    currency: str | None = None
    percent: bool = False
    decimals: int = 0

    @property
    def is_money(self) -> bool:
        """Whether it looks like money: two decimals or a currency beside it, and no per cent."""
        return not self.percent and (self.decimals == 2 or self.currency is not None)


_DIGITS = r"""(?:
    \d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,4})?                      # 12,34,567.00
  | \d{1,3}(?P<sep>[ .,'’])\d{3}(?:(?P=sep)\d{3})*(?:[.,]\d{1,4})?(?!\d)
  | \d+(?:[.,]\d{1,6})?
  | [.,]\d{2}(?!\d)
)"""
_AMOUNT = re.compile(
    rf"""(?<![\w.,/#])(?<!\w[-–])(?<!\d:)
    (?P<open>[(\-−–]\s?)?(?:(?P<before>{MARK})\s?)?(?P<minus>[\-−–]\s?)?
    (?P<digits>{_DIGITS})(?:\.?[\-–]{{2}}|,[\-–](?!\w))?
    (?P<after_minus>-(?!\w))?
    (?:\s?(?P<percent>%)|\s?(?P<after>{MARK})(?![^\W\d_]))?
    (?P<close>\s?\))?
    (?![\w/:]|[.,]\d|-\w)""",
    re.VERBOSE,
)
_DECIDED = re.compile(r"(?<![\d.,/-])(?:\d{1,3}(?:[ .,'’]\d{3})+|\d+)([.,])(\d{2}|\d)(?![\d.,/-])")


def style_of(texts: Iterable[str]) -> Style:
    """Tell the decimal sign of a document from the numbers that leave no doubt."""
    votes: Counter[str] = Counter()
    for text in texts:
        for match in _DECIDED.finditer(text):
            votes[match.group(1)] += 2 if len(match.group(2)) == 2 else 1
    if votes[","] == votes["."]:
        return Style.UNKNOWN
    return Style.COMMA if votes[","] > votes["."] else Style.POINT


def find_amounts(text: str, style: Style = Style.UNKNOWN) -> list[Amount]:
    """Return all numbers that stand free in a text, in order."""
    return [_amount(match, style) for match in _AMOUNT.finditer(text)]


def read_number(digits: str, style: Style = Style.UNKNOWN) -> Decimal:
    """Read digits with separators, such as 1.234,56 or 1 234.56 or 1'234.

    A single separator before three digits groups thousands, unless `style` says it is decimal.
    """
    whole, decimals = _split(digits.strip(), style)
    return Decimal(f"{whole or '0'}.{decimals}" if decimals else whole or "0")


def _split(digits: str, style: Style) -> tuple[str, str]:
    """Separate the digits before and after the decimal sign."""
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return re.sub(r"\D", "", digits), ""
    last = signs[-1]
    head, _, tail = digits.rpartition(last)
    groups = signs.count(last) > 1
    mixed = len(set(signs)) > 1 or " " in head or "'" in head or "’" in head
    is_decimal = not groups and (
        mixed or len(tail) != 3 or last == style.value or head in {"", "0", "00"}
    )
    if is_decimal:
        return re.sub(r"\D", "", head), tail
    return re.sub(r"\D", "", digits), ""


def _amount(match: re.Match[str], style: Style) -> Amount:
    digits = match["digits"]
    whole, decimals = _split(digits, style)
    value = read_number(digits, style)
    opened = (match["open"] or "").strip()
    negative = bool(match["minus"] or match["after_minus"] or opened in {"-", "−", "–"})
    negative = negative or (opened == "(" and bool(match["close"]) and not match["percent"])
    start = match.start("digits") if opened == "(" and not match["close"] else match.start()
    end = match.end() if not match["close"] or opened == "(" else match.start("close")
    sign = match["before"] or match["after"]
    return Amount(
        -value if negative else value,
        start,
        end,
        code_of(sign) if sign else None,
        bool(match["percent"]),
        len(decimals) if whole is not None else 0,
    )
