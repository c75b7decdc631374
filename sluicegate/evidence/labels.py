"""Labels: what stands beside a place and says which value it is.

A place's label stands before it in its cell, in the cell to its left, or above it. Which labels a
field wants is told by its name: for the usual header fields by the vocabulary, in the languages of
Europe; for any other by the words of the name themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sluicegate.evidence.concepts import concept, split_name
from sluicegate.evidence.pages import Cell
from sluicegate.evidence.phrases import Match
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.tokens import fold, words_of
from sluicegate.evidence.vocabulary import LABELS

# How many text heights above a place its label may stand.
_REACH = 2.6
_ALL_SUMS = frozenset(("gross", "due", "net", "tax", "deduction", "paid"))
# Names that mean the document's own number, day and sum, and no other one.
_OWN = {
    name: frozenset(words_of(words))
    for name, words in (
        ("number", "invoice receipt document bill credit note memo number no nr id"),
        ("date", "invoice receipt document bill issue issued purchase date of on at"),
        ("total", "invoice receipt document bill grand total amount gross sum due payable to pay"),
        (
            "amount_due",
            "invoice receipt document bill total amount balance due outstanding payable to pay",
        ),
        ("net", "sub subtotal total net amount sum before tax"),
    )
}
_DUE = ("due", "fallig", "zahlbar", "echeance", "venc", "scad", "verval", "termin")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The labels of a field: kinds of the vocabulary, those of its rivals, words of its name."""

    kinds: frozenset[str] = frozenset()
    rivals: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()  # of which the label must hold one

    def fits(self, label: "Label") -> bool:
        """Tell whether a label says that its value is this field's."""
        stemmed = not self.stems or any(stem in fold(label.text) for stem in self.stems)
        return label.kind in self.kinds and stemmed


def wanted_by(path: tuple[str, ...]) -> Wanted:
    """Return the labels that the field at a path of names wants."""
    words = tuple(word for name in path for word in split_name(name))
    found = concept(path)
    if found in _OWN and not set(words) <= _OWN[found]:
        found = None
    if found == "number":
        return Wanted(
            frozenset(("number", "title", "title_credit")), frozenset(("number_other",)), words
        )
    if found == "date":
        return Wanted(frozenset(("date",)), frozenset(("date_other",)), words)
    if found == "due_date":
        return Wanted(frozenset(("date_other",)), frozenset(("date",)), words, _DUE)
    if found in ("total", "amount_due"):
        own = frozenset(("gross", "due"))
        return Wanted(own, _ALL_SUMS - own, words)
    if found in ("net", "tax"):
        return Wanted(frozenset((found,)), _ALL_SUMS - {found}, words)
    if found == "vendor":
        return Wanted(frozenset(("seller",)), frozenset(("buyer",)), words)
    if found == "currency":
        return Wanted(frozenset(("gross", "due")), words=words)
    if found == "buyer":
        return Wanted(frozenset(("buyer",)), frozenset(("seller",)), words)
    return Wanted(words=words)


@dataclass(frozen=True, slots=True)
class Label:
    """A label as printed, and what the vocabulary says that it stands for."""

    kind: str
    weight: int
    text: str


class Labels:
    """The labels on a document's pages."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._matches: dict[tuple[int, int, float], list[Match]] = {}

    def beside(self, place: Place) -> Label | None:
        """Return the label of a place, the nearest there is."""
        for cell, end in self._near(place):
            found = [match for match in self._in(cell) if match.end <= end]
            if found:
                last = found[-1]
                text = cell.text[last.start : last.end]
                return Label(last.phrase.kind, last.phrase.weight, text)
        return None

    def score(self, place: Place, wanted: Wanted) -> int:
        """Return how well a place's label fits a field: above 0 yes, 0 says nothing, below 0 no."""
        label = self.beside(place)
        if label is not None and wanted.fits(label):
            return 1 + label.weight
        if wanted.words and self._named(place, wanted.words):
            return 100 if not wanted.kinds else 1
        return -1 if label is not None and label.kind in wanted.rivals else 0

    def _named(self, place: Place, words: tuple[str, ...]) -> bool:
        """Tell whether all words of a field's name stand where its label would."""
        folded = {fold(word) for word in words}
        return any(folded <= set(words_of(cell.text[:end])) for cell, end in self._near(place))

    def _near(self, place: Place) -> Iterator[tuple[Cell, int]]:
        """Yield where the label of a place may stand, with where in the cell it must end."""
        yield place.cell, place.start
        cells = self._places.lines[place.line].cells
        index = cells.index(place.cell) - 1
        # In a row of sums the label stands left of all of them.
        while index > 0 and not any(map(str.isalpha, cells[index].text)):
            index -= 1
        if index >= 0:
            yield cells[index], len(cells[index].text)
        if above := self._above(place):
            yield above, len(above.text)

    def _above(self, place: Place) -> Cell | None:
        for number in range(place.line - 1, max(-1, place.line - 4), -1):
            line = self._places.lines[number]
            if line.cells[0].page != place.page or place.y0 - line.y0 > _REACH * place.height:
                return None
            for cell in line.cells:
                overlap = min(cell.x1, place.x1) - max(cell.x0, place.x0)
                if overlap > 0.3 * min(cell.x1 - cell.x0, place.x1 - place.x0):
                    return cell
        return None

    def _in(self, cell: Cell) -> list[Match]:
        key = (cell.page, cell.line, cell.x0)
        if key not in self._matches:
            self._matches[key] = LABELS.find(cell.text)
        return self._matches[key]
