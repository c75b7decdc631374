"""Boxes: the generator says where it has printed each value, on paper laid askew too."""

import pypdfium2 as pdfium
import pytest

from samples.boxes import Box
from samples.generator import generate


def text_in(data: bytes, box: Box) -> str:
    """Return what PDFium finds in a box of a document."""
    document = pdfium.PdfDocument(data)
    page = document[box.page - 1]
    width, height = page.get_size()
    layer = page.get_textpage()
    text: str = layer.get_text_bounded(
        left=box.x0 * width - 0.5,
        right=box.x1 * width + 0.5,
        top=(1 - box.y0) * height,
        bottom=(1 - box.y1) * height,
    )
    layer.close()
    page.close()
    document.close()
    return " ".join(text.replace("\u00a0", " ").split())


@pytest.mark.parametrize("index", range(12))
def test_every_value_of_the_truth_has_the_box_it_is_printed_in(index: int) -> None:
    """The text layer has the value there, and no other text."""
    sample = generate(7, index, formats=("pdf",))
    header = ("invoice_id", "vendor_name", "invoice_date", "currency", "total_amount")
    assert set(header) <= set(sample.boxes)
    assert len(sample.boxes) == len(header) + 3 * len(sample.truth["line_items"])
    (number,) = sample.boxes["invoice_id"]
    assert text_in(sample.data, number) == sample.truth["invoice_id"]
    for number, item in enumerate(sample.truth["line_items"]):
        (box,) = sample.boxes[f"line_items[{number}].description"]
        assert text_in(sample.data, box).replace(" ", "") == item["description"].replace(" ", "")


def test_a_box_turns_with_its_page() -> None:
    """Against the clock: what is right of the middle goes up, what is above it to the left."""
    turned = Box(1, 0.8, 0.5, 0.9, 0.5).turned(0.5, 600, 800)
    assert (turned.x0 + turned.x1) / 2 == pytest.approx(0.85, abs=1e-4)
    assert turned.y0 == pytest.approx(0.5 - 0.35 * 600 * 0.008727 / 800, abs=1e-4)
    above = Box(1, 0.5, 0.1, 0.5, 0.1).turned(0.5, 600, 800)
    assert above.x0 == pytest.approx(0.5 - 0.4 * 800 * 0.008727 / 600, abs=1e-4)
