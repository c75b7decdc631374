"""The real command on a cluster or on this machine, as a process of its own, and what it left."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import KEY, Landed, files, read_failures, read_rows
from torture.place import Run

from emulators.gemini import GeminiEndpoint
from sluicegate.summary import Summary

ROOT = Path(__file__).parents[2]
MAX_IN_FLIGHT = 12  # of each process in these tests
# Differ from run to run whatever the runner: when, under which name, and how long a call took.
_OF_THE_RUN = ("run_id", "latency_ms")


@dataclass
class _Started:
    """A command of its own, as the torture's forked ones are."""

    process: subprocess.Popen[bytes]

    @property
    def exitcode(self) -> int | None:
        return self.process.poll()

    def join(self, timeout: float | None = None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)

    def kill(self) -> None:
        self.process.kill()


@dataclass
class Job:
    """One job: the same command each time, on files below `folder`, asking `endpoint`."""

    folder: Path
    documents: Path
    endpoint: str
    flags: Sequence[str] = ()

    def start(self, run_id: str, *flags: str) -> Run:
        """Start the command."""
        given = {
            "input": f"{self.documents}/**",
            "output": self.folder / "out",
            "gemini_endpoint": self.endpoint,
            "run_id": run_id,
        }
        command = [sys.executable, "-m", "pipeline"]
        command += [f"--{name}={value}" for name, value in given.items()]
        self.folder.mkdir(exist_ok=True)
        log = self.folder / f"{run_id}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *self.flags, *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "GEMINI_API_KEY": KEY, "PYTHONPATH": str(ROOT)},
                cwd=self.folder,
            )
        return Run(_Started(process), log)

    def finish(self, run_id: str, *flags: str) -> Landed:
        """Run the command to its end, which must be a good one, and return what it left."""
        run = self.start(run_id, *flags)
        assert run.wait() == 0, run.said()
        return self.landed(run_id)

    def landed(self, run_id: str) -> Landed:
        """Return what a run left."""
        return landed_in(self.folder / "out", run_id)

    def current(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the current rows and the standing failures of all runs, by document."""
        rows = [
            row
            for run in sorted((self.folder / "out/rows").iterdir())
            for row in read_rows(f"{run}/rows-*.avro")
        ]
        latest = {
            row["document_uri"]: row for row in sorted(rows, key=lambda row: row["processed_at"])
        }
        failures = [
            record
            for run in sorted((self.folder / "out/failures").iterdir())
            for record in read_failures(f"{run}/failures-*.jsonl")
        ]
        standing = {record["document_uri"]: record for record in failures}
        return latest, {uri: each for uri, each in standing.items() if uri not in latest}


@dataclass(frozen=True)
class Calm:
    """A run in one process: what it left, and what the endpoint counted."""

    landed: Landed
    stats: dict[str, Any]


def landed_in(out: Path, run_id: str) -> Landed:
    """Return what a run left below its `--output`."""
    return Landed(
        Summary.from_json((out / f"summaries/{run_id}.json").read_bytes()),
        read_rows(f"{out}/rows/{run_id}/rows-*.avro"),
        read_failures(f"{out}/failures/{run_id}/failures-*.jsonl"),
    )


def after_answers(run: Run, endpoint: GeminiEndpoint, answers: int) -> None:
    """Wait until so many answers were given."""
    _wait(run, lambda: int(endpoint.stats()["answered"]) >= answers, f"{answers} answers")


def after_files(run: Run, folder: Path, pattern: str) -> None:
    """Wait until there is a file of a pattern."""
    _wait(run, lambda: next(folder.glob(pattern), None), pattern)


def _wait(run: Run, reached: Callable[[], object], what: str) -> None:
    while not reached():
        assert not run.over, f"the run ended before {what}: {run.said()}"
        time.sleep(0.02)


def comparable(landed: Landed) -> tuple[list[bytes], list[bytes]]:
    """Return rows and failures as sorted lines, without what differs from run to run."""
    rows = []
    for row in landed.rows:
        provenance = {k: v for k, v in row["provenance"].items() if k not in _OF_THE_RUN}
        rest = {k: v for k, v in row.items() if k not in ("processed_at", "provenance")}
        rows.append(_line({**rest, "provenance": provenance}))
    failures = [
        _line({k: v for k, v in record.items() if k not in ("run_id", "failed_at")})
        for record in landed.failures
    ]
    return sorted(rows), sorted(failures)


def substance(records: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what rows or failures say of each document, without what it took to know it."""
    return {
        uri: record.get("code")
        or {k: v for k, v in record.items() if k not in ("processed_at", "provenance")}
        for uri, record in records.items()
    }


def unfinished(folder: Path) -> list[Path]:
    """Return what sinks left behind on the way to their files."""
    return [path for path in files(f"{folder}/*") if "temp" in path.name]


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, default=str).encode()
