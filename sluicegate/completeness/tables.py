"""Lines of the text layer that look like the rows of an answer and are none of them.

Which columns a table has is learned from the rows that are found on the pages: no rule knows what
a heading is called. A line with a number in each of those columns is a row. So what a model left
out shows, whatever the language, and a sum or a balance carried over does not look like a row.

Counted for each table by itself, as AWS's document accelerator found necessary (issue 843).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sluicegate.completeness.finding import Finding
from sluicegate.document_types.fields import Field
from sluicegate.numerals import readings
from sluicegate.pdf.lines import Line

_EDGE = 6.0  # points within which the right edges of a column's numbers lie
_USUAL = 0.6  # share of the rows that have a number in a column, for it to be the table's
_CENT = Decimal("0.015")
_SHOWN = 60  # characters of a line in a finding


@dataclass(slots=True)
class Table:
    """The rows of one list of an answer, on the pages where its record stands."""

    path: str
    rows: list[set[Decimal]]  # the numbers of each row, without signs
    main: list[Decimal | None]  # of them the one that says most: the amount
    known: set[Decimal] = field(default_factory=set)  # the record's own sums, which are no rows


def tables(records: Sequence[dict[str, Any]], fields: Iterable[Field]) -> Iterator[Table]:
    """Yield the lists of objects with numbers in the values of records that stand together."""
    known = {abs(v) for values in records for v in _numbers(values)}
    for each in fields:
        names = [f.name for f in each.fields if f.kind in ("decimal", "float", "integer")]
        if not names or not each.repeated:
            continue
        rows = [row for values in records for row in values.get(each.name) or []]
        main = _main(each, rows)
        yield Table(
            each.name,
            [{abs(v) for v in _numbers({n: row.get(n) for n in names})} for row in rows],
            [abs(v) if (v := _number(row.get(main))) is not None else None for row in rows],
            known,
        )


def _main(each: Field, rows: Sequence[dict[str, Any]]) -> str:
    """Return the field of a line that is money: the amount or total, else the one most filled."""
    kinds = ("decimal", "float", "integer")
    named = [f.name for f in each.fields if f.kind == "decimal"]
    named = named or [f.name for f in each.fields if f.kind in kinds]
    filled = Counter(n for row in rows for n in named if _number(row.get(n)) is not None)
    likely = [n for n in named if any(word in n for word in ("amount", "total", "price"))]
    return max(named, key=lambda n: (filled[n], n in likely, -named.index(n)))


def _numbers(values: dict[str, Any]) -> Iterator[Decimal]:
    for value in values.values():
        number = _number(value)
        if number is not None:
            yield number


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return Decimal(value) if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line with its numbers: the right edge and the readings of each."""

    line: Line
    numbers: tuple[tuple[float, frozenset[Decimal]], ...]

    @property
    def values(self) -> set[Decimal]:
        return {value for _, meant in self.numbers for value in meant}


def missing(table: Table, lines: Sequence[Line]) -> list[Finding]:
    """Return what the pages print as rows of a table and the answer does not have, a page each.

    The lines are those of the pages where the table's record stands. None where nothing can be
    told: no text layer, or a table with one column of numbers.
    """
    printed = [p for line in lines if (p := _printed(line)).numbers]
    matched = _matched(table, printed)
    columns = _columns([printed[at] for at in matched])
    if len(columns) >= 2:
        left = [
            p for at, p in enumerate(printed)
            if at not in matched and _is_row(p, columns) and not _is_known(p, table)
        ]  # fmt: skip
    elif table.rows and not matched:
        return []  # the layer says other things than the page shows
    else:
        left = [p for at, p in enumerate(printed) if at not in matched and _multiplies(p)]
    return list(_findings(table, left, len(table.rows)))


def _printed(line: Line) -> _Printed:
    numbers = [(run.x1, meant) for run in line.runs if (meant := readings(run.text))]
    return _Printed(line, tuple(numbers))


def _matched(table: Table, printed: Sequence[_Printed]) -> set[int]:
    """Return which lines are rows of the answer: each row takes the line that has most of it.

    Its amount is looked for in the column where amounts are found most often: 33.00 is not the
    number of the 33rd line.
    """
    having: dict[Decimal, list[tuple[int, float]]] = {}
    for at, each in enumerate(printed):
        for x1, meant in each.numbers:
            for value in meant:
                having.setdefault(value, []).append((at, x1))
    edges = Counter(
        round(x1 / _EDGE) for main in table.main if main is not None
        for _, x1 in having.get(main, ())
    )  # fmt: skip
    column = edges.most_common(1)[0][0] * _EDGE if edges else 0.0
    taken: set[int] = set()
    for row, main in zip(table.rows, table.main, strict=True):
        found = (
            [each for each in having.get(main, ()) if each[0] not in taken]
            if main is not None
            else []
        )
        there = [at for at, x1 in found if abs(x1 - column) <= _EDGE] or [at for at, _ in found]
        if there:
            taken.add(max(there, key=lambda at: (len(row & printed[at].values), -at)))
    return taken


def _columns(rows: Sequence[_Printed]) -> list[float]:
    """Return the right edges of the columns of numbers that most of the rows have."""
    edges: Counter[int] = Counter()
    for row in rows:
        edges.update({round(x1 / _EDGE) for x1, _ in row.numbers})
    usual: list[float] = []
    for edge, _ in edges.most_common():
        count = sum(_has(row, edge * _EDGE) for row in rows)
        if count >= _USUAL * len(rows) and all(abs(edge * _EDGE - u) > 2 * _EDGE for u in usual):
            usual.append(edge * _EDGE)
    return usual


def _has(row: _Printed, edge: float) -> bool:
    return any(abs(x1 - edge) <= _EDGE for x1, _ in row.numbers)


def _is_row(each: _Printed, columns: Sequence[float]) -> bool:
    # Numbers of lines stand flush left: 9 and 10 have no right edge in common.
    return sum(_has(each, edge) for edge in columns) >= max(2, len(columns) - 1)


def _is_known(each: _Printed, table: Table) -> bool:
    """Tell whether a line has nothing but sums of the record."""
    return all(meant & table.known for _, meant in each.numbers)


def _multiplies(each: _Printed) -> bool:
    """Tell whether a line is quantity times price: a row, though no other is known."""
    numbers = [meant for _, meant in each.numbers][-4:]
    if len(numbers) < 3:
        return False
    *factors, result = numbers
    return any(
        abs(a * b - c) <= _CENT and c
        for n, first in enumerate(factors)
        for second in factors[n + 1 :]
        for a in first for b in second for c in result
    )  # fmt: skip


def _findings(table: Table, left: Sequence[_Printed], returned: int) -> Iterator[Finding]:
    pages = sorted({each.line.page for each in left})
    for page in pages:
        lines = [each.line for each in left if each.line.page == page]
        many = f"{len(lines):,} lines" if len(lines) > 1 else "a line"
        yield Finding(
            f"{table.path}: page {page} prints {many} that the answer's {returned:,} do not have, "
            f"the first {lines[0].text[:_SHOWN]!r}",
            (page,),
        )
