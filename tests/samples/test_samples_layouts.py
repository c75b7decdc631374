"""The layouts: nothing overlaps, nothing leaves the paper, every letter has a glyph."""

from itertools import combinations
from random import Random

import pytest

from samples.invoice import Kind, compose
from samples.languages import LANGUAGES
from samples.layouts import LAYOUTS, lay_out
from samples.sheet import Sheet, Text, width_of


def sheets(layout: str) -> list[Sheet]:
    """Draw documents of one layout in every language, short and long, of every kind."""
    kinds: tuple[Kind, ...] = ("invoice", "credit_note", "purchase_order", "invoice")
    drawn = []
    for n, language in enumerate(sorted(LANGUAGES)):
        for turn, kind in enumerate(kinds):
            rng = Random(f"{layout}/{language}/{turn}")
            lines = (3, 6, 11, 32)[turn]
            invoice = compose(rng, n, kind=kind, language=language, lines=lines)
            drawn.append(lay_out(invoice, layout, rng))
    return drawn


def box(mark: Text) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of the letters' bodies."""
    width = width_of(mark.words, mark.face, mark.size)
    return mark.x, mark.y - 0.7 * mark.size, mark.x + width, mark.y + 0.15 * mark.size


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_no_words_overlap(layout: str) -> None:
    """On every page each line of text has a place of its own, within the paper."""
    for sheet in sheets(layout):
        for page in sheet.pages:
            boxes = [(box(mark), mark.words) for mark in page if isinstance(mark, Text)]
            for (left, top, right, bottom), words in boxes:
                assert left >= 5, words
                assert top >= 5, words
                assert right <= sheet.width - 5, words
                assert bottom <= sheet.height - 5, words
            for (a, first), (b, second) in combinations(boxes, 2):
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart, f"{first!r} and {second!r}"


def test_long_invoices_take_several_pages() -> None:
    """Forty lines run over pages, except on a till slip, which grows."""
    for layout in LAYOUTS:
        rng = Random(1)
        invoice = compose(rng, 1, kind="invoice", language="de", lines=40)
        pages = len(lay_out(invoice, layout, rng).pages)
        assert pages == 1 if layout == "slip" else pages > 1


def test_every_word_can_be_set() -> None:
    """The standard fonts' encoding knows every character of the vocabulary."""
    for language in LANGUAGES.values():
        words = [w for variants in language.words.values() for w in variants]
        towns = [town for market in language.markets for town in market.towns]
        for word in (*words, *towns, *language.goods, *language.details, *language.streets):
            word.encode("cp1252")
