"""The built in invoice: its columns, its rules, its question."""

from datetime import date
from decimal import Decimal

from sluicegate.document_types.invoice import INVOICE, Invoice
from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.table_schema import table_schema


def test_the_invoices_columns() -> None:
    """The table that users query is a promise."""
    columns = {c["name"]: c for c in table_schema(INVOICE.fields)["fields"]}
    assert {name: (c["type"], c["mode"]) for name, c in columns.items()} == {
        "invoice_id": ("STRING", "NULLABLE"),
        "vendor_name": ("STRING", "NULLABLE"),
        "invoice_date": ("DATE", "NULLABLE"),
        "currency": ("STRING", "NULLABLE"),
        "total_amount": ("NUMERIC", "NULLABLE"),
        "line_items": ("RECORD", "REPEATED"),
        "needs_review": ("BOOLEAN", "NULLABLE"),
        "values_unfound": ("INTEGER", "NULLABLE"),
        "evidence": ("RECORD", "REPEATED"),
        "document_uri": ("STRING", "REQUIRED"),
        "record_index": ("INTEGER", "NULLABLE"),
        "record_count": ("INTEGER", "NULLABLE"),
        "record_failures": ("INTEGER", "NULLABLE"),
        "first_page": ("INTEGER", "NULLABLE"),
        "last_page": ("INTEGER", "NULLABLE"),
        "processed_at": ("TIMESTAMP", "REQUIRED"),
        "provenance": ("RECORD", "NULLABLE"),
    }
    assert [(c["name"], c["type"]) for c in columns["line_items"]["fields"]] == [
        ("description", "STRING"),
        ("quantity", "NUMERIC"),
        ("total", "NUMERIC"),
    ]


def test_id_vendor_and_total_are_required() -> None:
    """A row without one of them is no invoice."""
    required = {field.name for field in INVOICE.fields if field.required}
    assert required == {"invoice_id", "vendor_name", "total_amount"}


def test_money_keeps_its_digits() -> None:
    """A total is the Decimal that was printed."""
    invoice = Invoice.model_validate(
        {"invoice_id": "1", "vendor_name": "v", "total_amount": Decimal("1234567.80")}
    )
    assert str(invoice.total_amount) == "1234567.80"  # type: ignore[attr-defined, unused-ignore]


def test_the_checks_warn_and_do_not_fail() -> None:
    """Odd invoices are rows with warnings: somebody has to pay them."""
    failures, warnings = INVOICE.findings(
        {
            "total_amount": Decimal(500),
            "line_items": [{"total": Decimal(100)}],
            "invoice_date": date(1900, 1, 1),
            "currency": "EURO",
        },
        date(2026, 1, 1),
    )
    assert failures == []
    assert len(warnings) == 3


def test_it_is_found_by_its_name() -> None:
    """`--document_type=invoice` is the built in one."""
    assert load_document_type("invoice") is INVOICE
