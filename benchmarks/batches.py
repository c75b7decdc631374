"""Ten thousand documents in batch jobs, through each service's stand-in, by the whole pipeline.

    make bench-batches
    make bench-batches BENCH_ARGS='--documents 2000 --service vertex'

The first documents go in a job of their own, the others follow in shards; a tenth of the rows fail,
and are asked about by calls. Printed are jobs, runs and seconds. The exit code is 1 unless every
document ended as one row, and no answer was bought twice.
"""

import argparse
import io
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from rich.table import Table

import pipeline
from benchmarks.disk import work_folder
from benchmarks.documents import write_documents
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from sluicegate.storage import store_for

SERVICES = ("developer", "vertex")
_BUCKET = "sluicegate"
_FAILED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it."""

    service: str
    documents: int
    jobs: int
    rows: int
    landed: int  # documents with a row, by the rows themselves
    bought_twice: int
    by_calls: int
    dollars: float
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every document has one row, and each answer was bought once."""
        return self.rows == self.landed == self.documents and not self.bought_twice


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.batches",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--service", choices=SERVICES, action="append")
    options = parser.parse_args(arguments)
    with work_folder("sluicegate-batches-") as folder:
        write_documents(folder / "in", options.documents)
        found = [
            measure(service, options.documents, folder) for service in options.service or SERVICES
        ]
    Console(highlight=False, width=110).print(shown(found))
    return 0 if all(each.is_whole for each in found) else 1


def measure(service: str, documents: int, folder: Path) -> Measured:
    """Ask one service about the folder's documents, and run again until none waits."""
    behaviour = Behaviour().changed(
        {"batch_faults": [{"fault": "failed_rows", "share": _FAILED_SHARE}]}
    )
    key = {"GEMINI_API_KEY": "local"} if service == "developer" else {}
    with (
        LocalCloud(buckets=[_BUCKET], bigquery=False) as cloud,
        cloud.patch(),
        mock.patch.dict(os.environ, key),
        GeminiEndpoint(behaviour, reader="canned") as gemini,
    ):
        place = _place(service, cloud, folder)
        began, rows, runs = time.monotonic(), 0, 0
        dollars, landed = 0.0, set[str]()
        while True:
            runs += 1
            summary = pipeline.run(
                **place, processing="batch", gemini_service=service, gemini_endpoint=gemini.url,
                run_id=f"{service}-{runs}", project="local", batch_documents=1500,
                output_format="jsonl",
            )  # fmt: skip
            assert summary is not None, "a local run has a summary"
            rows += summary.rows
            dollars += float(summary.cost_usd or "nan")
            landed |= set(_landed(summary.rows_uri))
            if not summary.waiting:
                break
            gemini.wait_for_batch_jobs()
        stats, jobs = gemini.stats(), gemini.batch_jobs()
    return Measured(
        service, documents, len(jobs), rows, len(landed), stats["answered_more_than_once"],
        stats["calls"], dollars, time.monotonic() - began,
    )  # fmt: skip


def _place(service: str, cloud: LocalCloud, folder: Path) -> dict[str, Any]:
    if service == "developer":
        return {"input": f"{folder}/in/*.pdf", "output": str(folder / "out")}
    cloud.upload(_BUCKET, folder / "in", "in")
    return {"input": f"gs://{_BUCKET}/in/*.pdf", "output": f"gs://{_BUCKET}/out"}


def _landed(pattern: str) -> list[str]:
    from transforms.outputs.formats import format_of  # noqa: PLC0415 - after the clients' patches

    found: list[str] = []
    for file in store_for(pattern).list(pattern):
        content = io.BytesIO(store_for(file.uri).read(file.uri))
        found += [str(row["document_uri"]) for row in format_of(file.uri).rows(content, file.uri)]
    return found


def shown(found: Sequence[Measured]) -> Table:
    """Return the table."""
    table = Table(box=None)
    table.add_column("service")
    titles = ("documents", "jobs", "rows", "bought twice", "by calls", "$ a thousand", "seconds")
    for title in titles:
        table.add_column(title, justify="right")
    for each in found:
        table.add_row(
            each.service, f"{each.documents:,}", f"{each.jobs:,}", f"{each.rows:,}",
            f"{each.bought_twice:,}", f"{each.by_calls:,}",
            f"{1000 * each.dollars / each.documents:.3f}", f"{each.seconds:,.0f}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    sys.exit(main())
