"""Numbers, dates and currencies are read in the formats that Europe prints."""

import datetime as dt
from decimal import Decimal

import pytest

from emulators.reader.amounts import Style, find_amounts, read_number, style_of
from emulators.reader.currencies import majority, settle, stated
from emulators.reader.reading import month_first
from sluicegate.evidence.dates import find_dates


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.56", "1234.56", None),
        ("1.234,56 €", "1234.56", "EUR"),
        ("€1.234,56", "1234.56", "EUR"),
        ("1 234,56", "1234.56", None),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("1’234.50", "1234.50", None),
        ("¥1,234", "1234", "¥"),
        ("-20,48 €", "-20.48", "EUR"),
        ("$-5.00", "-5.00", "$"),
        ("-$5.00", "-5.00", "$"),
        ("(20.48)", "-20.48", None),
        ("20.48-", "-20.48", None),
        ("US$ 5.10", "5.10", "USD"),
        ("EUR 100", "100", "EUR"),
        ("12.345.678,90 kr", "12345678.90", "kr"),
        ("1,23,456.00", "123456.00", None),
        ("TOTAL:12.15", "12.15", None),
        ("RM4.26", "4.26", "MYR"),
        ("602,70 zł", "602.70", "PLN"),
    ],
)
def test_amounts_are_read_whatever_the_separators(
    text: str, value: str, currency: str | None
) -> None:
    """Thousands and decimals, signs before and after, and the currency beside the digits."""
    (found,) = find_amounts(text)
    assert (found.value, found.currency) == (Decimal(value), currency)


@pytest.mark.parametrize("text", ["2013-471102", "A4", "12:44", "INV/2023", "19.11.2020", "№17x"])
def test_what_only_looks_like_a_number_is_no_amount(text: str) -> None:
    """Parts of identifiers, times and dates are left alone."""
    assert find_amounts(text) == []


def test_a_share_is_no_money() -> None:
    """A percentage is marked as one."""
    (found,) = find_amounts("19,0 %")
    assert found.percent
    assert not found.is_money


@pytest.mark.parametrize(
    ("digits", "style", "value"),
    [
        ("1.234", Style.UNKNOWN, "1234"),
        ("1.234", Style.COMMA, "1234"),
        ("1.234", Style.POINT, "1.234"),
        ("1,234", Style.POINT, "1234"),
        ("1,234", Style.COMMA, "1.234"),
        ("0.500", Style.COMMA, "0.500"),
        ("205,0000", Style.UNKNOWN, "205.0000"),
        ("1.234.567", Style.POINT, "1234567"),
    ],
)
def test_one_separator_before_three_digits_goes_by_the_document(
    digits: str, style: Style, value: str
) -> None:
    """The decimal sign of the rest of the document decides."""
    assert read_number(digits, style) == Decimal(value)


def test_the_documents_style_is_the_one_of_its_clear_numbers() -> None:
    """Dates take no part in the vote."""
    assert style_of(["12,50", "31.12.2025", "1.000,00"]) is Style.COMMA
    assert style_of(["12.50", "1,000.00"]) is Style.POINT
    assert style_of(["12", "1.000"]) is Style.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026/3/5",
        "05.03.2026",
        "05. 03. 2026",
        "5/3/2026",
        "05-03-26",
        "March 5, 2026",
        "5th March 2026",
        "05-Mar-2026",
        "Mar 5 2026",
        "5. März 2026",
        "5 mars 2026",
        "5 de marzo de 2026",
        "5 marzo 2026",
        "5 de março de 2026",
        "5 maart 2026",
        "5 marca 2026",
        "2026年3月5日",
        "2026-03-05·12:34",
    ],
)
def test_dates_are_read_in_many_formats(text: str) -> None:
    """Numbers in either order of Europe, ISO, and months by name."""
    assert [dated.value for dated in find_dates(text)] == [dt.date(2026, 3, 5)]


def test_the_order_of_day_and_month_can_be_told_from_the_other_dates() -> None:
    """One date with a day over twelve shows which comes first."""
    assert month_first(["03/20/2023", "04/04/2023"]) is True
    assert month_first(["20/03/2023"]) is False
    assert month_first(["04/05/2023", "20.03.2023"]) is None
    assert find_dates("03/04/2026", month_first=True)[0].value == dt.date(2026, 3, 4)


@pytest.mark.parametrize("text", ["31.02.2026", "1234.56.78", "10 may cost 20", "12:44"])
def test_no_date_is_made_of_what_is_none(text: str) -> None:
    """Impossible days and mere numbers give nothing."""
    assert find_dates(text) == []


def test_a_currency_is_named_outright_or_settled_by_the_country() -> None:
    """Codes and names are certain; a sign that several countries share needs the country."""
    assert stated("Euro (EUR)") == "EUR"
    assert stated("Colombian Peso (COP)") == "COP"
    assert majority(["12 ft HDMI cable", "$9.99", "$ 4.00"]) == "$"
    assert settle("$", "Tucson, AZ") == "USD"
    assert settle("$", "Toronto, Ontario, Canada") == "CAD"
    assert settle("kr", "Storgata 1, Oslo, Norway") == "NOK"
    assert settle(None, "Olive Pharmacy Sdn Bhd") == "MYR"
    assert settle(None, "nothing to tell") is None
