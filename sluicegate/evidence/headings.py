"""The heading of a table of items: which column holds what."""

import re
from dataclasses import dataclass

from sluicegate.evidence.pages import Cell, Line, Page, Word
from sluicegate.evidence.phrases import Phrasebook
from sluicegate.evidence.vocabulary.columns import COLUMNS

_HEADINGS = Phrasebook(COLUMNS)
# Rows of one heading are no further apart than this share of their height.
HEADING_PITCH = 1.45
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Column:
    """A column: what it holds (its role) and the span of its heading."""

    role: str
    x0: float
    x1: float

    def distance(self, x0: float, x1: float) -> float:
        """Return the gap between a span and the heading; negative where they overlap."""
        return max(x0, self.x0) - min(x1, self.x1)


@dataclass(frozen=True)
class Heading:
    """The heading rows `first` to `last` of a page and the columns under them."""

    columns: tuple[Column, ...]
    first: int
    last: int

    @property
    def roles(self) -> frozenset[str]:
        """The roles of all columns."""
        return frozenset(column.role for column in self.columns)

    @property
    def meanings(self) -> frozenset[str]:
        """What the columns hold, as fields of items are called."""
        return frozenset(map(meaning_of, self.roles))

    @property
    def has_items(self) -> bool:
        """Whether rows under it can be items: something to name and a sum."""
        sums = self.roles & {"total", "gross_total", "price"}
        named = "description" in self.roles or {"code", "quantity"} <= self.roles
        return bool(named and sums and len(self.roles) >= 2 and "none" not in self.roles)


def meaning_of(role: str) -> str:
    """Return what a field for the values under a role is about: a total with tax is a total."""
    return "total" if role == "gross_total" else role


def find_headings(page: Page) -> list[Heading]:
    """Return the table headings on a page, those of items and of other tables alike."""
    headings: list[Heading] = []
    index = 0
    while index < len(page.lines):
        heading = _heading(page, index)
        if heading is not None:
            headings.append(heading)
            index = heading.last
        index += 1
    return headings


def _heading(page: Page, index: int) -> Heading | None:
    """Return the heading whose main row is line `index`."""
    line = page.lines[index]
    if not _heads(line) or _role_count(line) < 2:
        return None
    # Of a heading in several rows the one with most roles is the main one.
    for ahead in page.lines[index + 1 : index + 2]:
        if _near(line, ahead) and _heads(ahead) and _role_count(ahead) > _role_count(line):
            return None
    first, last = index, index
    while first > 0 and _joins(page.lines[first - 1], page.lines[first], line):
        first -= 1
    while last + 1 < len(page.lines) and _joins(page.lines[last + 1], page.lines[last], line):
        last += 1
    columns = _columns([cell for row in page.lines[first : last + 1] for cell in row.cells], index)
    roles = [column.role for column in columns]
    return Heading(tuple(columns), first, last) if len(set(roles)) >= 2 else None


def _role_count(line: Line) -> int:
    return len({m.phrase.kind for cell in line.cells for m in _HEADINGS.find(cell.text)})


def _heads(line: Line) -> bool:
    """Whether a line can belong to a heading: short words, hardly a digit, no sentence."""
    return all(_is_heading_cell(cell) for cell in line.cells) and len(line.text) < 200


def _is_heading_cell(cell: Cell) -> bool:
    if len(cell.words) > 8 or cell.text.rstrip().endswith(":"):
        return False
    return len(_DIGIT.findall(cell.text)) <= 2


def _near(one: Line, other: Line) -> bool:
    return abs(one.middle - other.middle) < HEADING_PITCH * max(one.height, other.height)


def _joins(row: Line, neighbour: Line, main: Line) -> bool:
    """Whether a row continues a heading: close by, no amounts, under or over its cells."""
    if not _near(row, neighbour) or not _heads(row):
        return False
    if row.height > 1.3 * main.height or row.height < 0.6 * main.height:
        return False
    if any(letter.isdigit() for letter in row.text):
        return False
    known = [match for cell in row.cells for match in _HEADINGS.find(cell.text)]
    brackets = all(cell.text.startswith("(") for cell in row.cells)
    return bool(known) or brackets


def _columns(cells: list[Cell], main: int) -> list[Column]:
    """Group heading cells into blocks over each other and read a role from each."""
    blocks: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.line != main, cell.x0)):
        over = [block for block in blocks if any(_overlap(cell, other) for other in block)]
        if len(over) == 1:
            over[0].append(cell)
        elif not over:
            blocks.append([cell])
    columns: list[Column] = []
    for block in blocks:
        columns += _read_block(sorted(block, key=lambda cell: (cell.line, cell.x0)))
    columns.sort(key=lambda column: column.x0)
    named = [column for column in columns if column.role == "description"]
    # "Artikel | Bezeichnung": of two columns that name the item the first is its code.
    return [
        Column("code", column.x0, column.x1) if column in named[:-1] else column
        for column in columns
    ]


def _overlap(one: Cell, other: Cell) -> bool:
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0.2 * min(
        one.x1 - one.x0, other.x1 - other.x0
    )


def _read_block(block: list[Cell]) -> list[Column]:
    x0, x1 = min(cell.x0 for cell in block), max(cell.x1 for cell in block)
    words: tuple[Word, ...] = tuple(word for cell in block for word in cell.words)
    together = Cell(words)
    found = _HEADINGS.find(together.text)
    if not found:
        return [Column("unknown", x0, x1)]
    if len(block) > 1:
        # Words over each other are one heading: the longest phrase says which.
        best = max(found, key=lambda match: (len(match.phrase.words), match.phrase.weight))
        return [Column(best.phrase.kind, x0, x1)]
    columns: list[Column] = []
    for number, match in enumerate(found):
        left, right = together.span(match.start, match.end)
        if number and found[number - 1].phrase.kind == match.phrase.kind:
            columns[-1] = Column(columns[-1].role, columns[-1].x0, right)
            continue
        columns.append(Column(match.phrase.kind, left, right))
    if len(columns) == 1:
        return [Column(columns[0].role, x0, x1)]
    return columns
