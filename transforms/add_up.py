"""From a collection to the one total that its elements are entered into."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import apache_beam as beam


class Mergeable(Protocol):
    """A sum that another part of the same sum can be added to, in any order."""

    def merge(self, other: Any) -> None:
        """Add another part."""
        ...


Total = TypeVar("Total", bound=Mergeable)


def add_up(empty: Callable[[], Total], enter: Callable[[Total, Any], None]) -> beam.CombineGlobally:
    """Return the transform of elements to one total, also where there are none.

    `empty` makes a total of nothing and `enter` adds an element to it; both must pickle. A total
    is small however many elements it is of.
    """
    return beam.CombineGlobally(_Sum(empty, enter))


class _Sum(beam.CombineFn):
    def __init__(self, empty: Callable[[], Any], enter: Callable[[Any, Any], None]) -> None:
        self._empty, self._enter = empty, enter

    def create_accumulator(self) -> Any:
        return self._empty()

    def add_input(self, total: Any, element: Any) -> Any:
        self._enter(total, element)
        return total

    def merge_accumulators(self, parts: Iterable[Any]) -> Any:
        total = self._empty()
        for part in parts:
            total.merge(part)
        return total

    def extract_output(self, total: Any) -> Any:
        return total
