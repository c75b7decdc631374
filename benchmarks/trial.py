"""One scenario, once: a server, every contender beside the others, and what the server saw."""

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine, measures
from benchmarks.contenders.catalogue import CONTENDERS, Contender, is_ours
from benchmarks.documents import write_documents
from benchmarks.entrant import Entrant
from benchmarks.outage import DeadServer
from benchmarks.scenarios import Scenario
from emulators.loopback import HOST, Loopback, free_port
from emulators.process import start_server

_REPOSITORY = Path(__file__).parents[1]


# How long contenders may take from when they are let go to their first call.
_ARRIVAL_SECONDS = 60.0


@dataclass(slots=True)
class Result:
    """What one contender did in one run: figures by name, and its timelines for the plot.

    ``error`` is the end of what it said, if it ended badly.
    """

    command: str
    figures: dict[str, float] = field(default_factory=dict)
    timelines: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Strain:
    """How the machine bore it: cores busy, and the share of time that something waited for one."""

    cores_busy: float = math.nan
    waiting: float = math.nan


class Trial:
    """Runs a scenario once. ``folder`` is its own to write into."""

    def __init__(self, scenario: Scenario, contenders: Sequence[Contender], folder: Path) -> None:
        self.scenario, self._contenders, self._folder = scenario, contenders, folder
        self._port = free_port()
        self._outage_calls: dict[str, int] = {}
        self._outage_seconds = 0.0
        self._timelines: list[dict[str, Any]] = []
        self._back = 0.0
        self.strain = Strain()

    def run(self, together: threading.Barrier | None = None) -> dict[str, Result]:
        """Return each contender's result by its name; raises `StandInError` without a server.

        All contenders begin at one moment, and those of the trials that share ``together`` too.
        """
        scenario = self.scenario
        share = scenario.documents // scenario.processes
        for number in range(scenario.processes):
            write_documents(self._documents(number), share, first=number * share)
        self._start_server()
        entrants: list[Entrant] = []
        try:
            contending = {each.name: self._enter(each, entrants) for each in self._contenders}
            for entrant in entrants:
                entrant.wait_until_ready()
            if together is not None:
                together.wait()
            started = time.monotonic()
            busy, waiting = machine.busy_seconds(), machine.waiting_seconds()
            for entrant in entrants:
                entrant.go()
            if scenario.outage_seconds:
                self._interrupt(entrants)
            results = {name: self._finish(found) for name, found in contending.items()}
            took = time.monotonic() - started
            self.strain = Strain(
                (machine.busy_seconds() - busy) / took,
                (machine.waiting_seconds() - waiting) / took,
            )
            self._timelines.append(self._read_timelines())
        except BaseException:
            if together is not None:
                together.abort()
            raise
        finally:
            for entrant in entrants:
                entrant.kill()
            self._server.stop()
        for name, result in results.items():
            self._measure(name, result)
        return results

    def _documents(self, number: int) -> Path:
        return self._folder / f"documents-{number}"

    def _start_server(self) -> None:
        port = str(self._port)
        command = [sys.executable, "-m", "emulators.gemini", "--port", port, "--reader", "canned"]
        self._server = start_server(
            "the Gemini stand-in",
            [*command, "--quota-per-project", *self.scenario.flags],
            port=self._port,
            log=self._folder / "gemini.log",
            ready="/_control/stats",
            environment={"PYTHONPATH": str(_REPOSITORY)},
        )

    def _read_timelines(self) -> dict[str, Any]:
        with Loopback(self._port) as connection:
            return dict(connection.get_json("/_control/timeline"))

    def _enter(self, contender: Contender, entrants: list[Entrant]) -> list[Entrant]:
        """Start a contender's processes, and add them to ``entrants`` one by one."""
        mine = []
        for number in range(self.scenario.processes):
            log = self._folder / f"{contender.name}-{number}.log"
            arguments = self._arguments(contender, number)
            mine.append(Entrant(arguments, log, seconds=self.scenario.limit_seconds))
            entrants.append(mine[-1])
        return mine

    def _finish(self, entrants: Sequence[Entrant]) -> Result:
        """Wait for a contender's processes and add up what they printed."""
        result = Result(_as_typed(entrants[0].command, self._folder))
        sums = {"documents": 0, "answered": 0, "lost": 0, "cpu_seconds": 0.0}
        peak = 0.0
        for entrant in entrants:
            figures = entrant.finish()
            if figures is None:
                result.error = entrant.error
                continue
            for name in sums:
                sums[name] += figures[name]
            peak = max(peak, figures["peak_mib"])
        answered = sums["answered"]
        result.figures = {
            **sums,
            "not_done": self.scenario.documents - answered - sums["lost"],
            "cpu_ms": 1000 * sums["cpu_seconds"] / answered if answered else math.nan,
            "peak_mib": peak,
        }
        return result

    def _arguments(self, contender: Contender, number: int) -> list[str]:
        scenario = self.scenario
        key = f"{contender.name}.{number}" if scenario.processes > 1 else contender.name
        words = [
            *contender.arguments,
            f"--documents={self._documents(number)}",
            f"--endpoint=http://{HOST}:{self._port}",
            f"--key={key}",
        ]
        if is_ours(contender.name):
            words.append(f"--out={self._folder / f'{contender.name}-{number}'}")
            flags = [*scenario.pipeline_flags]
            if contender.name.endswith("-known"):
                flags += scenario.known_flags
            words += ["--", *flags] if flags else []
        return words

    def _interrupt(self, entrants: Sequence[Entrant]) -> None:
        """Kill the server in the middle, count who calls the dead port, and start it again."""
        names = {contender.name for contender in self._contenders}
        deadline = time.monotonic() + _ARRIVAL_SECONDS
        while not names <= set(self._read_timelines()) and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(self.scenario.outage_after_seconds)
        if not any(entrant.running for entrant in entrants):
            return
        self._timelines.append(self._read_timelines())
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.stop()
        died = time.monotonic()
        with DeadServer(self._port) as dead:
            time.sleep(self.scenario.outage_seconds)
        self._outage_calls = dead.calls
        self._outage_seconds = time.monotonic() - died
        self._start_server()
        self._back = time.time()

    def _measure(self, name: str, result: Result) -> None:
        """Add what the server saw to what a contender says of itself."""
        result.timelines = [timelines[name] for timelines in self._timelines if name in timelines]
        if not result.timelines:
            return
        first, last = result.timelines[0], result.timelines[-1]
        result.figures |= measures.figures(first)
        if not self._outage_seconds:
            return
        # The time before the outage says what is normal.
        normal = result.figures["received"] / max(1.0, result.figures["seconds"])
        calls = sum(
            count for key, count in self._outage_calls.items() if key.partition(".")[0] == name
        )
        result.figures["outage_traffic"] = (
            calls / self._outage_seconds / normal if normal else math.nan
        )
        if last is not first:
            result.figures["back_after"] = last["epoch"] - self._back


def _as_typed(command: Sequence[str], folder: Path) -> str:
    """Return a command as a person would type it, without this machine's paths."""
    return " ".join(word.replace(str(folder), "FOLDER") for word in command)


def contenders_of(scenario: Scenario, only: Sequence[str] = ()) -> list[Contender]:
    """Return the scenario's contenders, or those of them that are named."""
    return [CONTENDERS[name] for name in scenario.contenders if not only or name in only]
