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

# Sums may be a few cents off by rounding line by line.
_CENT = Decimal("0.01")
_BEHIND = 9  # lines behind the last item in which a forgotten one may stand
_DECIMALS = re.compile(r"[.,](\d+)\D*$")
_SUMS = frozenset(("gross", "due", "net", "tax", "deduction", "paid", "carried", "tax_other"))


def doubt_lines(of_list: ListSpots, places: Places, labels: Labels, headings: Headings) -> None:
    """Enter doubts into a list of objects that has a field for the sum of each line."""
    totals = [spot for spot in of_list.spots if _is_total(spot)]
    if not totals:
        return
    missing = _without_item(of_list, totals, places, labels, headings)
    if missing is not None:
        of_list.missing = missing
        of_list.doubt = f"the page has a line of {missing.text} that no item has"
    if _sum_is_printed(totals, places):
        return
    known = of_list.doubt is not None or any(spot.doubt for spot in totals)
    added = sum((abs(spot.value) for spot in totals), Decimal(0))
    if not known:
        of_list.doubt = f"the lines add up to {added}, which is printed nowhere"
        for spot in totals:
            spot.doubt = of_list.doubt


def _is_total(spot: Spot) -> bool:
    is_number = isinstance(spot.value, Decimal | int) and not isinstance(spot.value, bool)
    return is_number and item_concept(spot.names[-1]) == "total"


def _sum_is_printed(totals: list[Spot], places: Places) -> bool:
    """Tell whether the sum of the lines stands anywhere, but as a line or as a sum carried over."""
    added = abs(sum((spot.value for spot in totals), Decimal(0)))
    own = {(spot.place.cell.page, spot.place.line) for spot in totals if spot.place}
    slack = _CENT * min(len(totals), 5)
    near = [value for value in places.numbers if abs(value - added) <= slack]
    return any(
        (place.page, place.line) not in own for value in near for place in places.numbers[value]
    )


def _without_item(
    of_list: ListSpots,
    totals: list[Spot],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> Place | None:
    """Return the first amount in the column of the lines, among or after them, without an item."""
    anchors = [anchor for anchor in of_list.anchors if anchor is not None]
    held = [[spot.place] for spot in totals if spot.place is not None]
    column = column_of(held, totals[0].names, headings)
    if column is None or not anchors:
        return None
    first = headings.ends_above(min(anchors))
    near = range(min(anchors) if first is None else first + 1, max(anchors) + _BEHIND)
    written = [spot.place for spot in totals if spot.place is not None]
    decimals = Counter(map(_decimals, written)).most_common(1)[0][0]
    used = {spot.place.line for spot in of_list.spots if spot.place is not None}
    used |= set(anchors)
    amounts: dict[int, Place] = {}
    for same in places.numbers.values():
        for place in same:
            if place.line in near and _decimals(place) == decimals and column.holds(place):
                amounts.setdefault(place.line, place)
    for line in sorted(amounts):
        place = amounts[line]
        if line in used:
            continue
        label = labels.beside(place)
        if label is not None and label.kind in _SUMS:
            if line > max(anchors):
                return None  # the sums below the table begin
            continue
        if _is_a_line(place, of_list, places):
            return place
    return None


def _is_a_line(place: Place, of_list: ListSpots, places: Places) -> bool:
    """Tell whether an amount stands in a line like those of the items: with as much beside it."""
    line = places.lines[place.line]
    usual = [len(places.lines[a].cells) for a in of_list.anchors if a is not None]
    return place.cell is not line.cells[0] and len(line.cells) >= min(usual)


def _decimals(place: Place) -> int:
    """Return how many decimals a number is printed with: the amounts of a column have as many."""
    found = _DECIMALS.search(place.text)
    return len(found.group(1)) if found else 0
