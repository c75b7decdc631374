"""Files written byte by byte: TIFFs of any layout, PDFs of any structure."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.sluicegate.media import pictures

_CODES = {"B": 1, "H": 3, "I": 4, "R": 5, "f": 11, "d": 12}


@dataclass
class Page:
    """One directory of a TIFF: tags as (code, values), strips, and directories below it."""

    tags: dict[int, tuple[str, Sequence[Any]]]
    strips: list[bytes]
    subs: list["Page"] = field(default_factory=list)

    def tagged(self, **tags: Any) -> "Page":
        """Return the page with more tags: `t254=1`, `t282=(204, 1)` for a fraction."""
        more: dict[int, tuple[str, Sequence[Any]]] = {}
        for name, value in tags.items():
            number = int(name[1:])
            if number in (282, 283):
                more[number] = ("R", value)
            else:
                more[number] = ("I" if number in (254, 255) else "H", _listed(value))
        return Page({**self.tags, **more}, self.strips, self.subs)


def _listed(value: Any) -> Sequence[int]:
    return value if isinstance(value, list | tuple) else [value]


def tiff(*pages: Page, order: str = "<", big: bool = False) -> bytes:
    """Write a TIFF of these directories, classic or big, in either byte order."""
    return _Tiff(order, big=big).written(pages)


class _Tiff:
    def __init__(self, order: str, *, big: bool) -> None:
        self.order, self.big = order, big
        self.offset, self.size = ("Q", 8) if big else ("I", 4)
        mark = b"II" if order == "<" else b"MM"
        head = struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0)
        self.data = bytearray(mark + head)

    def written(self, pages: Sequence[Page]) -> bytes:
        at = self.size if self.big else 4
        for page in pages:
            begun, at_next = self.directory(page)
            self.data[at : at + self.size] = struct.pack(self.order + self.offset, begun)
            at = at_next
        return bytes(self.data)

    def directory(self, page: Page) -> tuple[int, int]:
        """Append a directory; return where it begins and where the next one's offset goes."""
        tags = dict(page.tags)
        offsets = [self.append(strip) for strip in page.strips]
        code = "Q" if self.big else "I"
        tags[273], tags[279] = (code, offsets), ("I", [len(strip) for strip in page.strips])
        if page.subs:
            tags[330] = (code, [self.directory(sub)[0] for sub in page.subs])
        rows = [self.row(tag, *tags[tag]) for tag in sorted(tags)]
        count = struct.pack(self.order + ("Q" if self.big else "H"), len(rows))
        begun = self.append(count + b"".join(rows) + b"\0" * self.size)
        return begun, len(self.data) - self.size

    def row(self, tag: int, code: str, values: Sequence[Any]) -> bytes:
        kind = 16 if code == "Q" else _CODES[code]
        body = struct.pack(f"{self.order}{len(values)}{'I' if code == 'R' else code}", *values)
        count = len(values) // 2 if code == "R" else len(values)
        if len(body) > self.size:
            body = struct.pack(self.order + self.offset, self.append(body))
        return struct.pack(f"{self.order}HH{self.offset}", tag, kind, count) + body.ljust(
            self.size, b"\0"
        )

    def append(self, data: bytes) -> int:
        self.data += b"\0" * (len(self.data) % 2)
        begun = len(self.data)
        self.data += data
        return begun


def stored(
    size: tuple[int, int],
    pixels: bytes,
    *,
    bits: int = 8,
    samples: int = 1,
    photometric: int = 1,
    extra: Sequence[int] = (),
) -> Page:
    """Return a page of uncompressed pixels in one strip."""
    tags: dict[int, tuple[str, Sequence[Any]]] = {
        256: ("I", [size[0]]), 257: ("I", [size[1]]), 258: ("H", [bits] * samples),
        259: ("H", [1]), 262: ("H", [photometric]), 277: ("H", [samples]), 278: ("I", [size[1]]),
    }  # fmt: skip
    if extra:
        tags[338] = ("H", list(extra))
    return Page(tags, [pixels])


