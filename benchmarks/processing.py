"""Documents an hour and dollars a thousand, by the way calls are processed.

    make bench-processing
    make bench-processing BENCH_ARGS='--documents 500 --ways flex'

Each way runs the whole pipeline against a stand-in in a process of its own, with one quota for all:
20 calls a second. A call takes 5 s at the standard tier. Google names 1 to 15 minutes as the target
of flex and was seen to need half a minute: here the median is 90 s, and 30 % of the calls find no
capacity. Both latencies are lognormal, sigma 0.5. "an hour" is of the whole run, its last slow
calls included; "in the middle" is from a tenth of the documents to nine tenths, which a long job
comes close to. The exit code is 1 if a way lost a document or bought one twice.
"""

import argparse
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.table import Table

import pipeline
from benchmarks.disk import work_folder
from benchmarks.documents import write_documents
from emulators.gemini.process import GeminiProcess
from sluicegate import progress

_HOUR = 3600.0
_LOOK_SECONDS = 0.25
_MIDDLE = (0.1, 0.9)
SERVER = ("--requests-per-minute=1200", "--latency=5", "--latency-sigma=0.5")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to process calls: the run's flags, and how the stand-in treats it."""

    name: str
    flags: dict[str, Any] = field(default_factory=dict)
    server: tuple[str, ...] = ()


# One line a way.
WAYS = (
    Way("standard"),
    Way("flex", {"processing": "flex"}, ("--flex-latency=90", "--flex-shed=0.3")),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a way did; rates are documents an hour."""

    way: str
    documents: int
    rows: int
    bought_twice: int
    seconds: float
    middle_rate: float
    dollars: float
    calls: int
    turned_away: int
    latency_ms: dict[str, int]

    @property
    def rate(self) -> float:
        """Of the whole run."""
        return self.documents / self.seconds * _HOUR

    @property
    def is_whole(self) -> bool:
        """Whether every document has its row, and each answer was bought once."""
        return self.rows == self.documents and not self.bought_twice


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.processing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--ways", default=",".join(way.name for way in WAYS))
    options = parser.parse_args(arguments)
    os.environ.setdefault("GEMINI_API_KEY", "local")
    wanted = options.ways.split(",")
    with work_folder("sluicegate-processing-") as folder:
        write_documents(folder / "in", options.documents)
        found = [measure(way, options.documents, folder) for way in WAYS if way.name in wanted]
    Console(highlight=False, width=110).print(shown(found))
    return 0 if all(each.is_whole for each in found) else 1


def measure(way: Way, documents: int, folder: Path, server: Sequence[str] = SERVER) -> Measured:
    """Run the job once over the folder's documents, in one way."""
    watched = _Watched(f"processing-{way.name}")
    with GeminiProcess(["--reader", "canned", *server, *way.server], folder=folder) as gemini:
        began = time.monotonic()
        with watched:
            summary = pipeline.run(
                input=f"{folder}/in/*.pdf",
                output=str(folder / way.name),
                run_id=watched.run_id,
                gemini_endpoint=gemini.url,
                **way.flags,
            )
        seconds = time.monotonic() - began
        stats = gemini.stats()
    assert summary is not None, "a local run has a summary"
    return Measured(
        way=way.name,
        documents=documents,
        rows=summary.rows,
        bought_twice=stats["answered_more_than_once"],
        seconds=seconds,
        middle_rate=watched.middle_rate(documents),
        dollars=float(summary.cost_usd or "nan"),
        calls=summary.calls,
        turned_away=summary.calls_rejected_429 + summary.calls_without_capacity,
        latency_ms=summary.latency_ms,
    )


def shown(found: Sequence[Measured]) -> Table:
    """Return the table."""
    table = Table(box=None)
    table.add_column("processing")
    for title in (
        "documents", "an hour", "in the middle", "$ a thousand", "calls", "turned away",
        "p50 s", "p99 s",
    ):  # fmt: skip
        table.add_column(title, justify="right")
    for each in found:
        table.add_row(
            each.way,
            f"{each.documents:,}",
            f"{each.rate:,.0f}",
            f"{each.middle_rate:,.0f}",
            f"{1000 * each.dollars / each.documents:.3f}",
            f"{each.calls:,}",
            f"{each.turned_away:,}",
            *(f"{each.latency_ms[name] / 1000:,.0f}" for name in ("p50", "p99")),
        )
    return table


class _Watched:
    """When how many documents of a run were done; looks now and then, on a thread."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._done: list[tuple[float, int]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        progress.watch(self.run_id)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self._done.append((time.monotonic(), progress.current(self.run_id).done))

    def middle_rate(self, documents: int) -> float:
        """Return documents an hour between a tenth and nine tenths; NaN where it was too quick."""
        low, high = (share * documents for share in _MIDDLE)
        inside = [(at, done) for at, done in self._done if low <= done <= high]
        if len(inside) < 2:
            return float("nan")
        (since, first), (until, last) = inside[0], inside[-1]
        return (last - first) / (until - since) * _HOUR


if __name__ == "__main__":
    raise SystemExit(main())
