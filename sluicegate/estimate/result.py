"""What an estimate says: plain values, and as JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from sluicegate.estimate.arithmetic import Range
from sluicegate.estimate.regression import Total


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the ends of where it most likely is. `value` is None where it is a guess."""

    value: float | None
    low: float
    high: float


def figure(found: Total | Range) -> Figure:
    """Return an estimate, or both ends of a guess, as a figure."""
    value = found.value if isinstance(found, Total) else None
    return Figure(value, found.low, found.high)


@dataclass(frozen=True, slots=True)
class OfKind:
    """What the input holds of one kind of file."""

    kind: str
    documents: int
    size_bytes: int
    pages: Figure


@dataclass(frozen=True, slots=True)
class Sample:
    """What was done to know it."""

    files_read: int  # for their pages
    bytes_read: int
    asked: int  # documents
    paid_usd: str = "0"  # now
    answered_before: int = 0  # of `asked`, by an earlier run: free
    failed: int = 0  # of `asked`
    rows: str = ""  # where the sample's rows are
    failures: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """How long it takes, and by which pace."""

    hours: Figure
    pace: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate. Dollars are by tier; `rough` where nothing was asked."""

    run_id: str
    on: str  # the day whose prices hold
    document_type: str
    model: str
    service: str
    rough: bool
    documents: int
    size_bytes: int
    kinds: tuple[OfKind, ...]
    pages: Figure
    usd: dict[str, Figure]
    left_usd: dict[str, Figure]  # that the run which follows pays
    tokens_in: Figure
    tokens_out: Figure
    calls: Figure
    hours: Hours | None
    sample: Sample
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return it as indented JSON; dollars to a hundredth of a cent, counts whole."""
        return json.dumps(_rounded(asdict(self)), indent=2, ensure_ascii=False) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return round(value) if abs(value) >= 10_000 else round(value, 4)
    return value
