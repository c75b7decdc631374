"""Which rows of a document are current: all of its newest complete extraction. Pure.

An extraction is what a run made of one answer: rows of one instant, under one request. It is
complete once all of its rows are there, which are its records but for those that failed. So a
document of which three records became two has two rows and no stray one, and of one whose newer
rows have not all landed the older ones stand.

A row of before records were counted is record 0 of 1.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

Part = TypeVar("Part")


class Share(NamedTuple):
    """What part of its extraction a row is."""

    record_index: int = 0
    rows: int = 1  # of the extraction
    failures: int = 0  # records that became no row


def share_of(row: Mapping[str, Any]) -> Share:
    """Return what part of its extraction a row is, by its columns."""
    count, failures = _number(row.get("record_count"), 1), _number(row.get("record_failures"), 0)
    return Share(_number(row.get("record_index"), 0), max(1, count - failures), failures)


def newest_complete(
    parts: Iterable[Part],
    extraction: Callable[[Part], tuple[Any, ...]],
    share: Callable[[Part], Share],
) -> list[Part]:
    """Return a document's current rows, in order; none where no extraction is complete.

    `extraction` names that of a row, so that the newest sorts last. A row may come twice.
    """
    found: dict[tuple[Any, ...], dict[int, Part]] = defaultdict(dict)
    for part in parts:
        found[extraction(part)].setdefault(share(part).record_index, part)
    whole = [
        name for name, rows in found.items() if len(rows) >= share(next(iter(rows.values()))).rows
    ]
    return [part for _, part in sorted(found[max(whole)].items())] if whole else []


def _number(value: Any, default: int) -> int:
    try:
        return default if value is None else int(value)
    except (TypeError, ValueError, OverflowError):
        return default
