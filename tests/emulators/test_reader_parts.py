"""Bytes become positioned lines, or an error that says what is wrong with them."""

import io
import logging

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from emulators.reader import Unreadable, count_pages, read_fields, read_text

PDF = "application/pdf"
PNG = "image/png"


def pdf(*pages: list[tuple[float, float, str]]) -> bytes:
    """Make a PDF with texts at (x, y from the bottom)."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(400, 300), invariant=1)
    for page in pages:
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def picture(*lines: str, angle: float = 0.0) -> Image.Image:
    """Draw lines of text on white."""
    image = Image.new("RGB", (900, 90 + 70 * len(lines)), "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((60, 40 + 70 * row), line, fill="black", font=ImageFont.load_default(34))
    return image.rotate(angle, fillcolor="white") if angle else image


def encoded(image: Image.Image, kind: str) -> bytes:
    """Encode an image."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def test_a_text_layer_is_read_with_positions() -> None:
    """Words on one baseline are a line, and a wide gap makes two cells of it."""
    (page,) = read_text([(PDF, pdf([(50, 250, "Invoice No."), (200, 250, "42"), (50, 200, "x")]))])
    assert [line.text for line in page.lines] == ["Invoice No.  42", "x"]
    label, number = page.lines[0].cells
    assert label.x0 == pytest.approx(50, abs=1)
    assert number.x0 == pytest.approx(200, abs=1)
    assert 30 < page.lines[0].middle < 60
    assert (page.width, page.height) == (400, 300)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(turn: int) -> None:
    """A page's own rotation changes where its lines stand, not what they say."""
    reader = PdfReader(io.BytesIO(pdf([(50, 250, "upper left"), (50, 50, "lower left")])))
    writer = PdfWriter()
    writer.add_page(reader.pages[0]).rotate(turn)
    file = io.BytesIO()
    writer.write(file)
    (page,) = read_text([(PDF, file.getvalue())])
    words = {word.text: word for line in page.lines for word in line.words}
    expected = {90: (250, 50), 180: (350, 250), 270: (50, 350)}[turn]
    assert words["upper"].x0 == pytest.approx(expected[0], abs=40)
    assert words["upper"].y0 == pytest.approx(expected[1], abs=40)


def test_the_pages_of_a_pdf_are_counted() -> None:
    """Whether there is anything on them or not."""
    assert count_pages(pdf([], [(50, 50, "x")], [])) == 3


def test_pictures_are_recognised_and_straightened(caplog: pytest.LogCaptureFixture) -> None:
    """A page that lies askew reads like a straight one, and the recogniser logs nothing."""
    with caplog.at_level(logging.DEBUG):
        (page,) = read_text(
            [(PNG, encoded(picture("Invoice number 4711", "Total 12.50 EUR", angle=1.2), "PNG"))]
        )
    assert [line.text for line in page.lines] == ["Invoice number 4711", "Total 12.50 EUR"]
    assert not [record for record in caplog.records if record.name == "RapidOCR"]


def test_a_scanned_pdf_is_rendered_and_recognised() -> None:
    """A page that is only a picture has its text read by OCR."""
    scan = encoded(picture("Rechnung Nr. 88", "Gesamtbetrag 10,00"), "PDF")
    (page,) = read_text([(PDF, scan)])
    assert [line.text for line in page.lines] == ["Rechnung Nr. 88", "Gesamtbetrag 10,00"]


def test_an_empty_page_has_no_lines() -> None:
    """Neither a blank PDF page nor a blank picture has text."""
    (page,) = read_text([(PDF, pdf([]))])
    assert page.lines == ()
    blank = encoded(Image.new("L", (300, 300), 255), "PNG")
    assert read_text([(PNG, blank)])[0].lines == ()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_pixel_format_can_be_decoded(mode: str) -> None:
    """Bilevel, grey, palette, transparent and deep pictures alike."""
    image = Image.new("L", (60, 40), 255)
    if mode == "I;16":
        image = Image.fromarray(np.full((40, 60), 40_000, dtype=np.uint16))
    else:
        image = image.convert(mode)
    assert read_text([(PNG, encoded(image, "PNG"))])[0].width == 60


def encrypted() -> bytes:
    """Make a PDF that opens with a password only."""
    writer = PdfWriter(io.BytesIO(pdf([(50, 50, "secret")])))
    writer.encrypt("password", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def pageless() -> bytes:
    """Make a PDF without pages."""
    file = io.BytesIO()
    PdfWriter().write(file)
    return file.getvalue()


BROKEN = {
    "empty": (PDF, b""),
    "cut": (PDF, pdf([(50, 50, "x")])[:200]),
    "no PDF": (PDF, b"PK\x03\x04 something else"),
    "encrypted": (PDF, encrypted()),
    "no pages": (PDF, pageless()),
    "no image": (PNG, b"\x89PNG\r\n\x1a\n and then nothing"),
    "unknown type": ("image/tiff", b"II*\x00"),
}


@pytest.mark.parametrize("part", BROKEN.values(), ids=BROKEN.keys())
def test_broken_bytes_are_unreadable(part: tuple[str, bytes]) -> None:
    """Whatever is wrong, it is one error, and a ValueError."""
    for read in (read_text, lambda parts: read_fields(parts, {})):
        with pytest.raises(Unreadable) as caught:
            read([part])
        assert isinstance(caught.value, ValueError)
    if part[0] == PDF:
        with pytest.raises(Unreadable):
            count_pages(part[1])


def test_an_image_cut_short_is_unreadable() -> None:
    """Its header is whole, its pixels are not."""
    data = encoded(picture("some text"), "PNG")
    with pytest.raises(Unreadable, match="cannot be decoded"):
        read_text([(PNG, data[: len(data) // 2])])


def test_a_picture_of_absurd_size_is_not_decoded() -> None:
    """A bomb of pixels is refused by its header."""
    for side in (12_000, 15_000):
        bomb = encoded(Image.new("1", (side, side)), "PNG")
        with pytest.raises(Unreadable, match="pixels"):
            read_text([(PNG, bomb)])
