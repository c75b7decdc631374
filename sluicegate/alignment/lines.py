"""Pairing the items of two lists: identical ones first, the rest by optimal assignment."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sluicegate.alignment.assignment import assign
from sluicegate.alignment.values import canonical, is_number, number, plain, rendered

# The cost of optimal assignment grows with the cube of the length. Up to so many items that are not
# identical are assigned, 0.1 to 0.2 s of one core at worst; the rest is paired in order.
MAX_ASSIGNED = 120
# Items further apart than this are no pair: one was lost, the other gained.
_TOO_FAR = 0.7
# An item's name identifies it better than any of its numbers.
_WEIGHT_OF_TEXT = 2.0
_COMPARED_LETTERS = 200
_TIE = 1e-6  # decides ties for items at similar positions

_Feature = tuple[Decimal | None, str, frozenset[str]]


class Pairing(NamedTuple):
    """Which items belong together, by position; in the order of the first list."""

    pairs: list[tuple[int, int]]
    only_before: list[int]
    only_after: list[int]
    capped: bool  # True when a list was too long for optimal assignment of all its items


def pair_items(before: Sequence[Any], after: Sequence[Any]) -> Pairing:
    """Pair the items of two lists; an item is a record or a single value."""
    pairs, rest_before, rest_after = _identical(before, after)
    capped = max(len(rest_before), len(rest_after)) > MAX_ASSIGNED
    head, tail = rest_before[:MAX_ASSIGNED], rest_before[MAX_ASSIGNED:]
    other_head, other_tail = rest_after[:MAX_ASSIGNED], rest_after[MAX_ASSIGNED:]
    ours = {i: _features(before[i]) for i in rest_before}
    theirs = {j: _features(after[j]) for j in rest_after}
    candidates = [(i, j) for i, j in zip(tail, other_tail, strict=False)]
    if head and other_head:
        costs = [
            [
                min(distance(ours[i], theirs[j]), _TOO_FAR) + _TIE * abs(i - j) / (1 + abs(i - j))
                for j in other_head
            ]
            for i in head
        ]
        candidates += [
            (head[row], other_head[column])
            for row, column in enumerate(assign(costs))
            if column is not None
        ]
    pairs += [(i, j) for i, j in candidates if distance(ours[i], theirs[j]) < _TOO_FAR]
    paired_before, paired_after = {i for i, _ in pairs}, {j for _, j in pairs}
    return Pairing(
        sorted(pairs),
        [i for i in rest_before if i not in paired_before],
        [j for j in rest_after if j not in paired_after],
        capped,
    )


def _identical(
    before: Sequence[Any], after: Sequence[Any]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair equal items, in order; return the pairs, and the positions left on either side."""
    waiting: defaultdict[Any, list[int]] = defaultdict(list)
    for j in reversed(range(len(after))):
        waiting[canonical(after[j])].append(j)
    pairs, rest = [], []
    for i, item in enumerate(before):
        same = waiting[canonical(item)]
        if same:
            pairs.append((i, same.pop()))
        else:
            rest.append(i)
    return pairs, rest, sorted(j for left in waiting.values() for j in left)


def _features(item: Any) -> dict[str, _Feature]:
    """Return what items are compared by: for each field a number, or a text and its trigrams."""
    fields = item if isinstance(item, dict) else {"": item}
    return {
        name: (number(value) if is_number(value) else None, *_text(value))
        for name, value in fields.items()
        if value is not None
    }


def _text(value: Any) -> tuple[str, frozenset[str]]:
    text = rendered(value)[:_COMPARED_LETTERS]
    padded = f" {plain(text)} "
    return text, frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def distance(one: dict[str, _Feature], other: dict[str, _Feature]) -> float:
    """Return how far apart two items are: 0 for equal, 1 for nothing in common.

    Numbers are equal or not; texts are as far apart as their trigrams (Jaccard). Fields that are
    null on both sides do not count.
    """
    far = whole = 0.0
    for name in one.keys() | other.keys():
        mine, its = one.get(name), other.get(name)
        numeric = (mine is not None and mine[0] is not None) or (
            its is not None and its[0] is not None
        )
        weight = 1.0 if numeric else _WEIGHT_OF_TEXT
        whole += weight
        if mine is None or its is None:
            far += weight
        elif numeric:
            far += weight * (_number(mine) != _number(its))
        else:
            far += weight * _text_distance(mine, its)
    return far / whole if whole else 0.0


def _number(feature: _Feature) -> Decimal | str:
    """Return the number of a feature; ground truth may write it as text."""
    found = number(feature[1]) if feature[0] is None else feature[0]
    return feature[1] if found is None else found


def _text_distance(one: _Feature, other: _Feature) -> float:
    if one[1] == other[1]:
        return 0.0
    union = len(one[2] | other[2])
    return 0.1 + 0.9 * (1 - len(one[2] & other[2]) / union if union else 1)
