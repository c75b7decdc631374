"""Pages as tests write them: lines of cells, set as a typewriter sets them."""

from sluicegate.evidence.pages import Page, Word, lay_out

WIDTH, HEIGHT = 600.0, 800.0
_LETTER, _TALL, _LEADING = 6.0, 10.0, 14.0


def page(*lines: str, number: int = 0) -> Page:
    """Return a page of lines; two spaces or more part its cells, and a letter is 6 points wide."""
    words = []
    for row, line in enumerate(lines):
        top = 20 + row * _LEADING
        at = 0
        for piece in line.split(" "):
            if piece:
                left = 20 + at * _LETTER
                right = left + len(piece) * _LETTER - 1
                words.append(Word(piece, left, top, right, top + _TALL))
            at += len(piece) + 1
    return lay_out(words, number, WIDTH, HEIGHT)
