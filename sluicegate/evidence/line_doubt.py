"""Doubt about the lines of a list: one too few, or an amount that is not a line's.

The sum of all lines is printed on nearly every document that has lines, before or after tax. A
statement of an account prints it as the way from one balance to another: then it is the difference
of two of the row's own values. Where it is neither, a line is missing or wrong; which one, the page
often says: an amount in the column of the lines that no item has, or an item whose amount was not
found there. A list whose document has no sum of any kind, as a list of prices, is left alone.
"""

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from sluicegate.evidence.concepts import item_concept
from sluicegate.evidence.labels import Labels
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.spots import ListSpots, Spot
from sluicegate.evidence.table_columns import Headings, TableColumn, column_of
from sluicegate.evidence.vocabulary import SUMS

# Sums may be a few cents off by rounding line by line.
_CENT = Decimal("0.01")
_TOTALS = frozenset(("gross", "net"))  # labels of a sum of lines
_BEHIND = 9  # lines behind the last item in which a forgotten one may stand
_DECIMALS = re.compile(r"[.,](\d+)\D*$")


def doubt_lines(
    of_list: ListSpots,
    counted: list[Spot],
    header: Iterable[Spot],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> None:
    """Enter doubts into a list of objects that has a field for the sum of each line.

    `counted` are the list's values that may be doubted, `header` those of the row beside its lists.
    """
    totals = [spot for spot in counted if _is_total(spot)]
    if not totals:
        return
    # Money in and money out may have a column each: what is printed without its minus is by itself.
    parts = [[s for s in totals if (s.found == "derived") is derived] for derived in (False, True)]
    columns = [_column([s for s in part if not s.doubt], headings) for part in parts]
    missing = _without_item(of_list, parts, columns, places, labels, headings)
    if missing:
        of_list.missing = missing[0][0]
        more = f", and {len(missing) - 1} more" if missing[1:] else ""
        of_list.doubt = f"the page has a line of {missing[0][0].text}{more} that no item has"
    if len(totals) < len(of_list.items):
        return
    # With a line left out, or an amount found nowhere, the sum may be off for a known reason.
    known = sum((spot.value for spot in totals if not spot.doubt), Decimal(0))
    known += sum((value for _, value in missing), Decimal(0))
    known += sum(_in_their_rows([s for s in totals if s.doubt], of_list, columns, places))
    if _is_accounted_for(abs(known), totals, [s for s in header if _is_number(s)], places, labels):
        return
    added = sum((spot.value for spot in totals), Decimal(0))
    of_list.doubt = of_list.doubt or f"the lines add up to {added}, which is printed nowhere"
    for spot in totals:
        spot.doubt = spot.doubt or f"the lines add up to {added}, which is printed nowhere"


def _is_number(spot: Spot) -> bool:
    return isinstance(spot.value, Decimal | int) and not isinstance(spot.value, bool)


def _is_total(spot: Spot) -> bool:
    return _is_number(spot) and item_concept(spot.names[-1]) == "total"


def _column(totals: list[Spot], headings: Headings) -> TableColumn | None:
    held = [[spot.place] for spot in totals if spot.place]
    return column_of(held, totals[0].names, headings) if held else None


def _in_their_rows(
    doubtful: Sequence[Spot],
    of_list: ListSpots,
    columns: Sequence[TableColumn | None],
    places: Places,
) -> Iterator[Decimal]:
    """Yield what sums of items most likely are: the amount in the column, else the row's last."""
    if not doubtful:
        return
    amounts: dict[int, list[tuple[Decimal, Place]]] = {}
    for value, same in places.numbers.items():
        for place in same:
            if _decimals(place):
                amounts.setdefault(place.line, []).append((value, place))
    rows = zip(of_list.items, of_list.anchors, strict=True)
    anchor_of = {spot: anchor for item, anchor in rows for spot in item}
    taken = sorted({anchor for anchor in of_list.anchors if anchor is not None})
    for anchor in map(anchor_of.__getitem__, doubtful):
        if anchor is None:
            continue
        after = bisect.bisect_right(taken, anchor)
        end = taken[after] if after < len(taken) else anchor + 3
        inside = [
            (_first_of(columns, place), place.x1, value, place)
            for line in range(anchor, end)
            for value, place in amounts.get(line, ())
        ]
        if inside:
            column, _, value, place = max(inside, key=lambda each: (each[0] is not None, each[1]))
            yield _signed(value, place, column)


def _first_of(columns: Sequence[TableColumn | None], place: Place) -> int | None:
    """Return which of the columns a place stands in."""
    return next((n for n, each in enumerate(columns) if each and each.holds(place)), None)


def _signed(value: Decimal, place: Place, column: int | None) -> Decimal:
    return -value if place.is_negative or column == 1 else value


def _is_accounted_for(
    added: Decimal, totals: Sequence[Spot], header: Sequence[Spot], places: Places, labels: Labels
) -> bool:
    """Tell whether a sum without its sign is printed, or the way from one value to another.

    Among the lines themselves it does not count, nor where it is carried over. Where neither the
    row nor the page has a sum, there is nothing to hold it against.
    """
    slack = _CENT * min(len(totals), 5)
    own = {spot.place.line for spot in totals if spot.place}
    for value in (value for value in places.numbers if abs(value - added) <= slack):
        for place in places.numbers[value]:
            label = labels.beside(place) if place.line not in own else None
            if place.line not in own and (label is None or label.kind != "carried"):
                return True
    printed = [spot.value for spot in header if spot.place is not None]
    if any(abs(abs(a - b) - added) <= slack for a, b in combinations(printed, 2)):
        return True
    return not header and not _has_a_sum(own, places, labels)


def _has_a_sum(own: set[int], places: Places, labels: Labels) -> bool:
    """Tell whether a number on another line than the items' has the label of a sum."""
    return any(
        (label := labels.beside(place)) is not None and label.kind in _TOTALS
        for same in places.numbers.values()
        for place in same
        if place.line not in own
    )


def _without_item(
    of_list: ListSpots,
    parts: Sequence[list[Spot]],
    columns: Sequence[TableColumn | None],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> list[tuple[Place, Decimal]]:
    """Return the amounts in the columns of the lines, among or after them, that no item has."""
    anchors = [anchor for anchor in of_list.anchors if anchor is not None]
    written = [spot.place for part in parts for spot in part if spot.place is not None]
    if not any(columns) or not anchors:
        return []
    first = headings.ends_above(min(anchors))
    near = range(min(anchors) if first is None else first + 1, max(anchors) + _BEHIND)
    decimals = Counter(map(_decimals, written)).most_common(1)[0][0]
    used = {spot.place.line for spot in of_list.spots if spot.place is not None}
    used |= set(anchors)
    amounts: dict[int, tuple[Place, Decimal]] = {}
    for value, same in places.numbers.items():
        for place in same:
            if place.line in near and place.line not in used and _decimals(place) == decimals:
                column = _first_of(columns, place)
                if column is not None:
                    amounts.setdefault(place.line, (place, _signed(value, place, column)))
    found = []
    usual = _fewest_cells(anchors, places)
    for line, (place, value) in sorted(amounts.items()):
        label = labels.beside(place)
        if label is not None and label.kind in SUMS:
            if line > max(anchors):
                break  # the sums below the table begin
        elif _is_a_line(place, usual, places):
            found.append((place, value))
    return found


def _fewest_cells(anchors: Sequence[int], places: Places) -> int:
    return min(len(places.lines[anchor].cells) for anchor in anchors)


def _is_a_line(place: Place, usual: int, places: Places) -> bool:
    """Tell whether an amount stands in a line like those of the items: with as much beside it."""
    cells = places.lines[place.line].cells
    return place.cell is not cells[0] and len(cells) >= usual


def _decimals(place: Place) -> int:
    """Return how many decimals a number is printed with: the amounts of a column have as many."""
    found = _DECIMALS.search(place.text)
    return len(found.group(1)) if found else 0
