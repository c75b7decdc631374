"""A till slip: one narrow column in a typewriter face, as long as it has to be."""

from collections.abc import Mapping

from samples.invoice import Invoice, Line
from samples.layouts.style import Style, facts, remarks, totals
from samples.sheet import COURIER, Sheet, width_of, wrap

_WIDTH = 226.8  # the usual 80 mm roll
_MARGIN = 12.0
_SIZE = 8.0
_LEADING = 11.0
_LONGEST = 14_000.0  # points; PDF's own limit is a little above


class _Roll:
    """Paper with a current line."""

    def __init__(self) -> None:
        self.sheet = Sheet((_WIDTH, _LONGEST))
        self.y = 26.0
        self.inner = _WIDTH - 2 * _MARGIN

    def centred(self, words: str, *, bold: bool = False, size: float = _SIZE) -> None:
        face = COURIER.bold if bold else COURIER.plain
        for line in wrap(words, face, size, self.inner):
            self.sheet.text(_WIDTH / 2, self.y, line, face, size, align="centre", within=self.inner)
            self.y += size * 1.35

    def pair(
        self,
        left: str,
        right: str,
        *,
        bold: bool = False,
        size: float = _SIZE,
        holds: Mapping[str, str] | None = None,
    ) -> None:
        """Set two ends of a line; they take two lines where one is too short."""
        face = COURIER.bold if bold else COURIER.plain
        taken = width_of(right, face, size)
        if width_of(left, face, size) + taken + 6 > self.inner:
            self.sheet.text(_MARGIN, self.y, left, face, size, within=self.inner, holds=holds)
            self.y += size * 1.35
            left = ""
        if left:
            self.sheet.text(_MARGIN, self.y, left, face, size, holds=holds)
        right_end = _WIDTH - _MARGIN
        self.sheet.text(right_end, self.y, right, face, size, align="right", holds=holds)
        self.y += size * 1.4

    def dashes(self) -> None:
        self.sheet.rule(_MARGIN, _WIDTH - _MARGIN, self.y - 5, width=0.5)
        self.y += 7

    def line(self, invoice: Invoice, line: Line, number: int) -> None:
        item = f"line_items[{number}]"
        for part in wrap(line.description, COURIER.plain, _SIZE, self.inner):
            holds = {f"{item}.description": part}
            self.sheet.text(_MARGIN, self.y, part, COURIER.plain, _SIZE, holds=holds)
            self.y += _LEADING
        quantity = invoice.market.quantity(line.quantity)
        total = invoice.number_of(line.total)
        self.pair(
            f"  {quantity} x {invoice.number_of(line.unit_price)}",
            total,
            holds={f"{item}.quantity": f"{quantity} x", f"{item}.total": total},
        )

    def bars(self, digits: str) -> None:
        x = _MARGIN + 30
        for n, digit in enumerate(digits * 4):
            width = 0.8 + int(digit) % 3
            if x + width > _WIDTH - _MARGIN - 30:
                break
            self.sheet.box(x, self.y, width, 22, fill=(0, 0, 0))
            x += width + 1.2 + n % 2
        self.y += 34


def draw(invoice: Invoice, style: Style) -> Sheet:
    """Draw the document, then cut the paper below its last line."""
    roll = _Roll()
    ordering = invoice.kind == "purchase_order"
    issuer = invoice.buyer if ordering else invoice.vendor
    roll.centred(issuer.name, bold=True, size=11)
    for words in issuer.address:
        roll.centred(words)
    roll.centred(f"{invoice.words['tax_id']} {issuer.tax_id}")
    roll.y += 6
    roll.centred(invoice.words[invoice.kind].upper(), bold=True, size=10)
    roll.y += 2
    for label, value in facts(invoice, style):
        roll.pair(f"{label.removesuffix(':')}:", value)
    roll.dashes()
    for number, line in enumerate(invoice.lines):
        roll.line(invoice, line, number)
    roll.dashes()
    *lines, (label, value) = totals(invoice, style)
    for name, amount in lines:
        roll.pair(name, amount)
    roll.y += 3
    roll.pair(label, value, bold=True, size=10.5, holds={"total_amount": value})
    roll.dashes()
    for sentence in remarks(invoice):
        roll.centred(sentence)
    roll.centred(invoice.words["served"])
    roll.bars("".join(c for c in issuer.account if c.isdigit())[4:])
    roll.sheet.height = roll.y
    return roll.sheet
