"""Rows under a table heading: which words belong to which column, which rows to one item."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from sluicegate.evidence.headings import Column, Heading
from sluicegate.evidence.pages import Line, Word

_NUMERIC = frozenset(("quantity", "price", "total", "gross_total", "position"))
# Columns of numbers, set flush right.
_RIGHT_SET = _NUMERIC | {"tax", "discount"}
# Lines of one wrapped description are no further apart than this share of their height.
WRAP_PITCH = 1.4


@dataclass(frozen=True)
class _Text:
    """One line of a description."""

    line: Line
    words: list[Word]

    @property
    def size(self) -> float:
        """Height of the words, most of them: a fallback font may set one larger."""
        return statistics.median(word.height for word in self.words)

    def is_near(self, line: Line) -> bool:
        return abs(line.middle - self.line.middle) < WRAP_PITCH * self.line.height

    def goes_on_in(self, other: Self) -> bool:
        """Whether a further line is more of it: close, in the same type, no remark."""
        gap = other.line.middle - self.line.middle
        same_type = abs(other.size - self.size) < 0.12 * other.size
        same_edge = abs(other.words[0].x0 - self.words[0].x0) < 0.6 * other.size
        remark = any(":" in word.text for word in other.words)
        close = 0 < gap < WRAP_PITCH * self.line.height
        return close and same_type and same_edge and not remark


@dataclass
class Row:
    """The lines of one item: the words of each role, and the lines of its description."""

    words: dict[str, list[Word]] = field(default_factory=dict)
    description: list[_Text] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def text(self, role: str) -> str:
        """Join the words of a role; those of the description line by line."""
        words: Iterable[Word] = self.words.get(role, ())
        if role == "description":
            ordered = sorted(self.description, key=lambda text: text.line.middle)
            words = (word for text in ordered for word in text.words)
        return " ".join(word.text for word in words)

    def add(self, line: Line, parts: dict[str, list[Word]]) -> None:
        """Take the words of one more line."""
        self.lines.append(line)
        for role, words in parts.items():
            self.words.setdefault(role, []).extend(words)

    def takes(self, text: _Text) -> bool:
        """Whether a line without numbers is more of the description."""
        return not self.description or self.description[-1].goes_on_in(text)


def gather_rows(lines: Iterable[Line], heading: Heading, *, after_sum: bool) -> list[Row]:
    """Gather lines into rows, one an item.

    `after_sum` says that a sum came before: then only lines with a quantity are items again.
    """
    rows: list[Row] = []
    pending: list[_Text] = []
    for line in lines:
        parts = share(line, heading)
        words = parts.pop("description", [])
        text = _Text(line, words) if words else None
        numeric = {role for role in _NUMERIC if has_digit(parts.get(role, []))}
        if not _has_numbers(numeric, text):
            if text is not None and not numeric:
                _take_text(rows, pending, text)
            continue
        if after_sum and not rows and not numeric & {"quantity", "position"}:
            continue
        if not rows or any(role in rows[-1].words for role in numeric):
            rows.append(Row())
        row = rows[-1]
        if text is None and not row.description:
            # The numbers stand beside the middle of a wrapped description.
            row.description += [kept for kept in pending if kept.is_near(line)]
        elif text is not None:
            row.description.append(text)
        pending.clear()
        row.add(line, parts)
    return rows


def _take_text(rows: list[Row], pending: list[_Text], text: _Text) -> None:
    """Give a line without numbers to the row above, or keep it for the one below."""
    if rows and not pending and rows[-1].takes(text):
        rows[-1].description.append(text)
        rows[-1].lines.append(text.line)
    else:
        pending.append(text)


def _has_numbers(numeric: set[str], text: _Text | None) -> bool:
    """Whether a line carries an item's numbers, not only more of its description."""
    if numeric & {"total", "gross_total"} or numeric >= {"price", "quantity"}:
        return True
    return "position" in numeric and text is not None


def share(line: Line, heading: Heading) -> dict[str, list[Word]]:
    """Share the words of a line among the columns."""
    columns = heading.columns
    shares: list[tuple[Column, list[Word]]] = []
    for cell in line.cells:
        touched = [column for column in columns if column.distance(cell.x0, cell.x1) < 0]
        if len(touched) == 1:
            shares.append((touched[0], list(cell.words)))
            continue
        shares += [(_nearest(word, touched or list(columns)), [word]) for word in cell.words]
    used = {column for column, _ in shares}
    if len(used) < len(line.cells) == len(columns):
        # Headings set off from their columns: a full row goes by its order.
        shares = [(c, list(cell.words)) for c, cell in zip(columns, line.cells, strict=True)]
    parts: dict[str, list[Word]] = {}
    for column, words in shares:
        parts.setdefault(column.role, []).extend(words)
    return parts


def _nearest(word: Word, columns: list[Column]) -> Column:
    """Return the column a word belongs to: numbers look at right edges too, text at left."""
    nearest = min(columns, key=lambda column: column.distance(word.x0, word.x1))
    if nearest.distance(word.x0, word.x1) < 0:
        return nearest
    left = [column for column in columns if column.x0 <= word.x0]
    inside = 0 < len(left) < len(columns) and left[-1].role not in _RIGHT_SET
    if inside and left[-1].distance(word.x0, word.x1) < columns[len(left)].x1 - word.x1:
        return left[-1]
    if not any(letter.isdigit() for letter in word.text):
        return nearest
    return min(
        columns,
        key=lambda c: min(c.distance(word.x0, word.x1), abs(c.x1 - word.x1) - word.height),
    )


def has_digit(words: list[Word]) -> bool:
    """Whether any of the words holds a digit."""
    return any(letter.isdigit() for word in words for letter in word.text)
