"""Evidence for rows: documents are read once more, and a row stands whatever comes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samples.generator import generate
from sluicegate.document_types.invoice import INVOICE
from sluicegate.evidence import locate
from sluicegate.formats.limits import Limits
from sluicegate.landing import evidence
from sluicegate.landing.evidence import EvidenceFinder
from sluicegate.records import Row, Usage
from sluicegate.storage import store_for
from tests.sluicegate.media import pictures

FINDER = EvidenceFinder(INVOICE, Limits())


def row_of(path: Path, number: str, version: str = "", **more: Any) -> Row:
    """Return a row about a document, as Validate makes one."""
    values = {
        "invoice_id": number,
        "vendor_name": None,
        "invoice_date": None,
        "currency": None,
        "total_amount": None,
        "line_items": [],
        "needs_review": False,
        "values_unfound": None,
        "evidence": [],
        "document_uri": str(path),
        "processed_at": datetime.now(UTC),
        "provenance": {"document_version": version, "warnings": ["as before"]},
        **more,
    }
    return Row(str(path), values, Usage(), None, 0, 0, journaled=False)


def found(row: Row, finder: EvidenceFinder = FINDER) -> dict[str, Any]:
    """Return the values of a row with its evidence."""
    version = row.values["provenance"]["document_version"]
    return finder.with_evidence(row, finder.words(row.document_uri, version)).values


@pytest.fixture
def invoice(tmp_path: Path) -> tuple[Path, str]:
    """Write an invoice; return it with its number."""
    sample = generate(1, 1, formats=("pdf",), small=True)
    path = tmp_path / sample.name
    path.write_bytes(sample.data)
    return path, sample.truth["invoice_id"]


def test_a_row_gains_its_evidence_and_keeps_its_values(invoice: tuple[Path, str]) -> None:
    """The record has the box; what was in the row is still there."""
    path, number = invoice
    values = found(row_of(path, number, store_for(str(path)).stat(str(path)).version))
    own = next(each for each in values["evidence"] if each["field"] == "invoice_id")
    assert (own["found"], own["page"], own["candidates"]) == ("exact", 1, 1)
    assert 0 < own["x0"] < own["x1"] < 1
    assert values["invoice_id"] == number
    assert values["values_unfound"] == 0
    assert values["provenance"]["warnings"] == ["as before"]


def test_what_is_not_printed_is_counted_and_calls_a_person(invoice: tuple[Path, str]) -> None:
    """A number that the page does not have is unfound, and the row needs a review."""
    values = found(row_of(invoice[0], "NO-SUCH-1"))
    assert (values["values_unfound"], values["needs_review"]) == (1, True)


def test_an_image_is_unread_without_ocr(tmp_path: Path) -> None:
    """Nothing is decoded; nothing is said for or against its values."""
    path = tmp_path / "scan.png"
    path.write_bytes(generate(1, 1, formats=("png",), small=True).data)
    values = found(row_of(path, "7"))
    assert [each["found"] for each in values["evidence"]] == ["unread"]
    assert (values["values_unfound"], values["needs_review"]) == (None, False)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "it was replaced or deleted"),
        (b"", "zero bytes"),
        (b"%PDF-1.4\n garbage", "no evidence: "),
    ],
)
def test_a_document_that_cannot_be_read_again_is_unread(
    tmp_path: Path, data: bytes | None, says: str
) -> None:
    """The row's warnings say why, and the row stands."""
    path = tmp_path / "gone.pdf"
    if data is not None:
        path.write_bytes(data)
    values = found(row_of(path, "7"))
    assert says in values["provenance"]["warnings"][-1] or data == b""
    assert {each["found"] for each in values["evidence"]} <= {"unread"}
    assert values["invoice_id"] == "7"


def test_a_document_of_another_version_is_not_looked_at(invoice: tuple[Path, str]) -> None:
    """Evidence is of what the model has seen."""
    values = found(row_of(*invoice, version="1"))
    assert values["provenance"]["warnings"][-1].startswith("no evidence: it was replaced")


def test_no_error_loses_a_paid_row(
    invoice: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong while values are looked for is a warning."""

    def fails(*_: Any) -> Any:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(evidence, "locate", fails)
    values = found(row_of(*invoice))
    assert values["provenance"]["warnings"] == [
        "as before", "no evidence: ZeroDivisionError: of all things"
    ]  # fmt: skip
    assert values["evidence"] == []
    assert locate.locate is not fails


def test_a_document_of_many_windows_is_read_whole(tmp_path: Path) -> None:
    """The model's limit on pages is one of a window, as it is where the document is sent."""
    place = tmp_path / "long.pdf"
    place.write_bytes(pictures.pdf(3))
    limits = Limits(pdf_pages=2)
    in_windows = EvidenceFinder(replace(INVOICE, window_pages=2), limits).words(str(place), "")
    whole = EvidenceFinder(replace(INVOICE, window_pages=0), limits).words(str(place), "")
    assert (len(in_windows.pages), in_windows.trouble) == (3, "")
    assert "3 pages" in whole.trouble


def test_a_document_passed_by_reference_is_spared() -> None:
    """With `auto` its bytes stay where they are."""
    spares = EvidenceFinder(INVOICE, Limits(), spares_references=True)
    remote = Row("gs://b/x.pdf", {}, Usage(), None, 0, 0, journaled=False)
    assert (spares.reads(remote), FINDER.reads(remote)) == (False, True)
