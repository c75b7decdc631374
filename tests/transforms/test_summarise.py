"""Summarise: the ledger of all outcomes, written once everything has landed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline

from sluicegate.faults import find_job_fault
from sluicegate.records import CallStats, Document, Failure, Row, Usage, Waiting
from sluicegate.summary import RunInfo, Summary
from transforms.summarise import Summarise

INFO = RunInfo("r1", datetime(2026, 11, 23, tzinfo=UTC), "rows-*", "failures-*", {"model": "m"})
ROW = Row("a", {}, Usage(10, 2, 3, 1), Decimal("0.25"), 100, 1, journaled=False, responses=1)
FAILURE = Failure(
    "b", "blocked", "m", attempts=1, paid=Usage(5, 0, 1), cost_usd=Decimal("0.5"), responses=1
)
GOOD: dict[str, list[Any]] = {
    "matched": [Document("a", 1), Document("b", 1), Document("d", 1)],
    "unmatched": [Failure("c", "not_found", "m")],
    "skipped": [Document("d", 1)],
    "waiting": [],
    "rows": [ROW],
    "failures": [FAILURE, Failure("c", "not_found", "m")],
    "unusable": [1, 1],
    "stats": [CallStats(2, 1, 1, 0.5, 1), CallStats(1, 0, 0, 0.25)],
    "landed": ["rows-1", "failures-1"],
}


def run(uri: str, *, max_failure_ratio: float = 1.0, **changes: list[Any]) -> None:
    """Run the step over the good collections with some replaced."""
    with Pipeline() as pipeline:
        collections = {
            name: pipeline | f"Create {name}" >> beam.Create(values)
            for name, values in {**GOOD, **changes}.items()
        }
        info = replace(INFO, max_failure_ratio=max_failure_ratio)
        _ = collections | Summarise(info, uri)


def test_the_summary_adds_up(tmp_path: Path) -> None:
    """Counts, codes, tokens, cost and calls are sums over rows, failures and statistics."""
    uri = f"{tmp_path}/deep/summary.json"
    run(uri)
    summary = Summary.from_json(Path(uri).read_text())
    assert summary.balanced
    assert (summary.matched, summary.rows, summary.failures, summary.skipped) == (4, 1, 2, 1)
    assert list(summary.failures_by_code.items()) == [("not_found", 1), ("blocked", 1)]
    assert summary.tokens == {
        "prompt_tokens": 15, "cached_tokens": 2, "output_tokens": 4, "thought_tokens": 1
    }  # fmt: skip
    assert summary.cost_usd == "0.75"
    assert (summary.calls, summary.calls_rejected_429, summary.calls_retried) == (3, 1, 1)
    assert summary.throttled_seconds == 0.75
    assert summary.unusable_lines == 2
    assert summary.latency_ms["p50"] == pytest.approx(100, rel=0.05)
    assert (summary.run_id, summary.rows_uri, summary.settings) == ("r1", "rows-*", {"model": "m"})
    assert summary.elapsed_seconds > 0


def test_nothing_matched_is_a_summary_of_zeros(tmp_path: Path) -> None:
    """A run without documents still writes its summary, balanced."""
    run(f"{tmp_path}/s.json", **{name: [] for name in GOOD})
    summary = Summary.from_json((tmp_path / "s.json").read_text())
    assert summary.balanced
    assert (summary.matched, summary.failure_ratio) == (0, 0.0)


def test_an_unknown_price_makes_the_cost_unknown(tmp_path: Path) -> None:
    """A sum with an unknown in it is not a number."""
    run(f"{tmp_path}/s.json", rows=[replace(ROW, cost_usd=None)])
    assert Summary.from_json((tmp_path / "s.json").read_text()).cost_usd is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"rows": []},
            "4 documents were matched, but 0 landed + 2 failures + 1 skipped + 0 waiting = 3",
        ),
        ({"rows": [ROW, ROW]}, "but 2 landed + 2 failures"),
        ({"skipped": []}, "but 1 landed + 2 failures + 0 skipped + 0 waiting = 3"),
        ({"skipped": [Document("e", 1)]}, "some were lost and others counted twice"),
        ({"rows": [replace(ROW, document_uri="x")]}, "some were lost and others counted twice"),
        ({"matched": [], "unmatched": []}, "0 documents were matched, but 1 landed"),
    ],
)
def test_an_imbalance_is_written_and_fails_the_run(
    changes: dict[str, list[Any]], says: str, tmp_path: Path
) -> None:
    """Lost, doubled and exchanged documents are said, in the summary and as the job's fault."""
    with pytest.raises(Exception, match="ledger_unbalanced") as failed:
        run(f"{tmp_path}/s.json", **changes)
    found = find_job_fault(str(failed.value))
    assert found is not None
    assert says in found.message
    assert Summary.from_json((tmp_path / "s.json").read_text()).balanced is False


def test_a_fault_is_raised_last_and_stands_in_the_summary(tmp_path: Path) -> None:
    """Documents that wait balance the ledger, and the run fails with what they wait for."""
    waits = Waiting(Document("w", 1), "outage", "nobody answers", 1, Usage(7), Decimal("0.25"), 1)
    with pytest.raises(Exception, match="nobody answers") as failed:
        run(
            f"{tmp_path}/s.json",
            matched=[*GOOD["matched"], Document("w", 1)],
            waiting=[waits],
        )
    summary = Summary.from_json((tmp_path / "s.json").read_text())
    assert (summary.balanced, summary.waiting, summary.matched) == (True, 1, 5)
    assert (summary.tokens["prompt_tokens"], summary.cost_usd) == (22, "1.00")
    found = find_job_fault(str(failed.value))
    assert found is not None
    assert summary.fault == {"code": "outage", "message": found.message}
    assert found.message.endswith("1 of 5 documents wait for the next run")


@pytest.mark.parametrize(("allowed", "fails"), [(0.49, True), (0.5, False), (1.0, False)])
def test_too_many_failures_fail_the_run_after_it_has_landed(
    allowed: float, tmp_path: Path, *, fails: bool
) -> None:
    """The share that is allowed may just be reached; no launcher needs to look at it."""
    uri = f"{tmp_path}/s.json"
    if fails:
        with pytest.raises(Exception, match=r"50\.0% of the documents failed.*allows 49\.0%"):
            run(uri, max_failure_ratio=allowed)
    else:
        run(uri, max_failure_ratio=allowed)
    fault = Summary.from_json(Path(uri).read_text()).fault
    assert (fault is not None and fault["code"] == "too_many_failures") == fails


def test_a_summary_that_cannot_be_written_is_the_jobs_fault(tmp_path: Path) -> None:
    """A place that is gone is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="summary_unwritable"):
        run(f"{tmp_path}/file/s.json")


def test_the_summary_waits_for_what_lands(tmp_path: Path) -> None:
    """It is written after rows and failures, so that it counts nothing that has not landed."""
    seen = tmp_path / "seen"

    def land(name: str) -> str:
        seen.write_text(str((tmp_path / "s.json").exists()))
        return name

    with Pipeline() as pipeline:
        collections = {
            name: pipeline | f"Create {name}" >> beam.Create(values)
            for name, values in GOOD.items()
        }
        collections["landed"] |= "Land" >> beam.Map(land)
        _ = collections | Summarise(INFO, f"{tmp_path}/s.json")
    assert seen.read_text() == "False"
    assert (tmp_path / "s.json").exists()
