"""Which pages each window of a long document has."""

from itertools import pairwise
from typing import Any, NamedTuple


class Window(NamedTuple):
    """Pages `first` to `last` (from 1, both included) of a document of `of` pages."""

    first: int
    last: int
    of: int

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return self.last - self.first + 1

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"page {self.first}" if self.pages == 1 else f"pages {self.first} to {self.last}"

    def marks(self) -> dict[str, Any]:
        """Return what tells its request from those about other pages, as plain JSON."""
        return {"first": self.first, "last": self.last, "of": self.of}


def plan(pages: int, size: int) -> tuple[Window, ...]:
    """Return the windows of a document: of at most `size` pages, and as even as can be."""
    return split(Window(1, pages, pages), size)


def split(window: Window, size: int) -> tuple[Window, ...]:
    """Return windows of at most `size` pages that make up the given one."""
    count = -(-window.pages // max(size, 1))
    ends = [window.first - 1 + window.pages * n // count for n in range(count + 1)]
    return tuple(Window(a + 1, b, window.of) for a, b in pairwise(ends))
