"""The shape of a language and of a market, with the formatting that depends on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF", "SEK": "kr"}
EXPONENTS = {"JPY": 0}


@dataclass(frozen=True, slots=True)
class Market:
    """A country as its invoices show it.

    `dates` and `money` are `str.format` patterns over d, dd, mm, y, month and amount, symbol, code;
    `postcode` has a # for every digit; `tax` holds (name, percentages).
    """

    country: str
    code: str
    currencies: tuple[str, ...]
    grouping: str
    decimal: str
    dates: tuple[str, ...]
    money: tuple[str, ...]
    tax: tuple[tuple[str, tuple[str, ...]], ...]
    legal_forms: tuple[str, ...]
    towns: tuple[str, ...]
    postcode: str
    paper: str = "a4"
    iban: bool = True

    def number(self, value: Decimal) -> str:
        """Write a number with this market's separators, keeping its decimal places."""
        text = f"{value:,f}"
        return text.translate({ord(","): self.grouping, ord("."): self.decimal})

    def quantity(self, value: Decimal) -> str:
        """Write a quantity without trailing zeros."""
        whole = value == value.to_integral_value()
        return self.number(value.quantize(Decimal(1)) if whole else value.normalize())

    def amount(self, value: Decimal, currency: str, pattern: str) -> str:
        """Write money by one of the `money` patterns; a sign stands before a leading symbol."""
        sign = "-" if value < 0 else ""
        digits = self.number(abs(value))
        leading = pattern.startswith("{symbol}{")
        return (sign if leading else "") + pattern.format(
            amount=digits if leading else sign + digits,
            symbol=SYMBOLS[currency],
            code=currency,
        )


@dataclass(frozen=True, slots=True)
class Language:
    """The vocabulary of one language; `words` maps a label's key to its usual variants."""

    code: str
    months: tuple[str, ...]
    markets: tuple[Market, ...]
    words: Mapping[str, tuple[str, ...]]
    trades: tuple[str, ...]
    streets: tuple[str, ...]
    goods: tuple[str, ...]
    details: tuple[str, ...]

    def day(self, when: date, pattern: str) -> str:
        """Write a date by one of a market's `dates` patterns."""
        return pattern.format(
            d=when.day,
            dd=f"{when.day:02}",
            mm=f"{when.month:02}",
            y=when.year,
            month=self.months[when.month - 1],
        )
