"""The parts that layouts share: logo, address, facts, totals, foot of the page."""

import math
from collections.abc import Sequence

from samples.companies import Company
from samples.invoice import Invoice
from samples.layouts.style import Style, remarks, totals
from samples.sheet import GREY, INK, WHITE, Sheet, width_of

MARGIN = 50.0
FOOT = 78.0  # points kept free for the foot of the page

Facts = Sequence[tuple[str, str]]


def logo(sheet: Sheet, x: float, y: float, size: float, style: Style) -> None:
    """Draw one of four figures in a square whose top left corner is given."""
    centre = (x + size / 2, y + size / 2)
    if style.shape == 0:
        sheet.polygon(_ring(centre, size / 2, 32), fill=style.accent)
        sheet.polygon(_ring((centre[0] + size * 0.12, centre[1]), size / 4, 32), fill=WHITE)
    elif style.shape == 1:
        for step in range(3):
            height = size * (step + 1) / 3
            left = x + step * size * 0.36
            sheet.box(left, y + size - height, size * 0.28, height, fill=style.accent)
    elif style.shape == 2:
        sheet.polygon(_ring(centre, size / 2, 6), fill=style.accent)
        sheet.polygon(_ring(centre, size / 4, 6), fill=style.tint)
    else:
        sheet.polygon(((x, y + size), (centre[0], y), (x + size, y + size)), fill=style.accent)
        half = (x + size, y + size), (x + size * 1.3, y + size), (x + size * 0.85, y + size * 0.3)
        sheet.polygon(half, fill=GREY)


def _ring(
    centre: tuple[float, float], radius: float, corners: int
) -> tuple[tuple[float, float], ...]:
    turns = (2 * math.pi * n / corners for n in range(corners))
    return tuple(
        (centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns
    )


def address(
    sheet: Sheet,
    x: float,
    y: float,
    company: Company,
    style: Style,
    *,
    label: str = "",
    width: float,
) -> float:
    """Set a company's address below an optional label and return the next baseline."""
    leading = style.size * 1.4
    if label:
        sheet.text(x, y, label, style.face.plain, style.size - 1, colour=GREY)
        y += leading
    sheet.text(x, y, company.name, style.face.bold, style.size, within=width)
    for line in company.address:
        y += leading
        sheet.text(x, y, line, style.face.plain, style.size, within=width)
    return y + leading


def facts_beside(
    sheet: Sheet, x: float, y: float, listed: Facts, style: Style, *, width: float, ragged: bool
) -> float:
    """Set label left, value right of it, one pair a line; return the next baseline."""
    face, size = style.face, style.size
    gap = max(width_of(label, face.plain, size) for label, _ in listed) + 12
    for label, value in listed:
        sheet.text(x, y, label, face.plain, size, colour=GREY)
        if ragged:
            sheet.text(x + gap, y, value, face.bold, size, within=width - gap)
        else:
            sheet.text(x + width, y, value, face.bold, size, align="right", within=width - gap)
        y += size * 1.55
    return y


def sums(
    sheet: Sheet, right: float, y: float, invoice: Invoice, style: Style, *, banded: bool
) -> float:
    """Set the totals flush right, the last one emphasised; return the next baseline."""
    face, size = style.face, style.size
    lines = totals(invoice, style)
    large = size + 2
    values = max(width_of(value, face.bold, large) for _, value in lines)
    left = right - values - max(width_of(label, face.bold, large) for label, _ in lines) - 30
    for label, value in lines[:-1]:
        sheet.text(left, y, label, face.plain, size)
        sheet.text(right, y, value, face.plain, size, align="right")
        y += size * 1.6
    y += 8 if banded else 4
    if banded:
        sheet.box(left - 8, y - large - 3, right - left + 14, large * 1.9, fill=style.accent)
    else:
        sheet.rule(left, right, y - large - 1, width=0.8)
    colour = WHITE if banded else INK
    label, value = lines[-1]
    sheet.text(left, y + 1, label, face.bold, large, colour=colour)
    holds = {"total_amount": value}
    sheet.text(right, y + 1, value, face.bold, large, align="right", colour=colour, holds=holds)
    return y + large * 2.2


def sums_height(style: Style) -> float:
    """Return the room to keep for totals and remarks, in points."""
    return style.size * 17


def sentences(
    sheet: Sheet, y: float, invoice: Invoice, style: Style, *, left: float = MARGIN
) -> float:
    """Set the closing remarks over the page's width and return the next baseline."""
    width = sheet.width - MARGIN - left
    for sentence in remarks(invoice):
        y = sheet.paragraph(left, y, sentence, style.face.plain, style.size, width=width)
    return y


def foot(sheet: Sheet, invoice: Invoice, style: Style) -> None:
    """Set the issuer's particulars and the page number at the foot of every page."""
    issuer = invoice.buyer if invoice.kind == "purchase_order" else invoice.vendor
    size = style.size - 2
    y = sheet.height - FOOT + 30
    right = sheet.width - MARGIN
    words = invoice.words
    account = f"{words['bank']}: {issuer.account}"
    particulars = (
        f"{issuer.name} · {issuer.street} · {issuer.town}",
        f"{words['tax_id']} {issuer.tax_id} · {account} · {issuer.site}",
    )
    count = len(sheet.pages)
    for page in range(count):
        for line, text in enumerate(particulars):
            sheet.text(
                MARGIN,
                y + line * size * 1.4,
                text,
                style.face.plain,
                size,
                colour=GREY,
                within=right - MARGIN - 70,
                page=page,
            )
        number = words["page"].format(n=page + 1, all=count)
        sheet.text(right, y, number, style.face.plain, size, colour=GREY, align="right", page=page)
