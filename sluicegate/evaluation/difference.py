"""What differs between two rows of one document, field by field."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sluicegate.alignment.lines import pair_items
from sluicegate.alignment.values import Change, compare
from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.evaluation.tally import Judged


def compare_rows(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Judged]:
    """Yield every value that either row has; what is null in both is left out.

    Items of a list are paired first. One without a counterpart is gained or lost as a whole, at the
    list's path; the fields of paired items follow under `list.field`.
    """
    yield from _compare(before, after, "", ())


def _compare(
    before: dict[str, Any], after: dict[str, Any], prefix: str, place: tuple[int, ...]
) -> Iterator[Judged]:
    names = [*before, *(name for name in after if name not in before)]
    for index, name in enumerate(names):
        if not prefix and name in RESERVED_NAMES:
            continue
        ours, theirs = before.get(name), after.get(name)
        path, order = f"{prefix}{name}", (*place, index)
        if isinstance(ours, list) or isinstance(theirs, list):
            yield from _compare_items(_items(ours), _items(theirs), path, order)
        elif isinstance(ours, dict) or isinstance(theirs, dict):
            yield from _compare(_record(ours), _record(theirs), f"{path}.", order)
        elif ours is not None or theirs is not None:
            yield Judged(path, order, compare(ours, theirs), ours, theirs)


def _compare_items(
    before: list[Any], after: list[Any], path: str, order: tuple[int, ...]
) -> Iterator[Judged]:
    pairing = pair_items(before, after)
    value = partial(Judged, path, order, capped=pairing.capped)
    for i, j in pairing.pairs:
        ours, theirs = before[i], after[j]
        if _is_record(ours) or _is_record(theirs):
            inner = list(_compare(_record(ours), _record(theirs), f"{path}.", order))
            yield value(overall({each.verdict for each in inner}), ours, theirs, is_item=True)
            yield from inner
        else:
            yield value(compare(ours, theirs), ours, theirs)
    for i in pairing.only_before:
        yield value("lost", before[i], None, is_item=_is_record(before[i]))
    for j in pairing.only_after:
        yield value("gained", None, after[j], is_item=_is_record(after[j]))


def overall(verdicts: set[str]) -> Change:
    """Return the change of an item or a row, from the verdicts on its fields or values."""
    if verdicts <= {"same"}:
        return "same"
    return "spelling" if verdicts <= {"same", "spelling"} else "changed"


def _is_record(value: Any) -> bool:
    return isinstance(value, dict)


def _items(value: Any) -> list[Any]:
    """Return a single value as a list of one: the other side has a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {} if value is None else {"": value}
