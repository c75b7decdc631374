"""Lines of a text layer, written by hand."""

from sluicegate.pdf.lines import Line, Run


def page(number: int, *rows: tuple[tuple[str, float], ...]) -> tuple[Line, ...]:
    """Return the lines of a page from runs, each with its right edge."""
    return tuple(
        Line(number, depth / 100, tuple(Run(text, x1 - 20, x1) for text, x1 in row))
        for depth, row in enumerate(rows)
    )


def row(text: str, *numbers: str) -> tuple[tuple[str, float], ...]:
    """Return a row of a table: a text, then numbers in columns."""
    return ((text, 120.0), *((number, 200.0 + 80 * n) for n, number in enumerate(numbers)))
