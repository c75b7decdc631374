"""Items of till slips, which set no heading over them: a name, and its price at the right."""

import re
from decimal import Decimal

from emulators.reader.amounts import Amount, read_number
from emulators.reader.items import Item, Table
from emulators.reader.reading import Reading
from sluicegate.evidence.pages import Line

# "2 x 3,50", "2 × 3.50", "3 @ 1.20", "2 Stk x 1,00".
_TIMES = re.compile(
    r"(?P<count>-?\d+(?:[.,]\d{1,3})?)\s*(?:[A-Za-z]{1,4}\.?\s*)?[xX×@*]\s*"
    r"(?P<each>\D{0,4}\d[\d.,' ]*)?"
)
_LEADING_COUNT = re.compile(r"^(?P<count>\d{1,3})\s*(?:[xX×]\s*|\s(?=\D))(?P<name>.+)$")
# A name may stand in up to this many lines over its price, no further apart than this.
NAME_LINES = 5
NAME_PITCH = 1.6
_SUMS = frozenset(("gross", "net", "due", "tax", "paid", "carried", "deduction", "payment"))


def read_slip(reading: Reading) -> Table:
    """Read the rows above the first sum that end with an amount; empty if there are none."""
    table = Table()
    above: list[Line] = []
    for line in reading.lines:
        if _is_sum(reading, line):
            if table.items:
                break
            above = []
            continue
        amounts = [amount for amount in reading.amounts(line.text) if not amount.percent]
        if not _is_priced(line, amounts) or reading.dates(line.text):
            above = [*above, line] if not _is_labelled(reading, line) else []
            continue
        item = _item(line, amounts, _name_above(line, above))
        above = []
        if item is not None:
            table.items.append(item)
            table.lines |= {(cell.page, cell.line) for cell in line.cells}
    return table


def _is_sum(reading: Reading, line: Line) -> bool:
    first = line.cells[0]
    if not reading.starts_with_label(first) or reading.matches(first)[0].phrase.kind not in _SUMS:
        return False
    amounts = [amount for amount in reading.amounts(line.text) if not amount.percent]
    if _is_priced(line, amounts):
        return True
    # "Service on site" and "Carta A4, 80 g" are names, "Total 1200" is a sum.
    kind = reading.matches(first)[0].phrase.kind
    sure = kind in {"gross", "net", "due"} or len(line.cells) > 1
    return sure and bool(amounts) and amounts[-1].end == len(line.text)


def _is_labelled(reading: Reading, line: Line) -> bool:
    return bool(reading.dates(line.text)) or any(
        ":" in cell.text and reading.starts_with_label(cell) for cell in line.cells
    )


def _is_priced(line: Line, amounts: list[Amount]) -> bool:
    """Whether a line ends with a price, after which at most a tax code follows."""
    if not amounts or len(line.text[amounts[-1].end :].strip()) > 2:
        return False
    return amounts[-1].is_money or (len(amounts) > 1 and _TIMES.search(line.text) is not None)


def _name_above(line: Line, above: list[Line]) -> str:
    """Join the lines that stand closely over a price."""
    kept: list[Line] = []
    below = line
    for other in reversed(above):
        if below.middle - other.middle > NAME_PITCH * max(below.height, other.height):
            break
        kept.insert(0, other)
        below = other
        if len(kept) == NAME_LINES:
            break
    return " ".join(other.text for other in kept)


def _item(line: Line, amounts: list[Amount], above: str) -> Item | None:
    last = amounts[-1]
    text = line.text[: last.start].strip()
    quantity: Decimal | None = None
    price: Decimal | None = None
    if match := _TIMES.search(text):
        count = match["count"]
        quantity = read_number(count.lstrip("-")) * (-1 if count.startswith("-") else 1)
        if len(amounts) > 1 and match["each"]:
            price = amounts[-2].value
        text = (text[: match.start()] + " " + text[match.end() :]).strip()
    elif match := _LEADING_COUNT.match(text):
        quantity, text = Decimal(match["count"]), match["name"]
    elif len(amounts) > 1 and amounts[-2].decimals == 2:
        price = amounts[-2].value
        text = line.text[: amounts[-2].start].strip()
    own = sum(letter.isalpha() for letter in text) >= 2
    name = " ".join((text if own else above).split())
    if sum(letter.isalpha() for letter in name) < 2:
        return None
    return Item(name, quantity, price, last.value)
