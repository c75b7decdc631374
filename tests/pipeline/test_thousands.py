"""Two thousand documents with a tenth of mixed faults: the ledger, and every token."""

from collections import Counter
from pathlib import Path

import pytest
from support import Job, mixed_faults, write_invoices

from emulators.gemini import GeminiEndpoint
from samples.generator import generate


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: some calls are rejected here."""


def test_nothing_is_lost_doubled_or_unpaid_for(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """Rows and failures are disjoint and complete, and tokens served are tokens recorded."""
    paths = write_invoices(tmp_path / "in", 1960)
    for index in range(40):
        broken = generate(9, index, formats=("pdf",), broken=1.0, small=True)
        path = tmp_path / "in" / f"broken-{broken.name}"
        path.write_bytes(broken.data)
        paths.append(path)
    endpoint.set_behaviour(faults=mixed_faults())
    landed = job(input=str(tmp_path / "in/**"), evidence="off")
    summary, stats = landed.summary, endpoint.stats(documents=True)

    uris = Counter([*landed.extracted, *landed.failed])
    assert len(landed.rows) + len(landed.failures) == 2000
    assert set(uris) == {str(path) for path in paths}
    assert set(uris.values()) == {1}
    assert summary.balanced
    assert (summary.matched, summary.rows) == (2000, len(landed.rows))
    assert summary.failures == len(landed.failures)
    assert sum(summary.failures_by_code.values()) == len(landed.failures)
    assert len(summary.failures_by_code) >= 10

    kinds = {"prompt_tokens": "prompt", "output_tokens": "candidates"}
    for ours, served in kinds.items():
        in_rows = sum(row["provenance"][ours] for row in landed.rows)
        in_failures = sum(record["tokens"][ours] for record in landed.failures)
        assert in_rows + in_failures == stats["tokens"][served] == summary.tokens[ours]
    assert summary.calls == stats["calls"]
    attempts = sum(row["provenance"]["attempts"] for row in landed.rows) + sum(
        record["attempts"] for record in landed.failures
    )
    assert attempts == stats["calls"]
    # A duplicate among the broken ones is answered once: what has no content of its own.
    assert max(stats["calls_per_document"].values()) <= 4
