"""Checks find what a schema cannot say, and change nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from sluicegate.document_types.checks import (
    CountCheck,
    CurrencyCheck,
    DateCheck,
    SumCheck,
    reference,
    values_at,
)
from sluicegate.document_types.currencies import ISO_4217
from sluicegate.faults import UsageFault
from tests.sluicegate.building import type_of

TODAY = date(2026, 11, 23)


def total(amount: str | None, *prices: str | None) -> dict[str, Any]:
    """Return values with lines and a total."""
    return {
        "total": None if amount is None else Decimal(amount),
        "lines": [{"price": None if price is None else Decimal(price)} for price in prices],
    }


@pytest.mark.parametrize(
    ("values", "right"),
    [
        (total("3", "1", "2"), True),
        (total("3.05", "1", "2"), True),
        (total("3.051", "1", "2"), False),
        (total("2.95", "1", "2"), True),
        (total("2.94", "1", "2"), False),
        (total("-3", "-1", "-2"), True),
        (total("-3", "1", "2"), False),
        (total("3", "3", None), True),
        (total(None, "1"), True),
        (total("3"), True),
        (total("3", None), True),
        (total("0", "1", "-1"), True),
    ],
)
def test_a_sum_adds_up_within_its_tolerance(values: dict[str, Any], *, right: bool) -> None:
    """Lines without a price are left out; with none at all there is nothing to check."""
    check = SumCheck(check="sum", of="lines.price", equals="total")
    assert (check.find(values, TODAY) is None) is right


@pytest.mark.parametrize(
    ("values", "right"),
    [
        (total("119", "100"), True),
        (total("130", "100"), True),
        (total("130.06", "100"), False),
        (total("99.95", "100"), True),
        (total("99.94", "100"), False),
        (total("-119", "-100"), True),
        (total("-130.05", "-100"), True),
        (total("-130.06", "-100"), False),
        (total("-99.94", "-100"), False),
        (total("0", "0"), True),
    ],
)
def test_an_uplift_allows_for_taxes_of_either_sign(values: dict[str, Any], *, right: bool) -> None:
    """Net lines may stay below a gross total by the share, on credit notes too."""
    check = SumCheck(check="sum", of="lines.price", equals="total", uplift=Decimal("0.30"))
    assert (check.find(values, TODAY) is None) is right


def test_a_sum_says_what_it_found() -> None:
    """The finding names both paths and both numbers."""
    check = SumCheck(check="sum", of="lines.price", equals="total")
    assert check.find(total("5", "1", "2"), TODAY) == "lines.price adds up to 3, total is 5"


@pytest.mark.parametrize(
    ("day", "plausible"),
    [
        (date(1990, 1, 1), True),
        (date(1989, 12, 31), False),
        (date(2027, 11, 24), True),
        (date(2027, 11, 25), False),
        (None, True),
    ],
)
def test_dates_lie_between_the_earliest_and_the_near_future(
    day: date | None, *, plausible: bool
) -> None:
    """366 days ahead are allowed, one more is not."""
    check = DateCheck(check="plausible_date", field="day")
    found = check.find({"day": day}, TODAY)
    assert (found is None) is plausible
    assert plausible or str(day) in str(found)


def test_every_date_of_a_list_is_checked() -> None:
    """One implausible date among good ones is found."""
    check = DateCheck(check="plausible_date", field="days.on", future_days=0)
    assert check.find({"days": [{"on": TODAY}, {"on": date(2999, 1, 1)}]}, TODAY)


@pytest.mark.parametrize(
    ("code", "known"), [("EUR", True), ("eur", False), ("€", False), ("XXX", False), (None, True)]
)
def test_currencies_are_iso_codes(code: str | None, *, known: bool) -> None:
    """Only active codes in capitals pass; null is no finding."""
    check = CurrencyCheck(check="currency", field="currency")
    assert (check.find({"currency": code}, TODAY) is None) is known


def test_a_hostile_currency_makes_a_bounded_warning() -> None:
    """A looping model's text does not fill the warnings."""
    found = CurrencyCheck(check="currency", field="c").find({"c": "E" * 10_000 + "\n"}, TODAY)
    assert found is not None
    assert len(found) < 100
    assert "\n" not in found


def test_the_currencies_look_like_codes() -> None:
    """About 155 codes, three capitals each, the usual ones among them."""
    assert {"EUR", "USD", "JPY", "INR", "COP", "SAR"} <= ISO_4217
    assert all(len(code) == 3 and code.isupper() for code in ISO_4217)
    assert 140 < len(ISO_4217) < 180


def test_values_at_a_path_go_through_lists() -> None:
    """One value for each item on the way; what is missing gives nothing or null."""
    values = {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": None}, {"b": [{"c": None}]}], "d": 4}
    assert list(values_at(values, "a.b.c")) == [1, 2, None]
    assert list(values_at(values, "d")) == [4]
    assert list(values_at(values, "e")) == [None]
    assert list(values_at(values, "d.e")) == []


@pytest.mark.parametrize("on_fail", ["warn", "fail"])
def test_a_type_sorts_its_findings(on_fail: str) -> None:
    """`on_fail: fail` makes a failure of a finding, the default a warning."""
    kind = type_of(
        {"currency": {"type": "string"}},
        checks=[{"check": "currency", "field": "currency", "on_fail": on_fail}],
    )
    failures, warnings = kind.findings({"currency": "doubloon"}, TODAY)
    assert (len(failures), len(warnings)) == ((1, 0) if on_fail == "fail" else (0, 1))
    assert kind.findings({"currency": "EUR"}, TODAY) == ([], [])


def test_unknown_keys_of_checks_raise() -> None:
    """A misspelt option is not silently ignored."""
    with pytest.raises(ValidationError):
        SumCheck.model_validate({"check": "sum", "of": "a", "equals": "b", "tolerence": 1})


@pytest.mark.parametrize(("paid", "fits"), [("90", True), ("89", False), ("130", True)])
def test_a_discount_below_the_lines_is_allowed_for(paid: str, fits: bool) -> None:
    """The total may fall short of the sum by that share."""
    check = SumCheck(
        check="sum", of="lines.price", equals="total",
        uplift=Decimal("0.3"), discount=Decimal("0.1"),
    )  # fmt: skip
    assert (check.find(total(paid, "60", "40"), TODAY) is None) == fits


def test_a_printed_count_is_held_against_the_list() -> None:
    """Where it is printed; the sentence has both."""
    check = CountCheck(check="count", of="lines", equals="count")
    values = {"lines": [{}, {}], "count": 3}
    assert check.find(values, TODAY) == "lines has 2 items, count is 3"
    assert check.find({**values, "count": 2}, TODAY) is None
    assert check.find({**values, "count": None}, TODAY) is None
    schema = {
        "lines": {"type": "array", "items": {"type": "string"}},
        "count": {"type": "integer"},
        "other": {"type": "integer"},
    }
    kind = type_of(schema, ["count"], checks=[check.model_dump(mode="json")])
    assert kind.checks == (check,)
    with pytest.raises(UsageFault, match="needs a list at 'count'"):
        type_of(schema, ["count"], checks=[{"check": "count", "of": "count", "equals": "other"}])


def test_the_table_of_checks_has_each_with_its_keys() -> None:
    """Keys that are needed, and others with their defaults."""
    table = reference()
    keys = "`of`, `equals`, `tolerance` (0.05), `uplift` (0), `discount` (0)"
    assert f"| `sum` | {keys} | The values at" in table
    assert "| `plausible_date` | `field`, `earliest` (1990-01-01), `future_days` (366) |" in table
    assert "| `currency` | `field` |" in table
