"""A property that is worked out once for each object, without a lock.

`functools.cached_property` takes a lock at each first use before Python 3.12: of the ten thousand
small properties of a page's words that is a tenth of the time in which its values are located. Two
threads that ask at once both work it out, and get the same.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - stands where `property` would
    """Decorate a method without arguments: what it returns takes its place in the object."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Take note of the name under which the result is kept."""
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Work it out; from then on the object's own attribute comes first."""
        found = self._work_out(instance)
        instance.__dict__[self._name] = found
        return found
