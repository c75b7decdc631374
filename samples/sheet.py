"""Paper as a list of marks, so that a layout is written once and set by either PDF writer.

Coordinates are points from the top left corner, y grows downwards; a text's y is its baseline.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import reportlab  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

Colour = tuple[float, float, float]
Align = Literal["left", "right", "centre"]

INK: Colour = (0.1, 0.1, 0.12)
GREY: Colour = (0.42, 0.42, 0.45)
WHITE: Colour = (1.0, 1.0, 1.0)

A4 = (595.28, 841.89)
LETTER = (612.0, 792.0)


class Typeface(NamedTuple):
    """The PDF font names of a family's two weights."""

    plain: str
    bold: str


HELVETICA = Typeface("Helvetica", "Helvetica-Bold")
TIMES = Typeface("Times-Roman", "Times-Bold")
COURIER = Typeface("Courier", "Courier-Bold")
VERA = Typeface("Vera", "VeraBd")  # embedded, where the others are the viewer's own


class Text(NamedTuple):
    """Words on a baseline, from x on.

    `holds` names values of the document and how they are printed in these words, where the words
    alone do not tell: `("line_items[0].quantity", "3")`.
    """

    x: float
    y: float
    words: str
    face: str
    size: float
    colour: Colour
    holds: tuple[tuple[str, str], ...] = ()


class Rule(NamedTuple):
    """A horizontal line."""

    left: float
    right: float
    y: float
    width: float
    colour: Colour


class Polygon(NamedTuple):
    """A closed shape, filled, outlined or both."""

    points: tuple[tuple[float, float], ...]
    fill: Colour | None
    edge: Colour | None


Mark = Text | Rule | Polygon


@cache
def embed_fonts() -> None:
    """Make the Vera faces known to reportlab, from the files that ship with it."""
    fonts = Path(reportlab.__file__).parent / "fonts"
    for name in VERA:
        pdfmetrics.registerFont(TTFont(name, str(fonts / f"{name}.ttf")))


@lru_cache(maxsize=20_000)
def width_of(words: str, face: str, size: float) -> float:
    """Return how wide the words are, in points."""
    if face in VERA:
        embed_fonts()
    return float(pdfmetrics.stringWidth(words, face, size))


def wrap(words: str, face: str, size: float, width: float) -> list[str]:
    """Break words into lines that fit the width; a word longer than a line stays whole."""
    if width_of(words, face, size) <= width:
        return [words]
    lines: list[str] = []
    line = ""
    for word in words.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, face, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


class Sheet:
    """Pages of one size that are being filled with marks; the last page is the current one."""

    def __init__(self, size: tuple[float, float]) -> None:
        self.width, self.height = size
        self.pages: list[list[Mark]] = [[]]

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append([])

    def text(
        self,
        x: float,
        y: float,
        words: str,
        face: str,
        size: float,
        *,
        colour: Colour = INK,
        align: Align = "left",
        within: float | None = None,
        page: int = -1,
        holds: Mapping[str, str] | None = None,
    ) -> None:
        """Set one line; it starts, ends or centres at x, and shrinks until it is within a width.

        `holds` says which values of the document are printed in the words, and how.
        """
        width = width_of(words, face, size)
        if within is not None and width > within:
            size *= within / width
            width = within
        shift = {"left": 0.0, "right": width, "centre": width / 2}[align]
        held = tuple((holds or {}).items())
        self.pages[page].append(Text(x - shift, y, words, face, size, colour, held))

    def paragraph(
        self,
        x: float,
        y: float,
        words: str,
        face: str,
        size: float,
        *,
        width: float,
        colour: Colour = INK,
    ) -> float:
        """Set words over as many lines as they need and return the baseline after the last."""
        for line in wrap(words, face, size, width):
            self.text(x, y, line, face, size, colour=colour)
            y += size * 1.35
        return y

    def rule(
        self, left: float, right: float, y: float, *, width: float = 0.6, colour: Colour = INK
    ) -> None:
        """Draw a horizontal line."""
        self.pages[-1].append(Rule(left, right, y, width, colour))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
    ) -> None:
        """Draw a rectangle whose top left corner is given."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.polygon(corners, fill=fill, edge=edge)

    def polygon(
        self,
        points: tuple[tuple[float, float], ...],
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
    ) -> None:
        """Draw a closed shape."""
        self.pages[-1].append(Polygon(points, fill, edge))
