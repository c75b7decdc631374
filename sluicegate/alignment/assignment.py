"""Optimal assignment: rows paired with columns, at the least total cost."""

from collections.abc import Sequence

_INFINITE = float("inf")


def assign(costs: Sequence[Sequence[float]]) -> list[int | None]:
    """Return for each row of a cost table its column, each column once, at the least total cost.

    With more rows than columns, some rows get None; all columns are used.
    Costs are finite. The Hungarian method by shortest augmenting paths with potentials (Kuhn
    1955, Jonker and Volgenant 1987): of the order of short side² × long side steps.
    """
    rows, columns = len(costs), len(costs[0]) if costs else 0
    if rows <= columns:
        return list(_assign(costs, columns)) if rows else []
    turned = [[line[column] for line in costs] for column in range(columns)]
    found: list[int | None] = [None] * rows
    for column, row in enumerate(_assign(turned, rows)):
        found[row] = column
    return found


def _assign(costs: Sequence[Sequence[float]], columns: int) -> list[int]:
    """Assign rows one by one; there are no more rows than columns."""
    levels = [0.0] * len(costs), [0.0] * columns  # the potentials of rows and of columns
    row_of = [-1] * columns
    for row in range(len(costs)):
        column, reached_from = _free_column(costs, row, row_of, *levels)
        while column >= 0:  # hand the columns on along the path, the last one to the new row
            before = reached_from[column]
            row_of[column] = row_of[before] if before >= 0 else row
            column = before
    found = [-1] * len(costs)
    for column, row in enumerate(row_of):
        if row >= 0:
            found[row] = column
    return found


def _free_column(
    costs: Sequence[Sequence[float]],
    start: int,
    row_of: list[int],
    row_levels: list[float],
    column_levels: list[float],
) -> tuple[int, list[int]]:
    """Grow a tree of tight edges from a row until it reaches a column that no row has.

    Returns that column, and from which column each one was reached; raises the potentials.
    """
    columns = range(len(row_of))
    slack, reached_from = [_INFINITE] * len(row_of), [-1] * len(row_of)
    visited = [False] * len(row_of)
    row, column = start, -1
    while row >= 0:
        line, level = costs[row], row_levels[row]
        delta, following = _INFINITE, -1
        for candidate in columns:
            if visited[candidate]:
                continue
            reduced = line[candidate] - level - column_levels[candidate]
            if reduced < slack[candidate]:
                slack[candidate], reached_from[candidate] = reduced, column
            if slack[candidate] < delta:
                delta, following = slack[candidate], candidate
        row_levels[start] += delta
        for candidate in columns:
            if visited[candidate]:
                row_levels[row_of[candidate]] += delta
                column_levels[candidate] -= delta
            else:
                slack[candidate] -= delta
        column = following
        visited[column] = True
        row = row_of[column]
    return column, reached_from
