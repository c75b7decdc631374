"""Many records in one file: which pages belong together, by what is printed on them.

A page continues the record before it where both have the same "page n of m" and n was not there
yet; a page without one continues it where it has no opening of its own. Pages without text are
blank; those with neither sums nor a table are a cover, or terms where they run over with prose.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from emulators.reader.identity import invoice_id
from emulators.reader.reading import Reading
from sluicegate.evidence.headings import find_headings
from sluicegate.evidence.pages import Line, Page
from sluicegate.evidence.tokens import fold

Schema = Mapping[str, Any]
# Fills the object of one record; `partial`: pages of it may be missing.
Fill = Callable[[Reading, Schema, bool], dict[str, Any]]

_NAMES = {"records", "record_count", "set_aside"}
_NUMBERED = re.compile(
    r"\b(?:page|seite|pagina|pag\.?|side|strona|sida|blatt|p\.)\W{0,2}(\d{1,4})\s*"
    r"(?:/|of|von|de|di|van|sur|z|av|out of)\s*(\d{1,4})\b"
)
_PROSE = 120  # words of a page that is neither a sum nor a table


@dataclass(slots=True)
class _Group:
    """Pages (from 0) of one record, and which of its printed numbers were seen."""

    pages: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    of: int = 0
    key: str = ""

    @property
    def whole(self) -> bool:
        """Whether every page that is printed to be there is there."""
        return not self.of or self.seen == set(range(1, self.of + 1))

    def takes(self, number: tuple[int, int] | None, key: str) -> bool:
        if number is None or not self.of:
            return number is None and (not key or key == self.key)
        place, of = number
        # Whoever drops a stack finds the first page again: it lies on top of its own.
        return of == self.of and place not in {1, *self.seen}

    def add(self, page: int, number: tuple[int, int] | None, key: str) -> None:
        self.pages.append(page)
        self.key = self.key or key
        if number:
            self.seen.add(number[0])
            self.of = number[1]


def wanted(schema: Schema) -> bool:
    """Tell whether a schema asks for many records, with their pages."""
    return set(schema.get("properties") or {}) >= _NAMES


def read(pages: Sequence[Page], schema: Schema, fill: Fill, *, partial: bool) -> dict[str, Any]:
    """Return the records of a file, and the pages that belong to none.

    `partial`: the file is a run of pages of a longer one, so that its first record may have begun
    before it; that one is given first page 0.
    """
    inner = schema["properties"]["records"]["items"]["properties"]["values"]
    groups, aside = _grouped(pages)
    records = []
    for place, group in enumerate(groups):
        reading = Reading(_renumbered(pages[at], n) for n, at in enumerate(group.pages))
        begun_before = partial and not place and group.pages[0] == 0 and _lacks_start(group)
        records.append(
            {
                "first_page": 0 if begun_before else group.pages[0] + 1,
                "last_page": group.pages[-1] + 1,
                "values": fill(reading, inner, not group.whole),
            }
        )
    return {"record_count": len(records), "records": records, "set_aside": aside}


def _lacks_start(group: _Group) -> bool:
    return bool(group.of) and 1 not in group.seen


def _grouped(pages: Sequence[Page]) -> tuple[list[_Group], list[dict[str, Any]]]:
    groups: list[_Group] = []
    aside: list[dict[str, Any]] = []
    for at, page in enumerate(pages):
        if reason := _aside(page):
            aside.append({"page": at + 1, "reason": reason})
            continue
        number = _number(page)
        key = "" if number else _key(page)
        if not (groups and groups[-1].takes(number, key)):
            groups.append(_Group())
        groups[-1].add(at, number, key)
    return groups, aside


def _aside(page: Page) -> str:
    """Return why a page is part of no record; "" for one that is."""
    words = [word for line in page.lines for word in line.words]
    if not words:
        return "blank"
    if _number(page):
        return ""
    reading = Reading([_renumbered(page, 0)])
    money = sum(a.is_money for line in reading.lines for a in reading.amounts(line.text))
    if money or any(heading.has_items for heading in find_headings(page)):
        return ""
    return "terms" if len(words) > _PROSE else "cover"


def _number(page: Page) -> tuple[int, int] | None:
    """Return the printed "page n of m", the last on the page."""
    for line in reversed(page.lines):
        for cell in reversed(line.cells):
            if found := _NUMBERED.search(fold(cell.text)):
                return int(found[1]), int(found[2])
    return None


def _key(page: Page) -> str:
    """Return the number that the page itself says it is of, where it says one."""
    return invoice_id(Reading([_renumbered(page, 0)]), lambda _: False) or ""


def _renumbered(page: Page, number: int) -> Page:
    """Return a page whose cells know it under another number."""
    lines = (Line(tuple(replace(cell, page=number) for cell in line.cells)) for line in page.lines)
    return replace(page, lines=tuple(lines))
