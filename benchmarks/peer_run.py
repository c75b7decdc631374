"""One peer's run: a process: started, kept waiting until all are ready, let go, and reaped."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).parents[1]
# For a process's start on a busy machine: Beam takes seconds to import on a free one.
_START_SECONDS = 120.0
# Beyond the time at which it stops itself.
_SPARE_SECONDS = 60.0


class PeerRun:
    """A process of ``python -m benchmarks.peers``; its errors go to a log."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        *,
        seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it with ``arguments``; it stops itself ``seconds`` after it was let go."""
        self.command = ["python", "-m", "benchmarks.peers", *arguments]
        self._log, self._seconds = log, seconds
        words = [sys.executable, "-m", "benchmarks.peers", "--wait", f"--seconds={seconds}"]
        with log.open("wb") as errors:
            self._child = subprocess.Popen(
                [*words, *arguments],
                cwd=_REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment) if environment is not None else None,
            )
        self.error = ""

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._child.poll() is None

    def wait_until_ready(self) -> None:
        """Return when it has imported and built what it needs, or has failed to."""
        output = self._child.stdout
        assert output is not None
        if not select.select([output], [], [], _START_SECONDS)[0] or not output.readline():
            self._child.kill()

    def go(self) -> None:
        """Let it begin with its documents."""
        stdin = self._child.stdin
        assert stdin is not None
        try:
            stdin.write(b"go\n")
            stdin.flush()
        except BrokenPipeError:  # it has ended; `finish` says how
            pass

    def pause(self) -> None:
        """Have it stand still, if it is still there."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on."""
        self._child.send_signal(signal.SIGCONT)

    def ends_within(self, seconds: float) -> bool:
        """Wait so long for its end; tell whether it has come."""
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def finish(self) -> dict[str, Any] | None:
        """Wait for its end and return its figures, or None and set ``error``."""
        try:
            output, _ = self._child.communicate(timeout=self._seconds + _SPARE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            output, _ = self._child.communicate()
        lines = output.splitlines()
        if self._child.returncode or not lines:
            said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            self.error = said[-1] if said else f"exit code {self._child.returncode}"
            return None
        return dict(json.loads(lines[-1]))

    def kill(self) -> None:
        """End it if it is still there."""
        if self.running:
            self._child.kill()
        self._child.communicate()
