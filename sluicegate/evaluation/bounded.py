"""Accumulators that stay small however many documents pass: examples by order, names by count."""

import bisect
from collections.abc import Iterable, Iterator
from typing import Any


class Examples:
    """Keeps the `limit` entries with the smallest keys: the same ones however work is split up.

    Keys are document ids, which are hashes, so the examples come from all over the input.
    """

    __slots__ = ("_entries", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: list[tuple[str, str, dict[str, Any]]] = []

    def wants(self, key: str) -> bool:
        """Tell whether an entry with that key would be kept: if not, it need not be made."""
        full = len(self._entries) >= self._limit
        return self._limit > 0 and (not full or key <= self._entries[-1][0])

    def add(self, key: str, entry: dict[str, Any]) -> None:
        """Offer an entry: plain JSON. Of entries with the same key the order is by content."""
        if self.wants(key):
            bisect.insort(self._entries, (key, repr(entry), entry), key=lambda e: e[:2])
            del self._entries[self._limit :]

    def merge(self, other: "Examples") -> None:
        """Take in another's entries."""
        for key, entry in other.items():
            self.add(key, entry)

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield keys and entries, in order."""
        return ((key, entry) for key, _, entry in self._entries)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (entry for _, _, entry in self._entries)


class Counts:
    """Counts by name, exact for the `limit` first names in order; the rest are counted together.

    Which names are kept does not depend on how the work is split up: a name among the first of
    all is among the first of every part, and never dropped.
    """

    __slots__ = ("_counts", "_limit", "others")

    def __init__(self, limit: int = 50) -> None:
        self._limit = limit
        self._counts: dict[str, int] = {}
        self.others = 0

    def add(self, name: str, count: int = 1) -> None:
        """Count a name."""
        self._counts[name] = self._counts.get(name, 0) + count
        if len(self._counts) > self._limit:
            self.others += self._counts.pop(max(self._counts))

    def merge(self, other: "Counts") -> None:
        """Add another's counts."""
        for name, count in other.items():
            self.add(name, count)
        self.others += other.others

    def items(self) -> Iterable[tuple[str, int]]:
        """Return the names that are kept, with their counts."""
        return self._counts.items()

    @property
    def total(self) -> int:
        """Everything that was counted."""
        return sum(self._counts.values()) + self.others

    def as_dict(self) -> dict[str, int]:
        """Return counts by name, the most frequent first, the rest as `(others)`."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return dict(ordered) | ({"(others)": self.others} if self.others else {})
