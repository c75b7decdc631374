"""One scenario, once: a server, every peer beside the others, and what the server saw."""

import math
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine, measures
from benchmarks.documents import write_documents
from benchmarks.outage import DeadServer
from benchmarks.peer_run import PeerRun
from benchmarks.peers.catalogue import PEERS, UNDISTURBED, Peer, is_measured, is_ours
from benchmarks.scenario import Scenario
from emulators.gemini.process import GeminiProcess
from emulators.loopback import free_port

# How long peers may take from when they are let go to their first call.
_ARRIVAL_SECONDS = 60.0


@dataclass(slots=True)
class Result:
    """What one peer did in one run: figures by name, and its timelines for the plot.

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

    def __init__(self, scenario: Scenario, peers: Sequence[Peer], folder: Path) -> None:
        self.scenario, self._peers, self._folder = scenario, peers, folder
        # A port of its own, which the server has again after an outage.
        self._server = GeminiProcess(
            ["--reader=canned", "--quota-per-project", *scenario.flags],
            folder=folder,
            port=free_port(),
        )
        self._outage_calls: dict[str, int] = {}
        self._outage_seconds = 0.0
        self._timelines: list[dict[str, Any]] = []
        self._back = 0.0
        self.strain = Strain()

    def run(self, together: threading.Barrier | None = None) -> dict[str, Result]:
        """Return each peer's result by its name; raises `StandInError` without a server.

        All peers begin at one moment, and those of the trials that share ``together`` too.
        """
        scenario = self.scenario
        share = scenario.documents // scenario.processes
        for number in range(scenario.processes):
            write_documents(self._documents(number), share, first=number * share)
        self._server.start()
        peer_runs: list[PeerRun] = []
        try:
            by_peer = {each.name: self._start(each, peer_runs) for each in self._peers}
            for peer_run in peer_runs:
                peer_run.wait_until_ready()
            if together is not None:
                together.wait()
            started = time.monotonic()
            busy, waiting = machine.busy_seconds(), machine.waiting_seconds()
            for peer_run in peer_runs:
                peer_run.go()
            if scenario.outage_seconds:
                self._interrupt(peer_runs)
            results = {name: self._finish(found) for name, found in by_peer.items()}
            took = time.monotonic() - started
            self.strain = Strain(
                (machine.busy_seconds() - busy) / took,
                (machine.waiting_seconds() - waiting) / took,
            )
            self._timelines.append(self._server.timeline())
        except BaseException:
            if together is not None:
                together.abort()
            raise
        finally:
            for peer_run in peer_runs:
                peer_run.kill()
            self._server.stop()
        for name, result in results.items():
            self._measure(name, result)
        _hold_against_undisturbed(results)
        return results

    def _documents(self, number: int) -> Path:
        return self._folder / f"documents-{number}"

    def _start(self, peer: Peer, peer_runs: list[PeerRun]) -> list[PeerRun]:
        """Start a peer's processes, and add them to ``peer_runs`` one by one."""
        mine = []
        for number in range(self.scenario.processes):
            log = self._folder / f"{peer.name}-{number}.log"
            arguments = self._arguments(peer, number)
            mine.append(PeerRun(arguments, log, seconds=self.scenario.limit_seconds))
            peer_runs.append(mine[-1])
        return mine

    def _finish(self, peer_runs: Sequence[PeerRun]) -> Result:
        """Wait for a peer's processes and add up what they printed."""
        result = Result(_as_typed(peer_runs[0].command, self._folder))
        sums = {"documents": 0, "answered": 0, "lost": 0, "cpu_seconds": 0.0}
        peak = 0.0
        for peer_run in peer_runs:
            figures = peer_run.finish()
            if figures is None:
                result.error = peer_run.error
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

    def _arguments(self, peer: Peer, number: int) -> list[str]:
        scenario = self.scenario
        key = f"{peer.name}.{number}" if scenario.processes > 1 else peer.name
        words = [
            *peer.arguments,
            f"--documents={self._documents(number)}",
            f"--endpoint={self._server.url}",
            f"--key={key}",
        ]
        if is_ours(peer.name):
            words.append(f"--out={self._folder / f'{peer.name}-{number}'}")
            if peer.name.endswith("-known"):
                words += ["--", *scenario.quota.given]
        return words

    def _interrupt(self, peer_runs: Sequence[PeerRun]) -> None:
        """Kill the server in the middle, count who calls the dead port, and start it again."""
        names = {peer.name for peer in self._peers}
        deadline = time.monotonic() + _ARRIVAL_SECONDS
        while not names <= set(self._server.timeline()) and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(self.scenario.outage_after_seconds)
        if not any(peer_run.running for peer_run in peer_runs):
            return
        self._timelines.append(self._server.timeline())
        os.kill(self._server.process.pid, signal.SIGKILL)
        self._server.stop()
        died = time.monotonic()
        with DeadServer(self._server.port) as dead:
            time.sleep(self.scenario.outage_seconds)
        self._outage_calls = dead.calls
        self._outage_seconds = time.monotonic() - died
        self._server.start()
        self._back = time.time()

    def _measure(self, name: str, result: Result) -> None:
        """Add what the server saw to what a peer says of itself."""
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


def _hold_against_undisturbed(results: Mapping[str, Result]) -> None:
    """Add to Sluicegate's figures how much longer it took than where nothing is rejected."""
    if undisturbed := results.get(UNDISTURBED):
        for name in filter(is_measured, results):
            figures = results[name].figures
            figures["slowdown"] = measures.slowdown(figures, undisturbed.figures)


def _as_typed(command: Sequence[str], folder: Path) -> str:
    """Return a command as a person would type it, without this machine's paths."""
    return " ".join(word.replace(str(folder), "FOLDER") for word in command)


def peers_of(scenario: Scenario, only: Sequence[str] = ()) -> list[Peer]:
    """Return the scenario's peers, or those of them that are named."""
    return [PEERS[name] for name in scenario.peers if not only or name in only]
