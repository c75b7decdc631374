"""Spots: what is known of where the values of a row stand, while it is being found out."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluicegate.document_types.fields import Field
from sluicegate.evidence.evidence import Evidence, Found
from sluicegate.evidence.pages import Page
from sluicegate.evidence.place import Place
from sluicegate.evidence.words import on_page


@dataclass(slots=True, eq=False)
class Spot:
    """One value: its path, how it was found, and where. Mutable until its evidence is made.

    A spot equals itself alone: one is looked for among thousands.
    """

    path: str
    names: tuple[str, ...]  # the path without positions
    field: Field
    value: Any
    found: Found = "absent"
    place: Place | None = None
    candidates: int = 0
    in_column: bool = True  # False: its number stands in the row, in another column
    doubt: str | None = None

    def put(self, place: Place, found: Found, candidates: int) -> None:
        """Enter where the value stands."""
        self.place, self.found, self.candidates = place, found, candidates

    def evidence(self, pages: Sequence[Page]) -> Evidence:
        """Return the evidence, in shares of the upright page."""
        if self.place is None:
            return Evidence(self.path, self.found, candidates=self.candidates, doubt=self.doubt)
        return Evidence(
            self.path,
            self.found,
            self.place.page + 1,
            *on_page(pages[self.place.page], self.place.box),
            self.place.text,
            self.candidates,
            self.doubt,
        )


@dataclass(slots=True)
class ListSpots:
    """The values of a list, item by item, and the line that each item begins on."""

    path: str
    names: tuple[str, ...]
    field: Field
    items: list[list[Spot]] = dataclasses.field(default_factory=list)
    anchors: list[int | None] = dataclasses.field(default_factory=list)
    doubt: str | None = None  # about what the list seems to lack
    missing: Place | None = None  # an amount on the page that no item has

    @property
    def spots(self) -> Iterator[Spot]:
        """All values of all items."""
        return (spot for item in self.items for spot in item)


def leaves(
    values: Mapping[str, Any],
    fields: Sequence[Field],
    path: str = "",
    names: tuple[str, ...] = (),
) -> Iterator[Spot]:
    """Yield a spot for each value that is not null, and for each list that is not empty."""
    for each in fields:
        value = values.get(each.name)
        if value is None or (each.repeated and not value):
            continue
        here, name = f"{path}{each.name}", (*names, each.name)
        if each.kind == "object" and not each.repeated:
            yield from leaves(value, each.fields, f"{here}.", name)
        else:
            yield Spot(here, name, each, value)
