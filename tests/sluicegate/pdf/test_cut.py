"""Pages of a PDF as a PDF of their own."""

import pypdfium2

from samples.statements import make_statement
from sluicegate.pdf.cut import cut, last_lines
from sluicegate.pdf.lines import read_lines

SAMPLE = make_statement(1, 1, rows=60, pages=6)


def test_pages_are_cut_out() -> None:
    """With what stands on them, and no others."""
    part = cut(SAMPLE.data, 3, 4)
    assert len(pypdfium2.PdfDocument(part)) == 2
    whole = [[line.text for line in page] for page in read_lines(SAMPLE.data)]
    assert [[line.text for line in page] for page in read_lines(part)] == whole[2:4]


def test_the_same_pages_are_the_same_bytes() -> None:
    """Whenever they are cut; other pages are others."""
    assert cut(SAMPLE.data, 1, 2) == cut(SAMPLE.data, 1, 2)
    assert cut(SAMPLE.data, 1, 2) != cut(SAMPLE.data, 2, 3)


def test_the_last_lines_of_a_page() -> None:
    """They end with the page's foot."""
    lines = last_lines(SAMPLE.data, 2, count=4)
    assert len(lines) == 4
    assert any("2" in line and "6" in line for line in lines)


def test_lines_have_their_columns() -> None:
    """A row of a table is a line of several runs, from left to right."""
    line = read_lines(SAMPLE.data)[1][3]
    edges = [run.x0 for run in line.runs]
    assert len(edges) == 4
    assert edges == sorted(edges)
    assert line.page == 2
