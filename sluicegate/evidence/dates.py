"""Printed dates to calendar dates: `03/04/2026` may be two of them."""

import datetime as dt
import re
from dataclasses import dataclass

from sluicegate.evidence.tokens import fold
from sluicegate.numerals import ascii_numbers

_MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika",
    "- - - - - - - - - - listopada grudnia",
    "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik",
    "- - - - - - - - - - listopad grudzien",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrz apr mai jun jul aug sept okt nov dez",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan febr mrt apr mei jun jul aug sep okt nov dec",
    "janner febr maerz apr mai jun jul aug sep okt nov dez",
):
    for _number, _name in enumerate(_names.split(), 1):
        if _name != "-":
            _MONTHS.setdefault(_name, _number)

_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![a-z])\.?"
_YEAR = r"(?P<year>(?:19|20)\d{2}|'?\d{2})(?![\d:])"
_ISO = re.compile(
    r"(?<![\d./-])(?P<year>(?:19|20)\d{2})\s?(?P<sep>[-/.])\s?(?P<month>\d{1,2})\s?(?P=sep)"
    r"\s?(?P<day>\d{1,2})(?![\d/-])"
)
_JAPANESE = re.compile(r"(?P<year>\d{4})\s?年\s?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日")
_DAY_MONTH = re.compile(
    rf"(?<![\d.,/])(?P<day>\d{{1,2}})\s?(?:st|nd|rd|th|er|o|\.)?[\s\-/]{{0,2}}(?:de\s|of\s)?"
    rf"{_MONTH}[\s,\-/.]{{0,3}}(?:de\s|del\s)?{_YEAR}"
)
_MONTH_DAY = re.compile(
    rf"(?<![a-z]){_MONTH}\s?-?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?\s?-?{_YEAR}"
)
_PATTERNS = (_ISO, _JAPANESE, _DAY_MONTH, _MONTH_DAY)
NUMERIC = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?:\s?(?P<sep>[./-])\s?)(?P<second>\d{1,2})\s?(?P=sep)\s?"
    r"(?P<year>(?:19|20)\d{2}|\d{2})(?![\d/]|[.-]\d)"
)
# What a date has at least: cheap, for most texts have none.
_NUMERIC_DATE = re.compile(r"\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d")
_DATE_IN_WORDS = re.compile(r"\d.{0,12}[^\W\d_]{3}.{0,8}\d|[^\W\d_]{3}.{0,4}\d{1,2}.{1,6}\d|\d年")
_CENTURY_TURN = 70


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found in a text from character `start` to `end`."""

    value: dt.date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date from character `start` to `end` of a text, and all days that it may mean."""

    start: int
    end: int
    values: frozenset[dt.date]


def find_dates(text: str, *, month_first: bool = False) -> list[Dated]:
    """Return the dates in a text in order; `month_first` decides 03/04/2026."""
    if not any(letter.isdigit() for letter in text):
        return []
    folded = fold(text)
    found: list[Dated] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            month = match["month"]
            number = int(month) if month.isdigit() else _MONTHS[month]
            _note(found, match, _date(match["year"], number, int(match["day"])))
    for match in NUMERIC.finditer(folded):
        first, second = int(match["first"]), int(match["second"])
        day, month_number = first, second
        if second > 12 or (month_first and first <= 12 and match["sep"] != "."):
            day, month_number = second, first
        _note(found, match, _date(match["year"], month_number, day))
    return sorted(found, key=lambda dated: dated.start)


def find_days(text: str) -> list[Day]:
    """Return the dates of a text, each with every day that it may mean."""
    found: dict[tuple[int, int], set[dt.date]] = {}
    plain = ascii_numbers(text)
    numeric = _NUMERIC_DATE.search(plain) is not None
    if not numeric and not _DATE_IN_WORDS.search(plain):
        return []
    for month_first in (False, True) if numeric else (False,):
        for dated in find_dates(plain, month_first=month_first):
            found.setdefault((dated.start, dated.end), set()).add(dated.value)
    return [Day(start, end, frozenset(days)) for (start, end), days in found.items()]


def _note(found: list[Dated], match: re.Match[str], value: dt.date | None) -> None:
    overlaps = any(match.start() < other.end and match.end() > other.start for other in found)
    if value is not None and not overlaps:
        found.append(Dated(value, match.start(), match.end()))


def _date(year: str, month: int, day: int) -> dt.date | None:
    number = int(year.lstrip("'"))
    if number < 100:
        number += 2000 if number < _CENTURY_TURN else 1900
    try:
        return dt.date(number, month, day)
    except ValueError:
        return None
