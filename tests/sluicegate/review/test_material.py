"""What the page is given of a document: evidence of the row or its own, and pages as pictures."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from reviewable import NAMES, Run, invoice, seeded, together

from sluicegate.document_types.invoice import INVOICE
from sluicegate.review.documents import WIDTH, Original, Places, picture, sizes
from sluicegate.review.failed import Failed
from sluicegate.review.material import doubts, material, shape, type_of_rows
from sluicegate.review.queues import Subject


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return an empty run."""
    return Run(tmp_path)


def shown(run: Run, places: Places | None = None, **more: Any) -> dict[str, Any]:
    """Return the material of the run's only document, as the page reads it."""
    rows = [row | more for row in run.rows]
    subject = Subject(rows[0]["document_uri"], "invoice", rows)
    original = (places or Places()).read(subject.uri, subject.version)
    found = material(subject, INVOICE, original, ocr=False)
    return dict(json.loads(json.dumps(found)))


def test_a_row_without_evidence_gets_it_here(run: Run) -> None:
    """Values that are printed have a box; the one with a wrong digit is doubtful."""
    data, truth = invoice(1)
    run.add("a.pdf", data, [truth], seeded(truth, 1))
    found = shown(run)
    [record] = found["records"]
    assert record["doubtful"] == ["total_amount"]
    assert record["evidence"]["total_amount"]["box"] is None
    assert record["evidence"]["invoice_id"]["found"] == "exact"
    x0, y0, x1, y1 = record["evidence"]["invoice_id"]["box"]
    words = [word for *box, word in found["pages"][0]["words"] if _within(box, (x0, y0, x1, y1))]
    assert "".join(words) == truth["invoice_id"].replace(" ", "")
    assert record["values"]["invoice_date"] == truth["invoice_date"]
    assert (found["note"], found["failure"], doubts(found)) == ("", None, 1)


def test_a_rows_own_evidence_is_shown_as_it_is(run: Run) -> None:
    """With or without doubts in words; nothing is looked for again."""
    data, truth = invoice(1)
    run.add("a.pdf", data, [truth], truth)
    box = {"page": 1, "x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}
    evidence = [
        {"field": "invoice_id", "found": "exact", **box, "text": "x", "candidates": 1},
        {"field": "total_amount", "found": "absent", "page": None, "candidates": 0},
        {"field": "currency", "found": "exact", **box, "doubt": "why"},
        {"field": "vendor_name", "found": "absent", "doubt": None},
    ]
    [record] = shown(run, evidence=evidence)["records"]
    assert record["doubtful"] == ["total_amount", "currency"]
    assert record["evidence"]["invoice_id"]["box"] == [0.1, 0.2, 0.3, 0.4]
    assert set(record["evidence"]) == {each["field"] for each in evidence}


def test_what_a_model_answered_is_shown_though_no_row_came_of_it() -> None:
    """Each value that its column takes; nothing of an answer without values."""
    answer = {"invoice_id": "A", "total_amount": "much", "line_items": [{"total": 1.5}]}
    line = {
        "document_uri": "gs://b/a", "code": "check_failed", "message": "m", "failed_at": "1",
        "document_type": "invoice", "raw_answer": json.dumps(answer), "document_version": "v",
    }  # fmt: skip
    failed = Failed.parse(json.dumps(line))
    assert failed is not None
    found = material(Subject("gs://b/a", "invoice", [], [failed]), INVOICE, Original(), ocr=False)
    [record] = found["records"]
    assert (record["values"]["invoice_id"], record["values"]["total_amount"]) == ("A", None)
    assert record["values"]["line_items"][0]["total"] == "1.5"
    assert record["warnings"] == ["check_failed: m"]
    assert (found["version"], found["failure"]["code"]) == ("v", "check_failed")
    empty = Failed.parse(json.dumps(line | {"raw_answer": json.dumps(dict.fromkeys(NAMES))}))
    assert empty is not None
    assert empty.rows(INVOICE) == []
    assert Failed.parse(json.dumps(line | {"raw_answer": None})) is None
    assert Failed.parse("[]") is Failed.parse("{") is None


def test_pages_are_grey_pictures_of_one_width(run: Run) -> None:
    """Those of a PDF and of a picture; beyond the last there is none."""
    (one, truth), (two, _) = invoice(1), invoice(2)
    run.add("a.pdf", together(one, two), [truth], truth)
    original = Places().read(run.rows[0]["document_uri"])
    assert [size.width for size in sizes(original)] == [WIDTH, WIDTH]
    for number, size in enumerate(sizes(original)):
        with Image.open(io.BytesIO(picture(original, number))) as image:
            assert (image.format, image.width) == ("WEBP", size.width)
            assert abs(image.height - size.height) <= 1  # PDFium rounds up
    with pytest.raises(IndexError):
        picture(original, 2)
    photo = io.BytesIO()
    Image.new("RGB", (30, 60_000), "red").save(photo, "PNG")
    tall = Original((("image/png", photo.getvalue()),))
    assert sizes(tall)[0].height == 16_383
    assert len(picture(tall, 0)) < 100_000


def test_documents_that_moved_changed_or_are_gone(run: Run, tmp_path: Path) -> None:
    """Each is shown, or said; a document that cannot be read still has its row."""
    data, truth = invoice(1)
    path = Path(run.add("in/a.pdf", data, [truth], truth))
    moved = tmp_path / "elsewhere/in/a.pdf"
    moved.parent.mkdir(parents=True)
    moved.write_bytes(data)
    assert len(shown(run, Places(str(tmp_path / "elsewhere")))["pages"]) == 1
    path.write_bytes(data + b"\n")
    assert "has been replaced" in shown(run)["note"]
    path.write_bytes(b"%PDF-1.4\n%%EOF")
    found = shown(run)
    assert "cannot be shown" in found["note"]
    assert (found["pages"], len(found["records"])) == ([], 1)
    path.unlink()
    assert "cannot be read" in shown(run)["note"]
    assert shown(run, Places(str(tmp_path / "elsewhere")))["note"] == ""


def test_a_file_that_is_larger_than_a_request_is_shown(run: Run) -> None:
    """A run passes it by reference, and so had it whole."""
    data, truth = invoice(1)
    writer, large = PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
    writer.add_attachment("large.bin", bytes(16 << 20))
    writer.write(large)
    run.add("a.pdf", large.getvalue(), [truth], truth)
    assert len(shown(run)["pages"]) == 1


def test_rows_of_a_type_that_is_not_at_hand_are_shown_too(run: Run) -> None:
    """By the columns that they have."""
    data, truth = invoice(1)
    uri = run.add("a.pdf", data, [truth], truth)
    kind = type_of_rows("bill", run.rows)
    assert {field["name"] for field in shape(kind.fields)} >= {*NAMES, "line_items"}
    found = material(Subject(uri, "bill", list(run.rows)), kind, Places().read(uri), ocr=False)
    assert found["records"][0]["evidence"]["invoice_id"]["found"] == "exact"


def _within(box: list[float], around: tuple[float, float, float, float]) -> bool:
    middle, height = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return around[0] <= middle <= around[2] and around[1] <= height <= around[3]
