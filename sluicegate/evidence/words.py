"""The words of a page with their boxes in shares of the upright page, for whoever draws on it."""

from typing import NamedTuple

from sluicegate.evidence.pages import Page, Word

Box = tuple[float, float, float, float]


class PlacedWord(NamedTuple):
    """A word and its box: 0 to 1 of the page as it is shown, from its top left corner."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


def words_on(page: Page) -> list[PlacedWord]:
    """Return the words of a page, line by line, from left to right."""
    return [
        PlacedWord(word.text, *on_page(page, _ink(word)))
        for line in page.lines
        for word in line.words
    ]


def on_page(page: Page, box: Box) -> Box:
    """Return a box in shares of the page, as it lies there: askew pages are not straightened."""
    x0, y0, x1, y1 = box
    fall = page.slope * (x0 + x1) / 2
    return (
        _share(x0, page.width),
        _share(y0 + fall, page.height),
        _share(x1, page.width),
        _share(y1 + fall, page.height),
    )


def _ink(word: Word) -> Box:
    return word.ink or (word.x0, word.y0, word.x1, word.y1)


def _share(at: float, whole: float) -> float:
    return round(min(max(at / max(whole, 1.0), 0.0), 1.0), 5)
