"""Records and pages: each page in a record or set aside, and no record torn or run together.

What tells where a record begins and ends is the printed "page 2 of 3", where there is one. Numbers
that count the pages of the file itself say nothing of its records.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sluicegate.completeness.finding import Finding
from sluicegate.document_types import many
from sluicegate.numerals import readings
from sluicegate.pdf.lines import Line

_NUMBERED = re.compile(
    r"\b(?:page|seite|pagina|pag\.?|side|strona|sida|blatt|sheet|folha|hoja)\W{0,2}(\d{1,4})\s*"
    r"(?:/|of|von|de|di|van|sur|z|av)\s*(\d{1,4})\b"
)
_EMPTY = 40  # characters: fewer are a stamp or a page number
_AMOUNTS = 4  # on a page of terms or a cover: a price or two

Pages = Sequence[Sequence[Line]]  # the lines of each page; none of a page without a text layer


class Numbered(NamedTuple):
    """What a page says it is: page `place` of `of`."""

    place: int
    of: int


def unaccounted(answer: dict[str, Any], count: int, pages: Pages) -> Iterator[Finding]:
    """Yield what is wrong with an answer's page ranges; `count` pages, 0 where nobody knows."""
    records = answer.get(many.RECORDS) or []
    said = answer.get(many.RECORD_COUNT)
    if isinstance(said, int) and said != len(records):
        counted = f"{said:,} records were counted and {len(records):,} returned"
        yield Finding(counted, in_answer=True)
    ranges = [range_of(record) for record in records]
    held = {page for each in ranges for page in each}
    aside = {each.get(many.PAGE): each.get(many.REASON) for each in answer.get(many.SET_ASIDE, [])}
    for page in range(1, count + 1):
        if page not in held and page not in aside:
            says = f"page {page} is in no record and not set aside"
            yield Finding(says, (page,), in_answer=True)
    numbers = printed_numbers(pages)
    for page, reason in aside.items():
        if isinstance(page, int) and 0 < page <= len(pages) and page not in held:
            yield from _set_aside(page, str(reason), pages[page - 1])
    for each in ranges:
        yield from _torn(each, numbers)


def range_of(record: dict[str, Any]) -> range:
    """Return the pages of a record, from 1; none where its answer has no numbers."""
    first, last = record.get(many.FIRST_PAGE), record.get(many.LAST_PAGE)
    if not isinstance(first, int) or not isinstance(last, int):
        return range(0)
    return range(first, min(last, first + 20_000) + 1)


def printed_numbers(pages: Pages) -> dict[int, Numbered]:
    """Return what pages say they are, by page of the file; nothing where they count the file's."""
    found = {page: number for page, lines in enumerate(pages, 1) if (number := _number(lines))}
    of_file = [n for page, n in found.items() if n == (page, len(pages))]
    if len(pages) > 1 and 2 * len(of_file) > len(found):
        return {}
    return {page: number for page, number in found.items() if number.of <= len(pages)}


def _number(lines: Sequence[Line]) -> Numbered | None:
    """Return the last "page n of m" of a page: heads may cite another document's."""
    for line in reversed(lines):
        plain = unicodedata.normalize("NFKD", line.text.casefold())
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        if found := _NUMBERED.search(plain):
            place, of = int(found[1]), int(found[2])
            return Numbered(place, of) if 0 < place <= of else None
    return None


def _set_aside(page: int, reason: str, lines: Sequence[Line]) -> Iterator[Finding]:
    text = sum(len(line.text) for line in lines)
    if reason == "blank" and text >= _EMPTY:
        yield Finding(f"page {page} is set aside as blank and has {text:,} characters", (page,))
    money = sum(
        any(value.as_tuple().exponent == -2 for value in readings(run.text))
        for line in lines
        for run in line.runs
    )
    if reason in {"terms", "cover"} and money >= _AMOUNTS:
        yield Finding(f"page {page} is set aside as {reason} and has {money} amounts", (page,))


def _torn(pages: range, numbers: dict[int, Numbered]) -> Iterator[Finding]:
    """Yield where the printed page numbers of a record's pages are not those of one document."""
    found = [numbers[page] for page in pages if page in numbers]
    if not found:
        return
    name = f"the record on pages {pages[0]} to {pages[-1]}"
    places = [number.place for number in found]
    others = {number.of for number in found}
    twice = sorted({place for place in places if places.count(place) > 1})
    if len(others) > 1 or twice:
        listed = ", ".join(f"{n.place} of {n.of}" for n in found[:8])
        yield Finding(f"{name} has the page numbers of several: {listed}", tuple(pages))
    elif len(found) == len(pages) and len(places) < found[0].of:
        absent = sorted(set(range(1, found[0].of + 1)) - set(places))
        listed = ", ".join(map(str, absent[:8]))
        # What it lacks stands beside it.
        around = range(pages[0] - 1, pages[-1] + 2)
        yield Finding(f"{name} lacks its page {listed} of {found[0].of}", tuple(around))
