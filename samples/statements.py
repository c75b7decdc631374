"""Bank statements: balances that add up, and lines that run over as many pages as they take."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from samples import bare_pdf
from samples.generator import Sample
from samples.sheet import A4, GREY, HELVETICA, Sheet

_LEFT, _RIGHT = 50.0, 545.0
_AMOUNT, _BALANCE = 455.0, 545.0  # right edges of their columns
_FIRST_TOP, _TOP, _BOTTOM = 200.0, 80.0, 770.0
_PARTIES = (
    "Alder & Finch Ltd", "Brook Lane Bakery", "Cobalt Energy", "Dunmore Insurance",
    "Eastgate Council", "Fern Telecom", "Glasshouse Media", "Harbour Foods", "Ivory Payroll",
    "Juniper Rentals", "Kestrel Logistics", "Larkspur Clinic", "Mill Road Garage",
)  # fmt: skip
_PITCH = 17.0  # points from row to row, unless the pages are given
_WAYS = ("Card payment", "Direct debit", "Transfer", "Standing order", "Refund", "Salary", "Fee")


@dataclass(frozen=True, slots=True)
class Words:
    """What a bank prints, in one language, and how it writes numbers and dates."""

    title: str
    account: str
    holder: str
    period: str
    opening: str
    closing: str
    carried: str
    columns: tuple[str, str, str, str]  # date, text, amount, balance
    page: str
    point: bool  # the decimal mark is a point
    day: str


ENGLISH = Words(
    "Account statement", "Account number", "Account holder", "Period", "Opening balance",
    "Closing balance", "Carried forward", ("Date", "Description", "Amount", "Balance"),
    "Page {n} of {all}", point=True, day="%Y-%m-%d",
)  # fmt: skip
GERMAN = Words(
    "Kontoauszug", "Kontonummer", "Kontoinhaber", "Zeitraum", "Anfangssaldo", "Endsaldo",
    "Übertrag", ("Datum", "Beschreibung", "Betrag", "Saldo"), "Seite {n} von {all}", point=False,
    day="%d.%m.%Y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking; `amount` is negative for money out, `balance` is that after it."""

    booked: date
    text: str
    amount: Decimal
    balance: Decimal


def make_statement(seed: int, index: int, *, rows: int | None = None, pages: int = 0) -> Sample:
    """Return statement number `index` of a seed, of 3 to 300 lines or as many as said.

    With `pages`, the rows are shared among so many. The truth has the fields of the
    type `bank_statement`; amounts are decimal strings.
    """
    rng = Random(f"statement/{seed}/{index}")
    words = rng.choice((ENGLISH, GERMAN))
    count = rows if rows is not None else rng.choice((rng.randint(3, 40), rng.randint(40, 300)))
    opening = Decimal(rng.randint(-50_000, 900_000)).scaleb(-2)
    entries = _entries(rng, opening, count)
    head = {
        "bank_name": rng.choice(("Northbank", "Union Savings", "Harbour Bank", "First Meridian")),
        "account_holder": rng.choice(_PARTIES),
        "account_number": f"{rng.randint(10**9, 10**10 - 1)}",
        "currency": rng.choice(("EUR", "GBP", "USD", "CHF")),
        "period_start": entries[0].booked.replace(day=1).isoformat(),
        "period_end": entries[-1].booked.isoformat(),
    }
    sheet = _Statement(words, head, opening, entries, _shares(count, pages)).drawn()
    name = f"statement-{index:04}.pdf"
    truth = {
        "file": name,
        "media_type": "application/pdf",
        "pages": len(sheet.pages),
        "expect": "row",
        **head,
        "opening_balance": str(opening),
        "closing_balance": str(entries[-1].balance),
        "transactions": [
            {
                "date": entry.booked.isoformat(),
                "description": entry.text,
                "amount": str(entry.amount),
                "balance": str(entry.balance),
            }
            for entry in entries
        ],
    }
    return Sample(name, bare_pdf.write(sheet), truth, {})


def _entries(rng: Random, opening: Decimal, count: int) -> list[Entry]:
    booked = date(2025, rng.randint(1, 12), rng.randint(1, 28))
    balance = opening
    entries = []
    for _ in range(count):
        booked += timedelta(days=int(rng.random() < 30 / max(count, 30)))
        cents = rng.randint(199, 250_000) * rng.choice((-1, -1, -1, 1))
        amount = Decimal(cents).scaleb(-2)
        balance += amount
        text = f"{rng.choice(_WAYS)} {rng.choice(_PARTIES)} {rng.randint(10_000, 99_999)}"
        entries.append(Entry(booked, text, amount, balance))
    return entries


