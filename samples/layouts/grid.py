"""Boxes: the facts in a ruled header table, the lines in a full grid."""

from samples.invoice import Invoice
from samples.layouts.blocks import FOOT, MARGIN, address, foot, logo, sentences, sums, sums_height
from samples.layouts.style import Style, blank_sheet, facts
from samples.layouts.table import Look, Table
from samples.sheet import GREY, Sheet

_CELL = 20.0


def draw(invoice: Invoice, style: Style) -> Sheet:
    """Draw the document."""
    sheet = blank_sheet(invoice)
    right = sheet.width - MARGIN
    middle = MARGIN + (right - MARGIN) / 2
    ordering = invoice.kind == "purchase_order"
    issuer, other = invoice.vendor, invoice.buyer
    if ordering:
        issuer, other = other, issuer
    title = invoice.words[invoice.kind]
    sheet.text(MARGIN, 62, title.upper(), style.face.bold, 18, within=middle - MARGIN - 50)
    logo(sheet, right - 44, 40, 30, style)
    address(sheet, MARGIN + 8, 100, issuer, style, width=middle - MARGIN - 20)
    listed = facts(invoice, style)
    top = 88.0
    label_width = (right - middle) * 0.5
    for n, (label, value) in enumerate(listed):
        y = top + n * _CELL
        sheet.box(middle, y, label_width, _CELL, fill=style.tint, edge=GREY)
        sheet.box(middle + label_width, y, right - middle - label_width, _CELL, edge=GREY)
        face, size = style.face, style.size
        sheet.text(middle + 6, y + 13.5, label, face.plain, size, within=label_width - 12)
        sheet.text(
            middle + label_width + 6,
            y + 13.5,
            value,
            face.bold,
            size,
            within=right - middle - label_width - 12,
        )
    top = max(top + len(listed) * _CELL, 162) + 14
    sheet.box(MARGIN, top, right - MARGIN, 76, edge=GREY)
    label = invoice.words["supplier" if ordering else "bill_to"]
    address(sheet, MARGIN + 8, top + 14, other, style, label=label, width=right - MARGIN - 16)
    names = ["position", "code", "item", "quantity", "unit", "unit_price", "amount"]
    if style.decoys == 1:
        names.remove("unit")
    if style.carries:
        names.remove("code")
    y = Table(sheet, invoice, style, Look(boxed=True), names).draw(top + 92)
    if y + sums_height(style) > sheet.height - FOOT:
        sheet.turn()
        y = MARGIN
    y = sums(sheet, right - 5, y + 24, invoice, style, banded=False)
    sentences(sheet, y + 14, invoice, style)
    foot(sheet, invoice, style)
    return sheet
