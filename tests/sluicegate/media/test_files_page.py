"""docs/files.md: each line of its tables is what the code does with such a file."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import Part, prepare
from sluicegate.pdf.cut import cut
from sluicegate.sources.excluding import SYSTEM_FILES
from tests.sluicegate.formats.test_known import MAIL, compound, tarred, zipped
from tests.sluicegate.media import made, pictures
from tests.sluicegate.pdf.test_forms import WAIT, form, rewritten, wrapping

PAGE = (Path(__file__).parents[3] / "docs" / "files.md").read_text("utf-8")
PDF = made.pdf_of(made.pages())
UPDATED = made.with_second_page(PDF)
PICTURE = made.marked()
TIFF = made.of_image(PICTURE)
THUMB = made.of_image(made.marked((24, 16))).tagged(t254=1)
PNG, JPEG = pictures.saved(PICTURE, "PNG"), made.jpeg(PICTURE)
HEIC = pictures.heif()
WINDOW_PAGES = 2
Case = bytes | tuple[bytes, Limits] | tuple[bytes, Limits, int]  # the last: pages of a window


def compressed(number: int) -> made.Page:
    """Return a page in a compression, whatever that number is."""
    page = made.of_image(PICTURE)
    page.tags[259] = ("H", [number])
    return page


def transparent(form_: str, alpha: int) -> bytes:
    """Return a picture with one alpha all over but for its middle."""
    image = PICTURE.convert("RGBA")
    image.putalpha(alpha)
    image.paste((0, 0, 0, 255), (40, 30, 50, 40))
    return pictures.saved(image, form_, **({"lossless": True} if form_ == "WEBP" else {}))


def unpacking() -> bytes:
    """Return 60 pages of 170 million pixels each, in few bytes."""
    page = made.stored((17_000, 10_000), b"\0")
    page.tags[259] = ("H", [8])
    return made.tiff(*[page] * 60)


def with_text(*, kind: bytes = b"tEXt") -> bytes:
    """Return a PNG with a block of a bad checksum."""
    at = PNG.index(b"IDAT") - 4
    block = pictures.png_block(kind, b"x")[:-1] + b"?"
    return PNG[:at] + block + PNG[at:]


def moving(form_: str) -> bytes:
    """Return an animation of two pictures."""
    second = Image.new("RGB", PICTURE.size)
    return pictures.saved(PICTURE, form_, save_all=True, append_images=[second])


def cut_strip() -> bytes:
    """Return a TIFF whose strip lies behind its end."""
    page = made.of_image(PICTURE)
    page.tags[259], page.strips = ("H", [8]), [zlib.compress(page.strips[0])]
    data = made.tiff(page)
    at = data.index(struct.pack("<HHI", 279, 4, 1)) + 8
    return data[:at] + struct.pack("<I", len(data)) + data[at + 4 :]


LYING = [*made.pages(2)]
LYING[1] = LYING[1].replace(b"/Count 2", b"/Count 3")
DEEP = made.stored(
    PICTURE.size, made.deep(PICTURE.convert("L"), "<", 16, flip=True), bits=16, photometric=0
)
FILES: dict[str, Callable[[], list[Case]]] = {
    # PDF
    "whole": lambda: [PDF, UPDATED],
    "whole, but its end marker lacks, in part or whole": lambda: [PDF[:-2], PDF[:-5], PDF[:-6]],
    "whole, with junk before its header or behind its end": lambda: [
        bytes(300) + PDF, PDF + bytes(5000), PDF + b"\n<p>an object</p>" * 300,
    ],
    "whole, but its table is off by some bytes": lambda: [PDF.replace(b"\n", b"\r\n")],
    "updated, the update whole": lambda: [UPDATED],
    "updated, the update cut, however short": lambda: [
        UPDATED[: len(PDF) + length] for length in (5, 40, 200, 400)
    ],
    "cut anywhere before its table": lambda: [PDF[:length] for length in (60, 300, 450)],
    "a page that the page tree names is not there": lambda: [made.pdf_of(LYING)],
    "no pages": lambda: [pictures.pdf(0)],
    "needs a password": lambda: [pictures.pdf(1, "secret")],
    "more pages than a [window](long-documents.md) of the document type": lambda: [
        (pictures.pdf(5), Limits(pdf_pages=pages), WINDOW_PAGES) for pages in (3, 1000)
    ],
    "more pages than the model takes, of a type without windows": lambda: [
        (pictures.pdf(3), Limits(pdf_pages=2))
    ],
    "a form, values in its fields": lambda: [form(b"INV-1")],
    'the shell of an XFA form ("Please wait…")': lambda: [
        rewritten(form(text=WAIT, more=b"/XFA [(a) (b)]"))
    ],
    "a portfolio: a cover around other files": lambda: [wrapping(["a.pdf"], collection=True)],
    "other documents attached": lambda: [wrapping(["a.pdf"], collection=False)],
    "the XML of an e-invoice attached": lambda: [wrapping(["factur-x.xml"], collection=False)],
    "two PDFs, one behind the other": lambda: [PDF + UPDATED, UPDATED + PDF, PDF + PDF],
    # TIFF
    "bilevel, grey, palette or colour page": lambda: [
        pictures.saved(pictures.page(mode), "TIFF") for mode in ("1", "L", "P", "RGB")
    ],
    "page stored as JPEG": lambda: [pictures.saved(PICTURE, "TIFF", compression="jpeg")],
    "thumbnail, reduced copy or mask beside the page": lambda: [
        made.tiff(THUMB, TIFF), made.tiff(TIFF, THUMB), made.tiff(TIFF, TIFF.tagged(t254=4)),
    ],
    "thumbnail first, the page below it (SubIFD)": lambda: [
        made.tiff(made.Page(THUMB.tags, THUMB.strips, [TIFF]))
    ],
    "fax of 204 x 98": lambda: [made.tiff(TIFF.tagged(t282=(204, 1), t283=(98, 1)))],
    "page on its side": lambda: [made.tiff(TIFF.tagged(t274=6))],
    "16 bits, 12 bits in 16, white at zero": lambda: [made.tiff(DEEP)],
    "samples beyond the colours": lambda: [
        made.tiff(made.stored((9, 9), bytes(162), samples=2, extra=[0]))
    ],
    "transparent page": lambda: [
        made.tiff(made.stored((2, 1), b"\0\0\0\0\0\0\0\xff", samples=4, photometric=2, extra=[2]))
    ],
    "alpha that is 0 all over": lambda: [
        made.tiff(made.stored((2, 1), b"\1\2\3\0\4\5\6\0", samples=4, photometric=2, extra=[2]))
    ],
    "print colours with a profile": lambda: [
        pictures.saved(PICTURE.convert("CMYK"), "TIFF", icc_profile=b"x" * 2_000_000)
    ],
    "BigTIFF, either byte order": lambda: [
        made.tiff(TIFF, order=order, big=True) for order in "<>"
    ],
    "JPEG 2000, WebP, LERC or another compression not read here": lambda: [
        made.tiff(compressed(number)) for number in (34712, 50001, 34887, 60000)
    ],
    "a camera's raw picture": lambda: [
        made.tiff(made.stored((9, 9), bytes(162), bits=16, photometric=32803))
    ],
    "page of more than 180 million pixels": lambda: [made.tiff(made.stored((20_000, 10_000), b""))],
    "pages that unpack to more than 8 GiB together": lambda: [unpacking()],
    "strips behind the end of the file": lambda: [cut_strip()],
    # pictures
    "PNG, JPEG, WEBP, HEIC or HEIF": lambda: [
        PNG, JPEG, pictures.saved(PICTURE, "WEBP"), HEIC, pictures.heif(b"mif1", ()),
    ],
    "JPEG without its end marker, its lines whole": lambda: [JPEG[:-2], JPEG[:-2] + bytes(512)],
    "JPEG without its end marker, lines lacking": lambda: [JPEG[: len(JPEG) * 3 // 4]],
    "JPEG with stray bytes between its segments": lambda: [JPEG[:20] + b"abc" + JPEG[20:]],
    "JPEG with a film behind it": lambda: [JPEG + b"\0\0\0\x18ftypmp42" + bytes(8 << 20)],
    "JPEG, PNG or WEBP on its side (EXIF)": lambda: [
        pictures.saved(PICTURE, form_, exif=made.exif(6)) for form_ in ("JPEG", "PNG", "WEBP")
    ],
    "PNG with a bad checksum of a text block": lambda: [with_text()],
    "PNG with a bad checksum of its pixels": lambda: [with_text(kind=b"IDAT")],
    "PNG or WEBP with transparency": lambda: [transparent(form_, 0) for form_ in ("PNG", "WEBP")],
    "PNG or WEBP with an alpha that hides nothing": lambda: [
        transparent(form_, 255) for form_ in ("PNG", "WEBP")
    ],
    "animation (PNG, WEBP)": lambda: [moving("PNG"), moving("WEBP")],
    "HEIC with a trailer behind it": lambda: [HEIC + b"<x:xmpmeta/>", HEIC + b"SEFT", HEIC + b"\n"],
    "HEIC cut within its picture": lambda: [HEIC[:-9]],
    "few bytes that claim too many pixels": lambda: [pictures.png_claiming(50_000, 50_000)],
    # others
    "no bytes": lambda: [b""],
    "Word, Excel, PowerPoint, OpenDocument, old Office": lambda: [
        zipped("word/document.xml"), zipped("xl/workbook.xml"), compound("WordDocument"),
    ],
    "ZIP, tar, gzip, 7-Zip, RAR, whatever is inside": lambda: [
        zipped("a.pdf", "b.pdf", content=PDF), tarred(), b"\x1f\x8b" + PDF, b"Rar!\x1a\x07" + PDF,
    ],
    "e-mail, multipart message, Outlook message": lambda: [
        MAIL, b"--p\r\nContent-Type: text/plain\r\n\r\n" + PDF + PDF, compound("__substg1.0_0"),
    ],
    "XML (UBL, CII, FatturaPA), HTML, JSON, text, base64": lambda: [
        b"\xef\xbb\xbf<?xml version='1.0'?>", b"<html>%PDF-1.7</html>", b'{"a": 1}', b"hello",
    ],
    "AVIF, GIF, BMP, JPEG 2000, JPEG XL, films": lambda: [
        pictures.heif(b"avif"), pictures.saved(PICTURE, "GIF"), pictures.saved(PICTURE, "BMP"),
    ],
    ".DS_Store, Thumbs.db, ~$… named outright": lambda: [b"\0\0\0\x01Bud1", compound("Catalog")],
    "more bytes than the model takes": lambda: [(PNG, Limits(inline_image_bytes=100))],
}  # fmt: skip


def lines() -> list[tuple[str, str, str]]:
    """Return the lines of the page's tables of files: file, what is sent, outcome."""
    found = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "file":
            found.append((cells[0].strip(), cells[1].strip(), cells[2].strip()))
    return found


