"""A run of ten million documents on paper: the real graph, and nothing read, called or paid.

    make bench-dry-run
    make bench-dry-run BENCH_ARGS='--documents 200000'

Listing, the table of earlier rows and the model are simulated in this process; every step between
them is the product's own, and rows and failures are written to files. The runner is Beam's own
in-process one with its shuffles on disk (`benchmarks.dry_run.disk_runner`), or with `--in_memory`
just as a local run has it. The exit code is 1 if the ledger does not balance, an outcome is not
what was simulated, or memory went above `--most_mib`.
"""

import argparse
import json
import os
import re
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.disk import work_folder
from benchmarks.dry_run.disk_runner import DiskRunner, MemoryRunner, Shuffles, on_disk
from benchmarks.dry_run.simulation import (
    PATTERN,
    AnswersAtOnce,
    Expected,
    landed_before,
    listing,
)
from benchmarks.peers.figures import peak_mib, resident_mib
from benchmarks.results import FOLDER
from pipeline.launch import Prepared, launch, prepare
from sluicegate.summary import Summary
from transforms.outputs.bigquery import BigQueryTable
from transforms.outputs.bigquery_table import TableId

_BUNDLE = 50_000
# A goal for the whole process, of which Beam and the product's imports are 250 MiB.
MOST_MIB = 1024
# What the large stages are, by a step that is in them; the last that Beam fuses is most of a run.
_STAGES = {
    "Skip-done-Rows": "read earlier rows",
    "Match-List_": "list",
    "Match-Fingerprint": "match",
    "Generate-Call": "decide, batch, generate, validate, write rows",
    "Write-failures-Render": "write failures",
    "Summarise-Write": "write the summary",
    "Skip done/Join/Write": "join",
}


