"""Where a document's values are printed: the boxes of what was set, in shares of the page."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]

from samples.invoice import Invoice
from samples.languages.model import SYMBOLS
from samples.sheet import HELVETICA, VERA, Sheet, Text, embed_fonts, width_of

# A bare PDF has no embedded faces.
_BARE = dict(zip(VERA, HELVETICA, strict=True))


class Box(NamedTuple):
    """A box on a page, counted from 1: 0 to 1 from the top left corner of the upright page."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def turned(self, degrees: float, width: float, height: float) -> "Box":
        """Return where the box comes to lie when its page is turned about its middle."""
        angle = math.radians(degrees)
        x = ((self.x0 + self.x1) / 2 - 0.5) * width
        y = ((self.y0 + self.y1) / 2 - 0.5) * height
        right = (x * math.cos(angle) + y * math.sin(angle) - x) / width
        down = (y * math.cos(angle) - x * math.sin(angle) - y) / height
        return Box(self.page, self.x0 + right, self.y0 + down, self.x1 + right, self.y1 + down)


Boxes = dict[str, list[Box]]


def boxes_of(sheet: Sheet, invoice: Invoice, *, bare: bool) -> Boxes:
    """Return for each value of the truth every box in which it is printed as that value.

    A value over several lines has one box around them. `bare` is for a document that is set in the
    standard fonts.
    """
    header = {
        "invoice_id": invoice.number,
        "invoice_date": invoice.day(invoice.issued),
        "vendor_name": invoice.vendor.name,
    }
    found: Boxes = {}
    for number, marks in enumerate(sheet.pages, 1):
        texts = [mark for mark in marks if isinstance(mark, Text)]
        for index, text in enumerate(texts):
            for field, start, end in _spans(text, header, invoice):
                box = _box(text, start, end, number, sheet, bare=bare)
                if field.endswith(".description") and found.get(field):
                    box = _around(found[field].pop(), box)
                found.setdefault(field, []).append(box)
            wrapped = _wrapped(texts[index : index + 2], invoice.vendor.name)
            if wrapped:
                parts = [_box(t, 0, len(t.words), number, sheet, bare=bare) for t in wrapped]
                found.setdefault("vendor_name", []).append(_around(*parts))
    return found


def _spans(
    text: Text, header: Mapping[str, str], invoice: Invoice
) -> Iterator[tuple[str, int, int]]:
    """Yield the values in one text: (field, start, end)."""
    for field, printed in header.items():
        for match in re.finditer(rf"(?<![\w./-]){re.escape(printed)}(?![\w/-])", text.words):
            yield field, *match.span()
    for field, written in text.holds:
        printed = invoice.number_of(abs(invoice.total)) if field == "total_amount" else written
        at = text.words.find(printed)
        if at >= 0:
            signed = at > 0 and text.words[at - 1] == "-"
            yield field, at - signed, at + len(printed.removesuffix(" x"))
    if any(field == "total_amount" for field, _ in text.holds):
        for mark in (SYMBOLS[invoice.currency], invoice.currency):
            at = text.words.find(mark)
            if at >= 0:
                yield "currency", at, at + len(mark)
                break


def _wrapped(texts: list[Text], name: str) -> list[Text]:
    """Return two texts that are one name over two lines."""
    joined = " ".join(text.words for text in texts)
    return texts if joined == name and all(text.words != name for text in texts) else []


def _box(text: Text, start: int, end: int, page: int, sheet: Sheet, *, bare: bool) -> Box:
    face = _BARE.get(text.face, text.face) if bare else text.face
    if face in VERA:
        embed_fonts()
    ascent, descent = pdfmetrics.getAscentDescent(face, text.size)
    left = text.x + width_of(text.words[:start], face, text.size)
    right = text.x + width_of(text.words[:end], face, text.size)
    return Box(
        page,
        left / sheet.width,
        (text.y - ascent) / sheet.height,
        right / sheet.width,
        (text.y - descent) / sheet.height,
    )


def _around(one: Box, other: Box) -> Box:
    return Box(
        one.page,
        min(one.x0, other.x0),
        min(one.y0, other.y0),
        max(one.x1, other.x1),
        max(one.y1, other.y1),
    )
