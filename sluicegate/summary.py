"""The run summary: the ledger with its surroundings, as JSON and back."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sluicegate.codes import CODES
from sluicegate.ledger import Ledger


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of a run before it starts."""

    run_id: str
    started_at: datetime
    rows_uri: str  # project:dataset.table, or a glob of Avro files
    failures_uri: str  # a glob of JSON Lines files
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run went. `cost_usd` is a decimal in text, None where a price is not known."""

    run_id: str
    started_at: str
    finished_at: str
    elapsed_seconds: float
    balanced: bool
    matched: int
    rows: int
    failures: int
    skipped: int
    journaled: int
    failures_by_code: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    cost_usd: str | None = "0"
    calls: int = 0
    calls_rejected_429: int = 0
    calls_retried: int = 0
    throttled_seconds: float = 0.0
    unusable_lines: int = 0
    excluded: int = 0  # files that --exclude left out, not among the matched
    latency_ms: dict[str, int] = field(default_factory=dict)
    rows_uri: str = ""
    failures_uri: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def failure_ratio(self) -> float:
        """Failures as a share of matched documents; 0 where nothing matched."""
        return self.failures / self.matched if self.matched else 0.0

    def to_json(self) -> str:
        """Return the summary as indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Summary":
        """Read a summary; unknown keys of later versions are passed over."""
        data = json.loads(text)
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


def summarise(ledger: Ledger, info: RunInfo, finished_at: datetime) -> Summary:
    """Build the summary of a finished run."""
    order = list(CODES)
    return Summary(
        run_id=info.run_id,
        started_at=info.started_at.isoformat(timespec="seconds"),
        finished_at=finished_at.isoformat(timespec="seconds"),
        elapsed_seconds=round((finished_at - info.started_at).total_seconds(), 3),
        balanced=not ledger.imbalance(),
        matched=ledger.matched,
        rows=ledger.rows,
        failures=ledger.failed,
        skipped=ledger.skipped,
        journaled=ledger.journaled,
        failures_by_code=dict(sorted(ledger.failures.items(), key=lambda i: order.index(i[0]))),
        tokens=ledger.paid._asdict(),
        cost_usd=None if ledger.unpriced else f"{ledger.cost_usd:f}",
        calls=ledger.stats.calls,
        calls_rejected_429=ledger.stats.rejected,
        calls_retried=ledger.stats.retries,
        throttled_seconds=round(ledger.stats.throttled_seconds, 3),
        unusable_lines=ledger.unusable_lines,
        excluded=ledger.excluded,
        latency_ms={f"p{q}": ledger.latency_quantile(q / 100) for q in (50, 95, 99)},
        rows_uri=info.rows_uri,
        failures_uri=info.failures_uri,
        settings=info.settings,
    )
