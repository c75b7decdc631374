"""Line items: the rows under a table heading, on every page it runs over."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from decimal import Decimal

from .amounts import Amount, Style, read_number
from .columns import Column, Heading, find_headings
from .pages import Cell, Line, Word
from .reading import Reading

_STOPS = frozenset(("net", "gross", "tax", "due", "paid", "payment", "carried", "deduction"))
# More letters than this after a label are a sentence, and no label.
MAX_REST = 24
_NUMERIC = frozenset(("quantity", "price", "total", "gross_total", "position"))
# Lines of one wrapped description are no further apart than this share of their height.
WRAP_PITCH = 1.4
# Columns of numbers, set flush right.
_RIGHT_SET = _NUMERIC | {"tax", "discount"}


@dataclass
class Item:
    """One line item; money and quantity as printed, None where not printed."""

    description: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    total: Decimal | None = None
    code: str | None = None


@dataclass(frozen=True)
class _Text:
    """One line of a description."""

    middle: float
    height: float
    words: list[Word]

    @property
    def size(self) -> float:
        """Height of the words, most of them: a fallback font may set one larger."""
        return statistics.median(word.height for word in self.words)

    def is_near(self, line: Line) -> bool:
        return abs(line.middle - self.middle) < WRAP_PITCH * self.height


@dataclass
class _Draft:
    """An item while its rows are gathered: its description and the words of each role."""

    text: list[_Text] = field(default_factory=list)
    words: dict[str, list[Word]] = field(default_factory=dict)


@dataclass
class Table:
    """The items, and the lines (page, line) that belong to their table, heading included."""

    items: list[Item] = field(default_factory=list)
    lines: set[tuple[int, int]] = field(default_factory=set)

    def holds(self, cell: Cell) -> bool:
        """Whether a cell stands in the table."""
        return (cell.page, cell.line) in self.lines


def read_table(reading: Reading) -> Table:
    """Read the table of items of a document; it is empty if no heading of one is found."""
    table = Table()
    heading: Heading | None = None
    for number, page in enumerate(reading.pages):
        headings = {found.first: found for found in find_headings(page)}
        rows: list[Line] = []
        index = 0
        while index < len(page.lines):
            line, found = page.lines[index], headings.get(index)
            index += 1
            if found is not None:
                _finish(reading, table, heading, rows)
                rows = []
                heading = found if _goes_on(found, table) else None
                if heading is not None:
                    lines = range(found.first, found.last + 1)
                    table.lines.update((number, place) for place in lines)
                index = found.last + 1
            elif heading is not None and _ends(reading, line, heading):
                _finish(reading, table, heading, rows)
                rows = []
                heading = None if _closes(reading, line) else heading
            elif heading is not None and (number, index - 1) not in reading.running:
                rows.append(line)
        _finish(reading, table, heading, rows)
    return table


def _goes_on(found: Heading, table: Table) -> bool:
    """Whether a heading starts the table of items or repeats its heading on a further page."""
    return found.has_items and (not table.items or bool(found.roles & {"total", "gross_total"}))


def _ends(reading: Reading, line: Line, heading: Heading) -> bool:
    """Whether a line is a sum under the table rather than a row of it."""
    for cell in line.cells:
        found = reading.matches(cell)
        if not found or cell.text[: found[0].start].strip(" ."):
            continue
        kind = found[0].phrase.kind
        if kind in _STOPS:
            if kind not in {"net", "gross"} and _is_full_row(line, heading):
                continue
            if sum(letter.isalpha() for letter in cell.text[found[0].end :]) > MAX_REST:
                continue
            return any(reading.amounts(other.text) for other in line.cells)
    return False


def _is_full_row(line: Line, heading: Heading) -> bool:
    """Whether a line fills quantity or price, and a total, as only an item does."""
    roles = {role for role, words in _assign(line, heading).items() if _has_digit(words)}
    return bool(roles & {"quantity", "position"}) and bool(roles & {"total", "gross_total"})


def _closes(reading: Reading, line: Line) -> bool:
    """Whether the table is over: a subtotal or a carry may stand between the items."""
    kinds = {match.phrase.kind for cell in line.cells for match in reading.matches(cell)}
    return bool(kinds & {"gross", "tax", "due"})


def _finish(reading: Reading, table: Table, heading: Heading | None, rows: list[Line]) -> None:
    """Turn gathered rows into items and note which lines they came from."""
    if heading is None:
        return
    drafts: list[_Draft] = []
    pending: list[_Text] = []
    for line in rows:
        parts = _assign(line, heading)
        words = parts.pop("description", [])
        text = _Text(line.middle, line.height, words) if words else None
        numeric = {role for role in _NUMERIC if _has_digit(parts.get(role, []))}
        if not _starts_or_adds(numeric, text):
            if text is None or numeric:
                continue
            if drafts and not pending and _continues(drafts[-1], text):
                drafts[-1].text.append(text)
                table.lines.update(_places(line))
            else:
                pending.append(text)
            continue
        if not drafts or any(role in drafts[-1].words for role in numeric):
            drafts.append(_Draft())
        if text is not None:
            drafts[-1].text.append(text)
        elif not drafts[-1].text:
            # The numbers stand beside the middle of a wrapped description.
            drafts[-1].text += [kept for kept in pending if kept.is_near(line)]
        pending = []
        for role, found in parts.items():
            drafts[-1].words.setdefault(role, []).extend(found)
        table.lines.update(_places(line))
    table.items += [item for draft in drafts if (item := _item(reading, draft)) is not None]


def _starts_or_adds(numeric: set[str], text: _Text | None) -> bool:
    """Whether a row carries an item's numbers, not only more of its description."""
    if numeric & {"total", "gross_total"} or numeric >= {"price", "quantity"}:
        return True
    return "position" in numeric and text is not None


