"""The local runner with worker processes: a job in two of them."""

from pathlib import Path

import alone
from support import read_failures, read_rows, write_invoices

from sluicegate.summary import Summary


def test_two_local_processes_share_a_job(tmp_path: Path) -> None:
    """Two processes do the work, the ledger balances, and nothing is left running."""
    paths = write_invoices(tmp_path / "in", 60)
    out = tmp_path / "out"
    found = alone.run(
        [
            "--runner=DirectRunner",
            "--direct_running_mode=multi_processing",
            "--direct_num_workers=2",
            f"--input={tmp_path}/in/**",
            f"--output={out}",
            "--run_id=run",
            "--max_in_flight=1",
        ]
    )
    assert found["code"] == 0, found["said"]
    assert not found["left"]
    assert not found["listening"]
    # One call at a time in each process, and both had some at once.
    assert found["stats"]["peak_in_flight"] == 2
    summary = Summary.from_json((out / "summaries/run.json").read_bytes())
    rows = read_rows(f"{out}/rows/run/rows-*.avro")
    failures = read_failures(f"{out}/failures/run/failures-*.jsonl")
    landed = [record["document_uri"] for record in [*rows, *failures]]
    assert sorted(landed) == sorted(map(str, paths))
    assert summary.balanced
    assert summary.settings["worker_processes"] == 2
    assert (summary.rows, summary.failures) == (len(rows), len(failures))
    assert summary.calls == found["stats"]["calls"]
