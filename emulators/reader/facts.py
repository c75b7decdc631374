"""Everything the rules find in a document."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from emulators.reader import identity, items, parties, payments, slips, totals
from emulators.reader.items import Item
from emulators.reader.kinds import Kind, kind_of
from emulators.reader.reading import Reading


@dataclass
class Facts:
    """What a document says; None where it does not say it. Money is as printed, in `currency`."""

    kind: Kind = Kind.OTHER
    number: str | None = None
    vendor: parties.Party | None = None
    buyer: parties.Party | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    currency: str | None = None
    total: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    amount_due: Decimal | None = None
    payment: str | None = None
    payment_text: str | None = None
    items: list[Item] = field(default_factory=list)


def gather(reading: Reading, *, partial: bool = False) -> Facts:
    """Apply every rule to a document; one that is no invoice or receipt has no facts.

    Of a document whose other pages are not there (`partial`), what its pages label themselves.
    """
    kind = kind_of(reading)
    table = items.read_table(reading)
    if kind is Kind.OTHER and partial and table.items:
        kind = Kind.INVOICE
    if kind is Kind.OTHER:
        return Facts()
    if not table.items:
        table = slips.read_slip(reading)
    known = [item.total for item in table.items if item.total is not None]
    sums = totals.read_sums(
        reading, table.holds, sum(known, Decimal(0)) if known else None, labelled=partial
    )
    method = payments.method(reading)
    beside = sums.total.currency if sums.total else None
    return Facts(
        kind=kind,
        number=identity.invoice_id(reading, table.holds),
        vendor=parties.vendor(reading, table.holds),
        buyer=parties.buyer(reading, table.holds),
        date=identity.invoice_date(reading, table.holds, labelled=partial),
        due_date=identity.other_date(
            reading, ("due", "fallig", "zahlbar", "echeance", "venc", "scad", "verval", "termin")
        ),
        currency=None if partial and not reading.currency_mark else reading.currency_beside(beside),
        total=sums.total.value if sums.total else None,
        net=sums.net,
        tax=sums.tax,
        amount_due=sums.due,
        payment=method[0] if method else None,
        payment_text=method[1] if method else None,
        items=table.items,
    )