LINES = lines()


def outcome(case: Case) -> tuple[str, tuple[Part, ...]]:
    """Return "row" and what is sent, or the code of the failure."""
    data, limits, *window = case if isinstance(case, tuple) else (case, Limits())
    try:
        return "row", prepare(data, limits, "", *window)
    except DocumentFault as fault:
        return f"`{fault.code}`", ()


def test_every_line_has_its_files_and_every_file_its_line() -> None:
    """Nothing is said that is not tried."""
    assert len(LINES) == len({line[0] for line in LINES})
    assert {line[0] for line in LINES} == set(FILES)


@pytest.mark.parametrize(("name", "what", "said"), LINES, ids=[line[0] for line in LINES])
def test_a_line_is_what_happens(name: str, what: str, said: str) -> None:
    """The outcome, what is sent, and the warning."""
    for case in FILES[name]():
        found, parts = outcome(case)
        expected, _, warning = said.partition(", warning ")
        assert found == expected
        warnings = [text for part in parts for text in part.warnings]
        assert all(text.startswith(warning.strip('"')) for text in warnings)
        assert bool(warnings) == bool(warning)
        data: Any = case[0] if isinstance(case, tuple) else case
        if what == "the file":
            assert [part.data for part in parts] == [data]
        elif what.startswith("its windows"):
            assert parts[0].pages == 5
            windows = [cut(parts[0].data, first, first + WINDOW_PAGES - 1) for first in (1, 3)]
            assert all(len(PdfReader(BytesIO(each)).pages) == WINDOW_PAGES for each in windows)
        elif what == "nothing":
            assert parts == ()
        else:
            assert len(parts) == 1
            assert parts[0].data != data


def test_the_default_patterns_are_those_of_the_page() -> None:
    """Each is named with whose it is."""
    assert all(f"| `{pattern}` |" in PAGE for pattern in SYSTEM_FILES)
