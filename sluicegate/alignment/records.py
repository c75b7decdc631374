"""Pairing the records of a document before their lines: by what identifies them, not by lists."""

from collections.abc import Sequence
from typing import Any

from sluicegate.alignment.lines import Pairing, pair_items


def pair_records(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> Pairing:
    """Pair the records of two sides; one of each are a pair, however far apart they are.

    Of several, records are told apart by their single values that both sides have: two that a
    reader has merged are the one whose head was kept, and the other is missing, though its lines
    are there. Records that have nothing but lists are told apart by these.
    """
    if len(before) == len(after) == 1:
        return Pairing([(0, 0)], [], [], capped=False)
    common = _names(before) & _names(after)
    single = {name for name in common if not _holds_list((*before, *after), name)}
    wanted = single or common
    return pair_items([_only(each, wanted) for each in before], [_only(e, wanted) for e in after])


def _names(records: Sequence[dict[str, Any]]) -> set[str]:
    return {name for record in records for name in record}


def _holds_list(records: Sequence[dict[str, Any]], name: str) -> bool:
    return any(isinstance(record.get(name), list) for record in records)


def _only(record: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in names}
