"""Optimal assignment: no other costs less."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.alignment.assignment import assign

COSTS = st.integers(0, 5).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(-9, 9).map(float), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


def total(costs: list[list[float]], found: list[int | None]) -> float:
    """Add up the cost of an assignment."""
    return sum(costs[row][column] for row, column in enumerate(found) if column is not None)


def cheapest(costs: list[list[float]]) -> float:
    """Return the least cost by trying everything."""
    rows, columns = len(costs), len(costs[0]) if costs else 0
    if rows > columns:
        costs = [[line[column] for line in costs] for column in range(columns)]
        rows, columns = columns, rows
    return min(
        sum(costs[row][column] for row, column in enumerate(choice))
        for choice in itertools.permutations(range(columns), rows)
    )


@settings(max_examples=300)
@given(COSTS)
def test_no_assignment_costs_less(costs: list[list[float]]) -> None:
    """Every column is used once at most, as many as can be, at the cost that trying all finds."""
    found = assign(costs)
    used = [column for column in found if column is not None]
    assert len(used) == len(set(used)) == min(len(costs), len(costs[0]) if costs else 0)
    assert total(costs, found) == cheapest(costs)