def main(arguments: list[str] | None = None) -> int:
    """Run and print; see the module for the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dry_run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--bundle", type=int, default=_BUNDLE, help="documents in a bundle")
    parser.add_argument("--in_memory", action="store_true", help="the runner as it is")
    parser.add_argument("--most_mib", type=float, default=MOST_MIB, help="memory it may take")
    options = parser.parse_args(arguments)
    with work_folder("sluicegate-dry-run-") as folder:
        found = measure(
            options.documents, folder, bundle=options.bundle, in_memory=options.in_memory
        )
    found["most_mib"] = options.most_mib
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(_table(found))
    console.print(_stages(found["stages"]))
    FOLDER.mkdir(exist_ok=True)
    content = {"machine": machine.describe(), **found}
    (FOLDER / "dry_run.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    wrong = mistakes(found)
    for mistake in wrong:
        print(mistake, file=sys.stderr)
    return 1 if wrong else 0


def measure(
    count: int, folder: Path, *, bundle: int = _BUNDLE, in_memory: bool = False
) -> dict[str, Any]:
    """Run ``count`` documents through the graph; return what came out and what it took."""
    stages: list[dict[str, Any]] = []
    began, cpu = time.monotonic(), time.process_time()

    def report(stage: str, bundles: int, seconds: float) -> None:
        title = next((title for mark, title in _STAGES.items() if mark in stage), "")
        if title:
            memory = round(resident_mib())
            stages.append(
                {"stage": title, "bundles": bundles, "seconds": round(seconds, 1), "mib": memory}
            )
            print(f"{time.monotonic() - began:8.1f} s  {stages[-1]}", file=sys.stderr, flush=True)

    shuffles = Shuffles(folder, max(1, round(count / bundle)))
    arguments = [f"--input={PATTERN}", f"--output={folder / 'out'}"]
    arguments += ["--gemini_service=developer", "--evidence=off"]  # the documents have no bytes
    with ExitStack() as simulated:
        simulated.enter_context(mock.patch.dict(os.environ, GEMINI_API_KEY="local"))
        simulated.enter_context(listing(count))
        prepared = _simulating(prepare(arguments))
        settings = prepared.settings
        asked = settings.connect.engine.question
        simulated.enter_context(landed_before(count, asked, settings.document_type))
        prepared.runner = (MemoryRunner if in_memory else DiskRunner)(report)
        if not in_memory:
            simulated.enter_context(on_disk(shuffles))
        summary = launch(prepared)
    assert summary is not None, "a local run has a summary"
    return {
        "documents": count,
        "runner": "in memory" if in_memory else f"on disk, {shuffles.parts} bundles",
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mib": round(peak_mib(), 1),
        "expected": asdict(Expected.of(count)),
        "summary": _counts(summary),
        "shuffled": _shuffled(shuffles),
        "stages": stages,
        "files": {
            "failures": _files(summary.failures_uri),
            "rows": _files(summary.rows_uri),
        },
    }


def mistakes(found: dict[str, Any]) -> list[str]:
    """Say what did not end as it was simulated."""
    wrong = []
    if not found["summary"]["balanced"]:
        wrong.append("the ledger does not balance")
    wrong += [
        f"{name}: {found['summary'][name]:,}, simulated were {count:,}"
        for name, count in found["expected"].items()
        if found["summary"][name] != count
    ]
    if found["files"]["failures"]["lines"] != found["expected"]["failures"]:
        wrong.append(f"{found['files']['failures']['lines']:,} lines of failures were written")
    if found["peak_mib"] > found["most_mib"]:
        wrong.append(f"memory: {found['peak_mib']:,.0f} MiB, at most {found['most_mib']:,.0f}")
    return wrong


def _simulating(prepared: Prepared) -> Prepared:
    """Have the model answer at once, and earlier rows be there."""
    real = prepared.settings.connect
    connect = AnswersAtOnce(**{each.name: getattr(real, each.name) for each in fields(real)})
    landed = BigQueryTable(TableId("dry-run", "simulated", "rows"))
    prepared.settings = replace(prepared.settings, connect=connect, landed=landed)
    return prepared


def _counts(summary: Summary) -> dict[str, Any]:
    names = ("balanced", "matched", "rows", "failures", "skipped", "cost_usd")
    return {name: getattr(summary, name) for name in names}


def _shuffled(shuffles: Shuffles) -> dict[str, int]:
    """Return bytes by shuffle, named as the steps are."""
    return {
        re.sub(r"ref_AppliedPTransform_|_\d+$", "", name).partition(":")[2]: size
        for name, size in shuffles.crossed.items()
        if name.startswith("group:")
    }


def _files(pattern: str) -> dict[str, int]:
    paths = sorted(Path("/").glob(pattern.removeprefix("/")))
    lines = 0
    if pattern.endswith("jsonl"):
        for path in paths:
            with path.open("rb") as file:
                lines += sum(1 for _ in file)
    return {"files": len(paths), "bytes": sum(p.stat().st_size for p in paths), "lines": lines}


def _table(found: dict[str, Any]) -> Table:
    count = found["documents"]
    title = f"{count:,} documents, dry; the runner: {found['runner']}"
    table = Table(title=title, title_justify="left", box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name in ("matched", "rows", "failures", "skipped"):
        table.add_row(name, f"{found['summary'][name]:,}")
    table.add_row("ledger", "balanced" if found["summary"]["balanced"] else "NOT BALANCED")
    table.add_row("seconds", f"{found['seconds']:,.0f}")
    table.add_row("documents a second", f"{count / found['seconds']:,.0f}")
    table.add_row("CPU, ms a document", f"{1000 * found['cpu_seconds'] / count:.3f}")
    table.add_row(
        f"peak memory, MiB (at most {found['most_mib']:,.0f})", f"{found['peak_mib']:,.0f}"
    )
    for name, size in found["shuffled"].items():
        if size >= count:
            table.add_row(f"bytes a document through {name}", f"{size / count:,.0f}")
    for name, files in found["files"].items():
        table.add_row(f"files of {name}", f"{files['files']:,}, {files['bytes'] / 2**20:,.1f} MiB")
    return table


def _stages(stages: list[dict[str, Any]]) -> Table:
    table = Table("stage", box=None)
    for name in ("bundles", "seconds", "MiB after it"):
        table.add_column(name, justify="right")
    for each in stages:
        table.add_row(
            each["stage"], f"{each['bundles']:,}", f"{each['seconds']:,.0f}", f"{each['mib']:,}"
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
