"""Two thousand documents with a tenth of mixed faults: the ledger, and every token."""

from collections import Counter
from pathlib import Path

from support import Job, write_invoices

from emulators.gemini import GeminiEndpoint
from samples.generator import generate

FAULTS = (
    "http_400_document",
    "http_503",
    "http_504",
    "reset",
    "html_200",
    "finish_MAX_TOKENS",
    "finish_SAFETY",
    "finish_RECITATION",
    "cut_json",
    "wrong_types",
)


def test_nothing_is_lost_doubled_or_unpaid_for(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Rows and failures are disjoint and complete, and tokens served are tokens recorded."""
    paths = write_invoices(tmp_path / "in", 1960)
    for index in range(40):
        broken = generate(9, index, formats=("pdf",), broken=1.0, small=True)
        path = tmp_path / "in" / f"broken-{broken.name}"
        path.write_bytes(broken.data)
        paths.append(path)
    endpoint.set_behaviour(
        faults=[{"fault": fault, "share": 0.005} for fault in FAULTS]
        + [
            {"fault": fault, "share": 0.0125, "times": 1}
            for fault in ("http_500", "finish_OTHER", "finish_MAX_TOKENS")
        ]
        # Each is taken for the quota: many would make this a test of patience.
        + [{"fault": "http_429", "share": 0.002, "times": 1, "retry_delay": 0.1}]
    )
    landed = job(input=str(tmp_path / "in/**"))
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
