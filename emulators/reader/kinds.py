"""What a document is, by what it calls itself."""

from enum import Enum

from emulators.reader.reading import Reading
from sluicegate.evidence.headings import find_headings
from sluicegate.evidence.pages import Cell
from sluicegate.evidence.phrases import Phrasebook
from sluicegate.evidence.vocabulary.titles import TITLES

_TITLES = Phrasebook(TITLES)
# A title stands in the upper part of the first page.
TITLE_DEPTH = 0.55
_OWN = frozenset(("title", "title_credit"))


class Kind(Enum):
    """Kinds of document that rules tell apart."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"
    OTHER = "other"


def kind_of(reading: Reading) -> Kind:
    """Tell what a document is; OTHER is a document that asks for no payment, or none at all."""
    texts = [cell.text for line in reading.lines for cell in line.cells]
    if any(m.phrase.kind == "not_invoice" for text in texts for m in _TITLES.find(text)):
        return Kind.OTHER
    titles = _titles(reading)
    own = [(size, kind) for size, kind in titles if kind in _OWN]
    other = [size for size, kind in titles if kind == "title_other"]
    numbered = any(label.weight >= 90 for label in reading.labels("number"))
    if other and (not own or max(other) > 1.25 * max(size for size, _ in own)):
        return Kind.OTHER if not numbered or not own else Kind.INVOICE
    if own:
        largest = max(size for size, _ in own)
        credit = any(kind == "title_credit" and size > 0.9 * largest for size, kind in own)
        return Kind.CREDIT_NOTE if credit else Kind.INVOICE
    summed = any(reading.labels("gross", "due"))
    money = sum(a.is_money for line in reading.lines for a in reading.amounts(line.text))
    return Kind.INVOICE if numbered or (summed and money >= 2) else Kind.OTHER


def _titles(reading: Reading) -> list[tuple[float, str]]:
    """Return the titles with their type size: short cells that begin with a title."""
    found: list[tuple[float, str]] = []
    for page in reading.pages[:1]:
        tables = [each.first for each in find_headings(page) if each.has_items]
        # Under a table's heading "Delivery note" is a thing that was sold.
        for line in page.lines[: min(tables, default=None)]:
            if line.y0 > TITLE_DEPTH * page.height:
                break
            titled = ((cell.height, _title(reading, cell)) for cell in line.cells)
            found += [(height, kind) for height, kind in titled if kind is not None]
    return found


def _title(reading: Reading, cell: Cell) -> str | None:
    """Return the kind of title a cell is: alone, or with a number and little more."""
    matches = [match for match in _TITLES.find(cell.text) if match.start <= 2]
    if not matches or len(cell.words) > 8:
        return None
    kind = matches[0].phrase.kind
    if kind == "title_other":
        # "Delivery note: 4711" refers to one; a title has no colon.
        return None if cell.text[matches[0].end :].lstrip().startswith(":") else kind
    longest = reading.matches(cell)[:1]
    # "Invoice to" and "Invoice date" begin like a title and are none.
    return kind if longest and longest[0].phrase.kind in {*_OWN, "number"} else None
