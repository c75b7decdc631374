"""Servers run as child processes: started, waited for, and never left behind.

The child is ended by its process id and reaped in `ServerProcess.stop`, when the object is
collected, and at interpreter exit. On Linux it also ends when the thread that started it dies
(PR_SET_PDEATHSIG), so a killed test run leaves nothing running: start it from a thread that
outlives it.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from emulators.loopback import HOST, Loopback, StandInError, free_port
from emulators.server import LoopbackServer

T = TypeVar("T")

READY_SECONDS = 60.0
END_SECONDS = 5.0
LOG_TAIL_BYTES = 4_000
_PR_SET_PDEATHSIG = 1

# Runs in the child before the server replaces it, so that no code runs between fork and exec in
# a parent that may hold locks. 1 is PR_SET_PDEATHSIG, 15 is SIGTERM.
_DIE_WITH_PARENT = """\
import os, sys
try:
    import ctypes
    ctypes.CDLL(None, use_errno=True).prctl(1, 15, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the parent is gone already")
except (AttributeError, OSError):
    pass
os.execv(sys.argv[2], sys.argv[2:])
"""


def die_with_parent() -> None:
    """End this process (SIGTERM) when the thread that started it ends; does so on Linux only."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class ServerProcess:
    """One HTTP server in a child process, its output going to ``log``."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start ``command``, whose first word is a full path and which serves on ``port``."""
        self.name = name
        self.port = port
        self.log = log
        # Not -I: the server may be a module of this folder, found through PYTHONPATH.
        guarded = [sys.executable, "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )
        self._finalizer = weakref.finalize(self, _end, self._child)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the child is still there."""
        return self._child.poll() is None

    def wait_until_ready(self, path: str, *, seconds: float = READY_SECONDS) -> None:
        """Return once GET ``path`` answers 200.

        Raises `StandInError` with the end of the log if the child ends first or ``seconds`` pass.
        """
        deadline = time.monotonic() + seconds
        pause = 0.02
        while self.running and time.monotonic() < deadline:
            try:
                with Loopback(self.port, timeout=5.0) as connection:
                    if connection.send("GET", path)[0] == 200:
                        return
            except OSError:
                pass
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)
        reason = (
            f"gave no answer on http://{HOST}:{self.port}{path} within {seconds:.0f} s"
            if self.running
            else f"ended with exit code {self._child.returncode} before it was ready"
        )
        self.stop()
        message = f"{self.name} {reason}; its log ends with:\n{self.log_tail()}"
        raise StandInError(message)

    def log_tail(self) -> str:
        """Return the end of what the server has written, at most 4,000 bytes."""
        try:
            return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
        except FileNotFoundError:
            return "(no log)"

    def stop(self) -> None:
        """End the child and reap it; does nothing the second time."""
        self._finalizer()


def start_server(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    log: Path,
    ready: str,
    environment: Mapping[str, str] | None = None,
) -> ServerProcess:
    """Start ``command`` and return it once GET ``ready`` answers 200; raises `StandInError`."""
    server = ServerProcess(name, command, port=port, log=log, environment=environment)
    try:
        server.wait_until_ready(ready)
    except BaseException:
        server.stop()
        raise
    return server


class ProcessServer(LoopbackServer):
    """A server in a child process, with a folder for its log and whatever else it keeps.

    ``folder`` stays after `stop`; without it a temporary folder is used and removed. A kind of
    server names itself, its log, and a path that answers 200 once it is ready.
    """

    name: ClassVar[str]
    log_name: ClassVar[str]
    ready: ClassVar[str]
    timeout: ClassVar[float] = 30.0  # seconds for an answer to `connection`

    def __init__(self, folder: Path | None = None, *, port: int = 0) -> None:
        super().__init__(port)
        self._given_folder, self._given_port = folder, port
        self._process: ServerProcess | None = None
        self._connection: Loopback | None = None
        self.folder = Path()

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the words that serve on ``port``; the first is a full path."""

    def environment(self) -> Mapping[str, str]:
        """Return what the server's environment has besides this process's."""
        return {}

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / self.log_name

    @property
    def process(self) -> ServerProcess:
        """The process while it is started; raises `StandInError` else."""
        return self._started(self._process)

    @property
    def connection(self) -> Loopback:
        """A connection to it while it is started; raises `StandInError` else."""
        return self._started(self._connection)

    def _begin(self) -> None:
        self.folder = self._given_folder or Path(tempfile.mkdtemp(prefix="sluicegate-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self._given_port or free_port()
        try:
            self._process = start_server(
                self.name,
                self.command(),
                port=self.port,
                log=self.log,
                ready=self.ready,
                environment=self.environment(),
            )
        except BaseException:
            self._remove_folder()
            raise
        self._connection = Loopback(self.port, timeout=self.timeout)

    def _end(self) -> None:
        self.connection.close()
        self.process.stop()
        self._process = self._connection = None
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self._given_folder is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self, part: T | None) -> T:
        if part is None:
            message = f"{self.name} is not running; call start() first"
            raise StandInError(message)
        return part


def python_path() -> str:
    """Return a PYTHONPATH with which a child finds this package, wherever it runs."""
    here = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child to end, make it end after a bounded wait, and reap it."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
