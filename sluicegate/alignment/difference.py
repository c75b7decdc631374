"""What differs between two rows of one document, field by field."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sluicegate.alignment.lines import pair_items
from sluicegate.alignment.values import Change, compare

# Columns of every table that say where a row comes from, not what the document says.
RESERVED = frozenset({"document_uri", "processed_at", "provenance"})


class Compared(NamedTuple):
    """One value of a document, before and after. `order` is the column's place in the row."""

    path: str
    order: tuple[int, ...]
    change: Change
    before: Any
    after: Any
    is_item: bool = False  # a whole item of a list; its fields follow on their own
    capped: bool = False  # from a list too long to be assigned at its best


def compare_rows(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Compared]:
    """Yield every value that either row has; what is null in both is passed over.

    Items of a list are brought together first: one that has no counterpart is gained or lost as a
    whole, at the list's path; the fields of those that have one follow under `list.field`.
    """
    yield from _compare(before, after, "", ())


def _compare(
    before: dict[str, Any], after: dict[str, Any], prefix: str, place: tuple[int, ...]
) -> Iterator[Compared]:
    names = [*before, *(name for name in after if name not in before)]
    for index, name in enumerate(names):
        if not prefix and name in RESERVED:
            continue
        ours, theirs = before.get(name), after.get(name)
        path, order = f"{prefix}{name}", (*place, index)
        if isinstance(ours, list) or isinstance(theirs, list):
            yield from _compare_items(_items(ours), _items(theirs), path, order)
        elif isinstance(ours, dict) or isinstance(theirs, dict):
            yield from _compare(_record(ours), _record(theirs), f"{path}.", order)
        elif ours is not None or theirs is not None:
            yield Compared(path, order, compare(ours, theirs), ours, theirs)


def _compare_items(
    before: list[Any], after: list[Any], path: str, order: tuple[int, ...]
) -> Iterator[Compared]:
    pairing = pair_items(before, after)
    capped = pairing.capped
    for i, j in pairing.pairs:
        ours, theirs = before[i], after[j]
        if isinstance(ours, dict) or isinstance(theirs, dict):
            inner = list(_compare(_record(ours), _record(theirs), f"{path}.", order))
            yield Compared(path, order, _overall(inner), ours, theirs, is_item=True, capped=capped)
            yield from inner
        else:
            yield Compared(path, order, compare(ours, theirs), ours, theirs, capped=capped)
    for i in pairing.only_before:
        yield Compared(path, order, "lost", before[i], None, _is_record(before[i]), capped)
    for j in pairing.only_after:
        yield Compared(path, order, "gained", None, after[j], _is_record(after[j]), capped)


def _overall(fields: list[Compared]) -> Change:
    """Sum up the fields of an item."""
    found = {field.change for field in fields}
    return (
        "same" if found <= {"same"} else "spelling" if found <= {"same", "spelling"} else "changed"
    )


def _is_record(value: Any) -> bool:
    return isinstance(value, dict)


def _items(value: Any) -> list[Any]:
    """Take a single value where the other side has a list as a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {} if value is None else {"": value}
