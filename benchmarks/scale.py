"""What one worker can do: the whole pipeline on 100,000 small documents, answered at once.

    make bench-scale
    make bench-scale BENCH_ARGS='--documents 20000'

The stand-in is a process of its own, without latency and quota. Printed are documents a second,
CPU a document by part of the house (a sample, see `benchmarks.sampling`), peak memory, and how much
memory grew for each 10,000 documents.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.disk import work_folder
from benchmarks.documents import write_documents
from benchmarks.peer_run import PeerRun
from benchmarks.results import FOLDER
from benchmarks.sampling import growth
from emulators.gemini.process import GeminiProcess

_SECONDS = 6 * 3600.0
GROWTH_MOST_MIB = 2.0


def main() -> int:
    """Measure and print; the exit code is 1 if documents got lost."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("flags", nargs="*", help="after --: flags of python -m pipeline")
    options = parser.parse_args()
    console = Console(highlight=False)
    with work_folder("sluicegate-scale-") as folder:
        found = measure(options.documents, options.flags, folder)
    console.print(_table(found))
    FOLDER.mkdir(exist_ok=True)
    content = {"machine": machine.describe(), **found}
    (FOLDER / "scale.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0 if found["answered"] == found["documents"] else 1


def measure(count: int, flags: list[str], folder: Path) -> dict[str, Any]:
    """Run the pipeline on ``count`` documents; raises ``RuntimeError`` if it ends badly."""
    write_documents(folder / "in", count)
    with GeminiProcess(["--reader=canned"], folder=folder) as server:
        words = [
            "sluicegate", "--sample", "--key=local", f"--documents={folder / 'in'}",
            f"--endpoint={server.url}", f"--out={folder / 'out'}", "--", *flags,
        ]  # fmt: skip
        run = PeerRun(words, folder / "log", seconds=_SECONDS)
        try:
            run.wait_until_ready()
            before = _cpu_of(server.process.pid)
            run.go()
            found = run.finish()
            served = _cpu_of(server.process.pid) - before
        finally:
            run.kill()
    if found is None:
        raise RuntimeError(run.error)
    return {
        **found,
        "command": " ".join(run.command).replace(str(folder), "FOLDER"),
        "growth_mib": growth(found["memory"], count),
        "server_cpu_seconds": served,
    }


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, NaN where /proc does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / machine.CLOCK_TICKS


def _table(found: dict[str, Any]) -> Table:
    count, wall = found["documents"], found["wall_seconds"]
    table = Table(
        title=f"{count:,} small documents, one worker", title_justify="left", box=None,
        show_header=False,
    )  # fmt: skip
    table.add_column()
    table.add_column(justify="right")
    lost = count - found["answered"]
    rows = [
        ("documents a second", f"{count / wall:,.0f}"),
        ("documents lost", f"{lost:,}"),
        ("CPU, ms a document", f"{1000 * found['cpu_seconds'] / count:.2f}"),
    ]
    sampled = sum(found["cpu_by_part"].values()) or 1.0
    rows += [
        (f"  {part}", f"{1000 * seconds / sampled * found['cpu_seconds'] / count:.2f}")
        for part, seconds in found["cpu_by_part"].items()
    ]
    rows += [
        ("stand-in's CPU, ms a document", f"{1000 * found['server_cpu_seconds'] / count:.2f}"),
        ("stand-in's share of a core", f"{found['server_cpu_seconds'] / wall:.0%}"),
        ("peak memory, MiB", f"{found['peak_mib']:,.0f}"),
        (f"growth per 10,000, MiB (goal {GROWTH_MOST_MIB:g})", f"{found['growth_mib']:.1f}"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    sys.exit(main())
