"""The broken files: each one is broken in its own way, and in no other."""

import zipfile
from io import BytesIO
from random import Random

import pypdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from samples import flaws
from samples.generator import generate
from samples.plan import Plan, make


def broken(flaw: str, *, turn: int = 0, small: bool = False) -> tuple[bytes, str]:
    """Make a file with a flaw; return it and what is expected of it."""
    form = flaws.FLAWS[flaw] or "pdf"
    plan = Plan(
        language="de",
        layout=("rows", "strip", "grid", "letter")[turn % 4],
        form=form,
        kind="purchase_order" if flaw == "purchase_order" else "invoice",
        flaw=flaw,
        small=small,
    )
    sample = make(plan, Random(f"{flaw}/{turn}"), turn)
    return sample[0], sample[1]["expect"]


@pytest.mark.parametrize("small", [True, False])
def test_truncated_pdfs_cannot_be_opened(small: bool) -> None:
    """Neither writer's PDF can be repaired after the cut."""
    for turn in range(12):
        data, expect = broken("truncated", turn=turn, small=small)
        assert expect == "truncated"
        assert data.startswith(b"%PDF-")
        with pytest.raises(pdfium.PdfiumError):
            pdfium.PdfDocument(data)


def test_encrypted_pdfs_open_with_their_password_only() -> None:
    """Without the password nothing is read, with it everything is."""
    data, _ = broken("encrypted")
    with pytest.raises(pdfium.PdfiumError, match="password"):
        pdfium.PdfDocument(data)
    reader = pypdf.PdfReader(BytesIO(data))
    assert reader.is_encrypted
    assert reader.decrypt("000000")
    assert len(reader.pages) == 1


def test_a_pdf_can_have_no_pages_or_an_empty_one() -> None:
    """Both are valid PDFs: one without a page, one without a mark on it."""
    nothing, expect = broken("no_pages")
    assert expect == "empty"
    assert len(pypdf.PdfReader(BytesIO(nothing)).pages) == 0
    blank, _ = broken("blank_page")
    document = pdfium.PdfDocument(blank)
    page = document[0]
    assert page.render(grayscale=True).to_pil().getextrema() == (255, 255)
    page.close()
    document.close()


def test_a_corrupt_png_has_a_good_header_and_bad_pixels() -> None:
    """It says what it is, and fails when its pixels are read."""
    for turn in range(6):
        data, _ = broken("corrupt_png", turn=turn, small=True)
        with Image.open(BytesIO(data)) as image:
            assert image.format == "PNG"
            with pytest.raises((OSError, SyntaxError)):
                image.load()


@pytest.mark.parametrize("flaw", ["png_bomb", "tiff_bomb"])
def test_bombs_are_small_files_of_huge_images(flaw: str) -> None:
    """A careful reader refuses them by their header alone."""
    data, expect = broken(flaw)
    assert expect == "too_large"
    assert len(data) < 120_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(BytesIO(data))


def test_bombs_are_valid_images() -> None:
    """With a harmless size the same bytes are read to the last pixel."""
    with Image.open(BytesIO(flaws.png_bomb("x", side=100))) as black:
        assert black.convert("L").getextrema() == (0, 0)
    with Image.open(BytesIO(flaws.tiff_bomb("x", side=100))) as white:
        assert white.size == (100, 100)
        assert white.convert("L").getextrema() == (255, 255)


def test_other_things_are_no_documents() -> None:
    """Text, web pages and archives are what they are, under another name."""
    assert broken("empty") == (b"", "empty")
    assert broken("html")[0].startswith(b"<!DOCTYPE html>")
    assert broken("text")[0].decode().endswith("decided.\n")
    for flaw, member in (("zip", "readme.txt"), ("docx", "word/document.xml")):
        with zipfile.ZipFile(BytesIO(broken(flaw)[0])) as archive:
            assert member in archive.namelist()
            assert archive.testzip() is None


def test_a_misnamed_image_is_still_an_invoice() -> None:
    """A PNG called .pdf is expected to become a row."""
    plan = Plan(language="en", layout="slip", form="png", flaw="misnamed", small=True)
    data, truth, *_ = make(plan, Random(1), 1)
    assert (plan.suffix, truth["media_type"], truth["expect"]) == ("pdf", "image/png", "row")
    assert data.startswith(b"\x89PNG")
    assert truth["invoice_id"]


def test_a_purchase_order_is_readable_and_has_no_truth() -> None:
    """It opens, but no field of an invoice is expected of it."""
    data, expect = broken("purchase_order")
    document = pdfium.PdfDocument(data)
    page = document[0]
    layer = page.get_textpage()
    text = layer.get_text_bounded().lower()
    layer.close()
    page.close()
    document.close()
    assert "bestell" in text
    assert "rechnung" not in text
    assert expect == "not_an_invoice"


def test_the_share_of_broken_files_is_kept() -> None:
    """About as many are broken as were asked for, of every sort that fits the formats."""
    made = [generate(9, n, formats=("pdf",), broken=0.5, small=True).truth for n in range(300)]
    flawed = [truth["flaw"] for truth in made if truth["flaw"]]
    assert 120 < len(flawed) < 180
    assert set(flawed) == {name for name, form in flaws.FLAWS.items() if form in {"", "pdf"}}
    assert all(t["invoice_id"] is None and not t["line_items"] for t in made if t["flaw"])
