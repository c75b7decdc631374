"""The stand-in reads many records in one file, statements, and runs of pages of either."""

from decimal import Decimal
from typing import Any

import pytest

from emulators.reader import read_fields
from samples.batches import make_batch
from samples.generator import Sample
from samples.statements import make_statement
from sluicegate.document_types.load import load_document_type
from sluicegate.gemini.response_schema import response_schema
from sluicegate.pdf.cut import cut

MANY = response_schema(load_document_type("invoice", "many"))
STATEMENT = response_schema(load_document_type("bank_statement"))
HEADER = ("invoice_id", "vendor_name", "invoice_date", "currency")


def read(sample: Sample, schema: dict[str, Any], first: int = 0, last: int = 0) -> dict[str, Any]:
    """Read a file, or some pages of it as a part of a longer one."""
    data = cut(sample.data, first, last) if first else sample.data
    return read_fields([("application/pdf", data)], schema, partial=bool(first))


@pytest.mark.parametrize("index", [1, 3])
def test_records_are_found_with_their_pages(index: int) -> None:
    """Copies of a form, sheets in the wrong order and repeated letterheads among them."""
    sample = make_batch(22, index)
    answer, true = read(sample, MANY), sample.truth["records"]
    ranges = [(each["first_page"], each["last_page"]) for each in answer["records"]]
    assert ranges == [(each["first_page"], each["last_page"]) for each in true]
    assert answer["record_count"] == len(true)
    assert answer["set_aside"] == sample.truth["set_aside"]
    for mine, its in zip(answer["records"], true, strict=True):
        assert {name: mine["values"][name] for name in HEADER} == {n: its[n] for n in HEADER}
        assert mine["values"]["total_amount"] == Decimal(its["total_amount"])


def test_a_record_that_began_before_has_page_0() -> None:
    """It has what these pages show, and no total that they do not label."""
    sample = make_batch(22, 3)  # its fourth record is on pages 5 to 7
    first = read(sample, MANY, 1, 5)["records"][-1]
    assert (first["first_page"], first["values"]["total_amount"]) == (5, None)
    rest = read(sample, MANY, 6, 10)["records"][0]
    assert (rest["first_page"], rest["last_page"]) == (0, 2)
    lines = len(first["values"]["line_items"]) + len(rest["values"]["line_items"])
    assert lines == len(sample.truth["records"][3]["line_items"])


@pytest.mark.parametrize("index", [0, 1, 2])
def test_statements_are_read_to_the_line(index: int) -> None:
    """In both languages; what is carried from page to page is no line."""
    sample = make_statement(2, index, rows=70)
    answer = read(sample, STATEMENT)
    for name in ("bank_name", "account_holder", "account_number", "currency", "period_end"):
        assert answer[name] == sample.truth[name]
    for name in ("opening_balance", "closing_balance"):
        assert answer[name] == Decimal(sample.truth[name])
    assert [
        (row["date"], row["description"], row["amount"], row["balance"])
        for row in answer["transactions"]
    ] == [
        (row["date"], row["description"], Decimal(row["amount"]), Decimal(row["balance"]))
        for row in sample.truth["transactions"]
    ]


def test_pages_from_the_middle_of_a_statement_have_lines_alone() -> None:
    """And the number of the account, which their feet have."""
    sample = make_statement(2, 0, rows=70, pages=5)
    answer = read(sample, STATEMENT, 3, 4)
    assert answer["transactions"]
    assert answer["account_number"] == sample.truth["account_number"]
    assert answer["opening_balance"] is answer["closing_balance"] is None
