"""What the row leaves empty and the page seems to have: a day or a sum beside the field's label.

A list without items counts too, where a table with a heading of items stands on a page. A text that
is left out is not seen: what stands beside a label may be anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sluicegate.document_types.fields import Field
from sluicegate.evidence.concepts import concept
from sluicegate.evidence.currencies import marks_in
from sluicegate.evidence.labels import Labels, wanted_by
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.spots import Spot
from sluicegate.evidence.table_columns import Headings

# A label of less weight, as a mere "Total" or "Date" in running text, is no sign of a value.
_SURE = 60


def lacking(
    values: Mapping[str, Any],
    fields: tuple[Field, ...],
    places: Places,
    labels: Labels,
    headings: Headings,
) -> Iterator[Spot]:
    """Yield a spot, with its doubt, for each empty field of the row that the page seems to fill."""
    for field in fields:
        value = values.get(field.name)
        spot = Spot(field.name, (field.name,), field, None, "derived")
        if field.repeated:
            if not value and field.kind == "object" and headings.lists_items:
                spot.doubt = "a table of items stands on the page"
                yield spot
        elif value is None and (place := _printed(field, places, labels)):
            spot.put(place, "derived", 1)
            label = labels.beside(place)
            beside = f" beside {label.text!r}" if label else ""
            spot.doubt = f"left empty; the page has {place.text!r}{beside}"
            yield spot


def _printed(field: Field, places: Places, labels: Labels) -> Place | None:
    if concept((field.name,)) == "currency":
        found = (
            places.at(cell, start, end)
            for cell in places.cells
            for start, end, _ in marks_in(cell.text)
        )
        return next(found, None)
    index: Mapping[Any, list[Place]] = {}
    if field.kind == "date":
        index = places.days
    elif field.kind == "decimal":
        index = places.numbers
    wanted = wanted_by((field.name,))
    for same in index.values() if wanted.kinds else ():
        for place in same:
            label = labels.beside(place)
            sure = label is not None and (label.weight >= _SURE or wanted.stems)
            if sure and label is not None and wanted.fits(label):
                return place
    return None
