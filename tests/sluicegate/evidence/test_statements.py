"""Doubt in what is no single invoice: statements of accounts, lists without a sum, batches."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from benchmarks.evidence.model_errors import changed
from benchmarks.evidence.truth import row_of
from samples.batches import make_batch
from samples.statements import make_statement
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.load import load_document_type
from sluicegate.evidence.evidence import Evidence
from sluicegate.evidence.locate import locate
from sluicegate.evidence.pages import Page
from sluicegate.evidence.reader import read_text
from tests.sluicegate.evidence.paper import page

STATEMENT = load_document_type("bank_statement")
MONEY = ("opening_balance", "closing_balance", "amount", "balance")
DAYS = ("period_start", "period_end", "date")
ACCOUNT = (
    "Northbank                                Account statement",
    "",
    "               Opening balance                            1,000.00",
    "Date           Description          Paid out    Paid in    Balance",
    "2026-03-02     Rent                   700.00                300.00",
    "2026-03-03     Salary                          2,000.00   2,300.00",
    "2026-03-04     Groceries               45.50              2,254.50",
    "2026-03-05     Energy                 120.00              2,134.50",
    "2026-03-06     Refund                             15.00   2,149.50",
    "               Closing balance                            2,149.50",
)
BOOKED = (
    ("Rent", -700), ("Salary", 2000), ("Groceries", "-45.5"), ("Energy", -120), ("Refund", 15),
)  # fmt: skip


def typed(value: Any, name: str = "") -> Any:
    """Return a value of a truth as the model of the type would type it."""
    if isinstance(value, list):
        return [{key: typed(each, key) for key, each in row.items()} for row in value]
    if name in MONEY:
        return Decimal(value)
    return dt.date.fromisoformat(value) if name in DAYS else value


def statement(
    index: int, rows: int | None = None, pages: int = 0
) -> tuple[dict[str, Any], list[Page]]:
    """Return a right row and the pages of a statement."""
    made = make_statement(22, index, rows=rows, pages=pages)
    values = {each.name: typed(made.truth[each.name], each.name) for each in STATEMENT.fields}
    return values, read_text([("application/pdf", made.data)], ocr=False)


def doubted(values: dict[str, Any], pages: list[Page], kind: DocumentType) -> dict[str, Evidence]:
    """Return what is doubted of a row."""
    return {each.field: each for each in locate(values, pages, kind) if each.doubt}


def account(*left_out: int) -> dict[str, Any]:
    """Return the row of the account with a column for each direction, some lines left out."""
    lines = [
        {"date": dt.date(2026, 3, 2 + n), "description": text, "amount": Decimal(amount)}
        for n, (text, amount) in enumerate(BOOKED)
        if n not in left_out
    ]
    balances = {"opening_balance": Decimal(1000), "closing_balance": Decimal("2149.5")}
    return {**balances, "transactions": lines}


@pytest.mark.parametrize(("rows", "pages"), [(None, 0), (400, 12)])
def test_no_value_of_a_right_statement_is_doubted(rows: int | None, pages: int) -> None:
    """The lines lead from one balance to the other; a balance is no amount due."""
    for index in range(4):
        assert doubted(*statement(index, rows, pages), STATEMENT) == {}


def errors(values: dict[str, Any], rng: Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path of what is wrong, row), each with one error."""
    lines = values["transactions"]
    at = rng.randrange(len(lines))
    for name in ("amount", "balance", "date", "description"):
        if (new := changed(lines[at][name], rng)) is not None:
            wrong = [*lines[:at], {**lines[at], name: new}, *lines[at + 1 :]]
            yield f"transactions[{at}].{name}", {**values, "transactions": wrong}
    yield "transactions", {**values, "transactions": [*lines[:at], *lines[at + 1 :]]}
    for name in ("opening_balance", "account_number"):
        yield name, {**values, name: changed(values[name], rng)}


def test_errors_in_a_statement_are_flagged_and_little_else() -> None:
    """At least 85 % of the wrong values, and no more than 10 % of everything."""
    wrong = flagged = every = load = 0
    for index in range(2, 10):
        values, pages = statement(index)
        for path, row in errors(values, Random(index)):
            found = doubted(row, pages, STATEMENT)
            wrong += 1
            flagged += path in found
            load += len(found)
            every += 4 * len(values["transactions"]) + 8
    assert wrong > 45
    assert flagged >= 0.85 * wrong
    assert load <= 0.1 * every


def test_money_in_and_money_out_may_have_a_column_each() -> None:
    """A sum without its minus in the other column is right; a line that is left out is missed."""
    paper = [page(*ACCOUNT)]
    assert doubted(account(), paper, STATEMENT) == {}
    for number, amount in ((2, "45.50"), (1, "2,000.00")):
        found = doubted(account(number), paper, STATEMENT)
        assert list(found) == ["transactions"]
        assert f"a line of {amount}" in str(found["transactions"].doubt)


def test_a_closing_balance_that_the_lines_do_not_lead_to_is_doubted() -> None:
    """The difference of other numbers than the row's own does not count."""
    found = doubted({**account(), "closing_balance": Decimal(2300)}, [page(*ACCOUNT)], STATEMENT)
    assert "add up to 1149.5" in str(found["transactions"].doubt)


def test_a_list_without_any_sum_is_left_alone() -> None:
    """Prices are not summed; with a total on the page they are."""
    rows = ("Price list", "", "Bolt   3.00", "Nut    5.00", "Washer  7.00")
    items = [
        {"description": name, "quantity": None, "total": Decimal(total)}
        for name, total in (("Bolt", 3), ("Nut", 5), ("Washer", 7))
    ]
    assert doubted({"line_items": items}, [page(*rows)], INVOICE) == {}
    assert doubted({"line_items": items}, [page(*rows, "Total  16.00")], INVOICE)


def test_right_records_of_a_batch_are_not_doubted_for_their_neighbours() -> None:
    """Each is looked for on its own pages, and what stands on others' says nothing of it."""
    kind = load_document_type("invoice", "many")
    records = 0
    for index in range(5):
        batch = make_batch(22, index)
        pages = read_text([("application/pdf", batch.data)], ocr=False)
        for each in batch.truth["records"]:
            own = range(each["first_page"], each["last_page"] + 1)
            found = locate(row_of(each), pages, kind, own)
            assert [e for e in found if e.doubt] == []
            records += 1
    assert records > 10
