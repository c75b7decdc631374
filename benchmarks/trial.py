"""One scenario, once: a server, every contender beside the others, and what the server saw."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import machine, measures
from benchmarks.documents import write_documents
from benchmarks.outage import DeadServer
from benchmarks.scenarios import CONTENDERS
from emulators.loopback import HOST, Loopback, free_port
from emulators.process import start_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.scenarios import Contender, Scenario

_REPOSITORY = Path(__file__).parents[1]
# How long contenders may take to send their first call, where something waits for that.
_START_SECONDS = 60.0
# Beyond its limit, for a process's start on a busy machine; then it is killed.
_SPARE_SECONDS = 120.0


@dataclass(slots=True)
class Result:
    """What one contender did in one run: figures by name, and its timelines for the plot.

    ``error`` is the end of what it said, if it ended badly.
    """

    command: str
    figures: dict[str, float] = field(default_factory=dict)
    timelines: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""


class Trial:
    """Runs a scenario once. ``folder`` is its own to write into."""

    def __init__(self, scenario: Scenario, contenders: Sequence[Contender], folder: Path) -> None:
        self.scenario, self._contenders, self._folder = scenario, contenders, folder
        self._port = free_port()
        self._outage_calls: dict[str, int] = {}
        self._outage_seconds = 0.0
        self._timelines: list[dict[str, Any]] = []
        self._back = 0.0
        self.cores_busy = float("nan")

    def run(self) -> dict[str, Result]:
        """Return each contender's result by its name; raises `StandInError` without a server."""
        scenario = self.scenario
        share = scenario.documents // scenario.processes
        for number in range(scenario.processes):
            write_documents(self._documents(number), share, first=number * share)
        self._start_server()
        started, busy = time.monotonic(), machine.busy_seconds()
        try:
            with ThreadPoolExecutor(len(self._contenders)) as pool:
                contending = [pool.submit(self._contend, each) for each in self._contenders]
                if scenario.outage_seconds:
                    self._interrupt(contending)
                found = [future.result() for future in contending]
            self.cores_busy = (machine.busy_seconds() - busy) / (time.monotonic() - started)
            self._timelines.append(self._read_timelines())
        finally:
            self._server.stop()
        results = dict(zip([each.name for each in self._contenders], found, strict=True))
        for contender in self._contenders:
            self._measure(contender.name, results[contender.name])
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

    def _contend(self, contender: Contender) -> Result:
        """Run a contender's processes to their end and add up what they printed."""
        scenario = self.scenario
        running: list[tuple[list[str], Path, subprocess.Popen[bytes]]] = []
        for number in range(scenario.processes):
            command = self._command(contender, number)
            log = self._folder / f"{contender.name}-{number}.log"
            with log.open("wb") as errors, log.with_suffix(".json").open("wb") as output:
                child = subprocess.Popen(
                    command,
                    cwd=_REPOSITORY,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                )
            running.append((command, log, child))
        result = Result(_as_typed(running[0][0], self._folder))
        sums = {"documents": 0, "answered": 0, "lost": 0, "cpu_seconds": 0.0}
        peak = 0.0
        for _, log, child in running:
            try:
                code = child.wait(scenario.limit_seconds + _SPARE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                code = child.wait()
            printed = log.with_suffix(".json").read_text(encoding="utf-8").splitlines()
            if code or not printed:
                said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                result.error = said[-1] if said else f"exit code {code}"
                continue
            figures = json.loads(printed[-1])
            for name in sums:
                sums[name] += figures[name]
            peak = max(peak, figures["peak_mib"])
        answered = sums["answered"]
        result.figures = {
            **sums,
            "not_done": sums["documents"] - answered - sums["lost"],
            "cpu_ms": 1000 * sums["cpu_seconds"] / answered if answered else float("nan"),
            "peak_mib": peak,
        }
        return result

    def _command(self, contender: Contender, number: int) -> list[str]:
        scenario = self.scenario
        key = f"{contender.name}.{number}" if scenario.processes > 1 else contender.name
        command = [
            sys.executable, "-m", "benchmarks.contenders", *contender.arguments,
            f"--documents={self._documents(number)}", f"--endpoint=http://{HOST}:{self._port}",
            f"--key={key}", f"--seconds={scenario.limit_seconds:.0f}",
        ]  # fmt: skip
        if contender.is_ours:
            command.append(f"--out={self._folder / f'{contender.name}-{number}'}")
            flags = [*scenario.pipeline_flags]
            if contender.name.endswith("-known"):
                flags += scenario.known_flags
            command += ["--", *flags] if flags else []
        return command

    def _interrupt(self, contending: Sequence[Future[Result]]) -> None:
        """Kill the server in the middle, count who calls the dead port, and start it again."""
        names = {contender.name for contender in self._contenders}
        deadline = time.monotonic() + _START_SECONDS
        while not names <= set(self._read_timelines()) and time.monotonic() < deadline:
            wait(contending, 0.5)
        if not wait(contending, self.scenario.outage_after_seconds).not_done:
            return
        self._timelines.append(self._read_timelines())
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.stop()
        died = time.monotonic()
        with DeadServer(self._port) as dead:
            wait(contending, self.scenario.outage_seconds)
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
            calls / self._outage_seconds / normal if normal else float("nan")
        )
        if last is not first:
            result.figures["back_after"] = last["epoch"] - self._back


def _as_typed(command: Sequence[str], folder: Path) -> str:
    """Return a command as a person would type it, without this machine's paths."""
    words = ["python", *command[1:]]
    return " ".join(word.replace(str(folder), "FOLDER") for word in words)


def contenders_of(scenario: Scenario, only: Sequence[str] = ()) -> list[Contender]:
    """Return the scenario's contenders, or those of them that are named."""
    return [CONTENDERS[name] for name in scenario.contenders if not only or name in only]
