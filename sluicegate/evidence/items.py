"""Items of a list on the pages: they go down in their order, each in a band of lines of its own.

1. Each item may begin on the lines where one of its values stands. Of all ways to choose lines that
   go down the pages, the one is taken in which most values are found near their item's line: a
   heaviest increasing subsequence, by a Fenwick tree, n log n.
2. Items left over, as those a model has put out of order, take the free line that fits best.
3. An item's band runs to the next item's line. Of several places in it a value takes the one in the
   column in which the other items have theirs.
"""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sluicegate.evidence.finding import Finding, find
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.similar import similar
from sluicegate.evidence.spots import ListSpots, Spot, leaves
from sluicegate.evidence.table_columns import Headings, column_of
from sluicegate.evidence.vocabulary import LABELS, SUMS

# Lines that one item may take up: a long description, a slip's two lines.
_BAND = 14
_LONE = 8  # of one that no other follows
# How far from its item's first line a value may stand while items are still being placed.
_NEAR = 3
# What a value near its line is worth: a name tells more than a number, a digit nearly nothing.
_TEXT, _NUMBER, _SMALL = 4.0, 2.0, 0.25
_MAX_LINES = 400  # on which one item may begin: of more, those nearest to where it should be


@dataclass(slots=True)
class _Places:
    """The places of one value, in the order of their lines: of a `1` there may be thousands."""

    finding: Finding
    in_order: list[Place] = field(init=False)
    lines: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.in_order = sorted(self.finding.places, key=lambda place: place.line)
        self.lines = [place.line for place in self.in_order]

    def within(self, band: range) -> list[Place]:
        """Return the places on the lines of a band."""
        first = bisect.bisect_left(self.lines, band.start)
        return self.in_order[first : bisect.bisect_left(self.lines, band.stop, first)]


@dataclass(slots=True)
class _Item:
    """An item while it is placed: its values and all their places."""

    spots: list[Spot]
    findings: list["_Places"]

    def lines(self) -> dict[int, float]:
        """Return the lines on which it may begin, with what speaks for each."""
        weights: dict[int, float] = {}
        by_spot = []
        for spot, finding in zip(self.spots, self.findings, strict=True):
            worth = _worth(spot)
            lines = finding.lines
            by_spot.append((worth, lines))
            if worth > _SMALL:
                for line in lines:
                    weights.setdefault(line, 0.0)
        for line in weights:
            for worth, lines in by_spot:
                at = bisect.bisect_left(lines, line)
                if at < len(lines) and lines[at] - line <= _NEAR:
                    weights[line] += worth * (1.0 if lines[at] == line else 0.9)
        return weights


def locate_items(of_list: Spot, places: Places, headings: Headings) -> ListSpots:
    """Return where the values of a list stand; those of nested lists stand in their item's band."""
    found = ListSpots(of_list.path, of_list.names, of_list.field)
    known: dict[tuple[str, str], _Places] = {}
    items = [
        _item(of_list, number, value, places, known) for number, value in enumerate(of_list.value)
    ]
    found.anchors = _anchored([item.lines() for item in items], len(places.lines))
    found.items = [item.spots for item in items]
    bands = list(_bands(found.anchors, places))
    for item, band in zip(items, bands, strict=True):
        for spot, finding in zip(item.spots, item.findings, strict=True):
            _place_in_band(spot, finding, band, places)
    for names in {spot.names: None for spot in found.spots}:
        cells = [
            (spot, finding.within(band))
            for item, band in zip(items, bands, strict=True)
            for spot, finding in zip(item.spots, item.findings, strict=True)
            if spot.names == names
        ]
        # Money out that is printed without its minus may have a column of its own.
        for derived in (False, True):
            part = [each for each in cells if (each[0].found == "derived") is derived]
            _settle_column(part, names, headings)
    return found


def _item(
    of_list: Spot,
    number: int,
    value: object,
    places: Places,
    known: dict[tuple[str, str], "_Places"],
) -> _Item:
    spots = list(_spots(of_list, number, value))
    findings = []
    for spot in spots:
        key = spot.field.name, repr(spot.value)
        if key not in known:
            known[key] = _Places(find(spot.value, spot.field, places, closely=False))
        findings.append(known[key])
    return _Item(spots, findings)


def _spots(of_list: Spot, number: int, value: object) -> Iterator[Spot]:
    """Yield the values of an item; those of lists within it are values of the item too."""
    path = f"{of_list.path}[{number}]"
    if isinstance(value, dict):
        for spot in leaves(value, of_list.field.fields, f"{path}.", of_list.names):
            if isinstance(spot.value, list):
                for inner, item in enumerate(spot.value):
                    yield from _spots(spot, inner, item)
            else:
                yield spot
    elif value is not None:
        yield Spot(path, of_list.names, of_list.field, value)


