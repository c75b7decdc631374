"""The built-in receipt: what receipts have, and no number that most of them lack."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sluicegate.document_types.load import BUILT_IN, load_document_type
from sluicegate.document_types.receipt import RECEIPT
from sluicegate.document_types.table_schema import OWN_COLUMNS, table_schema
from sluicegate.faults import DocumentFault
from sluicegate.gemini.response_schema import question
from sluicegate.landing.rows import validate_answer

SAMPLE = Path(__file__).parents[3] / "samples" / "types" / "receipt.yaml"


def test_the_receipts_columns() -> None:
    """The table that users query is a promise."""
    columns = table_schema(RECEIPT.fields)["fields"]
    assert {c["name"]: (c["type"], c["mode"]) for c in columns[: -len(OWN_COLUMNS)]} == {
        "merchant_name": ("STRING", "NULLABLE"),
        "merchant_address": ("STRING", "NULLABLE"),
        "receipt_number": ("STRING", "NULLABLE"),
        "purchase_date": ("DATE", "NULLABLE"),
        "purchase_time": ("STRING", "NULLABLE"),
        "currency": ("STRING", "NULLABLE"),
        "subtotal": ("NUMERIC", "NULLABLE"),
        "tax": ("NUMERIC", "NULLABLE"),
        "tip": ("NUMERIC", "NULLABLE"),
        "total": ("NUMERIC", "NULLABLE"),
        "payment_method": ("STRING", "NULLABLE"),
        "items": ("RECORD", "REPEATED"),
    }
    items = next(column for column in columns if column["name"] == "items")
    assert [field["name"] for field in items["fields"]] == ["description", "quantity", "total"]


def test_the_total_alone_is_required() -> None:
    """A receipt without a number, and of which the head is torn off, is a receipt."""
    assert [field.name for field in RECEIPT.fields if field.required] == ["total"]
    row = validate_answer({"total": Decimal("4.20"), "items": None}, RECEIPT)
    assert (row["total"], row["receipt_number"], row["items"]) == (Decimal("4.20"), None, [])
    with pytest.raises(DocumentFault) as caught:
        validate_answer({"merchant_name": "Shop", "total": None}, RECEIPT)
    assert caught.value.code == "nothing_extracted"
    assert caught.value.message == "total was not found: blank, or no receipt"


def test_its_checks_warn() -> None:
    """Tax and tip outside the lines are no finding; a total that is far off is one."""
    values = {"total": Decimal("15.97"), "items": [{"total": Decimal("12.75")}]}
    assert RECEIPT.findings(values, date(2026, 1, 1)) == ([], [])
    failures, warnings = RECEIPT.findings(
        {
            "total": Decimal(100),
            "items": [{"total": Decimal(10)}],
            "purchase_date": date(2026, 2, 1),
            "currency": "Euro",
        },
        date(2026, 1, 1),
    )
    assert failures == []
    assert len(warnings) == 3


def test_it_is_found_by_name_and_its_question_stays() -> None:
    """As the invoice's does: what was paid for once is answered for good."""
    assert "receipt" in BUILT_IN
    assert load_document_type("receipt") is RECEIPT
    sample = load_document_type(str(SAMPLE))
    assert question(sample, "m").fingerprint == (
        "2adad41639ba8de84a28696f857f51748fcf8ad41133b194893cc87d457273b6"
    )
    asked = {name: question(BUILT_IN[name], "m").fingerprint for name in ("invoice", "receipt")}
    assert asked == {
        "invoice": "8bd2682a0b699d9927f60ed391ded66d8c6c8314a8c1bd0afb5e30344c93ed79",
        "receipt": "07f64621a8a1ce4ab2b79b10da45047c0ae013e31a5c75fec1e244a9296c3bcd",
    }
