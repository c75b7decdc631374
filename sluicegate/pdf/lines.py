"""The text layer of a PDF as lines: runs of text that stand side by side, with their edges.

Coordinates are PDF points, x from the left. A page without a text layer has no lines.
"""

from dataclasses import dataclass

import pypdfium2

from sluicegate.pdf.document import PDFIUM

# Runs whose middles differ by less than this share of their height are on one line.
_DRIFT = 0.5
# Runs of a page that are looked at: a page of text has 50 to 400, a drawing thousands.
_MOST_RUNS = 4_000


@dataclass(frozen=True, slots=True)
class Run:
    """Text without a gap, from `x0` to `x1`."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Line:
    """Runs of one line, from left to right; `page` counts from 1, `depth` from 0 at the top."""

    page: int
    depth: float
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The runs, with a space between them."""
        return " ".join(run.text for run in self.runs)


def read_lines(data: bytes) -> tuple[tuple[Line, ...], ...]:
    """Return the lines of each page, from top to bottom; none for a page that cannot be read.

    Takes 10 ms a page of 40 rows of a table.
    """
    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        try:
            return tuple(_of_page(document, number) for number in range(len(document)))
        finally:
            document.close()


def _of_page(document: pypdfium2.PdfDocument, number: int) -> tuple[Line, ...]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return ()
    text = page.get_textpage()
    try:
        height = page.get_height()
        boxes = [text.get_rect(n) for n in range(min(text.count_rects(), _MOST_RUNS))]
        runs = [(top, bottom, Run(_words(text, (left, bottom, right, top)), left, right))
                for left, bottom, right, top in boxes]  # fmt: skip
    finally:
        text.close()
        page.close()
    return tuple(
        Line(number + 1, 1 - middle / max(height, 1.0), line) for middle, line in _lines(runs)
    )


def _words(text: pypdfium2.PdfTextPage, box: tuple[float, float, float, float]) -> str:
    return " ".join(text.get_text_bounded(*box).split())


def _lines(runs: list[tuple[float, float, Run]]) -> list[tuple[float, tuple[Run, ...]]]:
    """Group runs (top, bottom, run) into lines, from the top down."""
    lines: list[tuple[float, float, list[Run]]] = []  # middle, height, runs
    for top, bottom, run in sorted(runs, key=lambda each: -(each[0] + each[1])):
        middle, height = (top + bottom) / 2, max(top - bottom, 0.1)
        if not run.text:
            continue
        if lines and abs(lines[-1][0] - middle) < _DRIFT * min(lines[-1][1], height) + 1.5:
            lines[-1][2].append(run)
        else:
            lines.append((middle, height, [run]))
    return [(middle, tuple(sorted(of, key=lambda run: run.x0))) for middle, _, of in lines]
