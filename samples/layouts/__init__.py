"""The looks a document can have."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from samples.invoice import Invoice
from samples.layouts import grid, letter, rows, slip, strip
from samples.layouts.style import Style, pick
from samples.sheet import Sheet

LAYOUTS: dict[str, Callable[[Invoice, Style], Sheet]] = {
    "rows": rows.draw,
    "strip": strip.draw,
    "grid": grid.draw,
    "letter": letter.draw,
    "slip": slip.draw,
}


def lay_out(invoice: Invoice, layout: str, rng: Random, *, airy: bool = False) -> Sheet:
    """Draw the document in one of the LAYOUTS, airy with wide rows; raises KeyError for another."""
    style = pick(rng, serif=layout == "letter")
    return LAYOUTS[layout](invoice, replace(style, pad=15.0) if airy else style)
