"""What is found to be missing or in excess."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that does not add up: a sentence with numbers, and the pages to look at.

    No pages: any. `in_answer`: it shows in the answer by itself, so that its row says it anyway.
    """

    says: str
    pages: tuple[int, ...] = ()
    in_answer: bool = False