def of_image(image: Image.Image) -> Page:
    """Return a page of a picture in mode 1, L or RGB."""
    if image.mode == "1":
        return stored(image.size, image.tobytes(), bits=1)
    samples = len(image.getbands())
    return stored(
        image.size, image.tobytes(), samples=samples, photometric=1 if samples == 1 else 2
    )


def deep(image: Image.Image, order: str, factor: int = 257, *, flip: bool = False) -> bytes:
    """Return the samples of a picture in 16 bits: each value times `factor`."""
    values = [(255 - value if flip else value) * factor for value in image.tobytes()]
    return struct.pack(f"{order}{len(values)}H", *values)


def pdf_of(objects: Sequence[bytes], *, root: int = 1, start: int = 0) -> bytes:
    """Write a PDF of numbered objects with a table; `start`: bytes before its header."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out) + start)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out) + start
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, root)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table


def pages(count: int = 1, first: int = 3, **catalog: bytes) -> list[bytes]:
    """Return the objects of a PDF with so many pages of plain text: catalogue, tree, pages."""
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(count))
    extra = b"".join(b" /%b %b" % (name.encode(), value) for name, value in catalog.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R%b >>" % extra,
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, kids),
    ]
    for number in range(count):
        objects += page(first + 2 * number, b"page %d of %d" % (number + 1, count))
    return objects


def page(number: int, text: bytes, *, more: bytes = b"") -> list[bytes]:
    """Return a page object of that number and its content, which is the next one."""
    content = b"BT /F1 24 Tf 50 200 Td (%b) Tj ET" % text
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return [
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents %d 0 R "
        b"/Resources << /Font << /F1 %b >> >>%b >>" % (number + 1, font, more),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]


def updated(data: bytes, objects: dict[int, bytes], *, size: int, root: int = 1) -> bytes:
    """Append an update that adds or replaces objects, as signers and stampers do."""
    before = int(data[data.rindex(b"startxref") + 10 :].split()[0])
    out, table = bytearray(data), bytearray(b"xref\n")
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, before)
    return bytes(out + table + trailer) + b"startxref\n%d\n%%%%EOF\n" % start


def with_second_page(data: bytes) -> bytes:
    """Append an update by which a PDF of one page gets a second: object 5 and 6, and the tree."""
    tree = b"<< /Type /Pages /Count 2 /Kids [3 0 R 5 0 R] >>"
    kid, content = page(5, b"CORRECTION")
    return updated(data, {2: tree, 5: kid, 6: content}, size=7)


def exif(orientation: int) -> bytes:
    """Return EXIF data that says one orientation."""
    return b"Exif\0\0" + tiff(Page({274: ("H", [orientation])}, []))


def jpeg(image: Image.Image, **options: Any) -> bytes:
    """Return a picture as JPEG."""
    return pictures.saved(image, "JPEG", **{"quality": 90, **options})


def marked(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Draw a page whose corners tell it from every turned one: red, green, blue, on white."""
    image = Image.new("RGB", size, "white")
    width, height = size
    for box, colour in (
        ((0, 0, width // 4, height // 4), (220, 20, 30)),
        ((width - width // 4, 0, width, height // 4), (20, 160, 40)),
        ((0, height - height // 4, width // 4, height), (30, 40, 200)),
    ):
        image.paste(colour, box)
    return image


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert a marked page; in bilevel, its blue corner alone is black."""
    if mode != "1":
        return image.convert(mode)
    return image.convert("L").point([0] * 80 + [255] * 176).convert("1", dither=Image.Dither.NONE)


def corners(image: Image.Image) -> list[str]:
    """Name the colours of the four corners: top left, top right, bottom left, bottom right."""
    image = image.convert("RGB")
    width, height = image.size
    names = []
    for x, y in ((3, 3), (width - 4, 3), (3, height - 4), (width - 4, height - 4)):
        pixel = image.getpixel((x, y))
        assert isinstance(pixel, tuple)
        red, green, blue = pixel[:3]
        if min(red, green, blue) > 200:
            names.append("white")
        elif max(red, green, blue) < 60:
            names.append("black")
        else:
            names.append(("red", "green", "blue")[(red, green, blue).index(max(red, green, blue))])
    return names


UPRIGHT = ["red", "green", "blue", "white"]
