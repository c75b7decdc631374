"""The text on the pages that is most like a value that is not printed: for a person to look at."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from sluicegate.evidence.canonical import canonical, trigrams
from sluicegate.evidence.pages import Cell
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places

# As `difflib` counts: twice the letters in common by all letters.
_ALIKE = 0.8
_MIN_LETTERS, _MAX_LETTERS = 4, 400
_BEST_CELLS = 3  # that are looked at closely
_MAX_RUNS = 60


def similar(value: str, places: Places, lines: range | None = None) -> Place | None:
    """Return the place whose text is most like a value, if any is nearly the same.

    `lines` are those to look at, counted over all pages; None for all.
    """
    wanted = canonical(value)
    if not _MIN_LETTERS <= len(wanted) <= _MAX_LETTERS:
        return None
    grams = trigrams(wanted)
    ranked = []
    for index in places.cells_on(lines):
        shared = len(grams & places.trigrams[index])
        if shared:
            ranked.append((shared, -index))
    best: tuple[float, Place] | None = None
    for _, index in sorted(ranked, reverse=True)[:_BEST_CELLS]:
        for form, spans in _runs(-index, places, len(wanted)):
            matcher = SequenceMatcher(None, wanted, form, autojunk=False)
            if matcher.quick_ratio() >= _ALIKE:
                ratio = matcher.ratio()
                if ratio >= _ALIKE and (best is None or ratio > best[0]):
                    best = ratio, places.joined(spans)
    return best[1] if best else None


def _runs(
    index: int, places: Places, size: int
) -> Iterator[tuple[str, list[tuple[int, int, int]]]]:
    """Yield runs of pieces from a cell on that are about as long as a text of `size` letters."""
    flow = _flow(index, places)
    made = 0
    for first in range(len(flow)):
        if flow[first][0] != index or made >= _MAX_RUNS:
            return
        form = ""
        spans: list[tuple[int, int, int]] = []
        for cell, start, end, part in flow[first:]:
            form += part
            if spans and spans[-1][0] == cell:
                spans[-1] = (cell, spans[-1][1], end)
            else:
                spans.append((cell, start, end))
            if len(form) > 1.3 * size:
                break
            if len(form) >= 0.7 * size:
                made += 1
                yield form, list(spans)


def _flow(index: int, places: Places) -> list[tuple[int, int, int, str]]:
    """Return the pieces of a cell and of those under it, in which its text may go on."""
    origin: Cell = places.cells[index]
    flow = [(index, *piece) for piece in places.pieces[index]]
    for _ in range(4):
        *_, below = [None, *places.below(index, origin)][:2]
        if below is None:
            break
        index = below
        flow += [(index, *piece) for piece in places.pieces[index]]
    return flow
