"""A PDF writer of a page's length: text in the standard fonts, images, or nothing at all.

It is some ten times faster than a full typesetter, for samples by the ten thousand, and it can
write what a typesetter refuses to: a document without pages.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from samples.sheet import COURIER, HELVETICA, TIMES, VERA, Colour, Mark, Rule, Sheet, Text

_FONTS = (*HELVETICA, *TIMES, *COURIER)
_STAND_INS = dict(zip(VERA, HELVETICA, strict=True))
_ESCAPES = {ord(c): f"\\{c}" for c in "\\()"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that fills a page: its size in pixels, its channels and its dots per inch."""

    jpeg: bytes
    width: int
    height: int
    channels: int
    dpi: int


def assemble(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalog."""
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    offset = len(parts[0])
    offsets = []
    for number, body in enumerate(objects, start=1):
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        offsets.append(offset)
        parts.append(part)
        offset += len(part)
    size = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    parts.append(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, offset))
    return b"".join(parts)


def write(*sheets: Sheet) -> bytes:
    """Return sheets, one after the other, as PDF with a text layer.

    Embedded typefaces become Helvetica.
    """
    fonts = b"".join(b"/F%d %d 0 R" % (n, n + 3) for n in range(len(_FONTS)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    objects += [
        b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % name.encode()
        for name in _FONTS
    ]
    kids = []
    pages = [(sheet, marks) for sheet in sheets for marks in sheet.pages]
    for sheet, marks in pages:
        stream = zlib.compress("\n".join(_operators(marks, sheet.height)).encode("cp1252"), 6)
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R"
            b"/Resources<</Font<<%s>>>>>>" % (sheet.width, sheet.height, len(objects) + 2, fonts)
        )
        objects.append(_stream(stream, b"/Filter/FlateDecode"))
    objects[1] = _page_tree(kids)
    return assemble(objects)


def write_scan(pictures: Iterable[Picture]) -> bytes:
    """Return a PDF whose every page is one picture, as a scanner makes it: no text layer."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for picture in pictures:
        width, height = (side * 72 / picture.dpi for side in (picture.width, picture.height))
        first = len(objects) + 1
        kids.append(first)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R"
            b"/Resources<</XObject<</P %d 0 R>>>>>>" % (width, height, first + 1, first + 2)
        )
        objects.append(_stream(b"%.2f 0 0 %.2f 0 0 cm /P Do" % (width, height)))
        space = b"/DeviceGray" if picture.channels == 1 else b"/DeviceRGB"
        head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace%s"
        objects.append(
            _stream(
                picture.jpeg, head % (picture.width, picture.height, space) + b"/Filter/DCTDecode"
            )
        )
    objects[1] = _page_tree(kids)
    return assemble(objects)


def write_blank(pages: int, size: tuple[float, float], note: str) -> bytes:
    """Return a PDF with empty pages, or none; the note makes the bytes its own."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Resources<<>>>>" % size
    tree = _page_tree(list(range(3, 3 + pages)))
    info = b"<</Title(%s)>>" % note.translate(_ESCAPES).encode("cp1252")
    return assemble([b"<</Type/Catalog/Pages 2 0 R>>", tree, *[page] * pages, info])


def _page_tree(kids: Sequence[int]) -> bytes:
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    return b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), listed)


def _stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), head, data)


def _operators(marks: Sequence[Mark], height: float) -> Iterable[str]:
    for mark in marks:
        if isinstance(mark, Text):
            face = _FONTS.index(_STAND_INS.get(mark.face, mark.face))
            words = mark.words.translate(_ESCAPES)
            at = f"{mark.x:.2f} {height - mark.y:.2f}"
            yield f"{_rgb(mark.colour)} rg BT /F{face} {mark.size:.2f} Tf {at} Td ({words}) Tj ET"
        elif isinstance(mark, Rule):
            y = height - mark.y
            path = f"{mark.left:.2f} {y:.2f} m {mark.right:.2f} {y:.2f} l"
            yield f"{_rgb(mark.colour)} RG {mark.width:.2f} w {path} S"
        else:
            (x, y), *rest = mark.points
            path = f"{x:.2f} {height - y:.2f} m "
            path += " ".join(f"{x:.2f} {height - y:.2f} l" for x, y in rest)
            fill = f"{_rgb(mark.fill)} rg " if mark.fill else ""
            edge = f"{_rgb(mark.edge)} RG 0.6 w " if mark.edge else ""
            yield f"{fill}{edge}{path} {'b' if fill and edge else 's' if edge else 'f'}"


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part:.2f}" for part in colour)
