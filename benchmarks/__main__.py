"""Sluicegate's whole pipeline beside what people use today, on one server, in one run.

    make bench                                              the standard set, some 18 minutes
    make bench BENCH_ARGS='--scenario steady --repeat 3'    medians of three
    make bench BENCH_ARGS='--list'

Every peer, Sluicegate among them, has a quota of its own on the same stand-in for Gemini, and sends
the same documents with the same request. Figures are taken at the server: `benchmarks.measures`.
"""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from benchmarks import report, results
from benchmarks.disk import work_folder
from benchmarks.peers.catalogue import PEERS
from benchmarks.plotting import plot
from benchmarks.scenario import Scenario
from benchmarks.scenarios import SCENARIOS
from benchmarks.simulated import SIMULATED
from benchmarks.trial import Result, Strain, Trial, peers_of

_HERE = Path(__file__).parent
# Calls a second of all peers together that one core can carry, server included.
_LOAD_OF_A_CORE = 75.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scenarios and return the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 170)
    if options.list:
        for scenario in SCENARIOS.values():
            mark = "" if scenario.standard else " (not in the standard set)"
            console.print(f"{scenario.name:23} {scenario.title}{mark}", markup=False)
            console.print(f"{'':23} {', '.join(scenario.peers)}", markup=False)
        for each in SIMULATED.values():
            console.print(f"{each.name:23} {each.title}", markup=False)
        return 0
    if not options.publish_only:
        chosen = [each for each in _chosen(options) if peers_of(each, options.peer)]
        _run(chosen, options, console)
        everything = not (options.scenario or options.peer)
        for name, simulated in SIMULATED.items():
            if everything or name in options.scenario:
                result = simulated.measure()
                results.store(result, options.results)
                report.show(result, console)
    found = results.stored(options.results)
    report.write(found, options.results / "benchmarks.md")
    console.print(f"\nwritten: {options.results}/*.json and benchmarks.md", markup=False)
    if options.publish or options.publish_only:
        for result in found:
            plot(result, _HERE / "plots" / f"{result['scenario']}.png")
        report.publish(found, _HERE / "README.md", plots="plots")
        console.print("published: benchmarks/README.md and benchmarks/plots", markup=False)
    return 0


def _run(scenarios: Sequence[Scenario], options: argparse.Namespace, console: Console) -> None:
    capacity = 0.0 if options.alone else _LOAD_OF_A_CORE * (os.cpu_count() or 1)
    runs: dict[str, list[dict[str, Result]]] = {each.name: [] for each in scenarios}
    strains: dict[str, list[Strain]] = {each.name: [] for each in scenarios}
    for _ in range(options.repeat):
        for wave in waves(scenarios, capacity):
            names = ", ".join(each.name for each in wave)
            seconds = max(each.seconds + each.outage_seconds for each in wave)
            console.print(f"{names}: about {seconds + 15:.0f} s ...", markup=False)
            with work_folder("sluicegate-bench-") as folder:
                trials = [
                    Trial(each, peers_of(each, options.peer), folder / each.name) for each in wave
                ]
                together = threading.Barrier(len(trials))
                with ThreadPoolExecutor(len(trials)) as pool:
                    begun = [pool.submit(trial.run, together) for trial in trials]
                    for trial, future in zip(trials, begun, strict=True):
                        found = future.result()
                        runs[trial.scenario.name].append(found)
                        strains[trial.scenario.name].append(trial.strain)
            for each in wave:
                if len(runs[each.name]) == options.repeat:
                    result = results.gather(each, runs[each.name], strains[each.name])
                    results.store(result, options.results)
                    report.show(result, console)


def waves(scenarios: Sequence[Scenario], capacity: float) -> list[list[Scenario]]:
    """Part scenarios into groups that can run at the same time, the longest first.

    A group's load does not exceed ``capacity``, in calls a second, unless it is a single scenario.
    """
    found: list[list[Scenario]] = []
    for scenario in sorted(scenarios, key=lambda each: -(each.seconds + each.outage_seconds)):
        for wave in found:
            if sum(each.load for each in wave) + scenario.load <= capacity:
                wave.append(scenario)
                break
        else:
            found.append([scenario])
    return found


def _chosen(options: argparse.Namespace) -> list[Scenario]:
    names = options.scenario or [each.name for each in SCENARIOS.values() if each.standard]
    chosen = [SCENARIOS[name] for name in names if name in SCENARIOS]
    return [each.shortened(options.seconds) if options.seconds else each for each in chosen]


def _names_of(known: Sequence[str], text: str) -> list[str]:
    names = text.split(",")
    if unknown := sorted(set(names) - set(known)):
        message = f"{', '.join(unknown)} is none of {', '.join(known)}"
        raise argparse.ArgumentTypeError(message)
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--scenario",
        type=lambda text: _names_of([*SCENARIOS, *SIMULATED], text),
        default=[],
        metavar="NAME[,NAME]",
        help="only these (default: the standard set)",
    )
    add(
        "--peer",
        "--contender",  # its name until 0.2.0
        type=lambda text: _names_of(list(PEERS), text),
        default=[],
        metavar="NAME[,NAME]",
        help="only these (default: all of each scenario)",
    )
    add("--repeat", type=int, default=1, metavar="N", help="runs of each; figures are medians")
    add("--seconds", type=float, metavar="N", help="as many documents as the quota allows in N s")
    add("--alone", action="store_true", help="one scenario at a time, however light")
    add("--list", action="store_true", help="list scenarios and their peers")
    add("--publish", action="store_true", help="also renew these sections of benchmarks/README.md")
    add("--publish-only", action="store_true", help="run nothing; publish what is stored")
    add(
        "--results",
        type=Path,
        default=results.FOLDER,
        metavar="FOLDER",
        help="where results are stored (default: benchmarks/results)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
