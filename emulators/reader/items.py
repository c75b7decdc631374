"""Line items: the rows under a table heading, on every page it runs over."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from emulators.reader.amounts import Amount, Style, read_number
from emulators.reader.reading import HEAD, Reading
from emulators.reader.rows import Row, gather_rows, has_digit, share
from sluicegate.evidence.headings import Heading, find_headings
from sluicegate.evidence.pages import Cell, Line, Page

_STOPS = frozenset(("net", "gross", "tax", "due", "paid", "payment", "carried", "deduction"))
# A heading that a further page repeats stands above this share of its height.
HEADING_DEPTH = 0.2
# More letters than this after a label are a sentence, and no label.
MAX_REST = 24


@dataclass
class Item:
    """One line item; money and quantity as printed, None where not printed."""

    description: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    total: Decimal | None = None
    code: str | None = None


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
    after_sum = False
    lines: list[Line] = []

    def finish() -> None:
        if heading is not None:
            _take(table, reading, gather_rows(lines, heading, after_sum=after_sum))
        lines.clear()

    for number, page in enumerate(reading.pages):
        headings = {found.first: found for found in find_headings(page)}
        index = _repeated(page, headings) if heading is not None else 0
        while index < len(page.lines):
            line, found = page.lines[index], headings.get(index)
            index += 1
            if found is not None:
                finish()
                after_sum = False
                heading = found if _goes_on(found, table) else None
                if heading is not None:
                    places = range(found.first, found.last + 1)
                    table.lines.update((number, place) for place in places)
                index = found.last + 1
            elif heading is not None and _ends(reading, line, heading):
                finish()
                after_sum = True
                heading = None if _closes(reading, line) else heading
            elif heading is not None and not _is_head(reading, line, number, index - 1):
                lines.append(line)
        finish()
    return table


def _is_head(reading: Reading, line: Line, number: int, index: int) -> bool:
    """Whether a line is a page's head or foot: what repeats, or a letterhead with the number."""
    if (number, index) in reading.running:
        return True
    near = number and line.middle < HEAD * reading.pages[number].height
    return bool(near) and any(
        match.phrase.kind == "number" for cell in line.cells for match in reading.matches(cell)
    )


def _repeated(page: Page, headings: dict[int, Heading]) -> int:
    """Return the line of a heading repeated at a page's top: a letterhead may precede it."""
    first = min(headings, default=0)
    near = first and page.lines[first].y0 < HEADING_DEPTH * page.height
    return first if near and headings[first].has_items else 0


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
            if kind not in {"net", "gross"} and _is_full_row(line, cell, heading):
                continue
            if sum(letter.isalpha() for letter in cell.text[found[0].end :]) > MAX_REST:
                continue
            return any(reading.amounts(other.text) for other in line.cells)
    return False


def _is_full_row(line: Line, first: Cell, heading: Heading) -> bool:
    """Whether a line has a quantity or position, and a total, beside the cell `first`."""
    others = Line(tuple(cell for cell in line.cells if cell is not first))
    roles = {role for role, words in share(others, heading).items() if has_digit(words)}
    return bool(roles & {"quantity", "position"}) and bool(roles & {"total", "gross_total"})


def _closes(reading: Reading, line: Line) -> bool:
    """Whether the table is over: a subtotal or a carry may stand between the items."""
    kinds = {match.phrase.kind for cell in line.cells for match in reading.matches(cell)}
    return bool(kinds & {"gross", "tax", "due"})


def _take(table: Table, reading: Reading, rows: list[Row]) -> None:
    """Add the items of rows to the table, and the lines they came from."""
    for row in rows:
        item = _item(reading, row)
        table.items += [item] if item is not None else []
        table.lines.update((c.page, c.line) for line in row.lines for c in line.cells)


def _item(reading: Reading, row: Row) -> Item | None:
    """Read an item from its words; None if it holds no sum or no name."""
    name = row.text("description").strip(" |")
    code = row.text("code") or None
    price = _amount(reading, row, "price")
    total = _amount(reading, row, "total") or _amount(reading, row, "gross_total")
    each = price.value if price else None
    quantity = _quantity(reading, row.text("quantity"), each, total)
    if total is None and quantity in {None, Decimal(1)}:
        total = price
    if total is None or not (name or code):
        return None
    return Item(name or code or "", quantity, each, total.value, code)


def _amount(reading: Reading, row: Row, role: str) -> Amount | None:
    found = [amount for amount in reading.amounts(row.text(role)) if not amount.percent]
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