def _shares(rows: int, pages: int) -> list[int]:
    """Return how many rows each page has: the first has less room."""
    rooms = [_BOTTOM - 24 - _FIRST_TOP] + [_BOTTOM - 42 - _TOP] * (max(pages, 1) - 1)
    if not pages:
        first, further = (int(room // _PITCH) for room in (rooms[0], _BOTTOM - 42 - _TOP))
        return [first, *[further] * (1 + max(0, rows - first) // further)]
    ends = [round(rows * sum(rooms[: n + 1]) / sum(rooms)) for n in range(len(rooms))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


class _Statement:
    """One statement being drawn."""

    def __init__(
        self,
        words: Words,
        head: dict[str, Any],
        opening: Decimal,
        entries: list[Entry],
        shares: list[int],
    ) -> None:
        self._words, self._head, self._shares = words, head, shares
        self._opening, self._entries = opening, entries
        self._sheet = Sheet(A4)
        self._pitch = min(_PITCH, (_BOTTOM - 42 - _TOP) / max(shares))
        self._size = min(9.0, self._pitch - 1.5)

    def drawn(self) -> Sheet:
        """Draw everything; return the sheet."""
        y = self._begin()
        before = self._opening
        left = list(self._shares)
        for entry in self._entries:
            if not left[0]:
                del left[0]
                self._labelled(y + 4, self._words.carried, before)
                self._sheet.turn()
                y = self._heading(_TOP)
            left[0] -= 1
            self._row(y, entry)
            before = entry.balance
            y += self._pitch
        self._labelled(y + 8, self._words.closing, self._entries[-1].balance)
        self._feet()
        return self._sheet

    def _begin(self) -> float:
        sheet, head, words = self._sheet, self._head, self._words
        sheet.text(_LEFT, 60, head["bank_name"], HELVETICA.bold, 17)
        sheet.text(_RIGHT, 60, words.title, HELVETICA.bold, 14, align="right")
        period = f"{self._day(head['period_start'])} - {self._day(head['period_end'])}"
        listed = (
            (words.holder, head["account_holder"]),
            (words.account, head["account_number"]),
            (words.period, period),
        )
        for number, (label, value) in enumerate(listed):
            sheet.text(_LEFT, 92 + 15 * number, f"{label}:", HELVETICA.plain, 9, colour=GREY)
            sheet.text(_LEFT + 110, 92 + 15 * number, value, HELVETICA.plain, 9)
        self._labelled(158, words.opening, self._opening, currency=True)
        return self._heading(_FIRST_TOP - 18)

    def _heading(self, y: float) -> float:
        when, what, amount, balance = self._words.columns
        for x, words in ((_LEFT, when), (_LEFT + 75, what)):
            self._sheet.text(x, y, words, HELVETICA.bold, 9)
        for x, words in ((_AMOUNT, amount), (_BALANCE, balance)):
            self._sheet.text(x, y, words, HELVETICA.bold, 9, align="right")
        self._sheet.rule(_LEFT, _RIGHT, y + 4)
        return y + 18

    def _row(self, y: float, entry: Entry) -> None:
        size = self._size
        self._sheet.text(_LEFT, y, entry.booked.strftime(self._words.day), HELVETICA.plain, size)
        self._sheet.text(_LEFT + 75, y, entry.text, HELVETICA.plain, size, within=260)
        for x, value in ((_AMOUNT, entry.amount), (_BALANCE, entry.balance)):
            self._sheet.text(x, y, self._money(value), HELVETICA.plain, size, align="right")

    def _labelled(self, y: float, label: str, value: Decimal, *, currency: bool = False) -> None:
        code = f" {self._head['currency']}" if currency else ""
        self._sheet.text(_LEFT + 75, y, label, HELVETICA.bold, self._size)
        text = self._money(value) + code
        self._sheet.text(_BALANCE, y, text, HELVETICA.bold, self._size, align="right")

    def _feet(self) -> None:
        count = len(self._sheet.pages)
        for page in range(count):
            text = self._words.page.format(n=page + 1, all=count)
            self._sheet.text(
                _RIGHT, 810, text, HELVETICA.plain, 8, colour=GREY, align="right", page=page
            )
            account = f"{self._words.account} {self._head['account_number']}"
            self._sheet.text(_LEFT, 810, account, HELVETICA.plain, 8, colour=GREY, page=page)

    def _money(self, value: Decimal) -> str:
        text = f"{value:,.2f}"
        return text if self._words.point else text.translate(str.maketrans(",.", ".,"))

    def _day(self, when: str) -> str:
        return date.fromisoformat(when).strftime(self._words.day)
