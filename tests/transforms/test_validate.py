"""Validate: answers to rows, or failures that keep what was paid for."""

from decimal import Decimal
from typing import Any

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from sluicegate.document_types.invoice import INVOICE
from sluicegate.records import Answer, Document, Usage
from transforms.validate import Validate

GOOD = '{"invoice_id": "A-1", "vendor_name": "V", "total_amount": 12.30, "line_items": []}'
PAID = Usage(prompt_tokens=100, output_tokens=20)


def answer(uri: str, text: str) -> Answer:
    """Return an answer that was paid for."""
    return Answer(
        Document(uri, 1, "v1", digest="sha256:1"), "i" * 64, text, "STOP", "gemini-x",
        usage=PAID, paid=PAID, cost_usd=Decimal("0.5"), latency_ms=40, attempts=2,
    )  # fmt: skip


def test_a_good_answer_is_a_row_of_exact_values() -> None:
    """Fields lie flat beside document_uri, processed_at and provenance."""

    def check(rows: list[Any]) -> None:
        (row,) = rows
        assert row.document_uri == "a.pdf"
        assert row.values["document_uri"] == "a.pdf"
        assert row.values["total_amount"] == Decimal("12.30")
        assert row.values["invoice_date"] is None
        assert row.values["processed_at"].utcoffset().total_seconds() == 0
        assert row.values["provenance"]["run_id"] == "r"
        assert row.values["provenance"]["prompt_tokens"] == 100
        assert (row.paid, row.cost_usd, row.attempts) == (PAID, Decimal("0.5"), 2)

    with Pipeline() as pipeline:
        outcome = pipeline | beam.Create([answer("a.pdf", GOOD)]) | Validate(INVOICE, "r")
        assert_that(outcome.ok, check)
        assert_that(outcome.failed, equal_to([]), "failed")


def test_a_bad_answer_is_a_failure_that_keeps_it() -> None:
    """Code, raw answer, tokens and cost are in the failure; other answers become rows."""
    bad = {
        "prose.pdf": ("Here it is!", "not_json"),
        "types.pdf": ('{"invoice_id": 1, "vendor_name": [], "total_amount": "x"}',
                      "schema_mismatch"),
        "blank.pdf": ('{"invoice_id": null, "vendor_name": " ", "total_amount": null}',
                      "nothing_extracted"),
        "huge.pdf": (GOOD.replace("12.30", "1e30"), "value_out_of_range"),
    }  # fmt: skip
    answers = [answer(uri, text) for uri, (text, _) in bad.items()] + [answer("a.pdf", GOOD)]
    with Pipeline() as pipeline:
        outcome = pipeline | beam.Create(answers) | Validate(INVOICE, "r")
        assert_that(outcome.ok | beam.Map(lambda row: row.document_uri), equal_to(["a.pdf"]))
        failed = outcome.failed | beam.Map(
            lambda f: (f.document_uri, f.code, f.raw_answer, f.paid, f.cost_usd, f.attempts)
        )
        expected = [(uri, code, text, PAID, Decimal("0.5"), 2) for uri, (text, code) in bad.items()]
        assert_that(failed, equal_to(expected), "failed")
