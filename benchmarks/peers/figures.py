"""What a peer counts of itself: documents, CPU and memory."""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MIB_IN_KIB = 1024


class Figures:
    """The figures of this process, printed once, as the last line of its output.

    Thread-safe. ``lost`` are documents that ended without an answer of their own; those that
    nothing has become of at the time limit are neither answered nor lost.
    """

    def __init__(self, documents: int, seconds: float, *, wait: bool = False) -> None:
        """Count for so many documents; stop the process ``seconds`` after it began with them.

        With ``wait`` it begins when a line comes in, after one that says that it is ready.
        """
        self.documents = documents
        self._wait = wait
        self._seconds = seconds
        self.answered = self.lost = 0
        self.notes: dict[str, Any] = {}
        self.before_print: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._printed = False
        self._start_cpu = 0.0
        self._began = time.monotonic()

    def begin(self) -> None:
        """Take what was used so far for the start: interpreter, imports, building."""
        if self._wait:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            sys.stdin.readline()
        self._start_cpu, self._began = cpu_seconds(), time.monotonic()
        self._stop_later()

    def count(self, *, answered: int = 0, lost: int = 0) -> None:
        """Count documents that came to an end."""
        with self._lock:
            self.answered += answered
            self.lost += lost

    def _stop_later(self) -> None:
        """Print the figures and end the process when the time is up, whatever it is doing."""

        def stop() -> None:
            self.notes["stopped"] = True
            self.print()
            os._exit(0)

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True
        timer.start()

    def print(self) -> None:
        """Print the figures, once."""
        with self._lock:
            if self._printed:
                return
            self._printed = True
            if self.before_print:
                self.before_print()
            content = {
                "documents": self.documents,
                "answered": self.answered,
                "lost": self.lost,
                "cpu_seconds": round(cpu_seconds() - self._start_cpu, 3),
                "start_cpu_seconds": round(self._start_cpu, 3),
                "wall_seconds": round(time.monotonic() - self._began, 3),
                "peak_mib": round(peak_mib(), 1),
                **self.notes,
            }
            sys.stdout.write(json.dumps(content) + "\n")
            sys.stdout.flush()


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mib() -> float:
    """Return the largest resident memory that this process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB_IN_KIB


def resident_mib() -> float:
    """Return the resident memory of this process now, in MiB; its peak where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_mib()
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
