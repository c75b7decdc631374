"""Which documents to read, and which of those to ask. Pure.

Both are drawn in each stratum: what costs more is looked at more closely. Of strata of a kind the
longer documents lie further off any line, about in proportion to their pages, so a stratum gets a
share of the sample by its documents times their root mean square of pages.
"""

import math
from dataclasses import dataclass

from sluicegate.estimate.census import Census, Group, allocate
from sluicegate.records import Document

# Documents of a stratum, at least, on average: else there is no spread to see.
_EACH = 6
_MOST_STRATA = 40


@dataclass(slots=True)
class Part:
    """A stratum, and what is looked at of it."""

    group: Group
    read: list[Document]
    asked: list[Document]


def to_read(census: Census, ask: int, most: int) -> list[Part]:
    """Return the strata, with at most about `most` documents to read so that `ask` can be asked."""
    groups = census.groups(max(1, min(_MOST_STRATA, ask // _EACH)) if ask else _MOST_STRATA)
    sizes = [len(group.drawn) for group in groups]
    if census.documents <= most:
        return [Part(group, group.drawn, []) for group in groups]
    weights = [each.documents * (each.size_bytes / each.documents) ** 0.75 for each in groups]
    counts = allocate(max(most, ask), sizes, weights, least=min(20, max(2, most)))
    return [
        Part(group, group.drawn[:count], []) for group, count in zip(groups, counts, strict=True)
    ]


def to_ask(parts: list[Part], pages: list[list[float]], ask: int) -> None:
    """Choose `ask` documents of those that were read, by the pages found in each."""
    weights = [
        part.group.documents * math.sqrt(sum(max(each, 1) ** 2 for each in found) / len(found))
        for part, found in zip(parts, pages, strict=True)
    ]
    counts = allocate(ask, [len(part.read) for part in parts], weights)
    for part, count in zip(parts, counts, strict=True):
        part.asked = part.read[:count]
