"""Bank statements: balances that add up, and a question that stays."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.document_types.bank_statement import BANK_STATEMENT
from sluicegate.document_types.load import load_document_type
from sluicegate.faults import DocumentFault
from sluicegate.gemini.response_schema import question
from sluicegate.landing.rows import validate_answer

TODAY = date(2026, 11, 1)


def statement(*lines: tuple[str, str | None], closing: str = "5") -> dict[str, Any]:
    """Return a statement that opens at 10, with lines of amount and balance."""
    return {
        "account_number": "DE00 1",
        "opening_balance": Decimal(10),
        "closing_balance": Decimal(closing),
        "currency": "EUR",
        "transactions": [
            {"amount": Decimal(amount), "balance": balance and Decimal(balance)}
            for amount, balance in lines
        ],
    }


def warnings(value: dict[str, Any]) -> list[str]:
    """Return what its checks warn of."""
    return BANK_STATEMENT.findings(validate_answer(value, BANK_STATEMENT), TODAY)[1]


def test_a_statement_that_adds_up_has_no_warning() -> None:
    """With a running balance, without one, and without lines."""
    assert warnings(statement(("-7", "3"), ("2", "5"))) == []
    assert warnings(statement(("-7", None), ("2", None))) == []
    assert warnings(statement(closing="10")) == []


def test_a_line_that_is_missing_is_seen_where_it_is_missing() -> None:
    """The running balance names the line; without one the sum does not come out."""
    (said,) = warnings(statement(("-7", "3"), ("1", "5")))
    assert said.endswith("; line 2 should leave 4 and says 5")
    assert "2 lines come to 4, closing_balance is 5" in said
    (said,) = warnings(statement(("-7", None)))
    assert said == "opening_balance 10 and 1 lines come to 3, closing_balance is 5"


def test_two_lines_whose_sum_is_right_are_seen_too() -> None:
    """By the balance between them."""
    (said,) = warnings(statement(("-6", "3"), ("1", "5")))
    assert "line 1 should leave 4 and says 3" in said


def test_a_page_that_is_no_statement_fails() -> None:
    """All that is required is null."""
    with pytest.raises(DocumentFault, match="no bank_statement"):
        validate_answer({"transactions": []}, BANK_STATEMENT)


def test_it_is_found_by_name_and_its_question_stays() -> None:
    """What was paid for once is answered for good, whatever becomes of windows and checks."""
    assert load_document_type("bank_statement") is BANK_STATEMENT
    changed = load_document_type("bank_statement", incomplete="fail", window_pages=3)
    assert question(changed, "m") == question(BANK_STATEMENT, "m")
    assert (
        question(BANK_STATEMENT, "m").fingerprint
        == "61a076107c93e10819295ad01f29fbcd85fcab86fbd321f8a5c7e3b4c3305c56"
    )
