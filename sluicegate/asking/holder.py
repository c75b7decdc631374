"""Who holds a lease: which run, on which machine, and whether its process still lives.

A process is named so that no other is ever taken for it: by the machine's boot, its number and the
moment it was started. Only on the same machine can be told that it is gone.
"""

import os
import platform
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ENDED = ("Z", "X")  # states of a process that only waits for its parent to notice


@dataclass(frozen=True, slots=True)
class Holder:
    """A run, and where it was started. Nothing in it is secret.

    `process` is empty where the run goes on without the process that started it, as on a cluster.
    """

    run_id: str
    host: str = ""
    pid: int = 0
    process: str = ""

    @classmethod
    def here(cls, run_id: str, *, lives_here: bool) -> "Holder":
        """Return the holder of a run that this process starts; `lives_here`: and ends with it."""
        pid = os.getpid()
        return cls(run_id, socket.gethostname(), pid, name_of(pid) if lives_here else "")

    @property
    def is_gone(self) -> bool:
        """Whether it was a process of this machine that no longer lives; False if unknown."""
        machine, _, started = self.process.rpartition(" ")
        return bool(started) and machine == _machine() and started != _started(self.pid)

    def __str__(self) -> str:
        """Render it for people."""
        where = f" on {self.host}" if self.host else ""
        return f"run {self.run_id}{where}{f' (process {self.pid})' if self.process else ''}"


def name_of(pid: int) -> str:
    """Return a name that no other process of any machine has; "" where that cannot be told."""
    machine, started = _machine(), _started(pid)
    return f"{machine} {started}" if machine and started else ""


def _machine() -> str:
    """Return what names this machine since it was booted: processes of others are not seen."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        # In a container the same numbers are other processes.
        return f"{boot}/{os.readlink(_PROC / 'self/ns/pid')}"  # noqa: PTH115
    except OSError:
        return platform.node().replace(" ", "-")


def _started(pid: int) -> str:
    """Return when a process was started, in whatever unit; "" where there is none."""
    if not (_PROC / "self/stat").exists():
        return _started_by_ps(pid)
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name of the program stands in brackets and may hold anything.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in _ENDED else fields[19]


def _started_by_ps(pid: int) -> str:
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return "-".join(done.stdout.split())
