"""The run summary: the ledger and what is known of the run, as JSON and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sluicegate.codes import DOCUMENT_CODES, JOB_CODES
from sluicegate.faults import JobFault
from sluicegate.ledger import Ledger
from sluicegate.records import Spend

# Every key of the summary, and what it holds. Keys are stable: tools read them.
KEYS = {
    "run_id": "name of the run",
    "started_at": "when it was launched, in UTC",
    "finished_at": "when its ledger was done, in UTC",
    "elapsed_seconds": "the time between the two",
    "balanced": "whether the ledger balances; where it is false the run fails",
    "matched": "documents that were found, and names that were listed and are not there",
    "landed": "documents that became a row in this run, or several",
    "partly": "those of them with a record that became a failure record",
    "rows": "rows of this run: of a type for many records several a document",
    "failures": "documents that failed in this run",
    "skipped": "documents whose current row an earlier run had landed",
    "waiting": "documents left for the next run, since a fault of the job or the ceiling ended the "
    "calls",
    "journaled": "rows and failures of this run whose answer came from the journal: free, unless a "
    "lost attempt of this very run had paid for it",
    "failures_by_code": "failures, counted by code",
    "records": "records that were found in documents: each became a row or a failure record",
    "record_failures": "records that became a failure record",
    "record_failures_by_code": "record failures, counted by code",
    "pages": "pages of the documents in which records were looked for, as many as are known of",
    "pages_in_records": "pages that a record stands on",
    "pages_set_aside": "the other pages, counted by reason: `blank`, `cover`, `terms`, `other`; "
    "`uncited` are those of which the answer says nothing",
    "tokens": "billed in this run: `prompt_tokens` (cached ones included), `cached_tokens`, "
    "`output_tokens`, `thought_tokens`",
    "cost_usd": "paid in this run, a decimal in text; null where a price is not known",
    "tiers": "what was billed in this run by tier, a list: `asked` is the tier that was asked for, "
    "`served` the one that served and set the price; `responses`, `tokens`, `cost_usd`",
    "calls": "calls that were made",
    "calls_rejected_429": "calls that the quota rejected",
    "calls_without_capacity": "calls that their tier had no room for (flex: 503, or 429 without a "
    "quota), not billed",
    "calls_retried": "calls that were repeated for any reason",
    "throttled_seconds": "seconds during which a quota, or a tier without capacity, held calls "
    "back, added up over processes",
    "unusable_lines": "lines of `--replay` files that are no failure records",
    "excluded": "files that `--exclude` left out; they are not among the matched",
    "latency_ms": "of a document's last call in this run: `p50`, `p95`, `p99`, right within 4.5 %",
    "rows_uri": "where the run's rows are: a table, or a pattern of files",
    "failures_uri": "where the run's failures are: a pattern of files",
    "fault": "why the run failed although what it has did land: `code` and `message` of a fault of "
    "the job; else null",
    "settings": "the flags as they were understood, defaults included; no secret",
}


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of a run before it starts."""

    run_id: str
    started_at: datetime
    rows_uri: str  # project:dataset.table, or a glob of files
    failures_uri: str  # a glob of JSON Lines files
    settings: dict[str, Any]
    max_failure_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished run in numbers. `cost_usd` is a decimal as text, None where a price is unknown."""

    run_id: str
    started_at: str
    finished_at: str
    elapsed_seconds: float
    balanced: bool
    matched: int
    landed: int
    partly: int
    rows: int
    failures: int
    skipped: int
    waiting: int = 0
    journaled: int = 0
    failures_by_code: dict[str, int] = field(default_factory=dict)
    records: int = 0
    record_failures: int = 0
    record_failures_by_code: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    pages_in_records: int = 0
    pages_set_aside: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    cost_usd: str | None = "0"
    tiers: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    calls_rejected_429: int = 0
    calls_without_capacity: int = 0
    calls_retried: int = 0
    throttled_seconds: float = 0.0
    unusable_lines: int = 0
    excluded: int = 0  # files that --exclude left out, not among the matched
    latency_ms: dict[str, int] = field(default_factory=dict)
    rows_uri: str = ""
    failures_uri: str = ""
    fault: dict[str, str] | None = None  # code and message of what the run failed with
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
        """Read a summary; unknown keys of later versions are ignored.

        In one of before records were counted a row is a document.
        """
        data = json.loads(text)
        rows = data.get("rows", 0)
        data = {"landed": rows, "partly": 0, "records": rows, **data}
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


def summarise(ledger: Ledger, info: RunInfo, finished_at: datetime) -> Summary:
    """Build the summary of a finished run."""
    fault = fault_of(ledger, info)
    return Summary(
        run_id=info.run_id,
        started_at=info.started_at.isoformat(timespec="seconds"),
        finished_at=finished_at.isoformat(timespec="seconds"),
        elapsed_seconds=round((finished_at - info.started_at).total_seconds(), 3),
        balanced=not ledger.imbalance(),
        matched=ledger.matched,
        landed=ledger.landed,
        partly=ledger.partly,
        rows=ledger.rows,
        failures=ledger.failed,
        skipped=ledger.skipped,
        waiting=ledger.waiting,
        journaled=ledger.journaled,
        failures_by_code=_in_order(ledger.failures),
        records=ledger.records,
        record_failures=ledger.record_failures.total(),
        record_failures_by_code=_in_order(ledger.record_failures),
        pages=ledger.pages,
        pages_in_records=ledger.pages_in_records,
        pages_set_aside=dict(sorted(ledger.pages_set_aside.items())),
        tokens=ledger.paid._asdict(),
        cost_usd=None if ledger.unpriced else f"{ledger.cost_usd:f}",
        tiers=[_tier(each) for each in ledger.by_tier],
        calls=ledger.calls,
        calls_rejected_429=ledger.stats.rejected,
        calls_without_capacity=ledger.stats.shed,
        calls_retried=ledger.stats.retries,
        throttled_seconds=round(ledger.stats.throttled_seconds, 3),
        unusable_lines=ledger.unusable_lines,
        excluded=ledger.excluded,
        latency_ms={f"p{q}": ledger.latency_quantile(q / 100) for q in (50, 95, 99)},
        rows_uri=info.rows_uri,
        failures_uri=info.failures_uri,
        fault={"code": fault.code, "message": fault.message} if fault else None,
        settings=info.settings,
    )


def _in_order(codes: Mapping[str, int]) -> dict[str, int]:
    """Return counts by code in the order of the table of codes."""
    order = list(DOCUMENT_CODES)
    return dict(sorted(codes.items(), key=lambda each: order.index(each[0])))


def _tier(spend: Spend) -> dict[str, Any]:
    cost = spend.cost_usd
    return {
        "asked": spend.asked,
        "served": spend.served,
        "responses": spend.responses,
        "tokens": spend.usage._asdict(),
        "cost_usd": None if cost is None else f"{cost:f}",
    }


def fault_of(ledger: Ledger, info: RunInfo) -> JobFault | None:
    """Return what a run fails with whose rows and failures have landed; None where it ended well.

    A ledger that does not balance comes first: nothing else that it says can be relied on.
    """
    if imbalance := ledger.imbalance():
        return JobFault("ledger_unbalanced", imbalance)
    if ledger.fault:
        code, message = ledger.fault
        left = f"{ledger.waiting:,} of {ledger.matched:,} documents wait for the next run"
        paid = f"${ledger.cost_usd:,.4f} was paid, " if JOB_CODES[code].as_told else ""
        return JobFault(code, f"{message}; {paid}what was answered has landed, and {left}")
    if ledger.failure_ratio > info.max_failure_ratio:
        return JobFault(
            "too_many_failures",
            f"{ledger.failure_ratio:.1%} of the documents failed; "
            f"--max_failure_ratio allows {info.max_failure_ratio:.1%}",
        )
    return None


def reference() -> str:
    """Return the table of the summary's keys, in Markdown."""
    rows = (f"| `{name}` | {meaning} |" for name, meaning in KEYS.items())
    return "\n".join(("| key | what it holds |", "|---|---|", *rows, ""))
