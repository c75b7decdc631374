"""Who issued the document: a labelled party, else the letterhead; and never the recipient."""

from collections.abc import Callable
from dataclasses import dataclass

from emulators.reader.names import (
    DOMAIN,
    NOT_NAME,
    POSTCODE,
    SEPARATORS,
    clean_name,
    has_legal_form,
    is_legal_form,
    is_name,
    is_related,
    squeezed,
)
from emulators.reader.reading import Label, Reading
from sluicegate.evidence.pages import Cell, Page
from sluicegate.evidence.tokens import fold

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
                    if party := _labelled(reading, label, skip):
                        return party
                elif (head := _letterhead(reading, buyers, skip)) is not None:
                    return head
                elif party := _labelled(reading, label, skip):
                    return party
    return _letterhead(reading, buyers, skip)


def buyer(reading: Reading, skip: Callable[[Cell], bool]) -> Party | None:
    """Return whom the document is addressed to, None if that is not labelled."""
    for label in reading.labels("buyer"):
        if party := _labelled(reading, label, skip):
            return party
    return None


def _labelled(reading: Reading, label: Label, skip: Callable[[Cell], bool]) -> Party | None:
    """Return the party at a label: behind it, beside it or in the block below."""
    after = clean_name(reading.after(label))
    if is_name(after):
        return Party(after, _address(reading, reading.below(label, limit=4), skip))
    if not label.fills_cell:
        return None
    block = reading.below(label, limit=BLOCK_LINES, reach=BLOCK_PITCH)
    if name := _named_in(reading, block):
        return Party(name)
    beside = [c for c in reading.right_of(label, limit=1) if is_name(clean_name(c.text))]
    choices = beside if ":" in label.cell.text[label.match.end :] else [*block[:1], *beside]
    for cell in choices or block[:1]:
        name = clean_name(cell.text)
        if is_name(name) and not _is_party_label(reading, cell):
            rest = block[1:] if block and cell is block[0] else block
            return Party(name, _address(reading, rest, skip))
    return None


def _named_in(reading: Reading, block: list[Cell]) -> str | None:
    """Return the name that a block labels as such: "Name: Lieferant GmbH"."""
    for cell in block:
        if cell is not block[0] and _is_party_label(reading, cell):
            break
        for match in reading.matches(cell):
            if match.phrase.kind == "name":
                label = Label(match, cell)
                values = [reading.after(label), *(c.text for c in reading.beside(label))]
                if named := next((v for v in map(clean_name, values) if is_name(v)), None):
                    return named
    return None


def _is_party_label(reading: Reading, cell: Cell) -> bool:
    return any(match.phrase.kind in {"seller", "buyer"} for match in reading.matches(cell))


def _address(reading: Reading, cells: list[Cell], skip: Callable[[Cell], bool]) -> str | None:
    """Join the lines of an address, up to the first that is none."""
    lines: list[str] = []
    for cell in cells:
        if skip(cell):
            break
        if reading.starts_with_label(cell) or NOT_NAME.search(fold(cell.text)):
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
    domains = [squeezed(part) for part in DOMAIN.findall(reading.text)]
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
            name = clean_name(cell.text)
            if not is_name(name) or _speaks_of_itself(reading, cell):
                continue
            score = _head_score(page, cell, name, usual)
            score += 12 * any(is_related(name, domain) for domain in domains)
            score += 3 * min(repeated.count(fold(name)) - 1, 2)
            if best is None or score > best[0]:
                best = score, cell, name
    if best is None:
        return None
    _, cell, name = best
    following = page.lines[cell.line + 1 : cell.line + 2]
    if following and is_legal_form(following[0].cells[0].text) and name == cell.text:
        name = f"{name} {following[0].cells[0].text}"
    return Party(name, _head_address(reading, cell, skip))


def _head_score(page: Page, cell: Cell, name: str, usual: float) -> float:
    """Score a name by how a letterhead looks: high up, large, with a legal form."""
    score = 14 * (1 - cell.y0 / max(page.height, 1.0) / HEAD_DEPTH)
    score += 6 * min(max(cell.height / usual - 1, 0.0), 1.5)
    score += 8 * has_legal_form(name)
    score -= 6 * bool(POSTCODE.search(cell.text) and not SEPARATORS.search(cell.text))
    score -= 4 * any(letter.isdigit() for letter in name)
    score -= 2 * max(len(name.split()) - 6, 0)
    # The window of an envelope shows the recipient: at the left, an eighth down and more.
    if cell.x0 < 0.35 * page.width and 0.11 < cell.y0 / page.height < 0.3:
        score -= 3
    return score


def _head_address(reading: Reading, cell: Cell, skip: Callable[[Cell], bool]) -> str | None:
    """Return the address after a name on its line, or in the lines below it."""
    rest = SEPARATORS.split(cell.text, maxsplit=1)
    if len(rest) > 1 and POSTCODE.search(rest[1]):
        return ", ".join(part.strip(" ,") for part in SEPARATORS.split(rest[1]) if part.strip(" ,"))
    lines: list[Cell] = []
    last = cell
    for line in reading.pages[cell.page].lines[cell.line + 1 :]:
        if line.y0 - last.y0 > BLOCK_PITCH * max(last.height, line.height) or len(lines) == 4:
            break
        near = [c for c in line.cells if min(c.x1, cell.x1) > max(c.x0, cell.x0)]
        if near:
            lines.append(near[0])
            last = near[0]
    return _address(reading, lines, skip)


def _speaks_of_itself(reading: Reading, cell: Cell) -> bool:
    """Whether a cell is a title, a label or a date rather than a name."""
    if reading.starts_with_label(cell):
        first = reading.matches(cell)[0]
        covered = first.end - first.start
        # "Service Partner GmbH" begins with a label's word and is a name all the same.
        return not has_legal_form(cell.text) or covered > 0.6 * len(cell.text) or ":" in cell.text
    return bool(reading.dates(cell.text)) or any(a.is_money for a in reading.amounts(cell.text))
