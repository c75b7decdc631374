"""Where one thing is printed: a part of a cell, or of several that follow each other."""

import re
from dataclasses import dataclass

from sluicegate.evidence.pages import Cell

_DIGIT = re.compile(r"\d")


@dataclass(slots=True, eq=False)
class Place:
    """Where something is printed: in one cell, or in `more` of them after the first.

    `line` counts over all pages; coordinates are in the page's units. They are worked out when
    they are asked for: of a page's hundred numbers a row has ten.
    """

    page: int
    line: int
    cell: Cell
    start: int  # within the cell's text
    end: int
    is_negative: bool = False
    is_percent: bool = False
    more: tuple[tuple[Cell, int, int], ...] = ()
    _box: tuple[float, float, float, float] | None = None
    _edges: tuple[float, float] | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge."""
        if self._box is None:
            if not self.more:
                self._box = self.cell.box(self.start, self.end)
                return self._box
            parts = [cell.box(start, end) for cell, start, end in self._parts()]
            lefts, tops, rights, bottoms = zip(*parts, strict=True)
            self._box = min(lefts), min(tops), max(rights), max(bottoms)
        return self._box

    @property
    def x0(self) -> float:
        """Left edge."""
        return (self._box or self.box)[0]

    @property
    def y0(self) -> float:
        """Top edge."""
        return (self._box or self.box)[1]

    @property
    def x1(self) -> float:
        """Right edge."""
        return (self._box or self.box)[2]

    @property
    def y1(self) -> float:
        """Bottom edge."""
        return (self._box or self.box)[3]

    @property
    def edges(self) -> tuple[float, float]:
        """Left and right edge with the unit and the currency that stand in the same cell.

        Columns are set flush by these: `50 Stk` above `15`.
        """
        if self._edges is None:
            before, after = self.cell.text[: self.start], self.cell.text[self.end :]
            left = self.x0 if _DIGIT.search(before) else self.cell.x0
            self._edges = left, self.x1 if _DIGIT.search(after) else self.cell.x1
        return self._edges

    @property
    def text(self) -> str:
        """What is printed, lines joined by spaces."""
        return " ".join(cell.text[start:end] for cell, start, end in self._parts())

    @property
    def height(self) -> float:
        """Height of the first line's cell."""
        return self.cell.height

    def _parts(self) -> tuple[tuple[Cell, int, int], ...]:
        return ((self.cell, self.start, self.end), *self.more)
