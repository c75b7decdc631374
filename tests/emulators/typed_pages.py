"""Pages typed as text, as if set in a typewriter face: two spaces part cells."""

from sluicegate.evidence.pages import Page, Word, lay_out

WIDTH, HEIGHT, PITCH = 6.0, 10.0, 13.0


def typed(text: str, *, number: int = 0) -> Page:
    """Lay out a page as typed; an empty line leaves a gap."""
    words: list[Word] = []
    lines = text.strip("\n").splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    for row, line in enumerate(lines):
        column, top = 0, 20 + row * PITCH
        for piece in line[indent:].split(" "):
            if piece:
                left = column * WIDTH
                words.append(Word(piece, left, top, left + len(piece) * WIDTH, top + HEIGHT))
            column += len(piece) + 1
    return lay_out(words, number, 600.0, max(842.0, 40 + len(lines) * PITCH))
