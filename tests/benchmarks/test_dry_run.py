"""The dry run keeps working: a short one ends as simulated, on the disk runner as on Beam's own."""

import json
from pathlib import Path

import pytest

from benchmarks.dry_run.__main__ import MOST_MIB, measure, mistakes
from benchmarks.dry_run.simulation import Bucket, Expected, document, fails, is_done

COUNT = 3000


@pytest.mark.parametrize("in_memory", [False, True], ids=["on disk", "in memory"])
def test_a_short_dry_run_ends_as_it_was_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_memory: bool
) -> None:
    """The ledger balances, and rows, failures and skipped documents are those of the simulation."""
    monkeypatch.setattr("benchmarks.dry_run.disk_runner._MEMORY_BYTES", 50_000)
    found = measure(COUNT, tmp_path, bundle=500, in_memory=in_memory)
    # Other tests ran in this process before: their memory is not this run's.
    assert mistakes(found | {"most_mib": float("inf")}) == []
    assert found["summary"]["matched"] == COUNT
    assert found["summary"]["cost_usd"] == f"{found['expected']['rows'] * 320 / 1e6:.6f}"
    (failures,) = tmp_path.glob("out/failures/*/failures-*.jsonl")
    records = [json.loads(line) for line in failures.read_text().splitlines()]
    wanted = {document(number).uri for number in range(COUNT) if fails(number)}
    assert {record["document_uri"] for record in records} == wanted
    assert {record["code"] for record in records} == {"server_error"}
    if not in_memory:
        assert found["files"]["rows"]["files"] == 6, "one a bundle"
        assert 100 < found["shuffled"]["Match-Once"] / COUNT < 400


def test_what_is_expected_is_what_the_rules_say() -> None:
    """Counted in blocks or one by one: the same."""
    for count in (0, 1, 99, 12_345, 20_000):
        numbers = range(count)
        skipped = sum(map(is_done, numbers))
        failures = sum(map(fails, numbers))
        expected = Expected(count, count - skipped - failures, failures, skipped)
        assert Expected.of(count) == expected


def test_mistakes_are_told() -> None:
    """Whatever is not as simulated is named, and so is memory beyond the limit."""
    right = {"matched": 3, "rows": 2, "failures": 1, "skipped": 0}
    found = {
        "summary": {"balanced": False, **right, "rows": 1},
        "expected": right,
        "files": {"failures": {"lines": 0}},
        "peak_mib": MOST_MIB + 1,
        "most_mib": MOST_MIB,
    }
    assert [mistake.partition(":")[0] for mistake in mistakes(found)] == [
        "the ledger does not balance",
        "rows",
        "0 lines of failures were written",
        "memory",
    ]


def test_the_bucket_lists_page_by_page() -> None:
    """Every document once; none is made before it is asked for."""
    assert [found.uri for found in Bucket(2500).list("gs://dry-run/2026/**")] == [
        document(number).uri for number in range(2500)
    ]
    assert next(Bucket(10**12).list("gs://dry-run/2026/**")) == document(0)
