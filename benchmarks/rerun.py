"""What a second run of a finished job costs: the same command again, all documents landed.

    make bench-rerun
    make bench-rerun BENCH_ARGS='--documents 2000 --bigquery'

Documents are answered after 0.2 s by a stand-in in this process. Printed are seconds of clock and
of CPU of each run, and the second as a share of the first. The exit code is 1 if the second run
made a call or wrote a row, or took more than a tenth of the first.
"""

import argparse
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import pipeline
from benchmarks.disk import work_folder
from benchmarks.documents import write_documents
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint

LATENCY_SECONDS = 0.2
MOST_SHARE = 0.1


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rerun",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--bigquery", action="store_true", help="rows go to the emulated BigQuery")
    options = parser.parse_args()
    os.environ.setdefault("GEMINI_API_KEY", "local")
    with work_folder("sluicegate-rerun-") as folder:
        runs = measure(options.documents, folder, bigquery=options.bigquery)
    share = runs[1]["seconds"] / runs[0]["seconds"]
    table = Table("run", "rows", "skipped", "calls", "seconds", "CPU s", box=None)
    for number, run in enumerate(runs, 1):
        table.add_row(str(number), *(f"{value:,}" for value in run.values()))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"the second run took {share:.1%} of the first one's time")
    idle = runs[1]["calls"] == runs[1]["rows"] == 0
    return 0 if idle and share < MOST_SHARE else 1


def measure(count: int, folder: Path, *, bigquery: bool) -> list[dict[str, Any]]:
    """Run the job twice on ``count`` documents; return what each did and took."""
    write_documents(folder / "in", count)
    with ExitStack() as running:
        endpoint = running.enter_context(
            GeminiEndpoint(Behaviour(latency=LATENCY_SECONDS), reader="canned")
        )
        flags: dict[str, Any] = {"output": str(folder / "out")}
        if bigquery:
            cloud = running.enter_context(LocalCloud(buckets=["rerun"], datasets=["rerun"]))
            running.enter_context(cloud.patch())
            flags = {
                "output": f"{cloud.project}:rerun.rows",
                "failures": str(folder / "failures"),
                "temp_location": "gs://rerun/temp",
                "project": cloud.project,
                "gemini_service": "developer",
            }
        runs = []
        for _ in range(2):
            clock, cpu = time.monotonic(), time.process_time()
            summary = pipeline.run(
                input=f"{folder}/in/*.pdf", gemini_endpoint=endpoint.url, **flags
            )
            assert summary is not None, "a local run has a summary"
            took = round(time.monotonic() - clock, 2), round(time.process_time() - cpu, 2)
            counts = summary.rows, summary.skipped, summary.calls
            runs.append(dict(zip(_COLUMNS, (*counts, *took), strict=True)))
    return runs


_COLUMNS = ("rows", "skipped", "calls", "seconds", "cpu_seconds")

if __name__ == "__main__":
    raise SystemExit(main())
