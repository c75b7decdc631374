"""The document's own number and its date of issue."""

import datetime as dt
import re
from collections.abc import Callable, Iterable

from emulators.reader.reading import Label, Reading
from sluicegate.evidence.pages import Cell
from sluicegate.evidence.tokens import fold

# Number-like words: capitals or digits with the usual joints.
_PIECE = re.compile(r"[#№]?[A-Za-z0-9][A-Za-z0-9/\-._–()]*")
_CAPITALS = re.compile(r"[#№]?[A-Z0-9][A-Z0-9/\-._–]*")
# Words between a title and its number: "Rechnung Nr.", "Invoice No", "Handelsrechnung (380) Nr.".
_LEAD = re.compile(
    r"^(?:\(\d+\)\s*)?(?:(?:no|nr|n[o°º]?|num|number|nummer|numero|numer|c|vat)\b[.:°º]*\s*)?[#:№\s]*"
)
_CURRENCY = re.compile(r"^(?:EUR|USD|GBP|CHF|PLN|SEK|JPY)$")
MAX_PIECES = 4


def invoice_id(reading: Reading, skip: Callable[[Cell], bool]) -> str | None:
    """Return the number of the invoice, receipt or credit note, None if none is labelled.

    `skip` tells which cells belong to the table of items.
    """
    best: tuple[float, str] | None = None
    for order, label in enumerate(reading.labels("number", "title", "title_credit")):
        if skip(label.cell):
            continue
        found = _value(reading, label)
        if found is None:
            continue
        text, nearness = found
        # Bare "No." and titles count less the further down they stand; sure labels hardly.
        score = label.weight + nearness - min(order, 20) * 0.5 - 20 * min(label.cell.page, 2)
        if best is None or score > best[0]:
            best = score, text
    return best[1] if best else None


def _value(reading: Reading, label: Label) -> tuple[str, int] | None:
    """Return the number at a label and a bonus for how near it stands."""
    named = label.kind == "number"
    rest = reading.after(label)
    lead = "" if named else _lead(rest)
    if text := _number(reading, rest[len(lead) :], whole=False):
        # "Rechnung Nr. 42" is as good as a label of its own.
        return text, 25 if lead.strip("():# 0123456789") else 5
    if not label.fills_cell or (named and rest):
        return None
    for cell in reading.right_of(label, limit=1):
        # Beside a mere title anything may stand; only a number set off as one counts.
        if text := _number(reading, cell.text, whole=True):
            return text, 4 if named else -10
    for cell in reading.below(label):
        if reading.starts_with_label(cell) and not cell.text.startswith("#"):
            continue
        if text := _number(reading, cell.text, whole=True):
            return text, 3
    return None


def _lead(rest: str) -> str:
    match = _LEAD.match(fold(rest))
    return match.group() if match else ""


def _number(reading: Reading, text: str, *, whole: bool) -> str | None:
    """Read a document number from the start of a text; `whole` allows nothing after it."""
    dated = reading.dates(text)
    if dated and dated[0].start == 0:
        return None
    if dated:
        text = text[: dated[0].start]
    pieces = text.strip(" ,;").split()
    taken: list[str] = []
    for piece in pieces[:MAX_PIECES]:
        bare = piece.rstrip(",;:")
        strict = whole or bool(taken)
        if not (_CAPITALS if strict else _PIECE).fullmatch(bare) or _CURRENCY.match(bare):
            break
        if not _has_digit(bare) and not (bare.isupper() and len(bare) <= 8):
            break
        taken.append(bare)
        if bare != piece:
            break
    if whole and len(taken) < len(pieces):
        single = _PIECE.fullmatch(pieces[0]) if len(pieces) == 1 else None
        taken = [pieces[0]] if single and _has_digit(pieces[0]) else []
    number = " ".join(taken).strip("#№ .-")
    if not _has_digit(number) or _is_money(reading, number):
        return None
    return number


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _is_money(reading: Reading, text: str) -> bool:
    found = reading.amounts(text)
    return len(found) == 1 and found[0].end - found[0].start == len(text) and found[0].is_money


def invoice_date(
    reading: Reading, skip: Callable[[Cell], bool], *, labelled: bool = False
) -> dt.date | None:
    """Return the date of issue: the labelled one, else one near the title, else the first.

    `skip` tells which cells belong to the table of items. With `labelled` it needs a label.
    """
    found = _labelled_date(reading, ("date",), skip)
    return found if found or labelled else _bare_date(reading, skip)


def other_date(reading: Reading, wanted: Iterable[str]) -> dt.date | None:
    """Return the date whose label holds one of the wanted folded words, such as "due"."""
    words = tuple(wanted)
    for label in reading.labels("date_other"):
        if any(word in fold(label.text) for word in words):
            for text in (reading.after(label), *(cell.text for cell in reading.beside(label))):
                if found := reading.dates(text):
                    return found[0].value
    return None


def _labelled_date(
    reading: Reading, kinds: tuple[str, ...], skip: Callable[[Cell], bool]
) -> dt.date | None:
    best: tuple[float, dt.date] | None = None
    for order, label in enumerate(reading.labels(*kinds)):
        if skip(label.cell):
            continue
        choices = [(reading.after(label), 5)]
        if label.fills_cell:
            choices += [(cell.text, 4) for cell in reading.right_of(label, limit=1)]
            choices += [(cell.text, 3) for cell in reading.below(label)]
        for text, nearness in choices:
            if found := reading.dates(text):
                score = label.weight + nearness - min(order, 20) * 0.5
                if found[0].start > 12:
                    score -= 10
                if best is None or score > best[0]:
                    best = score, found[0].value
                break
    return best[1] if best else None


def _bare_date(reading: Reading, skip: Callable[[Cell], bool]) -> dt.date | None:
    """Return the best date without a label of its own: beside the title, else the first."""
    first = None
    for line in reading.lines:
        for cell in line.cells:
            found = reading.dates(cell.text)
            if not found or skip(cell) or _is_decoy(reading, cell):
                continue
            value = found[0].value
            if any(match.phrase.kind.startswith("title") for match in reading.matches(cell)):
                return value
            first = first or value
    return first


def _is_decoy(reading: Reading, cell: Cell) -> bool:
    """Whether a date belongs to another label: in its cell, at its left, or above it."""
    others = {"date_other", "number_other"}
    if any(match.phrase.kind in others for match in reading.matches(cell)):
        return True
    line = reading.line_of(cell)
    left = [other for other in line.cells if other.x1 <= cell.x0]
    if left and any(m.phrase.kind in others for m in reading.matches(left[-1])):
        return True
    return any(
        cell in reading.below(label)
        for label in reading.labels(*others)
        if label.cell.page == cell.page and 0 < cell.line - label.cell.line < 4
    )
