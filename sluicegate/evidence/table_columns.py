"""Columns of a table of items: where most rows have a value, and what the heading above says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sluicegate.evidence.concepts import item_concept
from sluicegate.evidence.headings import Heading, find_headings, meaning_of
from sluicegate.evidence.once import once
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places

_SHARE = 0.6  # of the rows must agree on where a column is
_EDGES = 3  # of either side that are tried
_SLACK = 0.7  # heights of the text by which edges in line may differ


class Headings:
    """The headings of the tables on a document's pages."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._known: dict[int, list[Heading]] = {}

    def role(self, place: Place) -> str | None:
        """Return what the column that a place stands in holds; None where no heading says it."""
        heading = self.above(place)
        if heading is None:
            return None
        nearest = min(heading.columns, key=lambda column: column.distance(place.x0, place.x1))
        near = nearest.distance(place.x0, place.x1) < 1.5 * place.height
        return meaning_of(nearest.role) if near else None

    def above(self, place: Place) -> Heading | None:
        """Return the nearest heading above a place on its page."""
        line = place.line - self._places.first_line[place.page]
        above = [heading for heading in self._on(place.page) if heading.last < line]
        return above[-1] if above else None

    def ends_above(self, line: int) -> int | None:
        """Return the last line of the heading above a line, both counted over all pages."""
        page = self._places.lines[line].cells[0].page
        first = self._places.first_line[page]
        above = [first + each.last for each in self._on(page) if first + each.last < line]
        return above[-1] if above else None

    @once
    def lists_items(self) -> bool:
        """Whether a table with a heading of items stands on any page."""
        pages = range(len(self._places.pages))
        return any(heading.has_items for page in pages for heading in self._on(page))

    def _on(self, page: int) -> list[Heading]:
        if page not in self._known:
            self._known[page] = find_headings(self._places.pages[page])
        return self._known[page]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: the edge that its values have in common, and the span that they take up."""

    edge: float
    is_right: bool
    left: float
    right: float
    slack: float

    def holds(self, place: Place) -> bool:
        """Tell whether a place is in the column: its edge in line, or most of it over the span."""
        edges = _edges(place, is_right=self.is_right)
        if any(abs(edge - self.edge) <= self.slack for edge in edges):
            return True
        overlap = min(place.x1, self.right) - max(place.x0, self.left)
        return overlap > 0.6 * (place.x1 - place.x0)


def column_of(
    rows: Sequence[Sequence[Place]], names: tuple[str, ...], headings: Headings
) -> TableColumn | None:
    """Return the column of a field, given each row's places of its value; None if too few agree.

    Of columns that are equally good the one counts whose heading fits the field's name; of those
    the last for a total, the first for anything else.
    """
    if not rows:
        return None
    slack = _SLACK * rows[0][0].height
    if plain := _only_column(rows, slack):
        return plain
    held: dict[tuple[int, ...], tuple[int, TableColumn, Place]] = {}
    for column in _candidates(rows, slack):
        inside = [next(filter(column.holds, places), None) for places in rows]
        some = [place for place in inside if place is not None]
        if len(some) >= _SHARE * len(rows):
            # Left edges in line and right edges in line are often one and the same column.
            held.setdefault(tuple(map(id, inside)), (len(some), column, some[0]))
    if len(held) < 2:
        return next((column for _, column, _ in held.values()), None)
    concept = item_concept(names[-1])

    def worth(entry: tuple[int, TableColumn, Place]) -> tuple[float, float]:
        count, column, place = entry
        fits = concept is not None and headings.role(place) == concept
        return count + (0.5 * len(rows) if fits else 0.0), (
            column.edge if concept == "total" else -column.edge
        )

    return max(held.values(), key=worth)[1]


def _only_column(rows: Sequence[Sequence[Place]], slack: float) -> TableColumn | None:
    """Return the column of rows that have one place each, all in line: most tables are so."""
    if any(len(places) != 1 for places in rows):
        return None
    inside = [places[0] for places in rows]
    left, right = min(place.x0 for place in inside), max(place.x1 for place in inside)
    for is_right in (True, False):
        edge = inside[0].x1 if is_right else inside[0].x0
        own = [place.x1 if is_right else place.x0 for place in inside]
        if all(abs(each - edge) <= slack for each in own):
            return TableColumn(edge, is_right, left, right, slack)
    return None


def _candidates(rows: Sequence[Sequence[Place]], slack: float) -> list[TableColumn]:
    found = []
    for is_right in (True, False):
        inside: dict[int, list[Place]] = {}
        firsts: dict[int, float] = {}
        rows_of: Counter[int] = Counter()
        for places in rows:
            bins = set()
            for place in places:
                for edge in _edges(place, is_right=is_right):
                    at = round(edge / slack)
                    bins.add(at)
                    inside.setdefault(at, []).append(place)
                    firsts.setdefault(at, edge)
            rows_of.update(bins)
        for at, _ in rows_of.most_common(_EDGES):
            left = min(place.x0 for place in inside[at])
            right = max(place.x1 for place in inside[at])
            found.append(TableColumn(firsts[at], is_right, left, right, slack))
    return found


def _edges(place: Place, *, is_right: bool) -> tuple[float, ...]:
    """Return the edges on one side: of the value, and of it with its unit and currency."""
    own = place.x1 if is_right else place.x0
    whole = place.edges[is_right]
    return (own,) if own == whole else (own, whole)
