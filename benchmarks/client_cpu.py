"""What the pipeline costs beside the client it uses: CPU a document, in one run.

    make bench-cpu                                          all ways to send a document
    make bench-cpu BENCH_ARGS='--way uri --documents 8000'

The google-genai client alone, used well, and the whole pipeline send the same documents to the same
stand-in, which answers at once, each in a process of its own, 64 calls in flight. Both do so twice,
with few documents and with many: a document's cost is the difference, so that what a run costs
however many documents it has (building the graph, opening the first connections) is not in it. The
four runs are interleaved by the half second, so that a machine that is now faster, now slower is so
for all.
"""

import argparse
import json
import os
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.disk import work_folder
from benchmarks.documents import documents, write_documents
from benchmarks.interleaving import run_interleaved
from benchmarks.peer_run import PeerRun
from benchmarks.results import FOLDER
from emulators.gcs import GcsEmulator
from emulators.gemini.process import GeminiProcess

_BUCKET = "bench"
_FEW = 0.2
_SECONDS = 1800.0
_REPOSITORY = Path(__file__).parents[1]
_Run = tuple[str, int]  # peer and number of documents


@dataclass(frozen=True, slots=True)
class Way:
    """How documents reach the service; ``most`` is the goal for the client alone, CPU ms.

    ``rest_most`` is what the pipeline may cost besides; ``journal`` where it is, if not on disk.
    """

    title: str
    size_bytes: int
    by_reference: bool
    documents: int
    most: float | None = None
    rest_most: float | None = 0.5
    journal: str = ""


WAYS = {
    "uri": Way("by gs:// URI", 0, by_reference=True, documents=4000, most=3.0),
    "cloud": Way(
        "the same, journal there too",
        0,
        by_reference=True,
        documents=4000,
        rest_most=None,
        journal=f"gs://{_BUCKET}/journal",
    ),
    "small": Way("inline, 2 KB", 0, by_reference=False, documents=4000),
    "large": Way("inline, 2 MB", 2 * 1024 * 1024, by_reference=False, documents=500, most=16.0),
}


def main() -> int:
    """Measure and print; the exit code is 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.client_cpu",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--way", choices=WAYS, action="append", help="only this; repeatable")
    parser.add_argument("--documents", type=int, help="how many are many")
    parser.add_argument("--repeat", type=int, default=1, help="runs; figures are medians")
    options = parser.parse_args()
    table = Table(title="CPU a document, milliseconds", title_justify="left", box=None)
    headings = ("", "client alone", "goal", "whole pipeline", "the rest", "goal", "peak MiB")
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    found = {}
    for name in options.way or WAYS:
        way = WAYS[name]
        count = options.documents or way.documents
        runs = [measure(way, count) for _ in range(options.repeat)]
        medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        found[name] = {"documents": count, "runs": runs, **medians}
        table.add_row(
            way.title,
            f"{medians['client']:.2f}",
            f"{way.most:g}" if way.most else "–",
            f"{medians['pipeline']:.2f}",
            f"{medians['rest']:.2f}",
            f"{way.rest_most:g}" if way.rest_most else "–",
            f"{medians['peak_mib']:,.0f}",
        )
    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(table)
    FOLDER.mkdir(exist_ok=True)
    content = {"machine": machine.describe(), "ways": found}
    (FOLDER / "client_cpu.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(way: Way, count: int) -> dict[str, float]:
    """Return CPU milliseconds a document of client and pipeline, the rest, and peak memory."""
    few = max(1, int(count * _FEW))
    with ExitStack() as stack:
        folder = stack.enter_context(work_folder("sluicegate-bench-"))
        environment = dict(os.environ) | {"PYTHONPATH": str(_REPOSITORY)}
        flags: list[str] = []
        places: dict[int, str] = {}
        if way.by_reference:
            gcs = stack.enter_context(GcsEmulator(folder / "gcs"))
            gcs.create_bucket(_BUCKET)
            for name, content in documents(count):
                gcs.put(_BUCKET, f"many/{name}", content)
                if int(name[9:15]) < few:
                    gcs.put(_BUCKET, f"few/{name}", content)
            places = {few: f"gs://{_BUCKET}/few", count: f"gs://{_BUCKET}/many"}
            environment["STORAGE_EMULATOR_HOST"] = gcs.url
            for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
                environment.pop(name, None)
            flags = ["--gemini_service=vertex", "--project=local"]
        else:
            for number, place in ((few, "few"), (count, "many")):
                write_documents(folder / place, number, size_bytes=way.size_bytes)
                places[number] = str(folder / place)
        server = stack.enter_context(GeminiProcess(["--reader=canned"], folder=folder))
        reach = [f"--endpoint={server.url}", "--key=local"]
        runs: dict[_Run, list[str]] = {}
        for number, place in places.items():
            common = [*reach, f"--documents={place}", f"--count={number}"]
            journal = [f"--journal={way.journal}-{number}"] if way.journal else []
            ours = [*common, f"--out={folder / f'out-{number}'}", "--", *flags, *journal]
            runs["client", number] = ["client", *common]
            runs["sluicegate", number] = ["sluicegate", *ours]
        used = _run(runs, folder, environment)
    cost = {
        peer: 1000
        * (used[peer, count]["cpu_seconds"] - used[peer, few]["cpu_seconds"])
        / (count - few)
        for peer in ("client", "sluicegate")
    }
    return {
        "client": cost["client"],
        "pipeline": cost["sluicegate"],
        "rest": cost["sluicegate"] - cost["client"],
        "peak_mib": used["sluicegate", count]["peak_mib"],
    }


def _run(
    runs: dict[_Run, list[str]], folder: Path, environment: dict[str, str]
) -> dict[_Run, dict[str, Any]]:
    """Run them interleaved; raises ``RuntimeError`` if not every document was answered."""
    peer_runs = {
        run: PeerRun(words, folder / f"log-{number}", seconds=_SECONDS, environment=environment)
        for number, (run, words) in enumerate(runs.items())
    }
    try:
        found = run_interleaved(list(peer_runs.values()))
    finally:
        for peer_run in peer_runs.values():
            peer_run.kill()
    used = {}
    for (run, peer_run), figures in zip(peer_runs.items(), found, strict=True):
        if figures is None or figures["answered"] != figures["documents"]:
            message = f"{' '.join(runs[run])} is no measurement: {figures or peer_run.error}"
            raise RuntimeError(message)
        used[run] = figures
    return used


if __name__ == "__main__":
    sys.exit(main())