def _worth(spot: Spot) -> float:
    if isinstance(spot.value, str):
        return _TEXT if len(spot.value) > 2 else _SMALL
    digits = sum(map(str.isdigit, str(spot.value).rstrip("0")))
    return _NUMBER if digits > 2 else _SMALL


def _anchored(choices: list[dict[int, float]], total: int) -> list[int | None]:
    """Choose for each item its line, increasing, with the most that speaks for it, or None."""
    best = _Prefixes(total)
    chosen: list[tuple[int, int, float, int]] = []  # item, line, weight, the one before
    for number, weights in enumerate(choices):
        ends = []
        for line, weight in _nearest(weights, number / max(len(choices), 1) * total):
            before, value = best.up_to(line)
            ends.append((line, value + weight, before))
            chosen.append((number, line, value + weight, before))
        for offset, (line, value, _) in enumerate(ends):
            best.raise_to(line, value, len(chosen) - len(ends) + offset)
    anchors: list[int | None] = [None] * len(choices)
    at, _ = best.up_to(total)
    taken = set()
    while at >= 0:
        number, line, _, at = chosen[at]
        anchors[number] = line
        taken.add(line)
    for number, weights in enumerate(choices):
        if anchors[number] is None:
            free = {line: weight for line, weight in weights.items() if line not in taken}
            best_line = max(free, key=lambda each: (free[each], -each), default=None)
            if best_line is not None and free[best_line] >= _NUMBER:
                anchors[number] = best_line
                taken.add(best_line)
    return anchors


def _nearest(weights: dict[int, float], expected: float) -> list[tuple[int, float]]:
    if len(weights) <= _MAX_LINES:
        return list(weights.items())
    return sorted(weights.items(), key=lambda each: abs(each[0] - expected))[:_MAX_LINES]


class _Prefixes:
    """The best value among all lines above one: a Fenwick tree of maxima."""

    def __init__(self, size: int) -> None:
        self._tree: list[tuple[float, int]] = [(0.0, -1)] * (size + 2)

    def up_to(self, line: int) -> tuple[int, float]:
        """Return (who, value) of the best on the lines before `line`."""
        value, who = 0.0, -1
        while line > 0:
            if self._tree[line][0] > value:
                value, who = self._tree[line]
            line -= line & -line
        return who, value

    def raise_to(self, line: int, value: float, who: int) -> None:
        """Enter a value on a line."""
        at = line + 1
        while at < len(self._tree):
            if self._tree[at][0] < value:
                self._tree[at] = (value, who)
            at += at & -at


def _bands(anchors: Sequence[int | None], places: Places) -> Iterator[range]:
    """Yield each item's lines: from its own to the next item's; empty for an item without one.

    The last item of a page has hardly more lines than the longest of the others, and none of the
    sums below it: a `1` of the foot is no quantity.
    """
    taken = sorted(anchor for anchor in anchors if anchor is not None)
    usual = max([_LONE, *(after - before for before, after in pairwise(taken))])
    for anchor in anchors:
        if anchor is None:
            yield range(0)
            continue
        after = bisect.bisect_right(taken, anchor)
        page = places.lines[anchor].cells[0].page
        end = places.first_line[page] + len(places.pages[page].lines)
        if after < len(taken) and taken[after] <= end:
            yield range(anchor, max(anchor + 1, min(taken[after], anchor + _BAND)))
        else:
            yield range(anchor, _before_sums(anchor, min(end, anchor + min(usual, _BAND)), places))


def _before_sums(anchor: int, end: int, places: Places) -> int:
    """Return the first line behind an item's that begins with the label of a sum, or the end."""
    for line in range(anchor + 1, end):
        if any(
            match.phrase.kind in SUMS for match in LABELS.find(places.lines[line].cells[0].text)
        ):
            return line
    return max(end, anchor + 1)


def _place_in_band(spot: Spot, found: _Places, band: range, places: Places) -> None:
    finding, inside = found.finding, found.within(band)
    if inside:
        spot.put(inside[0], finding.found, len(inside))
    elif finding.found == "derived" and not finding.places:
        spot.found = "derived"
    elif isinstance(spot.value, str) and band and (near := similar(spot.value, places, band)):
        spot.put(near, "similar", 1)


def _settle_column(
    cells: Sequence[tuple[Spot, list[Place]]], names: tuple[str, ...], headings: Headings
) -> None:
    """Choose among several places of a row the one in its column; mark what stands outside it.

    `cells` are the values of one field, each with its places in its item's band.
    """
    column = column_of([inside for _, inside in cells if inside], names, headings)
    for spot, inside in cells:
        fitting = [place for place in inside if column is None or column.holds(place)]
        if fitting:
            many = len(fitting) > 1 and spot.found == "exact"
            spot.put(fitting[0], "exact_many" if many else spot.found, len(fitting))
        elif inside and not isinstance(spot.value, str):
            spot.put(inside[0], "similar", len(inside))
            spot.in_column = False
