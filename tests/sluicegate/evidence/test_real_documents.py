"""Evidence on real documents with text layers: what the truth says is printed there."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from support import real_documents

from sluicegate.document_types.invoice import INVOICE
from sluicegate.evidence.locate import locate
from sluicegate.evidence.reader import read_text


def row_of(truth: dict[str, Any]) -> dict[str, Any]:
    """Return a truth typed as the model of an invoice types a row."""
    day, total = truth["invoice_date"], truth["total_amount"]
    items = truth.get("line_items") if truth.get("line_items_scored", True) else []
    numbers = ("quantity", "total")
    return {
        **{name: truth[name] for name in ("invoice_id", "vendor_name", "currency")},
        "invoice_date": day and dt.date.fromisoformat(day),
        "total_amount": None if total is None else Decimal(str(total)),
        "line_items": [
            {
                name: Decimal(str(item[name])) if name in numbers else item[name]
                for name in ("description", *numbers)
                if item.get(name) is not None
            }
            for item in items or []
        ],
    }


def test_the_truths_header_values_are_found_exactly() -> None:
    """At least nine of ten, and hardly any right value is doubted."""
    folder = real_documents()
    exact = header = values = doubted = 0
    for line in (folder / "ground_truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        if truth["expect"] != "invoice" or not truth["file"].endswith(".pdf"):
            continue
        pages = read_text([("application/pdf", (folder / truth["file"]).read_bytes())], ocr=False)
        for each in locate(row_of(truth), pages, INVOICE):
            if each.found != "unread":
                values += 1
                doubted += each.doubt is not None
                if not each.field.startswith("line_items"):
                    header += 1
                    exact += each.found in ("exact", "exact_many")
    assert header >= 60
    assert exact >= 0.9 * header
    assert doubted <= 0.03 * values
