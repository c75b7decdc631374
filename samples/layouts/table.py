"""The table of what is charged, over as many pages as it takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from samples.invoice import Invoice, Line
from samples.layouts.blocks import FOOT, MARGIN
from samples.layouts.style import Style
from samples.sheet import GREY, INK, WHITE, Align, Colour, Sheet, width_of, wrap

_PAD = 5.0  # points beside a cell's text; above and below it is the style's to say
_FAINT: Colour = (0.8, 0.8, 0.82)
_ALIGNMENTS: dict[str, Align] = {
    "item": "left",
    "code": "left",
    "position": "left",
    "unit": "left",
}
_CELLS: dict[str, Callable[[Invoice, int, Line], str]] = {
    "position": lambda _, n, __: str(n),
    "code": lambda _, __, line: line.code,
    "item": lambda _, __, line: line.description,
    "quantity": lambda invoice, _, line: invoice.market.quantity(line.quantity),
    "unit": lambda invoice, _, __: invoice.words["piece"],
    "unit_price": lambda invoice, _, line: invoice.number_of(line.unit_price),
    "amount": lambda invoice, _, line: invoice.number_of(line.total),
}

# Columns whose cells are values of the truth.
_FIELDS = {"item": "description", "quantity": "quantity", "amount": "total"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is set off: a filled head, lines below rows, a grid, every other row tinted."""

    filled: bool = False
    ruled: bool = False
    boxed: bool = False
    striped: bool = False


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    title: str
    cells: tuple[str, ...]
    x: float
    width: float
    align: Align


class Table:
    """A table across the page's width whose columns are as wide as their content needs."""

    def __init__(
        self, sheet: Sheet, invoice: Invoice, style: Style, look: Look, names: Sequence[str]
    ) -> None:
        self._sheet, self._invoice, self._style, self._look = sheet, invoice, style, look
        self._left, self._right = MARGIN, sheet.width - MARGIN
        self._columns = self._measure(names)

    def _measure(self, names: Sequence[str]) -> list[_Column]:
        face, size = self._style.face, self._style.size
        filled: dict[str, tuple[str, ...]] = {}
        widths: dict[str, float] = {}
        for name in names:
            cells = tuple(
                _CELLS[name](self._invoice, n, line)
                for n, line in enumerate(self._invoice.lines, start=1)
            )
            head = width_of(self._invoice.words[name], face.bold, size)
            filled[name] = cells
            widths[name] = 2 * _PAD + max(head, *(width_of(c, face.plain, size) for c in cells))
        widths["item"] = self._right - self._left - sum(w for n, w in widths.items() if n != "item")
        columns = []
        x = self._left
        for name in names:
            align = _ALIGNMENTS.get(name, "right")
            title = self._invoice.words[name]
            columns.append(_Column(name, title, filled[name], x, widths[name], align))
            x += widths[name]
        return columns

    def draw(self, y: float) -> float:
        """Draw from y on, turning pages where it must, and return the y below the last row."""
        sheet, style = self._sheet, self._style
        leading = style.size * 1.3
        bottom = sheet.height - FOOT - leading
        sums = list(accumulate((line.total for line in self._invoice.lines), initial=Decimal(0)))
        y = self._head(y)
        for n in range(len(self._invoice.lines)):
            wrapped = [
                wrap(c.cells[n], style.face.plain, style.size, c.width - 2 * _PAD)
                for c in self._columns
            ]
            height = max(map(len, wrapped)) * leading + 2 * style.pad
            if y + height > bottom:
                if style.carries:
                    self._carry(y, sums[n])
                sheet.turn()
                y = self._head(MARGIN)
                if style.carries:
                    y = self._carry(y, sums[n])
            self._row(y, height, wrapped, n)
            y += height
        sheet.rule(self._left, self._right, y, width=0.8, colour=style.accent)
        return y

    def _place(self, column: _Column) -> float:
        return column.x + (column.width - _PAD if column.align == "right" else _PAD)

    def _head(self, y: float) -> float:
        style, look = self._style, self._look
        height = style.size + 2 * _PAD + 2
        ink: Colour = WHITE if look.filled else INK
        if look.filled:
            self._sheet.box(self._left, y, self._right - self._left, height, fill=style.accent)
        elif not look.boxed:
            self._sheet.rule(self._left, self._right, y + height, width=1.0, colour=style.accent)
        for column in self._columns:
            if look.boxed:
                self._sheet.box(column.x, y, column.width, height, edge=GREY)
            self._sheet.text(
                self._place(column),
                y + height - _PAD - 2,
                column.title,
                style.face.bold,
                style.size,
                colour=ink,
                align=column.align,
            )
        return y + height

    def _row(self, y: float, height: float, wrapped: list[list[str]], number: int) -> None:
        sheet, style, look = self._sheet, self._style, self._look
        if look.striped and number % 2 == 1:
            sheet.box(self._left, y, self._right - self._left, height, fill=style.tint)
        for column, lines in zip(self._columns, wrapped, strict=True):
            if look.boxed:
                sheet.box(column.x, y, column.width, height, edge=GREY)
            baseline = y + style.pad + style.size
            field = _FIELDS.get(column.name)
            for line in lines:
                sheet.text(
                    self._place(column),
                    baseline,
                    line,
                    style.face.plain,
                    style.size,
                    align=column.align,
                    holds={f"line_items[{number}].{field}": line} if field else None,
                )
                baseline += style.size * 1.3
        if look.ruled:
            sheet.rule(self._left, self._right, y + height, width=0.4, colour=_FAINT)

    def _carry(self, y: float, amount: Decimal) -> float:
        """Set the sum so far, as bookkeepers do at the end and the top of a page."""
        style = self._style
        baseline = y + _PAD + style.size
        label, value = self._invoice.words["carried"], self._invoice.number_of(amount)
        face, size = style.face.plain, style.size
        self._sheet.text(self._left + _PAD, baseline, label, face, size, colour=GREY)
        self._sheet.text(
            self._right - _PAD, baseline, value, face, size, colour=GREY, align="right"
        )
        return y + size + 2 * _PAD
