"""PDF pages by PDFium: the text layer with positions, or a picture where there is none.

Every function here must be called with the lock of `sluicegate.pdf.document` held.
"""

import contextlib
import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from sluicegate.evidence.pages import Page, Word, lay_out
from sluicegate.evidence.unreadable import Unreadable

# A scan is rendered so that its longer side has this many pixels: about 150 dpi on A4.
RENDER_PIXELS = 1800
# Fewer characters than this beside a picture are a stamp or a page number on a scan.
FEW_CHARACTERS = 20
# A dense page has some 10,000; one of more than this was made to keep a reader busy.
MAX_CHARACTERS = 200_000
_SPACES = frozenset("\t\n\r\v\f \u00a0\u2002\u2003\u2009\u200a\u202f\u3000\0")
# Soft hyphens at line ends come out as U+FFFE or U+0002.
_HYPHENS = {"\ufffe": "-", "\u0002": "-", "\u00ad": "-"}


@dataclass(frozen=True)
class Scan:
    """A rendered page: RGB, an array (height, width, 3); `scale` is pixels per point."""

    image: Any
    scale: float


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF and close it again; raises Unreadable if it cannot be or has no page."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        reason = "is encrypted" if "assword" in str(error) else "cannot be opened"
        raise Unreadable(f"the PDF {reason}: {error}") from error
    try:
        if len(document) == 0:
            raise Unreadable("the PDF has no pages")
        yield document
    finally:
        document.close()


def read_page(
    document: pypdfium2.PdfDocument, index: int, number: int, *, render: bool = True
) -> Page | Scan:
    """Return page `index` laid out as page `number`, or rendered if it has no text layer.

    Without `render` such a page comes back as one that was not read.
    """
    page = document[index]
    try:
        width, height = page.get_size()
        text = page.get_textpage()
        try:
            words = _words(text.raw, page)
        finally:
            text.close()
        characters = sum(len(word.text) for word in words)
        if characters < FEW_CHARACTERS and _drawn(page, with_paths=characters == 0):
            if not render:
                return Page(width, height, is_read=False)
            scale = RENDER_PIXELS / max(width, height, 1.0)
            bitmap = page.render(scale=scale, rev_byteorder=True)
            try:
                pixels = bitmap.to_numpy()[:, :, :3].copy()
            finally:
                bitmap.close()
            return Scan(pixels, scale)
        return lay_out(words, number, width, height)
    finally:
        page.close()


def _drawn(page: pypdfium2.PdfPage, *, with_paths: bool) -> bool:
    """Whether a page shows pictures (or, if asked, any drawing at all)."""
    wanted = [pdfium.FPDF_PAGEOBJ_IMAGE]
    if with_paths:
        wanted += [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING]
    return next(page.get_objects(filter=wanted, max_depth=4), None) is not None


def _words(text: pdfium.FPDF_TEXTPAGE, page: pypdfium2.PdfPage) -> list[Word]:
    """Collect the words of a text page, each from its characters' boxes.

    Words set at an angle (stamps, margins) are left out: they would cut through the lines.
    """
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    turn = page.get_rotation()
    words: list[Word] = []
    letters: list[str] = []
    box = pdfium.FS_RECTF()
    pointer = ctypes.byref(box)
    x0 = y0 = x1 = y1 = 0.0
    level = True

    def finish() -> None:
        if letters and level and x1 > x0 and y0 > y1:
            corners = _turned(x0 - left, top - y0, x1 - left, top - y1, width, height, turn)
            words.append(Word("".join(letters), *corners))
        letters.clear()

    for index in range(min(pdfium.FPDFText_CountChars(text), MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(text, index)
        # Halves of surrogate pairs and private-use characters are icons: they end a word.
        letter = " " if 0xD800 <= code < 0xF900 or code > 0xFFFF else chr(code)
        letter = _HYPHENS.get(letter, letter)
        if letter in _SPACES:
            finish()
            continue
        pdfium.FPDFText_GetLooseCharBox(text, index, pointer)
        if letters and turn == 0:
            size = max(y0 - y1, 0.1)
            # Arabic and Hebrew run to the left.
            gap = x0 - box.right if 0x590 <= code < 0x900 else box.left - x1
            if gap > 0.3 * size or gap < -0.8 * size or abs(box.bottom - y1) > 0.4 * size:
                finish()
        if not letters:
            x0, x1, y0, y1 = box.left, box.right, box.top, box.bottom
            level = turn != 0 or abs(_angle(text, index)) < 0.1
        else:
            x0, x1 = min(x0, box.left), max(x1, box.right)
            y0, y1 = max(y0, box.top), min(y1, box.bottom)
        letters.append(letter)
    finish()
    return words


def _angle(text: pdfium.FPDF_TEXTPAGE, index: int) -> float:
    """Angle of a character in radians, between -pi and pi."""
    angle = float(pdfium.FPDFText_GetCharAngle(text, index))
    return angle - 2 * math.pi if angle > math.pi else angle


def _turned(
    x0: float, y0: float, x1: float, y1: float, width: float, height: float, turn: int
) -> tuple[float, float, float, float]:
    """Turn a box, given from the top left of the unrotated page, as the page is shown."""
    if turn == 90:
        return height - y1, x0, height - y0, x1
    if turn == 180:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 270:
        return y0, width - x1, y1, width - x0
    return x0, y0, x1, y1
