"""Odd but real files have the outcome that they should have; skipped where they are not at hand."""

import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageStat

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import Part, prepare
from tests.sluicegate.media.checking import DEVELOPER

FOLDER = (
    Path(
        os.environ.get("SLUICEGATE_REAL_DOCUMENTS")
        or Path(__file__).resolve().parents[3].parent / "shared" / "data"
    )
    / "odd"
)
Look = Callable[[bytes, tuple[Part, ...]], None]


def as_it_is(data: bytes, parts: tuple[Part, ...]) -> None:
    """Expect the file itself."""
    assert [part.data for part in parts] == [data]


def one_page(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect a PDF of one page."""
    assert pages_of(parts) == 1


def both_pages(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect a PDF of two pages."""
    assert pages_of(parts) == 2


def pages_of(parts: tuple[Part, ...]) -> int:
    """Count the pages of the PDF that is sent."""
    (part,) = parts
    document = pypdfium2.PdfDocument(part.data)
    try:
        return len(document)
    finally:
        document.close()


def filled(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect the values of the fields in the page."""
    document = pypdfium2.PdfDocument(parts[0].data)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert all(value in text for value in ("INV-2025-7", "2025-03-04", "Muster GmbH", "1,234.50"))


def picture(size: tuple[int, int], mean: int, slack: int = 3) -> Look:
    """Expect one picture of that size and mean brightness, which opens and has no profile."""

    def look(_: bytes, parts: tuple[Part, ...]) -> None:
        (part,) = parts
        with Image.open(io.BytesIO(part.data)) as image:
            image.load()
            assert image.size == size
            assert "icc_profile" not in image.info
            means = ImageStat.Stat(image.convert("L")).mean
        assert means == [pytest.approx(mean, abs=slack)]

    return look


def fax(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect an upright page of square pixels."""
    (part,) = parts
    with Image.open(io.BytesIO(part.data)) as image:
        width, height = image.size
        assert image.mode == "1"
    assert width == 1728
    assert 2290 <= height <= 2390


def heic(data: bytes, parts: tuple[Part, ...]) -> None:
    """Expect the picture without what follows it."""
    (part,) = parts
    assert part.media_type == "image/heic"
    assert data.startswith(part.data)
    assert 15_000 < len(part.data) < len(data)


def all_83(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect every page, in its size."""
    assert len(parts) == 83
    assert {Image.open(io.BytesIO(part.data)).size for part in parts} == {(2480, 3508)}


LETTER = picture((1700, 2200), 247)
EXPECTED: dict[str, str | Look] = {
    "three_stored.zip": "unsupported_type: ZIP archive",
    "p01_no_eof_after_startxref.pdf": as_it_is,
    "p02_ends_in_EO.pdf": as_it_is,
    "p05_html_after_with_object.pdf": one_page,
    "p06_html_after_no_object.pdf": one_page,
    "p12_xfa.pdf": "xfa_form: Adobe Reader",
    "p13_acroform_values.pdf": filled,
    "p14_portfolio.pdf": "portfolio: 'invoice.pdf'",
    "p21_two_concatenated.pdf": "several_documents: several PDFs",
    "p42_update_adds_page2_whole.pdf": both_pages,
    "p42b_update_cut.pdf": "truncated: update",
    "i06_no_eoi.jpg": picture((1020, 1320), 246),
    "i06b_no_eoi_nulls.jpg": picture((1020, 1320), 246),
    "i13_bad_text_crc.png": picture((1020, 1320), 246),
    "i14_junk_between.jpg": picture((1020, 1320), 246),
    "i08b_samsung_trailer.heic": heic,
    "samsung_xml_junk.heic": heic,
    "facture_std204x98.tif": fax,
    "nota_de_crédito_std204x98.tif": fax,
    "t04_16bit_miniswhite.tif": picture((850, 1100), 246),
    "t05_rgba_alpha0_unass.tif": picture((850, 1100), 246),
    "t05d_grey_extra0.tif": picture((850, 1100), 246),
    "t06b_thumbnail_first_small.tif": LETTER,
    "t06d_mask_small.tif": LETTER,
    "t07b_ifd0_thumb_subifd_full.tif": LETTER,
    "t08c_bigtiff_be.tif": LETTER,
    "t10_jpeg2000.tif": "unsupported_type: JPEG 2000",
    "t10_webp.tif": "unsupported_type: WebP",
    "t14h_12bit_rgb16.tif": picture((850, 1100), 246),
    "t21_83_pages_a4_300dpi_g4.tif": all_83,
    "ubl_bom.xml": "unsupported_type: an XML file",
}


def check(data: bytes, expected: str | Look, limits: Limits | None = None) -> None:
    """Hold the outcome of a file against what is expected."""
    if not isinstance(expected, str):
        expected(data, prepare(data, limits or Limits()))
        return
    code, _, words = expected.partition(": ")
    with pytest.raises(DocumentFault) as caught:
        prepare(data, limits or Limits())
    assert caught.value.code == code
    assert words in caught.value.message
    assert "0x" not in caught.value.message


@pytest.mark.parametrize("name", EXPECTED)
def test_an_odd_file_has_its_outcome(name: str) -> None:
    """A row of the right picture, or the failure's code with nothing sent."""
    if not (FOLDER / name).exists():
        pytest.skip(f"no {name} in {FOLDER}; set SLUICEGATE_REAL_DOCUMENTS")
    check((FOLDER / name).read_bytes(), EXPECTED[name])


def test_every_odd_file_is_looked_at() -> None:
    """The folder has no other files."""
    if not FOLDER.exists():
        pytest.skip(f"no {FOLDER}; set SLUICEGATE_REAL_DOCUMENTS")
    found = {file.name for file in FOLDER.iterdir()} - {"README.md", "make_large.py"}
    assert found == set(EXPECTED)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the large ones, or skip."""
    script, image = FOLDER / "make_large.py", FOLDER.parent / "az-invoice-english.png"
    if not script.exists():
        pytest.skip(f"no {script}; set SLUICEGATE_REAL_DOCUMENTS")
    if importlib.util.find_spec("pikepdf") is None:
        pytest.skip("make_large.py needs pikepdf; test_large_files has the same of our own making")
    folder = tmp_path_factory.mktemp("large")
    subprocess.run([sys.executable, str(script), str(folder), str(image)], check=True)
    return folder


def seven(_: bytes, parts: tuple[Part, ...]) -> None:
    """Expect seven pages that fit, in their size."""
    assert len(parts) == 7
    assert sum(len(part.data) for part in parts) <= Limits().inline_payload_bytes
    assert {Image.open(io.BytesIO(part.data)).size for part in parts} == {(2480, 3508)}


def no_film(data: bytes, parts: tuple[Part, ...]) -> None:
    """Expect the photograph alone."""
    assert len(parts[0].data) < 1_000_000
    assert data.startswith(parts[0].data)


@pytest.mark.parametrize(
    ("name", "look", "limits"),
    [
        ("icc_above_1_mib.tif", picture((850, 1100), 142, 5), Limits()),
        ("seven_colour_pages.tif", seven, Limits()),
        ("motion.jpg", no_film, Limits()),
        ("motion.jpg", no_film, DEVELOPER),
        ("16_mb.pdf", as_it_is, DEVELOPER),
    ],
)
def test_a_large_file_has_its_outcome(large: Path, name: str, look: Look, limits: Limits) -> None:
    """What the product made too large, or too large for a limit that is past."""
    check((large / name).read_bytes(), look, limits)
