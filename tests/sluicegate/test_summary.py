"""The run summary: true to the ledger, and readable by later tools."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sluicegate.codes import DOCUMENT_CODES
from sluicegate.ledger import Ledger
from sluicegate.records import CallStats, Failure, Row, Spend, Usage
from sluicegate.summary import KEYS, RunInfo, Summary, reference, summarise

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
INFO = RunInfo("run-1", START, "p:d.t", "out/failures/*.jsonl", {"model": "m", "input": ["é"]})


def ledger() -> Ledger:
    """Return a ledger with a row and two failures."""
    total = Ledger()
    for uri in "abc":
        total.add_matched(uri)
    usage, cost = Usage(10, 1, 2, 3), Decimal("1E-7")
    spends = (Spend("flex", "standard", 1, usage, cost),)
    total.add_row(Row("a", {}, usage, cost, 100, 1, journaled=False, responses=1, by_tier=spends))
    total.add_failure(Failure("b", "check_failed", "m"))
    total.add_failure(Failure("c", "empty", "m"))
    total.add_stats(CallStats(3, 1, 2, 1.23456, 2, 5))
    return total


def summary_of(total: Ledger) -> Summary:
    """Return the summary of a run of 90.5 seconds."""
    return summarise(total, INFO, START + timedelta(seconds=90.5))


def test_a_summary_says_what_the_ledger_says() -> None:
    """Counts, tokens, money, calls, time."""
    summary = summary_of(ledger())
    assert (summary.matched, summary.rows, summary.failures, summary.skipped) == (3, 1, 2, 0)
    assert summary.balanced
    assert summary.tokens == {
        "prompt_tokens": 10,
        "cached_tokens": 1,
        "output_tokens": 2,
        "thought_tokens": 3,
    }
    assert summary.cost_usd == "0.0000001"
    assert (summary.calls, summary.calls_rejected_429, summary.calls_retried) == (3, 1, 2)
    assert (summary.elapsed_seconds, summary.throttled_seconds) == (90.5, 1.235)
    assert (summary.started_at, summary.finished_at) == (
        "2026-11-23T12:00:00+00:00",
        "2026-11-23T12:01:30+00:00",
    )
    assert summary.tiers == [
        {
            "asked": "flex",
            "served": "standard",
            "responses": 1,
            "tokens": summary.tokens,
            "cost_usd": "0.0000001",
        }
    ]
    assert summary.calls_without_capacity == 5
    assert set(summary.latency_ms) == {"p50", "p95", "p99"}
    assert summary.failure_ratio == pytest.approx(2 / 3)


def test_codes_come_in_the_order_of_the_pipeline() -> None:
    """Prepare before validate, whichever came first."""
    assert list(summary_of(ledger()).failures_by_code.items()) == [
        ("empty", 1),
        ("check_failed", 1),
    ]
    total = Ledger()
    for code in reversed(DOCUMENT_CODES):
        total.add_failure(Failure(code, code, "m"))
    assert list(summary_of(total).failures_by_code) == list(DOCUMENT_CODES)


def test_an_unknown_price_makes_the_cost_unknown() -> None:
    """None, and not the sum of the others."""
    total = ledger()
    total.add_row(Row("d", {}, Usage(), None, 1, 1, journaled=False))
    assert summary_of(total).cost_usd is None


def test_an_imbalance_is_marked() -> None:
    """And an empty run is balanced, with no failures of nothing."""
    total = ledger()
    total.add_matched("lost")
    assert not summary_of(total).balanced
    empty = summary_of(Ledger())
    assert (empty.balanced, empty.failure_ratio, empty.cost_usd) == (True, 0.0, "0")


def test_it_survives_json() -> None:
    """The file is what the record is."""
    summary = summary_of(ledger())
    assert Summary.from_json(summary.to_json()) == summary
    assert Summary.from_json(summary.to_json().encode()) == summary
    assert "é" in summary.to_json()


def test_keys_of_later_versions_are_passed_over() -> None:
    """An older tool reads a newer file."""
    data = json.loads(summary_of(ledger()).to_json())
    assert Summary.from_json(json.dumps({**data, "carbon": 1})) == summary_of(ledger())


def test_every_key_is_explained() -> None:
    """The table of keys has those of a summary, in their order."""
    assert list(json.loads(summary_of(ledger()).to_json())) == list(KEYS)
    assert "| `cost_usd` |" in reference()
