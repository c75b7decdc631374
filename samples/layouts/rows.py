"""Labels left of their values: logo and issuer on the left, title and facts on the right."""

from samples.invoice import Invoice
from samples.layouts.blocks import (
    FOOT,
    MARGIN,
    address,
    facts_beside,
    foot,
    logo,
    sentences,
    sums,
    sums_height,
)
from samples.layouts.style import Style, blank_sheet, facts
from samples.layouts.table import Look, Table
from samples.sheet import Sheet


def draw(invoice: Invoice, style: Style) -> Sheet:
    """Draw the document."""
    sheet = blank_sheet(invoice)
    right = sheet.width - MARGIN
    column = 230.0
    middle = right - column
    ordering = invoice.kind == "purchase_order"
    issuer, other = invoice.vendor, invoice.buyer
    if ordering:
        issuer, other = other, issuer
    logo(sheet, MARGIN, 44, 34, style)
    sheet.text(MARGIN + 52, 58, issuer.name, style.face.bold, 13, within=middle - MARGIN - 66)
    face, size = style.face.plain, style.size - 0.5
    sheet.text(MARGIN + 52, 71, ", ".join(issuer.address[:2]), face, size, within=middle - 116)
    sheet.text(MARGIN + 52, 83, issuer.site, face, size, within=middle - 116)
    title = invoice.words[invoice.kind]
    sheet.text(
        right, 62, title, style.face.bold, 20, colour=style.accent, align="right", within=column
    )
    below = facts_beside(
        sheet, middle, 130, facts(invoice, style), style, width=column, ragged=not style.marked
    )
    label = invoice.words["supplier" if ordering else "bill_to"]
    left = address(sheet, MARGIN, 130, other, style, label=label, width=middle - MARGIN - 30)
    look = Look(ruled=True, filled=style.shape % 2 == 0)
    names = ["item", "quantity", "unit_price", "amount"]
    if style.decoys > 2:
        names.insert(0, "position")
    y = Table(sheet, invoice, style, look, names).draw(max(below, left) + 22)
    if y + sums_height(style) > sheet.height - FOOT:
        sheet.turn()
        y = MARGIN
    y = sums(sheet, right - 5, y + 24, invoice, style, banded=False)
    sentences(sheet, y + 14, invoice, style)
    foot(sheet, invoice, style)
    return sheet