def _places(line: Line) -> set[tuple[int, int]]:
    return {(cell.page, cell.line) for cell in line.cells}


def _continues(draft: _Draft, text: _Text) -> bool:
    """Whether a line goes on with a description: close, in the same type, no further remark."""
    if not draft.text:
        return True
    last = draft.text[-1]
    gap = text.middle - last.middle
    same_type = abs(text.size - last.size) < 0.12 * text.size
    same_edge = abs(text.words[0].x0 - last.words[0].x0) < 0.6 * text.size
    remark = any(":" in word.text for word in text.words)
    return 0 < gap < WRAP_PITCH * last.height and same_type and same_edge and not remark


def _assign(line: Line, heading: Heading) -> dict[str, list[Word]]:
    """Share the words of a line among the columns."""
    columns = heading.columns
    shares: list[tuple[Column, list[Word]]] = []
    for cell in line.cells:
        touched = [column for column in columns if column.distance(cell.x0, cell.x1) < 0]
        if len(touched) == 1:
            shares.append((touched[0], list(cell.words)))
            continue
        for word in cell.words:
            shares.append((_nearest(word, touched or list(columns)), [word]))
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
    if len(columns) > 1 and left and left[-1].role not in _RIGHT_SET and len(left) < len(columns):
        if left[-1].distance(word.x0, word.x1) < columns[len(left)].x1 - word.x1:
            return left[-1]
    if not any(letter.isdigit() for letter in word.text):
        return nearest
    return min(
        columns,
        key=lambda c: min(c.distance(word.x0, word.x1), abs(c.x1 - word.x1) - word.height),
    )


def _has_digit(words: list[Word]) -> bool:
    return any(letter.isdigit() for word in words for letter in word.text)


def _item(reading: Reading, draft: _Draft) -> Item | None:
    """Read an item from its words; None if it holds no sum or no name."""
    lines = sorted(draft.text, key=lambda text: text.middle)
    description = " ".join(word.text for line in lines for word in line.words).strip(" |")
    price = _amount(reading, draft, "price")
    total = _amount(reading, draft, "total") or _amount(reading, draft, "gross_total")
    quantity = _quantity(
        reading, _text(draft, "quantity"), price.value if price else None, total
    )
    code = _text(draft, "code") or None
    if total is None and price is not None and (quantity is None or quantity == 1):
        total = price
    if total is None or not (description or code):
        return None
    return Item(description or code or "", quantity, price.value if price else None, total.value, code)


def _text(draft: _Draft, role: str) -> str:
    return " ".join(word.text for word in draft.words.get(role, ()))


def _amount(reading: Reading, draft: _Draft, role: str) -> Amount | None:
    found = [amount for amount in reading.amounts(_text(draft, role)) if not amount.percent]
    return found[-1] if found else None


def _quantity(
    reading: Reading, text: str, price: Decimal | None, total: Amount | None
) -> Decimal | None:
    """Read a quantity; whether 1.000 is one or a thousand the price and the total decide."""
    match = re.match(r"\s*[xX×]?\s*(-?\d[\d.,' ]*\d|-?\d)\s*[xX×]?", text)
    if match is None:
        return None
    digits = match.group(1)
    sign = -1 if digits.startswith("-") else 1
    choices = [
        sign * read_number(digits.lstrip("-"), style)
        for style in (reading.style, Style.POINT, Style.COMMA)
    ]
    if price is not None and total is not None:
        for choice in choices:
            if abs(choice * price - total.value) <= abs(total.value) / 100:
                return choice
    return choices[0]
