"""What a document says, before it has a look: parties, lines, and totals that add up."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal

from samples import companies
from samples.languages import LANGUAGES, Language, Market
from samples.languages.model import EXPONENTS

Kind = Literal["invoice", "credit_note", "purchase_order"]

_FIRST_DAY = date(2024, 1, 2)
_DAYS = 1000
_NUMBERS = (
    "{serial:06}",
    "INV-{serial:06}",
    "{year}-{serial:06}",
    "RE{year}{serial:06}",
    "F{short}/{serial:06}",
    "{letters}-{short}-{serial:06}",
)
# Coprime to the range of serials, so that neighbours look unrelated and never collide.
_STRIDE = 7919
_SERIALS = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing charged: `total` is quantity times unit price, rounded to the currency."""

    description: str
    code: str
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """The content of one document; amounts are in `currency`, `total` includes tax."""

    kind: Kind
    language: Language
    market: Market
    words: dict[str, str]
    vendor: companies.Company
    buyer: companies.Company
    number: str
    order: str
    customer: str
    original: str
    issued: date
    due: date
    delivered: date
    currency: str
    money_pattern: str
    date_pattern: str
    lines: tuple[Line, ...]
    subtotal: Decimal
    discount_rate: Decimal
    discount: Decimal
    tax_name: str
    tax_rate: Decimal
    tax: Decimal
    total: Decimal
    days: int

    def money(self, value: Decimal) -> str:
        """Write an amount with its currency."""
        return self.market.amount(value, self.currency, self.money_pattern)

    def number_of(self, value: Decimal) -> str:
        """Write an amount without its currency."""
        return self.market.number(value)

    def day(self, when: date) -> str:
        """Write a date in the document's one style."""
        return self.language.day(when, self.date_pattern)


def _round(value: Decimal, currency: str) -> Decimal:
    step = Decimal(1).scaleb(-EXPONENTS.get(currency, 2))
    return value.quantize(step, rounding=ROUND_HALF_UP)


def _number(rng: Random, year: int, serial: int) -> str:
    letters = "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(2))
    return rng.choice(_NUMBERS).format(serial=serial, year=year, short=year % 100, letters=letters)


def _unit_price(rng: Random, currency: str) -> Decimal:
    cheap, middling, dear = (45, 2_000), (500, 20_000), (20_000, 180_000)
    cents = rng.randint(*rng.choice((cheap, cheap, middling, middling, dear)))
    if currency == "JPY":
        return Decimal(cents)
    if currency == "SEK":
        cents *= 10
    return Decimal(cents).scaleb(-2)


def _quantity(rng: Random, *, dear: bool) -> Decimal:
    draw = rng.random()
    if draw < 0.12:
        return Decimal(rng.randint(1, 15)) * Decimal("0.5")
    if dear:
        return Decimal(rng.randint(1, 4))
    return Decimal(rng.randint(1, 12) if draw < 0.85 else rng.randint(13, 120))


def _descriptions(rng: Random, language: Language, count: int, *, wordy: bool) -> list[str]:
    """Name things without naming one twice before every one was named."""
    goods: list[str] = []
    while len(goods) < count:
        goods += rng.sample(language.goods, min(len(language.goods), count - len(goods)))
    if not wordy:
        return goods
    details = language.details
    return [f"{g}, {rng.choice(details)}" if rng.random() < 0.35 else g for g in goods]


def _line(rng: Random, description: str, currency: str, sign: int) -> Line:
    price = _unit_price(rng, currency)
    # Dear is what costs more than some 200 euros.
    quantity = sign * _quantity(rng, dear=price > {"JPY": 20_000, "SEK": 2_000}.get(currency, 200))
    return Line(
        description=description,
        code=f"{rng.choice('ABCDEFGH')}{rng.randint(100, 999)}-{rng.randint(10, 99)}",
        quantity=quantity,
        unit_price=price,
        total=_round(quantity * price, currency),
    )


def compose(
    rng: Random,
    serial: int,
    *,
    kind: Kind,
    language: str,
    lines: int,
    wordy: bool = True,
    currency: str | None = None,
) -> Invoice:
    """Draw a document's content: `total = subtotal - discount + tax`, subtotal = sum of the lines.

    A serial below a million gives a number of its own. A credit note's amounts are negative.
    Raises KeyError for an unknown language, ValueError for a currency none of its markets uses.
    """
    speech = LANGUAGES[language]
    market = rng.choice([m for m in speech.markets if currency in {None, *m.currencies}] or [None])
    if market is None:
        raise ValueError(f"no market of language {language!r} uses {currency}")
    currency = currency or rng.choice(market.currencies)
    words = {key: rng.choice(variants) for key, variants in speech.words.items()}
    vendor = companies.found(rng, speech, market)
    buyer = companies.found(rng, speech, market, unlike=vendor.name)
    issued = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))
    mixed = (serial * _STRIDE) % _SERIALS
    sign = -1 if kind == "credit_note" else 1
    named = _descriptions(rng, speech, lines, wordy=wordy)
    charged = tuple(_line(rng, description, currency, sign) for description in named)
    subtotal = sum((line.total for line in charged), Decimal(0))
    ordering = kind == "purchase_order"
    discounted = kind == "invoice" and rng.random() < 0.2
    discount_rate = Decimal(rng.choice((2, 3, 5, 10))) if discounted else Decimal(0)
    discount = _round(subtotal * discount_rate / 100, currency)
    tax_name, rates = rng.choice(market.tax)
    tax_rate = Decimal(0) if rng.random() < 0.08 else Decimal(rng.choice(rates))
    tax = _round((subtotal - discount) * tax_rate / 100, currency)
    # In a market with a currency of its own, a foreign one is written out rather than as a symbol.
    foreign = currency != market.currencies[0]
    patterns = [p for p in market.money if not (foreign and "{symbol}" in p)]
    days = rng.choice((10, 14, 30, 45))
    return Invoice(
        kind=kind,
        language=speech,
        market=market,
        words=words,
        vendor=vendor,
        buyer=buyer,
        number=_number(rng, issued.year, mixed),
        order=f"{rng.choice(('PO', 'B', 'V'))}{rng.randint(10_000, 99_999)}",
        customer=f"{rng.choice(('K', 'C', ''))}{rng.randint(1_000, 99_999)}",
        original=_number(rng, issued.year, (mixed + 1) % _SERIALS),
        issued=issued,
        due=issued + timedelta(days=days),
        delivered=issued + timedelta(days=rng.randint(1, 9) * (1 if ordering else -1)),
        currency=currency,
        money_pattern=rng.choice(patterns or list(market.money)),
        date_pattern=rng.choice(market.dates),
        lines=charged,
        subtotal=subtotal,
        discount_rate=discount_rate,
        discount=discount,
        tax_name=tax_name,
        tax_rate=tax_rate,
        tax=tax,
        total=subtotal - discount + tax,
        days=days,
    )
