"""Doubt: which values of a row a person should look at, and why, in one sentence each.

Nothing here is a probability. Each doubt is a fact of the pages or of the row:

not found          the value is printed nowhere, or something nearly the same is
a rival's label    another value of its kind stands beside the field's label, and this one does not
another column     the number stands in its row, in another column than the other rows'
a sum              the lines of a list add up to nothing printed, and lead from no value to another
a line too few     an amount in the list's column belongs to no item
left empty         the row has no value, and the page has one beside the field's label

The type's rule says which of them count, and of which fields.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluicegate.document_types.definition import DocumentType
from sluicegate.evidence.concepts import item_concept
from sluicegate.evidence.labels import Labels, wanted_by
from sluicegate.evidence.line_doubt import doubt_lines
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.spots import ListSpots, Spot
from sluicegate.evidence.table_columns import Headings


@dataclass(frozen=True, slots=True)
class Examined:
    """A row whose values have been looked for, and what they were looked for in."""

    values: Mapping[str, Any]
    kind: DocumentType
    header: Sequence[Spot]
    lists: Sequence[ListSpots]
    places: Places
    labels: Labels
    headings: Headings

    @property
    def spots(self) -> Iterator[Spot]:
        """Every value."""
        yield from self.header
        for each in self.lists:
            yield from each.spots


def raise_doubts(row: Examined) -> None:
    """Enter the doubts of a row's values into their spots."""
    rule = row.kind.review
    for spot in row.spots:
        if not rule.leaves_out(spot.names):
            spot.doubt = _not_found(spot, rule.found) or (
                _outside_its_column(spot, row.headings) if rule.columns else None
            )
    if rule.labels:
        for spot in row.header:
            if spot.doubt is None and not rule.leaves_out(spot.names):
                spot.doubt = _beside_another_label(spot, row)
    if rule.sums:
        for each in row.lists:
            if not rule.leaves_out(each.names):
                counted = [spot for spot in each.spots if not rule.leaves_out(spot.names)]
                doubt_lines(each, counted, row.header, row.places, row.labels, row.headings)


def _not_found(spot: Spot, found: Sequence[str]) -> str | None:
    if spot.found not in found or not spot.in_column:
        return None
    if spot.place is not None:
        return f"the page has {spot.place.text!r}"
    return "printed nowhere on the pages" if "[" not in spot.path else "not printed in its row"


def _outside_its_column(spot: Spot, headings: Headings) -> str | None:
    if not spot.in_column:
        return "stands in another column than in the other rows"
    if spot.place is None or isinstance(spot.value, str) or "[" not in spot.path:
        return None
    concept = item_concept(spot.names[-1])
    heading = headings.above(spot.place)
    if heading is None or concept not in heading.meanings:
        return None
    role = headings.role(spot.place)
    return None if role in (None, "unknown", concept) else f"stands in the column of the {role}"


def _beside_another_label(spot: Spot, row: Examined) -> str | None:
    """Doubt a value without its field's label where another of its kind has it."""
    wanted = wanted_by(spot.names)
    if not wanted.kinds or spot.place is None or isinstance(spot.value, str):
        return None
    label = row.labels.beside(spot.place)
    if label is not None and wanted.fits(label):
        return None
    same = row.places.days if hasattr(spot.value, "year") else row.places.numbers
    mine = label.weight if label is not None and label.kind not in wanted.rivals else -1
    for value, places in same.items():
        if value != spot.value and (best := _labelled(places, row, wanted.kinds, spot)):
            other = row.labels.beside(best)
            if other is not None and wanted.fits(other) and other.weight > mine:
                beside = f"stands beside {label.text!r}, and " if label else ""
                return f"{beside}{best.text!r} stands beside {other.text!r}"
    return None


def _labelled(
    places: Sequence[Place], row: Examined, kinds: frozenset[str], spot: Spot
) -> Place | None:
    """Return the place of another value that has a label of some kinds beside it."""
    own = spot.place
    for place in places:
        inside = own is not None and place.cell is own.cell
        if own is not None and inside and place.start < own.end and own.start < place.end:
            continue
        label = row.labels.beside(place)
        if label is not None and label.kind in kinds:
            return place
    return None
