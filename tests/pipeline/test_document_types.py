"""Document types from YAML, through the whole pipeline."""

from decimal import Decimal
from pathlib import Path

from support import Job, write_invoices

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from samples import bare_pdf
from samples.sheet import Sheet

SLIP = (
    ("CORNER CAFE",),
    ("12 Main St, Springfield, IL 62701",),
    ("03/15/2026 12:44 PM",),
    ("",),
    ("2 Cappuccino", "9.00"),
    ("1 Blueberry Muffin", "3.75"),
    ("Subtotal", "12.75"),
    ("Tax", "1.22"),
    ("Total", "$13.97"),
    ("VISA ****1234", "$13.97"),
    ("Thank you!",),
)
RECEIPT = Path(__file__).parents[2] / "samples" / "types" / "receipt.yaml"


def test_receipts_become_rows_of_their_own_shape(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """The shipped example's fields, nested items and enum land typed."""
    write_invoices(tmp_path / "in", 3)
    landed = job(input=str(tmp_path / "in/*"), document_type=str(RECEIPT))
    assert landed.summary.rows == 3
    row = landed.rows[0]
    assert isinstance(row["total"], Decimal)
    assert row["payment_method"] in ("cash", "card", "voucher", "transfer", "other")
    assert set(row["items"][0]) == {"name", "quantity", "price"}
    assert row["provenance"]["document_type"] == "receipt"


def write_slip(path: Path) -> None:
    """Write a till's slip as most are: without a number."""
    sheet = Sheet((240.0, 360.0))
    for line, text in enumerate(SLIP):
        sheet.text(10, 20 + 14 * line, text[0], "Courier", 9)
        if len(text) > 1:
            sheet.text(230, 20 + 14 * line, text[1], "Courier", 9, align="right")
    path.parent.mkdir()
    path.write_bytes(bare_pdf.write(sheet))


def test_a_receipt_without_a_number_is_a_receipt(job: Job, tmp_path: Path) -> None:
    """As an invoice it fails, and its failure says what is missing; as a receipt it is a row."""
    write_slip(tmp_path / "in" / "slip.pdf")
    with GeminiEndpoint(Behaviour(), reader="documents") as reading:
        given = {"input": str(tmp_path / "in/*"), "gemini_endpoint": reading.url}
        invoice = job(**given)
        receipt = job(**given, document_type="receipt")
    (failure,) = invoice.failures
    assert failure["code"] == "schema_mismatch"
    assert failure["message"] == "invoice_id was not found"
    (row,) = receipt.rows
    assert row["receipt_number"] is None
    assert (row["merchant_name"], row["total"], row["tax"], row["payment_method"]) == (
        "CORNER CAFE", Decimal("13.97"), Decimal("1.22"), "card",
    )  # fmt: skip
    assert [item["total"] for item in row["items"]] == [Decimal("9.00"), Decimal("3.75")]
    assert receipt.summary.settings["document_type"] == "receipt 1"


def test_a_type_is_read_from_the_bucket(
    job: Job, cloud: LocalCloud, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Whoever launches a template can name a type by its gs:// URI."""
    write_invoices(tmp_path / "in", 1)
    cloud.upload("sluicegate", RECEIPT.parent, "types")
    landed = job(input=str(tmp_path / "in/*"), document_type="gs://sluicegate/types/receipt.yaml")
    assert landed.summary.settings["document_type"] == "receipt 1"


def test_a_failing_check_keeps_what_was_paid(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """A check set to fail makes a failure record; the same check set to warn makes a warning."""
    write_invoices(tmp_path / "in", 2)
    text = RECEIPT.read_text()
    doubtful = text.replace("earliest: 2000-01-01", "earliest: 2999-01-01")
    (tmp_path / "warns.yaml").write_text(doubtful)
    (tmp_path / "strict.yaml").write_text(doubtful.replace("days: 1}", "days: 1, on_fail: fail}"))
    failing = job(input=str(tmp_path / "in/*"), document_type=str(tmp_path / "strict.yaml"))
    assert failing.summary.failures_by_code == {"check_failed": 2}
    assert failing.failures[0]["raw_answer"]
    warned = job(input=str(tmp_path / "in/*"), document_type=str(tmp_path / "warns.yaml"))
    assert warned.summary.calls == 0, "checks are no part of the request: the journal answers"
    assert all("is not between" in str(row["provenance"]["warnings"]) for row in warned.rows)
