"""Laid-out text: words with boxes, grouped into lines and into cells.

Coordinates are in the page's own units (points or pixels); y grows downwards.
A cell is a run of words with ordinary spaces between them, so that the columns of a table and
the two halves of a letterhead come out as separate cells of one line.
"""

import bisect
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sluicegate.evidence.once import once

# A wider gap than this share of the text height separates cells, not words.
CELL_GAP = 0.75
# Two words whose middles are further apart than this share of the height are on two lines.
LINE_DRIFT = 0.45


@dataclass(frozen=True, slots=True)
class Word:
    """One word and its box; `ink` is the box of its letters, where the other is a generous one."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    ink: tuple[float, float, float, float] | None = None

    @property
    def height(self) -> float:
        """Height of the box."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Vertical middle of the box."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True)
class Cell:
    """Words that belong together on one line; `page` and `line` say where it stands."""

    words: tuple[Word, ...]
    page: int = 0
    line: int = 0

    @once
    def text(self) -> str:
        """The words in reading order, joined by single spaces."""
        return " ".join(word.text for word in self.in_order)

    @once
    def in_order(self) -> tuple[Word, ...]:
        """The words in reading order: Arabic and Hebrew run to the left."""
        leftward = sum("\u0590" <= word.text[0] < "\u0900" for word in self.words)
        return self.words[::-1] if 2 * leftward > len(self.words) else self.words

    @once
    def _offsets(self) -> list[int]:
        """Where each word begins in the text."""
        sizes = [len(word.text) + 1 for word in self.in_order]
        return [0, *itertools.accumulate(sizes[:-1])]

    @once
    def x0(self) -> float:
        """Left edge."""
        return self.words[0].x0

    @once
    def x1(self) -> float:
        """Right edge."""
        return max(word.x1 for word in self.words)

    @once
    def y0(self) -> float:
        """Top edge."""
        return min(word.y0 for word in self.words)

    @once
    def y1(self) -> float:
        """Bottom edge."""
        return max(word.y1 for word in self.words)

    @once
    def height(self) -> float:
        """Height of the tallest word."""
        return max(word.height for word in self.words)

    def box(self, start: int, end: int) -> tuple[float, float, float, float]:
        """Return the box of the characters `start` to `end` of the text: x0, y0, x1, y1.

        Of a part of a word it is the part of the word's box, by the number of characters.
        """
        inside = []
        at = max(bisect.bisect_right(self._offsets, start) - 1, 0)
        for word, position in zip(self.in_order[at:], self._offsets[at:], strict=True):
            if position >= end:
                break
            size = len(word.text)
            first, last = max(start - position, 0), min(end - position, size)
            if first < last:
                x0, y0, x1, y1 = word.ink or (word.x0, word.y0, word.x1, word.y1)
                step = (x1 - x0) / size
                if first or last < size:
                    x0, x1 = x0 + first * step, x0 + last * step
                inside.append((x0, y0, x1, y1))
        if len(inside) == 1:
            return inside[0]
        if not inside:
            return self.x0, self.y0, self.x1, self.y1
        lefts, tops, rights, bottoms = zip(*inside, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def span(self, start: int, end: int) -> tuple[float, float]:
        """Left and right edge of the words that hold the characters `start` to `end`."""
        left, right, position = self.x1, self.x0, 0
        for word in self.words:
            stop = position + len(word.text)
            if position < end and stop > start:
                left, right = min(left, word.x0), max(right, word.x1)
            position = stop + 1
        return left, right


@dataclass(frozen=True)
class Line:
    """The cells that stand side by side, from left to right."""

    cells: tuple[Cell, ...]

    @once
    def text(self) -> str:
        """The cells joined by two spaces."""
        return "  ".join(cell.text for cell in self.cells)

    @once
    def words(self) -> tuple[Word, ...]:
        """All words of the line."""
        return tuple(word for cell in self.cells for word in cell.words)

    @once
    def y0(self) -> float:
        """Top edge."""
        return min(cell.y0 for cell in self.cells)

    @once
    def middle(self) -> float:
        """Vertical middle of the line's words."""
        words = self.words
        return sum(word.middle for word in words) / len(words)

    @once
    def height(self) -> float:
        """Height of the tallest word."""
        return max(cell.height for cell in self.cells)


@dataclass(frozen=True)
class Page:
    """One page: its size and its lines from top to bottom.

    Lines of a page that was laid askew are straightened: on the page itself they fall by `slope`
    over one unit to the right. `is_read` is false where there was nothing that could be read.
    """

    width: float
    height: float
    lines: tuple[Line, ...] = field(default=())
    slope: float = 0.0
    is_read: bool = True


def lay_out(
    words: Iterable[Word], number: int, width: float, height: float, *, cell_gap: float = CELL_GAP
) -> Page:
    """Group words into the lines and cells of page `number` (counted from 0)."""
    rows: list[list[Word]] = []
    middles: list[float] = []
    for word in sorted(words, key=lambda word: (word.middle, word.x0)):
        # Rows come in order, so only the last few can still take a word.
        for index in range(len(rows) - 1, max(-1, len(rows) - 4), -1):
            limit = LINE_DRIFT * min(word.height, max(other.height for other in rows[index][-3:]))
            if abs(middles[index] - word.middle) <= limit:
                rows[index].append(word)
                middles[index] += (word.middle - middles[index]) / len(rows[index])
                break
        else:
            rows.append([word])
            middles.append(word.middle)
    ordered = [row for _, row in sorted(zip(middles, rows, strict=True), key=lambda pair: pair[0])]
    lines = tuple(_line(row, number, index, cell_gap) for index, row in enumerate(ordered))
    return Page(width, height, lines)


def _line(row: list[Word], page: int, index: int, cell_gap: float) -> Line:
    """Cut one row of words into cells at its wide gaps."""
    row = sorted(row, key=lambda word: word.x0)
    groups: list[list[Word]] = [[row[0]]]
    for word in row[1:]:
        last = groups[-1][-1]
        gap = word.x0 - last.x1
        if gap > cell_gap * min(word.height, last.height) or _rule(word) or _rule(last):
            groups.append([word])
        else:
            groups[-1].append(word)
    return Line(tuple(Cell(tuple(group), page, index) for group in groups))


def _rule(word: Word) -> bool:
    """Whether a word is a drawn rule (a bar between two columns) rather than text."""
    return re.fullmatch(r"[|¦│]+", word.text) is not None
