"""A business letter: letterhead, address window, a subject line and prose around the table."""

from samples.invoice import Invoice
from samples.layouts.blocks import FOOT, MARGIN, address, foot, sentences, sums, sums_height
from samples.layouts.style import Style, blank_sheet, facts
from samples.layouts.table import Look, Table
from samples.sheet import GREY, Sheet


def draw(invoice: Invoice, style: Style) -> Sheet:
    """Draw the document."""
    sheet = blank_sheet(invoice)
    right = sheet.width - MARGIN
    face, size = style.face, style.size
    ordering = invoice.kind == "purchase_order"
    issuer, other = invoice.vendor, invoice.buyer
    if ordering:
        issuer, other = other, issuer
    centre = sheet.width / 2
    sheet.text(
        centre, 60, issuer.name, face.bold, 18, colour=style.accent, align="centre", within=400
    )
    line = f"{issuer.street} · {issuer.town} · {issuer.site}"
    sheet.text(centre, 76, line, face.plain, size - 1, colour=GREY, align="centre", within=440)
    sheet.rule(MARGIN, right, 86, width=0.8, colour=style.accent)
    y = address(sheet, MARGIN, 136, other, style, width=260)

    listed = facts(invoice, style)
    number = invoice.words[f"{invoice.kind}_number"]
    date = invoice.words["order_date" if ordering else "date"]
    dated = f"{date}: {invoice.day(invoice.issued)}"
    sheet.text(right, y + 30, dated, face.plain, size, align="right")
    title = invoice.words[invoice.kind]
    # Where the label already says what the document is, the title would say it twice.
    subject = f"{number} {invoice.number}"
    y += 58
    if not number.lower().startswith(title.lower().split(" ", maxsplit=1)[0]):
        sheet.text(MARGIN, y, title, face.bold, size + 4)
        y += 20
    sheet.text(MARGIN, y, subject, face.bold, size + 2)
    said = {number, date}
    rest = [
        f"{label.removesuffix(':')}: {value}"
        for label, value in listed
        if label.removesuffix(":") not in said
    ]
    for pair in rest:
        y += size * 1.5
        sheet.text(MARGIN, y, pair, face.plain, size)
    y += 26
    if invoice.kind == "invoice":
        y = sheet.paragraph(
            MARGIN, y, invoice.words["opening"], face.plain, size, width=right - MARGIN
        )
    names = ("item", "quantity", "unit_price", "amount")
    y = Table(sheet, invoice, style, Look(ruled=style.marked), names).draw(y + 4)
    if y + sums_height(style) + 30 > sheet.height - FOOT:
        sheet.turn()
        y = MARGIN
    y = sums(sheet, right - 5, y + 24, invoice, style, banded=False)
    y = sentences(sheet, y + 10, invoice, style)
    sheet.text(MARGIN, y + 14, invoice.words["yours"], face.plain, size)
    sheet.text(MARGIN, y + 28, issuer.name, face.plain, size)
    foot(sheet, invoice, style)
    return sheet
