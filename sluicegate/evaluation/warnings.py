"""Warnings of rows, told apart by what they say and not by the values they name."""

import re
from collections import Counter
from collections.abc import Iterable

# What differs from document to document: quoted texts, numbers, dates.
_PARTICULAR = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[-+]?\b\d(?:[\w.,:+-]*\w)?""")
_MAX_KIND = 160


def kind(warning: str) -> str:
    """Return a warning without its values: `total_amount is …`."""
    return _PARTICULAR.sub("…", warning)[:_MAX_KIND]


def changed(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the kinds of warnings that are new, and those that are gone."""
    ours, theirs = Counter(map(kind, before)), Counter(map(kind, after))
    return sorted((theirs - ours).elements()), sorted((ours - theirs).elements())
