"""One side of a comparison: what was found in an output, which run made it, what it cost."""

from decimal import Decimal
from typing import TypedDict

from sluicegate.evaluation.bounded import Counts
from sluicegate.evaluation.outcomes import Outcome
from sluicegate.records import Usage


class SideReport(TypedDict):
    """A side as JSON. `cost_usd` is a decimal in text: the known part, `unpriced` not in it."""

    output: str
    documents: int
    landed: int  # documents with rows
    rows: int
    record_failures: int  # records of them that became no row
    failures: int
    failures_by_code: dict[str, int]
    superseded: int  # further rows and failures of documents that have a later one
    with_warnings: int
    runs: dict[str, int]
    models: dict[str, int]
    document_types: dict[str, int]
    tokens: dict[str, int]
    cost_usd: str
    unpriced: int
    journaled: int


class Side:
    """A mergeable sum over the documents of one output."""

    __slots__ = (
        "codes", "cost_usd", "journaled", "landed", "models", "record_failures", "rows", "runs",
        "superseded", "types", "unpriced", "usage", "with_warnings",
    )  # fmt: skip

    def __init__(self) -> None:
        self.rows = self.superseded = self.with_warnings = self.unpriced = self.journaled = 0
        self.landed = self.record_failures = 0
        self.codes, self.runs, self.models, self.types = Counts(), Counts(), Counts(), Counts()
        self.usage, self.cost_usd = Usage(), Decimal(0)

    def add(self, outcome: Outcome, superseded: int) -> None:
        """Enter the outcome of a document, and how many it superseded."""
        self.superseded += superseded
        if outcome.values is None:
            self.codes.add(outcome.code)
        else:
            self.landed += 1
            self.rows += len(outcome.records)
            self.record_failures += outcome.share.failures
            self.with_warnings += bool(outcome.warnings)
            self.models.add(outcome.model or "unknown")
            self.types.add(outcome.document_type or "unknown")
        self.runs.add(outcome.run_id or "unknown")
        self.usage += outcome.usage
        self.journaled += outcome.journaled
        if outcome.cost_usd is None:
            self.unpriced += 1
        else:
            self.cost_usd += outcome.cost_usd

    def merge(self, other: "Side") -> None:
        """Add another part of the same side."""
        for name in (
            "landed", "rows", "record_failures", "superseded", "with_warnings", "unpriced",
            "journaled",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("codes", "runs", "models", "types"):
            getattr(self, name).merge(getattr(other, name))
        self.usage += other.usage
        self.cost_usd += other.cost_usd

    def report(self, output: str) -> SideReport:
        """Return the side as JSON; `output` names it."""
        return {
            "output": output,
            "documents": self.landed + self.codes.total,
            "landed": self.landed,
            "rows": self.rows,
            "record_failures": self.record_failures,
            "failures": self.codes.total,
            "failures_by_code": self.codes.as_dict(),
            "superseded": self.superseded,
            "with_warnings": self.with_warnings,
            "runs": self.runs.as_dict(),
            "models": self.models.as_dict(),
            "document_types": self.types.as_dict(),
            "tokens": {**self.usage._asdict()},
            "cost_usd": f"{self.cost_usd:f}",
            "unpriced": self.unpriced,
            "journaled": self.journaled,
        }
