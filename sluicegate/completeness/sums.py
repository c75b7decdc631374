"""Sums, balances and counts of a record, held against its values and against what is printed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sluicegate.completeness.finding import Finding
from sluicegate.completeness.numbers import readings
from sluicegate.document_types.checks import BalanceCheck, Check, CountCheck, SumCheck, values_at
from sluicegate.pdf.lines import Line

_ANY_DAY = date(2000, 1, 1)  # none of these checks looks at it


def unbalanced(
    values: dict[str, Any], checks: Iterable[Check], lines: Sequence[Line]
) -> Iterator[Finding]:
    """Yield what a record's lines do not add up to.

    A sum that the pages print themselves, or that misses the total by a number that they print (a
    discount, a tax, carriage), is complete whatever the bounds of its check.
    """
    for check in checks:
        if not isinstance(check, SumCheck | BalanceCheck | CountCheck):
            continue
        said = check.find(values, _ANY_DAY)
        if said and not (isinstance(check, SumCheck) and _is_printed(check, values, lines)):
            yield Finding(said, in_answer=True)


def _is_printed(check: SumCheck, values: dict[str, Any], lines: Sequence[Line]) -> bool:
    total = next(values_at(values, check.equals), None)
    if total is None:
        return True
    found = sum((v for v in values_at(values, check.of) if v is not None), Decimal(0))
    wanted = {abs(found), abs(total - found)}
    return any(readings(run.text) & wanted for line in lines for run in line.runs)
