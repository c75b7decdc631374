"""One record of what several windows say of it."""

from decimal import Decimal

from sluicegate.document_types.bank_statement import BANK_STATEMENT
from sluicegate.windows.merge import merged
from tests.sluicegate.building import type_of

KIND = type_of(
    {
        "number": {"type": "string"},
        "total": {"type": "number"},
        "day": {"type": "string", "format": "date"},
        "party": {"type": "object", "properties": {"name": {"type": "string"}}},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string"},
                    "price": {"type": "number"},
                    "code": {"type": "string"},
                },
            },
        },
    },
    checks=[{"check": "sum", "of": "lines.price", "equals": "total"}],
)


def of(*parts: dict[str, object]) -> tuple[dict[str, object], list[str]]:
    """Merge parts of a record of the type."""
    return merged(parts, KIND.fields, KIND.checks)


def test_each_field_is_taken_from_where_it_stands() -> None:
    """The header from the first page, the total from the last, the lines from all in order."""
    values, notes = of(
        {"number": "A1", "total": None, "party": {"name": None}, "lines": [{"what": "a"}]},
        {"number": None, "total": None, "lines": None, "party": None},
        {"number": " ", "total": Decimal("3.50"), "party": {"name": "B"}, "lines": [{"what": "b"}]},
    )
    assert values == {
        "number": "A1", "total": Decimal("3.50"), "day": None, "party": {"name": "B"},
        "lines": [{"what": "a"}, {"what": "b"}],
    }  # fmt: skip
    assert notes == []


def test_a_total_is_the_last_one_and_a_day_that_of_most_pages() -> None:
    """Totals before the last are carried over; pages that disagree on a day are told of."""
    values, notes = of(
        {"total": Decimal(10), "day": "2026-01-01"},
        {"total": Decimal(20), "day": "2026-01-02"},
        {"total": Decimal(30), "day": "2026-01-02"},
    )
    assert (values["total"], values["day"]) == (Decimal(30), "2026-01-02")
    assert notes == ["day: pages disagree, 2026-01-02 was taken, not 2026-01-01"]


def test_a_line_torn_by_a_pages_end_is_one_line() -> None:
    """Where the parts have nothing in common; two lines with a text each stay two."""
    torn, _ = of(
        {"lines": [{"what": "a long text", "price": None, "code": None}]},
        {"lines": [{"what": None, "price": Decimal(5), "code": "X"}, {"what": "b"}]},
    )
    assert torn["lines"] == [
        {"what": "a long text", "price": Decimal(5), "code": "X"},
        {"what": "b"},
    ]
    whole, _ = of({"lines": [{"what": "a", "price": 1}]}, {"lines": [{"what": "b", "code": "X"}]})
    assert len(whole["lines"]) == 2  # type: ignore[arg-type]


def test_of_a_statement_the_opening_balance_is_the_first_and_the_closing_the_last() -> None:
    """Balances that a model took from a page's end are not the statement's."""
    parts = [
        {"opening_balance": Decimal(1), "closing_balance": Decimal(2)},
        {"opening_balance": Decimal(2), "closing_balance": Decimal(3)},
    ]
    values, _ = merged(parts, BANK_STATEMENT.fields, BANK_STATEMENT.checks)
    assert (values["opening_balance"], values["closing_balance"]) == (1, 3)
