"""One document as it is read: its pages, and what its labels and formats say.

A label's value stands after it in the same cell, in the cells to its right, or below it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from emulators.reader.amounts import Amount, Style, find_amounts, style_of
from emulators.reader.currencies import majority, settle, stated
from sluicegate.evidence.dates import NUMERIC, Dated, find_dates
from sluicegate.evidence.pages import Cell, Line, Page
from sluicegate.evidence.phrases import Match
from sluicegate.evidence.tokens import fold, words_of
from sluicegate.evidence.vocabulary import LABELS

# How many text heights below a label its value may stand.
REACH_BELOW = 2.6
# Page heads and feet stand above and below these shares of the height.
HEAD, FOOT = 0.08, 0.88
_PAGE_NUMBER = re.compile(
    r"\b(?:page|seite|pagina|pag|side|strona|sida|blatt|folha)\W{0,2}\d+|\b\d+\s?/\s?\d+\W*$"
)
# Dollars are paid in many tongues; the month comes first in English only.
_ENGLISH = frozenset(["invoice", "date", "amount", "due", "receipt", "quantity", "qty", "tax"])
_NOT_ENGLISH = frozenset(
    ["factura", "fecha", "importe", "facture", "montant", "rechnung", "datum", "fattura", "fatura"]
)
_FILL = " \t:.·•-–—=#№|_"


@dataclass(frozen=True)
class Label:
    """A label found in a cell."""

    match: Match
    cell: Cell

    @property
    def kind(self) -> str:
        """What it stands for."""
        return self.match.phrase.kind

    @property
    def weight(self) -> int:
        """How sure it is."""
        return self.match.phrase.weight

    @property
    def text(self) -> str:
        """The label as printed."""
        return self.cell.text[self.match.start : self.match.end]

    @cached_property
    def fills_cell(self) -> bool:
        """Whether nothing but punctuation follows it in its cell."""
        return not self.cell.text[self.match.end :].strip(_FILL + "()/")


class Reading:
    """The pages of a document with the labels on them."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = tuple(pages)
        self._matches: dict[tuple[int, int, float], list[Match]] = {}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines in order."""
        return tuple(line for page in self.pages for line in page.lines)

    @cached_property
    def text(self) -> str:
        """All text, a line each."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def style(self) -> Style:
        """The decimal sign of the document."""
        return style_of(line.text for line in self.lines)

    @cached_property
    def currency_mark(self) -> str | None:
        """The currency code, or a sign that several currencies share."""
        for label in self.labels("currency"):
            for value in (self.after(label), *(cell.text for cell in self.beside(label))):
                if found := stated(value):
                    return found
        return majority(line.text for line in self.lines)

    @cached_property
    def currency(self) -> str | None:
        """The ISO 4217 code of the document's currency."""
        return settle(self.currency_mark, self.text)

    def currency_beside(self, mark: str | None) -> str | None:
        """Return the currency meant by the sign beside an amount, or the document's own."""
        if mark is None or any(self.labels("currency")):
            return self.currency
        return settle(mark, self.text)

    @cached_property
    def month_first(self) -> bool:
        """Whether 03/04/2026 is the 4th of March here."""
        known = month_first(line.text for line in self.lines)
        if known is not None:
            return known
        words = {token for line in self.lines for token in words_of(line.text)}
        return self.currency == "USD" and bool(words & _ENGLISH) and not words & _NOT_ENGLISH

    @cached_property
    def all_labels(self) -> tuple[Label, ...]:
        """Every label, in reading order."""
        return tuple(
            Label(match, cell)
            for line in self.lines
            for cell in line.cells
            for match in self.matches(cell)
        )

    @cached_property
    def running(self) -> frozenset[tuple[int, int]]:
        """Places (page, line) of page heads and feet: page numbers, and what repeats."""
        seen: dict[tuple[str, int], list[tuple[int, int]]] = {}
        found: set[tuple[int, int]] = set()
        for number, page in enumerate(self.pages):
            for index, line in enumerate(page.lines):
                share = line.middle / max(page.height, 1.0)
                if HEAD < share < FOOT:
                    continue
                if len(line.cells) < 4 and _PAGE_NUMBER.search(fold(line.text)):
                    found.add((number, index))
                same = re.sub(r"\d+", "0", line.text), round(share * 200)
                seen.setdefault(same, []).append((number, index))
        for places in seen.values():
            if len({page for page, _ in places}) > 1:
                found.update(places)
        return frozenset(found)

    def labels(self, *kinds: str) -> Iterator[Label]:
        """Yield the labels of some kinds in reading order."""
        return (label for label in self.all_labels if label.kind in kinds)

    def matches(self, cell: Cell) -> list[Match]:
        """Return the labels in one cell."""
        key = (cell.page, cell.line, cell.x0)
        if key not in self._matches:
            self._matches[key] = LABELS.find(cell.text)
        return self._matches[key]

    def starts_with_label(self, cell: Cell) -> bool:
        """Whether a cell begins with a label."""
        found = self.matches(cell)
        return bool(found) and not cell.text[: found[0].start].strip(_FILL)

    def amounts(self, text: str) -> list[Amount]:
        """Find amounts, in the document's own number style."""
        return find_amounts(text, self.style)

    def dates(self, text: str) -> list[Dated]:
        """Find dates, in the document's own order of day and month."""
        return find_dates(text, month_first=self.month_first)

    def after(self, label: Label) -> str:
        """Return what follows a label in its cell, up to the next label there."""
        end = len(label.cell.text)
        for match in self.matches(label.cell):
            if match.start >= label.match.end:
                end = match.start
                break
        return label.cell.text[label.match.end : end].lstrip(_FILL).rstrip(" \t:-–—=|_")

    def line_of(self, cell: Cell) -> Line:
        """Return the line a cell stands on."""
        return self.pages[cell.page].lines[cell.line]

    def right_of(self, label: Label, *, limit: int = 3) -> list[Cell]:
        """Return the cells to a label's right, up to the next label."""
        cells: list[Cell] = []
        for cell in self.line_of(label.cell).cells:
            if cell.x0 <= label.cell.x0:
                continue
            if self.starts_with_label(cell) or len(cells) == limit:
                break
            cells.append(cell)
        return cells

    def below(self, label: Label, *, limit: int = 1, reach: float = REACH_BELOW) -> list[Cell]:
        """Return the cells under a label, nearest first, as long as they follow closely."""
        x0, x1 = label.cell.span(label.match.start, label.match.end)
        cells: list[Cell] = []
        last = label.cell
        for line in self.pages[label.cell.page].lines[label.cell.line + 1 :]:
            gap = line.y0 - last.y0
            if gap > reach * max(last.height, label.cell.height):
                break
            if cell := under(line, x0, x1, label.cell.height):
                cells.append(cell)
                last = cell
            if len(cells) == limit:
                break
        return cells

    def beside(self, label: Label) -> list[Cell]:
        """Return where the value of a label that fills its cell may stand: right, then below."""
        return [*self.right_of(label, limit=1), *self.below(label)] if label.fills_cell else []


def under(line: Line, x0: float, x1: float, height: float) -> Cell | None:
    """Return the cell of a line that stands under the span `x0` to `x1`."""
    for cell in line.cells:
        overlap = min(cell.x1, x1) - max(cell.x0, x0)
        if overlap > 0.5 * min(x1 - x0, cell.x1 - cell.x0) or abs(cell.x0 - x0) < 0.6 * height:
            return cell
    return None


def month_first(texts: Iterable[str]) -> bool | None:
    """Tell from dates like 03/20/2026 or 20/03/2026 which comes first, None if none does."""
    votes = 0
    for text in texts:
        for match in NUMERIC.finditer(text):
            first, second = int(match["first"]), int(match["second"])
            if match["sep"] != ".":
                votes += (first <= 12 < second) - (second <= 12 < first)
    return None if votes == 0 else votes > 0
