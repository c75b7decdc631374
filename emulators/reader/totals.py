"""The grand total and the sums beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from emulators.reader.amounts import Amount
from emulators.reader.reading import Label, Reading
from sluicegate.evidence.pages import Cell

# Sums may be a cent or two off by rounding line by line.
CENTS = Decimal("0.02")
_ADDS_UP = 60


@dataclass(frozen=True)
class Sums:
    """Grand total with tax, sum without tax, tax, and the amount still due; None if not printed."""

    total: Amount | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    due: Decimal | None = None


@dataclass(frozen=True)
class _Sum:
    label: Label
    amount: Amount
    order: int


def read_sums(
    reading: Reading,
    skip: Callable[[Cell], bool],
    items: Decimal | None,
    *,
    labelled: bool = False,
) -> Sums:
    """Return the sums of a document; `items` is the sum of its lines, where they were read.

    `skip` tells which cells belong to the table of items. With `labelled` a total needs a label.
    """
    found: dict[str, list[_Sum]] = {}
    for order, label in enumerate(reading.all_labels):
        if label.kind in {"gross", "due", "net", "tax", "deduction", "paid"} and not skip(
            label.cell
        ):
            amount = _amount(reading, label)
            if amount is not None:
                found.setdefault(label.kind, []).append(_Sum(label, amount, order))
    nets = [each.amount.value for each in found.get("net", ())]
    taxes = [each.amount.value for each in found.get("tax", ())]
    total = _best(found.get("gross", []) + found.get("due", []), nets, taxes, items)
    tax = _tax(total, nets, taxes)
    net = next((n for n in nets if total and tax is not None and n + tax == total.value), None)
    due = found.get("due")
    return Sums(
        total or (None if labelled else _largest(reading, skip)),
        net if net is not None else (nets[-1] if nets else None),
        tax,
        due[-1].amount.value if due else None,
    )


def _amount(reading: Reading, label: Label) -> Amount | None:
    """Return the amount at a label: in its cell, at the end of its line, else below it."""
    after = reading.after(label)
    inside = _money(reading, after)
    right = [
        amount for cell in reading.right_of(label, limit=6) for amount in _money(reading, cell.text)
    ]
    if label.kind == "gross" and label.weight <= 80 and not _is_plain(after):
        # "Total 0 % supplies:" is the total of something else.
        return None
    if right:
        # In a row of net, tax and gross the last is the gross.
        return right[-1]
    if inside:
        return inside[-1] if label.kind != "tax" or not label.fills_cell else inside[0]
    if label.fills_cell:
        for cell in reading.below(label):
            if not reading.starts_with_label(cell) and (below := _money(reading, cell.text)):
                return below[-1]
    return None


def _money(reading: Reading, text: str) -> list[Amount]:
    """Return the amounts of a text that may be money, and no date."""
    if reading.dates(text):
        return []
    return [amount for amount in reading.amounts(text) if not amount.percent]


def _is_plain(after: str) -> bool:
    """Whether what follows a bare "Total" is only an amount, a currency, or in brackets."""
    rest = after.partition("(")[0]
    return sum(letter.isalpha() for letter in rest) <= 5 and "%" not in rest


def _best(
    sums: list[_Sum], nets: list[Decimal], taxes: list[Decimal], items: Decimal | None
) -> Amount | None:
    """Choose the grand total: by its label, and by what adds up to it."""
    if not sums:
        return None
    targets = {net + tax for net in nets for tax in taxes if tax}
    targets |= {net + sum(taxes) for net in nets if taxes}
    if items is not None:
        targets |= {items + tax for tax in taxes}
    named = {sum_.amount.value for sum_ in sums}

    def score(sum_: _Sum) -> float:
        value = sum_.amount.value
        points = float(sum_.label.weight) + min(sum_.order, 400) * 0.01
        if any(abs(value - target) <= CENTS for target in targets):
            points += _ADDS_UP if value != 0 else 0
        if sum_.label.kind == "gross" and value in nets and len(named) > 1 and any(taxes):
            points -= 40
        return points

    return max(sums, key=score).amount


def _tax(total: Amount | None, nets: list[Decimal], taxes: list[Decimal]) -> Decimal | None:
    """Choose the tax: what is missing from net to total, else the last one printed."""
    if not taxes:
        return None
    if total is not None:
        for net in nets:
            missing = total.value - net
            if missing and (missing in taxes or missing == sum(taxes)):
                return missing
    return taxes[-1]


def _largest(reading: Reading, skip: Callable[[Cell], bool]) -> Amount | None:
    """Return the largest amount under the table, for documents that label no total."""
    amounts = [
        amount
        for line in reading.lines
        for cell in line.cells
        if not skip(cell)
        for amount in reading.amounts(cell.text)
        if amount.currency is not None and amount.is_money
    ]
    return max(amounts, key=lambda amount: abs(amount.value), default=None)
