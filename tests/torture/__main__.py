"""Torture: the real pipeline, killed and starved and lied to, from seeds.

    make torture                                       100 seeds of 500 documents, 3 kills each
    make torture TORTURE_ARGS='--seeds 20'
    make torture TORTURE_ARGS='--loads'                20 seeds, killed around the load, once each
    make torture TORTURE_ARGS='--batches'              10 seeds of batch jobs, killed twice each,
                                                       and 200 orders of two runs at once
    make torture TORTURE_ARGS='--many --seeds 20'      files of several records, killed 3 times each
    make torture TORTURE_ARGS='--long --seeds 20'      files in windows, killed 3 times each
    make torture TORTURE_ARGS='--faults'               every other fault, once each
    make torture TORTURE_ARGS='--first 17 --seeds 1 --keep'     one seed again, its logs kept

The job runs as a subprocess on the local cloud. After each seed every law is checked: one current
row or failure for each document, and no answer bought twice but for what was in flight.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from torture.batches import kill_batches
from torture.faults import FAULTS
from torture.interleaving import interleave
from torture.kills import kill_and_rerun
from torture.loads import kill_around_the_load
from torture.long import FLAGS, check_windows, write_long
from torture.many import read_many, write_many
from torture.place import Place, Violation, write_documents

from emulators.cloud import LocalCloud


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds; return 1 if a law was broken."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    folder = Path(tempfile.mkdtemp(prefix="sluicegate-torture-"))
    begun, broken = time.monotonic(), 0
    chosen = list(FAULTS) if options.faults else options.fault
    count = options.seeds or (20 if options.loads else 10 if options.batches else 100)
    seeds = range(options.first, options.first + count)
    work: list[tuple[str, int, Callable[[Place], str]]] = [
        (name, options.first, FAULTS[name]) for name in chosen
    ] or [(f"seed {seed}", seed, _scenario(options)) for seed in seeds]
    if options.batches and not chosen:
        work.append(("two runs at once", options.first, partial(_interleaved, seeds=20 * count)))
    with LocalCloud(datasets=["torture"]) as cloud:
        more: dict[str, Any] = {}
        if options.long:
            requests = write_long(folder / "documents", options.documents)
            more = {"flags": FLAGS, "requests": requests}
        elif options.many:
            write_many(folder / "documents", options.documents)
            more = {"reader": read_many, "flags": {"records": "many"}}
        else:
            write_documents(folder / "documents", options.documents)
        for number, (name, seed, scenario) in enumerate(work):
            started = time.monotonic()
            try:
                with Place(
                    cloud, folder / str(number), folder / "documents", seed, **more
                ) as place:
                    said = scenario(place)
            except Violation as violation:
                broken += 1
                said = f"BROKEN: {violation}"
            seconds = time.monotonic() - started
            console.print(f"{name}: {said} ({seconds:.0f} s)", markup=False, soft_wrap=True)
    minutes = (time.monotonic() - begun) / 60
    console.print(f"{len(work)} done in {minutes:.0f} min, {broken} broke a law")
    if options.keep or broken:
        console.print(f"what the runs wrote is in {folder}", markup=False)
    else:
        shutil.rmtree(folder)
    return 1 if broken else 0


def _kills(place: Place, kills: int) -> str:
    killed = kill_and_rerun(place, kills)
    found = killed.found
    doubled = f", {found.doubled_rows} rows twice" if found.doubled_rows else ""
    doubled += f"; {found.records}" if found.records else ""
    doubled += f"; {check_windows(place, kills)}" if place.flags == FLAGS else ""
    return (
        f"killed {'; '.join(killed.moments)}: {found.rows} rows, {found.failures} failures, "
        f"{found.answered} answers{doubled}"
    )


def _loads(place: Place) -> str:
    killed = kill_around_the_load(place)
    found = killed.found
    ended = f"killed, {killed.open_loads} loads open" if killed.killed else "ended before the kill"
    return (
        f"{killed.moment}: {ended}; {found.rows} rows, {found.failures} failures, "
        f"{found.answered} answers"
    )


def _batches(place: Place) -> str:
    killed = kill_batches(place)
    found = killed.found
    return (
        f"killed {'; '.join(killed.moments)}: {killed.runs} runs more, {killed.jobs} jobs; "
        f"{found.rows} rows, {found.failures} failures, {found.answered} answers"
    )


def _interleaved(place: Place, seeds: int) -> str:
    interleave(place.folder, range(seeds))
    return f"{seeds} orders of their steps, nothing bought twice"


def _scenario(options: argparse.Namespace) -> Callable[[Place], str]:
    if options.batches:
        return _batches
    return _loads if options.loads else partial(_kills, kills=options.kills)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make torture",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--seeds", type=int, help="how many (default: 100, of --loads 20)")
    add("--first", type=int, default=0, help="the first seed (default: 0)")
    add("--documents", type=int, default=500, help="documents of each run (default: 500)")
    add("--kills", type=int, default=3, help="kills of each seed (default: 3)")
    add("--many", action="store_true", help="files of several records each")
    add("--long", action="store_true", help="files of up to 14 pages, in windows of two")
    add("--loads", action="store_true", help="kills around the load instead")
    add("--batches", action="store_true", help="batch jobs, killed while created and collected")
    add("--faults", action="store_true", help="every other fault instead of kills")
    add("--fault", action="append", default=[], choices=list(FAULTS), help="only this one")
    add("--keep", action="store_true", help="keep logs, failures and journals")
    return parser


if __name__ == "__main__":
    sys.exit(main())
