"""Where numbers, days and texts stand on a document's pages: an index, built once a document."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from sluicegate.evidence.canonical import canonical, canonical_letter, pieces, trigrams
from sluicegate.evidence.dates import find_days
from sluicegate.evidence.once import once
from sluicegate.evidence.pages import Cell, Line, Page
from sluicegate.evidence.place import Place
from sluicegate.numerals import find_numbers

# A text goes on in the next line if that is no further away than this, in heights of the text.
_NEXT_LINE = 2.2
_LOOKED_AHEAD = 4  # lines that may lie between, of other columns
_MAX_STEPS = 400  # of one search for a text that begins and does not end
_DIGIT = re.compile(r"\d")
_PLACES = 20_000  # of one text: more are as good as these


# Parts of a text: (index of the cell, start, end). A step of a search: cell, piece, letters so far.
_Spans = tuple[tuple[int, int, int], ...]
_Step = tuple[int, int, int, _Spans]


class Places:
    """The index of some pages, numbered from 0 as they are in the document."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = tuple(pages)

    @once
    def lines(self) -> tuple[Line, ...]:
        """All lines in order."""
        return tuple(line for page in self.pages for line in page.lines)

    @once
    def first_line(self) -> tuple[int, ...]:
        """For each page, how many lines stand on the pages before it; all lines behind the last."""
        return (0, *accumulate(len(page.lines) for page in self.pages))

    @once
    def cells(self) -> tuple[Cell, ...]:
        """All cells in order."""
        return tuple(cell for line in self.lines for cell in line.cells)

    @property
    def is_read(self) -> bool:
        """Whether there is anything to search."""
        return any(page.lines for page in self.pages)

    def line_of(self, cell: Cell) -> int:
        """Return a cell's line, counted over all pages."""
        return self.first_line[cell.page] + cell.line

    @once
    def numbers(self) -> dict[Decimal, list[Place]]:
        """Every reading of every number, without its sign, to where it stands."""
        found: dict[Decimal, list[Place]] = {}
        for cell in self.cells:
            if not _DIGIT.search(cell.text):
                continue
            for number in find_numbers(cell.text):
                place = self.at(cell, number.start, number.end)
                place.is_negative, place.is_percent = number.is_negative, number.is_percent
                for value in number.values:
                    found.setdefault(value, []).append(place)
        return found

    @once
    def days(self) -> dict[dt.date, list[Place]]:
        """Every reading of every date to where it stands."""
        found: dict[dt.date, list[Place]] = {}
        for cell in self.cells:
            if not _DIGIT.search(cell.text):
                continue
            for day in find_days(cell.text):
                place = self.at(cell, day.start, day.end)
                for value in day.values:
                    found.setdefault(value, []).append(place)
        return found

    def cells_on(self, lines: range | None) -> range:
        """Return the indices of the cells on some lines, counted over all pages; None for all."""
        if lines is None:
            return range(len(self.cells))
        starts = self._first_cell
        return range(starts[lines.start], starts[min(lines.stop, len(self.lines))])

    def text(self, value: str) -> list[Place]:
        """Return where a text is printed, over the ends of lines too; canonical forms are equal."""
        wanted = canonical(value)
        if not wanted:
            return []
        found: list[Place] = []
        for size in range(1, min(len(wanted), self._longest) + 1):
            for index, number, at in self._starting.get(wanted[:size], ()):
                whole = self._whole[index]
                if not whole.startswith(wanted[: len(whole) - at], at):
                    continue
                place = self._followed(index, number, wanted)
                if place is not None and len(found) < _PLACES:
                    found.append(place)
        if not found and not wanted.isascii():
            found = list(self._within(wanted))
        return sorted(found, key=lambda place: (place.line, place.x0))

    @once
    def trigrams(self) -> list[set[str]]:
        """For each cell, those of its canonical text."""
        return [trigrams(canonical(cell.text)) for cell in self.cells]

    @once
    def pieces(self) -> list[list[tuple[int, int, str]]]:
        """For each cell, where values may begin and end in it: see `canonical.pieces`."""
        return [pieces(cell.text) for cell in self.cells]

    @once
    def _whole(self) -> list[str]:
        """For each cell, its pieces joined: most texts that begin alike differ within the cell."""
        return ["".join([form for _, _, form in parts]) for parts in self.pieces]

    @once
    def _starting(self) -> dict[str, list[tuple[int, int, int]]]:
        """For each form of a piece: its cell, its number in it, and where it begins in `_whole`."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for index, parts in enumerate(self.pieces):
            at = 0
            for number, (_, _, form) in enumerate(parts):
                found.setdefault(form, []).append((index, number, at))
                at += len(form)
        return found

    @once
    def _longest(self) -> int:
        return max(map(len, self._starting), default=0)

    @once
    def _first_cell(self) -> list[int]:
        """For each line, the index of its first cell; the number of cells behind the last."""
        return [0, *accumulate(len(line.cells) for line in self.lines)]

    def _followed(self, index: int, number: int, wanted: str) -> Place | None:
        """Follow a text from a piece on, into further cells and lines, until all of it is found."""
        steps = 0
        waiting: list[_Step] = [(index, number, 0, ())]
        origin = self.cells[index]
        while waiting and steps < _MAX_STEPS:
            steps += 1
            at, piece, done, spans = waiting.pop()
            parts = self.pieces[at]
            start = parts[piece][0]
            end = start
            while piece < len(parts) and wanted.startswith(parts[piece][2], done):
                end = parts[piece][1]
                done += len(parts[piece][2])
                piece += 1
                if done == len(wanted):
                    break
            if end == start:
                continue
            here = (*spans, (at, start, end))
            if done == len(wanted):
                return self.joined(here)
            if piece == len(parts):
                waiting += [
                    (cell, 0, done, here)
                    for cell in self._after(at, origin)
                    if wanted.startswith(self.pieces[cell][0][2], done)
                ]
        return None

    def _after(self, index: int, origin: Cell) -> Iterator[int]:
        """Yield the cells in which a text may go on, the likeliest last: to the right, below."""
        cell = self.cells[index]
        yield from reversed(list(self.below(index, origin)))
        if index + 1 < len(self.cells):
            right = self.cells[index + 1]
            if (right.page, right.line) == (cell.page, cell.line) and self.pieces[index + 1]:
                yield index + 1

    def below(self, index: int, origin: Cell) -> Iterator[int]:
        """Yield the cells below one in which a text that began in `origin` may go on."""
        cell = self.cells[index]
        number = self.line_of(cell)
        for line in range(number + 1, min(number + 1 + _LOOKED_AHEAD, len(self.lines))):
            first = self._first_cell[line]
            if self.cells[first].page != cell.page:
                return
            cells = self.lines[line].cells
            if cells[0].y0 - cell.y0 > _NEXT_LINE * max(cell.height, cells[0].height):
                return
            for offset, other in enumerate(cells):
                if self.pieces[first + offset] and _beneath(other, cell, origin):
                    yield first + offset

    def _within(self, wanted: str) -> Iterator[Place]:
        """Yield where a text stands inside a run of letters: some scripts set no spaces."""
        for cell in self.cells:
            forms = [
                (at, part) for at, each in enumerate(cell.text) for part in canonical_letter(each)
            ]
            whole = "".join(part for _, part in forms)
            at = whole.find(wanted)
            if at >= 0 and any(ord(letter) >= 0x0E00 for letter in wanted):
                yield self.at(cell, forms[at][0], forms[at + len(wanted) - 1][0] + 1)

    def at(self, cell: Cell, start: int, end: int) -> Place:
        """Return the place of a part of a cell's text."""
        return Place(cell.page, self.line_of(cell), cell, start, end)

    def joined(self, spans: Iterable[tuple[int, int, int]]) -> Place:
        """Return one place of several parts, each (index of the cell, start, end)."""
        (first, start, end), *rest = spans
        place = self.at(self.cells[first], start, end)
        place.more = tuple((self.cells[index], first, last) for index, first, last in rest)
        return place


def _beneath(other: Cell, cell: Cell, origin: Cell) -> bool:
    """Tell whether a cell can hold the next line of a text that began in `origin`."""
    slack = 0.8 * max(cell.height, other.height)
    if abs(other.x0 - cell.x0) <= slack or abs(other.x0 - origin.x0) <= slack:
        return True
    overlap = min(other.x1, cell.x1) - max(other.x0, cell.x0)
    return overlap > 0.5 * min(other.x1 - other.x0, cell.x1 - cell.x0)
