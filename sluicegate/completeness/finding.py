"""What is found to be missing or in excess."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that does not add up: a sentence with numbers, and the pages to look at.

    No pages: any.
    """

    says: str
    pages: tuple[int, ...] = ()
