"""Who issued the document: a labelled party, else the letterhead; and never the recipient."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .pages import Cell, Page
from .reading import Label, Reading
from .tokens import fold, words_of

_FORMS = frozenset(
    """gmbh ag kg ohg ug ek gbr se inc llc ltd limited plc corp corporation co company llp lp sarl
    sas sasu sa eurl snc sl slu sau scp srl spa sas snc srls lda unipessoal ltda bv nv vof cv
    oy ab as aps sp zoo spzoo sro kft doo bhd pty pte kk gk hb holding group stiftung verein
    cooperative societa""".split()
)
_SEPARATORS = re.compile(r"\s+[-–—|·•*/]\s+|\s*[|·•]\s*|,\s|\s{2,}|\s\((?=[\d\s]*\d{3})")
_NOT_NAME = re.compile(
    r"@|www\.|https?:|\b(?:tel|fax|phone|page|seite|pagina|iban|bic|vat|ust|tva|nif|siret|p\.?\s?iva)\b"
    r"|^\W*$|^[\d\W]+$|\b(?:thank|danke|merci|gracias|grazie|obrigad|bedankt|original|copy|duplicate|"
    r"kopie|copie|copia|tax id|street|strasse|avenue|calle|p\.?o\.? box|welcome|customer)\b"
)
_DOMAIN = re.compile(r"(?:@|www\.|https?://)([\w.-]+)\.[a-z]{2,}", re.IGNORECASE)
_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}[- ]?)?\d{4,6}(?:-\d{3,4})?\b|\b\d{2}-\d{3}\b|\b\d{4}\s?[A-Z]{2}\b")
# A party's block is this many lines at most, and its lines are this close.
BLOCK_LINES = 8
BLOCK_PITCH = 2.2
HEAD_DEPTH = 0.36


@dataclass(frozen=True)
class Party:
    """A company's name and address as printed."""

    name: str
    address: str | None = None


def vendor(reading: Reading, skip: Callable[[Cell], bool]) -> Party | None:
    """Return who issued the document, None if no name is found.

    `skip` tells which cells belong to the table of items.
    """
    buyers = _buyer_cells(reading)
    for sure in (True, False):
        for label in reading.labels("seller"):
            if (label.weight >= 90) == sure and not skip(label.cell):
                if sure:
                    if party := _labelled(reading, label):
                        return party
                elif (head := _letterhead(reading, buyers, skip)) is not None:
                    return head
                elif party := _labelled(reading, label):
                    return party
    return _letterhead(reading, buyers, skip)


def buyer(reading: Reading) -> Party | None:
    """Return whom the document is addressed to, None if that is not labelled."""
    for label in reading.labels("buyer"):
        if party := _labelled(reading, label):
            return party
    return None


def _labelled(reading: Reading, label: Label) -> Party | None:
    """Return the party at a label: behind it, beside it or in the block below."""
    after = _clean(reading.after(label))
    if _is_name(after):
        return Party(after, _address(reading.below(label, limit=4), reading))
    if not label.fills_cell:
        return None
    block = reading.below(label, limit=BLOCK_LINES, reach=BLOCK_PITCH)
    for cell in block:
        for inner in reading.matches(cell):
            if inner.phrase.kind == "name":
                named = Label(inner, cell)
                values = [reading.after(named), *(c.text for c in reading.beside(named))]
                for value in values:
                    if _is_name(_clean(value)):
                        return Party(_clean(value))
        if cell is not block[0] and _is_party_label(reading, cell):
            break
    beside = [c for c in reading.right_of(label, limit=1) if label.text and _is_name(_clean(c.text))]
    choices = beside if ":" in label.cell.text[label.match.end :] else [*block[:1], *beside]
    for cell in choices or block[:1]:
        name = _clean(cell.text)
        if _is_name(name) and not _is_party_label(reading, cell):
            rest = block[1:] if block and cell is block[0] else block
            return Party(name, _address(rest, reading))
    return None


def _is_party_label(reading: Reading, cell: Cell) -> bool:
    return any(match.phrase.kind in {"seller", "buyer"} for match in reading.matches(cell))


def _address(cells: list[Cell], reading: Reading) -> str | None:
    lines: list[str] = []
    for cell in cells:
        if reading.starts_with_label(cell) or _NOT_NAME.search(fold(cell.text)):
            if lines:
                break
            continue
        lines.append(cell.text.strip(" ,"))
    return ", ".join(lines) or None


def _buyer_cells(reading: Reading) -> set[tuple[int, int, float]]:
    """Return the places of the cells in the blocks of recipients."""
    places: set[tuple[int, int, float]] = set()
    for label in reading.labels("buyer"):
        cells = [label.cell, *reading.below(label, limit=BLOCK_LINES, reach=BLOCK_PITCH)]
        if label.fills_cell:
            cells += reading.right_of(label, limit=1)
        places |= {(cell.page, cell.line, cell.x0) for cell in cells}
    return places


