"""Sums, balances and counts of a record, held against its values and against what is printed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sluicegate.completeness.finding import Finding
from sluicegate.document_types.checks import Check
from sluicegate.numerals import readings
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
        said = check.find(values, _ANY_DAY) if check.of_lines else None
        if said and not _are_printed(check.explained_by(values), lines):
            yield Finding(said, in_answer=True)


def _are_printed(wanted: frozenset[Decimal], lines: Sequence[Line]) -> bool:
    """Tell whether one of the numbers is."""
    return bool(wanted) and any(readings(run.text) & wanted for line in lines for run in line.runs)
