"""What varies within a layout: typeface, colours, punctuation, which facts are printed."""

from dataclasses import dataclass
from random import Random

from samples.invoice import Invoice
from samples.sheet import A4, HELVETICA, LETTER, TIMES, VERA, Colour, Sheet, Typeface

_ACCENTS: tuple[Colour, ...] = (
    (0.10, 0.27, 0.47),
    (0.45, 0.14, 0.16),
    (0.08, 0.38, 0.33),
    (0.36, 0.22, 0.46),
    (0.62, 0.33, 0.06),
    (0.18, 0.19, 0.22),
)


@dataclass(frozen=True, slots=True)
class Style:
    """One document's taste; `order` permutes its facts, `shape` numbers its logo.

    `size` and `pad`, the room around a table's cells, are in points.
    """

    face: Typeface
    size: float
    pad: float
    accent: Colour
    colon: str
    shape: int
    order: tuple[float, ...]
    decoys: int
    carries: bool
    marked: bool

    @property
    def tint(self) -> Colour:
        """The accent, thinned for a background."""
        red, green, blue = (1 - (1 - part) * 0.12 for part in self.accent)
        return (red, green, blue)


def pick(rng: Random, *, serif: bool = False) -> Style:
    """Draw a style."""
    other = TIMES if serif else HELVETICA
    face = rng.choice((other, HELVETICA if serif else VERA, other))
    return Style(
        face=face,
        size=10.0 if face is TIMES else 9.0 if face is HELVETICA else 8.2,
        pad=rng.choice((4.0, 5.0, 5.0, 6.5)),
        accent=rng.choice(_ACCENTS),
        colon=rng.choice(("", ":")),
        shape=rng.randrange(4),
        order=tuple(rng.random() for _ in range(6)),
        decoys=rng.randint(1, 4),
        carries=rng.random() < 0.5,
        marked=rng.random() < 0.5,
    )


def blank_sheet(invoice: Invoice) -> Sheet:
    """Return the paper its market uses."""
    return Sheet(LETTER if invoice.market.paper == "letter" else A4)


def facts(invoice: Invoice, style: Style) -> list[tuple[str, str]]:
    """Return labels and values of the header: number and date, among others like them."""
    words = invoice.words
    kind = invoice.kind
    ordering = kind == "purchase_order"
    first = [
        (words[f"{kind}_number"], invoice.number),
        (words["order_date" if ordering else "date"], invoice.day(invoice.issued)),
    ]
    more = [
        (words["customer"], invoice.customer),
        (words["delivery"], invoice.day(invoice.delivered)),
    ]
    if kind == "invoice":
        more += [
            (words["due"], invoice.day(invoice.due)),
            (words["order"], invoice.order),
        ]
    if kind == "credit_note":
        more.insert(0, (words["original"], invoice.original))
    ranked = sorted(zip(style.order, first + more[: style.decoys], strict=False))
    return [(label + style.colon, value) for _, (label, value) in ranked]


def totals(invoice: Invoice, style: Style) -> list[tuple[str, str]]:
    """Return the lines below the table; the last is what the document is about."""
    words = invoice.words
    show = invoice.money if style.marked else invoice.number_of
    lines = [(words["subtotal"], show(invoice.subtotal))]
    if invoice.discount:
        rate = invoice.market.quantity(invoice.discount_rate)
        lines.append((f"{words['discount']} {rate} %", show(-invoice.discount)))
    if invoice.tax_rate:
        rate = invoice.market.quantity(invoice.tax_rate)
        percent = f"{rate}%" if invoice.language.code == "en" else f"{rate} %"
        lines.append((f"{invoice.tax_name} {percent}", show(invoice.tax)))
    last = "order_total" if invoice.kind == "purchase_order" else "total"
    lines.append((words[last], invoice.money(invoice.total)))
    return [(label + style.colon, value) for label, value in lines]


def remarks(invoice: Invoice) -> list[str]:
    """Return the sentences at the end."""
    words = invoice.words
    said = [] if invoice.tax_rate else [words["untaxed"]]
    if invoice.kind == "invoice":
        said += [words["terms"].format(days=invoice.days), words["closing"]]
    elif invoice.kind == "credit_note":
        said.append(words["credit_closing"])
    else:
        said.append(words["order_closing"])
    return said