def _letterhead(
    reading: Reading, buyers: set[tuple[int, int, float]], skip: Callable[[Cell], bool]
) -> Party | None:
    """Return the best name at the head of the first page."""
    if not reading.pages or not reading.pages[0].lines:
        return None
    page = reading.pages[0]
    domains = [_squeezed(part) for part in _DOMAIN.findall(reading.text)]
    repeated = fold(reading.text)
    best: tuple[float, Cell, str] | None = None
    depth = max(HEAD_DEPTH * page.height, page.lines[0].y0 + 60)
    sizes = sorted(cell.height for line in page.lines for cell in line.cells)
    usual = sizes[len(sizes) // 2]
    for line in page.lines:
        if line.y0 > depth:
            break
        for cell in line.cells:
            if (cell.page, cell.line, cell.x0) in buyers or skip(cell):
                continue
            name = _clean(cell.text)
            if not _is_name(name) or _speaks_of_itself(reading, cell):
                continue
            score = _head_score(page, cell, name, usual)
            score += 12 * any(_related(name, domain) for domain in domains)
            score += 3 * min(repeated.count(fold(name)) - 1, 2)
            if best is None or score > best[0]:
                best = score, cell, name
    if best is None:
        return None
    _, cell, name = best
    following = page.lines[cell.line + 1 : cell.line + 2]
    if following and _is_form(following[0].cells[0].text) and name == cell.text:
        name = f"{name} {following[0].cells[0].text}"
    return Party(name, _head_address(reading, cell))


def _head_score(page: Page, cell: Cell, name: str, usual: float) -> float:
    """Score a name by how a letterhead looks: high up, large, with a legal form."""
    score = 14 * (1 - cell.y0 / max(page.height, 1.0) / HEAD_DEPTH)
    score += 6 * min(max(cell.height / usual - 1, 0.0), 1.5)
    score += 8 * _has_form(name)
    score -= 6 * bool(_POSTCODE.search(cell.text) and not _SEPARATORS.search(cell.text))
    score -= 4 * any(letter.isdigit() for letter in name)
    score -= 2 * max(len(name.split()) - 6, 0)
    # The window of an envelope shows the recipient: at the left, an eighth down and more.
    if cell.x0 < 0.35 * page.width and 0.11 < cell.y0 / page.height < 0.3:
        score -= 3
    return score


def _head_address(reading: Reading, cell: Cell) -> str | None:
    """Return the address after a name on its line, or in the lines below it."""
    rest = _SEPARATORS.split(cell.text, maxsplit=1)
    if len(rest) > 1 and _POSTCODE.search(rest[1]):
        return ", ".join(part.strip(" ,") for part in _SEPARATORS.split(rest[1]) if part.strip(" ,"))
    lines: list[Cell] = []
    last = cell
    for line in reading.pages[cell.page].lines[cell.line + 1 :]:
        if line.y0 - last.y0 > BLOCK_PITCH * max(last.height, line.height) or len(lines) == 4:
            break
        near = [c for c in line.cells if min(c.x1, cell.x1) > max(c.x0, cell.x0)]
        if near:
            lines.append(near[0])
            last = near[0]
    return _address(lines, reading)


def _speaks_of_itself(reading: Reading, cell: Cell) -> bool:
    """Whether a cell is a title, a label or a date rather than a name."""
    if reading.starts_with_label(cell):
        first = reading.matches(cell)[0]
        covered = first.end - first.start
        # "Service Partner GmbH" begins with a label's word and is a name all the same.
        return not _has_form(cell.text) or covered > 0.6 * len(cell.text) or ":" in cell.text
    return bool(reading.dates(cell.text)) or any(a.is_money for a in reading.amounts(cell.text))


def _clean(text: str) -> str:
    """Cut a line to the name at its start: no address, registration number or mark after it."""
    first = _SEPARATORS.split(text.strip(" :|*-_#"), maxsplit=1)[0]
    # "Contoso, Inc." keeps its form.
    tail = text.strip()[len(first) :].lstrip(" ,")
    form = tail.split(" ")[0].strip(".,").lower() if tail else ""
    if form in {"inc", "llc", "ltd", "lda", "sl", "sa"}:
        first = f"{first}, {tail.split(' ')[0].rstrip(',')}"
    return first.strip(" ,;:-–|*")


def _is_name(name: str) -> bool:
    letters = sum(letter.isalpha() for letter in name)
    if letters < 2 or letters <= 0.45 * len(name) or _is_form(name):
        return False
    return not _NOT_NAME.search(fold(name))


def _is_form(name: str) -> bool:
    """Whether a text is nothing but a legal form, the rest of a name on the line above."""
    return all(word in _FORMS for word in words_of(name)) or _squeezed(name) in _FORMS


def _has_form(name: str) -> bool:
    words = words_of(name)
    if any(word in _FORMS for word in words[1:]):
        return True
    # "S.r.l." and "Sp. z o.o." fall into letters.
    return any("".join(words[-count:]) in _FORMS for count in (2, 3, 4) if count < len(words))


def _squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _related(name: str, domain: str) -> bool:
    """Whether a web or mail domain is made from a name."""
    words = [word for word in words_of(name) if len(word) >= 4 and word not in _FORMS]
    whole = _squeezed(name)
    return any(word in domain for word in words) or (len(domain) >= 5 and domain in whole)
