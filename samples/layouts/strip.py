"""Labels above their values, in a strip below a coloured band."""

from samples.invoice import Invoice
from samples.layouts.blocks import FOOT, MARGIN, address, foot, sentences, sums, sums_height
from samples.layouts.style import Style, blank_sheet, facts
from samples.layouts.table import Look, Table
from samples.sheet import GREY, WHITE, Sheet


def draw(invoice: Invoice, style: Style) -> Sheet:
    """Draw the document."""
    sheet = blank_sheet(invoice)
    right = sheet.width - MARGIN
    half = (right - MARGIN) / 2
    ordering = invoice.kind == "purchase_order"
    issuer, other = invoice.vendor, invoice.buyer
    if ordering:
        issuer, other = other, issuer
    sheet.box(0, 0, sheet.width, 84, fill=style.accent)
    sheet.text(
        MARGIN, 50, issuer.name, style.face.bold, 17, colour=WHITE, within=right - MARGIN - 190
    )
    title = invoice.words[invoice.kind]
    sheet.text(right, 50, title, style.face.plain, 17, colour=WHITE, align="right", within=180)
    left_end = address(
        sheet, MARGIN, 118, issuer, style, label=invoice.words["from"], width=half - 20
    )
    label = invoice.words["supplier" if ordering else "bill_to"]
    right_end = address(sheet, MARGIN + half, 118, other, style, label=label, width=half - 10)
    listed = facts(invoice, style)
    y = max(left_end, right_end) + 22
    across = (right - MARGIN) / min(len(listed), 4)
    sheet.rule(MARGIN, right, y - 18, colour=GREY)
    for n, (caption, value) in enumerate(listed):
        x = MARGIN + (n % 4) * across
        line = y + (n // 4) * 34
        name = caption.removesuffix(":")
        sheet.text(x, line, name, style.face.plain, style.size - 1, colour=GREY, within=across - 10)
        sheet.text(x, line + 14, value, style.face.bold, style.size + 0.5, within=across - 10)
    y += ((len(listed) - 1) // 4) * 34 + 30
    names = ["item", "quantity", "unit_price", "amount"]
    if style.decoys % 2:
        names = ["quantity", "item", "unit_price", "amount"]
    y = Table(sheet, invoice, style, Look(striped=True, ruled=not style.marked), names).draw(y)
    if y + sums_height(style) > sheet.height - FOOT:
        sheet.turn()
        y = MARGIN
    y = sums(sheet, right - 5, y + 24, invoice, style, banded=True)
    sentences(sheet, y + 14, invoice, style)
    foot(sheet, invoice, style)
    return sheet
