"""What a nightly run of new files costs beside the rows of earlier years, in one table.

    make bench-nightly
    make bench-nightly BENCH_ARGS='--documents 100 --history 50000'

The same new files in a folder of their own, first into an empty table, then into one with so many
rows of documents elsewhere, in the stand-in for BigQuery. Rows are copies of a row that the job
made, under other names. Documents are answered after 0.2 s by a stand-in in this process. Printed
are seconds of clock of each run, the rows in the table before it, and the rows that its read
sessions had, as the stand-in counted them. The exit code is 1 if a run read a row of another
folder, or if the second took ten seconds more than the first.
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

from google.cloud import bigquery
from rich.console import Console
from rich.table import Table

import pipeline
from benchmarks.disk import work_folder
from benchmarks.documents import write_documents
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint

LATENCY_SECONDS = 0.2
MOST_SECONDS_MORE = 10.0


@dataclass(frozen=True)
class Night:
    """One nightly run: rows in the table before it, and what it did."""

    before: int
    read: int
    landed: int
    seconds: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.nightly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=500, help="new files (default: 500)")
    parser.add_argument(
        "--history", type=int, default=2_000_000, help="rows of other folders (default: 2,000,000)"
    )
    options = parser.parse_args()
    os.environ.setdefault("GEMINI_API_KEY", "local")
    with (
        work_folder("sluicegate-nightly-") as folder,
        LocalCloud(buckets=["nightly"], datasets=["nightly"]) as cloud,
        cloud.patch(),
    ):
        write_documents(folder / "new", options.documents)
        write_documents(folder / "old", 1)
        run(cloud, folder, "first", 0)  # what only a process's first run does is left out
        nights = [run(cloud, folder, f"beside_{rows}", rows) for rows in (0, options.history)]
    table = Table("rows before", "rows read", "rows landed", "seconds", box=None)
    for night in nights:
        table.add_row(
            f"{night.before:,}", f"{night.read:,}", f"{night.landed:,}", f"{night.seconds:.1f}"
        )
    console = Console(highlight=False)
    console.print(table)
    more = nights[1].seconds - nights[0].seconds
    console.print(f"beside {options.history:,} rows the run took {more:+.1f} s")
    whole = all(night.read == 0 and night.landed == options.documents for night in nights)
    return 0 if whole and more < MOST_SECONDS_MORE else 1


def run(cloud: LocalCloud, folder: Path, name: str, history: int) -> Night:
    """Run the job on the new files, into a table of its own with so many rows of other folders."""
    assert cloud.bigquery
    reference = f"{cloud.project}.nightly.{name}"
    client = cloud.bigquery_client()
    with GeminiEndpoint(Behaviour(latency=LATENCY_SECONDS), reader="canned") as endpoint:

        def extract(what: str) -> int:
            summary = pipeline.run(
                input=f"{folder}/{what}/*.pdf",
                output=f"{cloud.project}:nightly.{name}",
                failures=str(folder / f"failures-{name}"),
                temp_location="gs://nightly/temp",
                project=cloud.project,
                gemini_service="developer",
                gemini_endpoint=endpoint.url,
            )
            assert summary is not None, "a local run has a summary"
            return summary.rows

        extract("old")
        fill(client, reference, history)
        (before,) = client.query_and_wait(f"SELECT COUNT(*) AS n FROM `{reference}`")
        known = len(cloud.bigquery.read_sessions(name))
        clock = time.monotonic()
        landed = extract("new")
        seconds = time.monotonic() - clock
    sessions = cloud.bigquery.read_sessions(name)[known:]
    return Night(before["n"], sum(session["rows"] for session in sessions), landed, seconds)


def fill(client: bigquery.Client, reference: str, rows: int) -> None:
    """Put so many copies of a table's one row in its place, under names of other folders."""
    columns = [field.name for field in client.get_table(reference).schema]
    name = "CONCAT('gs://archive/', CAST(MOD(n, 365) AS STRING), '/', CAST(n AS STRING), '.pdf')"
    values = [name if column == "document_uri" else f"one.{column}" for column in columns]
    client.query_and_wait(
        f"INSERT INTO `{reference}` ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM `{reference}` AS one CROSS JOIN UNNEST(GENERATE_ARRAY(1, {rows})) AS n"
    )
    client.query_and_wait(
        f"DELETE FROM `{reference}` WHERE NOT STARTS_WITH(document_uri, 'gs://archive/')"
    )


if __name__ == "__main__":
    raise SystemExit(main())
