"""Evidence on whole documents: the generator's own boxes, turned pages, altered values."""

import io
from random import Random

import pypdfium2
import pytest

from benchmarks.evidence.measures import Altered, Doubted, Located
from benchmarks.evidence.truth import Known, committed_samples, generated, is_right, known
from samples.generator import generate
from sluicegate.document_types.invoice import INVOICE
from sluicegate.evidence.locate import locate
from sluicegate.evidence.reader import read_text
from sluicegate.evidence.unreadable import Unreadable


@pytest.fixture(scope="module")
def documents() -> list[Known]:
    """Return the committed samples with a text layer, and some generated documents."""
    return [*committed_samples(ocr=False), *generated(12, ("pdf",))]


def test_right_values_are_located_with_the_right_box(documents: list[Known]) -> None:
    """Nearly all of them, by the boxes in which the generator has printed them."""
    found = Located()
    for each in documents:
        found.add(each)
    assert found.all.total() > 400
    assert found.right.total() >= 0.97 * found.all.total()


def test_no_altered_value_is_called_exact(documents: list[Known]) -> None:
    """One digit or letter is enough."""
    found = Altered()
    for number, each in enumerate(documents):
        found.add(each, Random(number))
    assert found.values > 150
    assert (found.exact, found.examples) == (0, [])


def test_errors_of_models_are_flagged_and_right_rows_are_not(documents: list[Known]) -> None:
    """At least 85 % of what is wrong, at no more than 10 % of everything."""
    found = Doubted()
    for number, each in enumerate(documents):
        found.add(each, str(number))
        assert not [e for e in locate(each.values, each.pages, INVOICE) if e.doubt], each.name
    stream = found.report()["stream"]
    assert stream["wrong_flagged"]["of"] > 5
    assert stream["wrong_flagged"]["share"] >= 0.85
    assert stream["load"]["share"] <= 0.10


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_are_of_the_page_as_it_is_shown(turn: int) -> None:
    """A page that its file turns has boxes of the upright page, top left first."""
    sample = generate(0, 3, formats=("pdf",))
    document = pypdfium2.PdfDocument(sample.data)
    for page in document:
        page.set_rotation(turn)
        page.close()
    turned = io.BytesIO()
    document.save(turned)
    document.close()
    values = known(sample, ocr=False).values
    (plain,), (other,) = (
        [e for e in locate(values, read_text([("application/pdf", data)], ocr=False), INVOICE)
         if e.field == "total_amount"]
        for data in (sample.data, turned.getvalue())
    )  # fmt: skip
    assert None not in (plain.x0, plain.y0, plain.x1, plain.y1)
    x0, y0, x1, y1 = plain.x0 or 0, plain.y0 or 0, plain.x1 or 0, plain.y1 or 0
    wanted = {
        90: (1 - y1, x0, 1 - y0, x1),
        180: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        270: (y0, 1 - x1, y1, 1 - x0),
    }[turn]
    assert (other.x0, other.y0, other.x1, other.y1) == pytest.approx(wanted, abs=0.002)


def test_a_scan_is_read_only_where_it_is_asked_for() -> None:
    """Without OCR its pages say that they were not read, and nothing is rendered."""
    scan = generate(0, 1, formats=("scan",), small=True)
    (page,) = read_text([("application/pdf", scan.data)], ocr=False)
    assert not page.is_read
    assert page.lines == ()
    with pytest.raises(Unreadable):
        read_text([("application/pdf", scan.data[:200])], ocr=False)


def test_a_page_laid_askew_has_boxes_where_its_words_lie() -> None:
    """Lines are straightened to be read; boxes are not."""
    document = known(generate(0, 1, formats=("scan",), small=True), ocr=True)
    found = {each.field: each for each in locate(document.values, document.pages, INVOICE)}
    hits = [
        is_right((e.x0, e.y0, e.x1, e.y1), e.page, document.boxes[e.field])
        for e in found.values()
        if None not in (e.x0, e.y0, e.x1, e.y1) and e.field in document.boxes
    ]  # fmt: skip
    assert sum(hits) >= 0.8 * len(document.boxes)
