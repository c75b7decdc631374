"""Doubt about the lines of a list: one too few, or an amount that is not a line's.

The sum of all lines is printed on nearly every document that has lines, before or after tax. Where
it is printed nowhere, a line is missing or wrong; which one, the page often says: an amount in the
column of the lines that no item has, or an item whose amount was not found there.
"""

import re
from collections import Counter
from decimal import Decimal

from sluicegate.evidence.concepts import item_concept
from sluicegate.evidence.labels import Labels
from sluicegate.evidence.places import Place, Places
from sluicegate.evidence.spots import ListSpots, Spot
from sluicegate.evidence.table_columns import Headings, column_of
from sluicegate.evidence.vocabulary import SUMS

# Sums may be a few cents off by rounding line by line.
_CENT = Decimal("0.01")
_BEHIND = 9  # lines behind the last item in which a forgotten one may stand
_DECIMALS = re.compile(r"[.,](\d+)\D*$")


def doubt_lines(
    of_list: ListSpots,
    counted: list[Spot],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> None:
    """Enter doubts into a list of objects that has a field for the sum of each line.

    `counted` are the list's values that may be doubted.
    """
    totals = [spot for spot in counted if _is_total(spot)]
    if not totals:
        return
    missing = _without_item(of_list, totals, places, labels, headings)
    if missing:
        of_list.missing = missing[0][0]
        more = f", and {len(missing) - 1} more" if missing[1:] else ""
        of_list.doubt = f"the page has a line of {missing[0][0].text}{more} that no item has"
    added = sum((spot.value for spot in totals), Decimal(0))
    own = {spot.place.line for spot in totals if spot.place}
    if len(totals) < len(of_list.items):
        return
    # With a line left out, or an amount found nowhere, the sum may be off for a known reason.
    known = sum((spot.value for spot in totals if not spot.doubt), Decimal(0))
    known = abs(known) + sum((value for _, value in missing), Decimal(0))
    known += sum((_in_its_row(spot, of_list, places) for spot in totals if spot.doubt), Decimal(0))
    if _is_printed(known, len(totals), own, places, labels):
        return
    of_list.doubt = of_list.doubt or f"the lines add up to {added}, which is printed nowhere"
    for spot in totals:
        spot.doubt = spot.doubt or f"the lines add up to {added}, which is printed nowhere"


def _is_total(spot: Spot) -> bool:
    is_number = isinstance(spot.value, Decimal | int) and not isinstance(spot.value, bool)
    return is_number and item_concept(spot.names[-1]) == "total"


def _in_its_row(doubtful: Spot, of_list: ListSpots, places: Places) -> Decimal:
    """Return the last amount in the lines of an item: what its sum most likely is."""
    number = next(n for n, item in enumerate(of_list.items) if doubtful in item)
    anchor = of_list.anchors[number]
    if anchor is None:
        return Decimal(0)
    later = [other for other in of_list.anchors if other is not None and other > anchor]
    band = range(anchor, min(later, default=anchor + 3))
    inside = [
        (place.x1, value)
        for value, same in places.numbers.items()
        for place in same
        if place.line in band and _decimals(place)
    ]
    return max(inside, key=lambda each: each[0])[1] if inside else Decimal(0)


def _is_printed(added: Decimal, lines: int, own: set[int], places: Places, labels: Labels) -> bool:
    """Tell whether a sum stands anywhere but among the lines, or where it is carried over."""
    slack = _CENT * min(lines, 5)
    for value in (value for value in places.numbers if abs(value - added) <= slack):
        for place in places.numbers[value]:
            label = labels.beside(place) if place.line not in own else None
            if place.line not in own and (label is None or label.kind != "carried"):
                return True
    return False


def _without_item(
    of_list: ListSpots,
    totals: list[Spot],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> list[tuple[Place, Decimal]]:
    """Return the amounts in the column of the lines, among or after them, that no item has."""
    anchors = [anchor for anchor in of_list.anchors if anchor is not None]
    held = [[spot.place] for spot in totals if spot.place is not None]
    column = column_of(held, totals[0].names, headings)
    if column is None or not anchors:
        return []
    first = headings.ends_above(min(anchors))
    near = range(min(anchors) if first is None else first + 1, max(anchors) + _BEHIND)
    written = [spot.place for spot in totals if spot.place is not None]
    decimals = Counter(map(_decimals, written)).most_common(1)[0][0]
    used = {spot.place.line for spot in of_list.spots if spot.place is not None}
    used |= set(anchors)
    amounts: dict[int, tuple[Place, Decimal]] = {}
    for value, same in places.numbers.items():
        for place in same:
            if place.line in near and _decimals(place) == decimals and column.holds(place):
                amounts.setdefault(place.line, (place, value))
    found = []
    for line, (place, value) in sorted(amounts.items()):
        if line in used:
            continue
        label = labels.beside(place)
        if label is not None and label.kind in SUMS:
            if line > max(anchors):
                break  # the sums below the table begin
        elif _is_a_line(place, of_list, places):
            found.append((place, value))
    return found


def _is_a_line(place: Place, of_list: ListSpots, places: Places) -> bool:
    """Tell whether an amount stands in a line like those of the items: with as much beside it."""
    line = places.lines[place.line]
    usual = [len(places.lines[a].cells) for a in of_list.anchors if a is not None]
    return place.cell is not line.cells[0] and len(line.cells) >= min(usual)


def _decimals(place: Place) -> int:
    """Return how many decimals a number is printed with: the amounts of a column have as many."""
    found = _DECIMALS.search(place.text)
    return len(found.group(1)) if found else 0
