"""Doubt: which values of a row a person should look at, and why, in one sentence each.

Nothing here is a probability. Each doubt is a fact of the page or of the row:

not found          the value is printed nowhere, or something nearly the same is
a rival's label    another value of the same kind stands beside the field's label; this one does not
another column     the number stands in its row, and not in the column of the others
a sum              the lines of a list add up to nothing that is printed
a line too few     an amount in the list's column belongs to no item
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluicegate.document_types.definition import DocumentType
from sluicegate.evidence.labels import Labels
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


def raise_doubts(row: Examined) -> None:
    """Enter the doubts of a row's values into their spots."""
    _not_found(row)


def _not_found(row: Examined) -> None:
    pass
