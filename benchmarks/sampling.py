"""Where a process's CPU time goes and how its memory grows, seen from a thread of its own.

Fifty times a second every thread's CPU clock is read. What it has gained is put to the account of
the part of the house whose code the thread is in: the innermost file on its stack that is ours.
So a call into a library counts for the part that made it, and what no part of ours is on the stack
of counts for Beam or the event loop. It is a sample: good to a percent or two after a minute.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from benchmarks.peers.figures import resident_mib

_SECONDS = 0.02
_MEMORY_SECONDS = 1.0
_REPOSITORY = str(Path(__file__).parents[1]) + "/"
# Innermost first that matches; what reads and writes for others is looked through.
_PARTS = (
    ("sluicegate/gemini/", "client: google-genai and aiohttp"),
    ("sluicegate/asking/journal", "journal"),
    ("sluicegate/asking/identity", "request identity"),
    ("sluicegate/media/", "checking of documents"),
    ("sluicegate/formats/", "checking of documents"),
    ("sluicegate/pdf/", "checking of documents"),
    ("sluicegate/tiff/", "checking of documents"),
    ("sluicegate/live/fetch", "reading of documents"),
    ("sluicegate/live/", "engine: pacing, retry, tasks"),
    ("sluicegate/pacing/", "engine: pacing, retry, tasks"),
    ("sluicegate/asking/", "engine: pacing, retry, tasks"),
    ("sluicegate/landing/rows", "parsing and validation"),
    ("sluicegate/document_types/", "parsing and validation"),
    ("transforms/match", "match"),
    ("sluicegate/sources/matching", "match"),
    ("transforms/batch", "batch"),
    ("sluicegate/sources/batching", "batch"),
    ("transforms/generate", "generate, Beam's side"),
    ("transforms/validate", "validate"),
    ("transforms/outputs/", "write rows"),
    ("transforms/write_failures", "write failures"),
    ("transforms/summarise", "ledger and summary"),
    ("sluicegate/ledger", "ledger and summary"),
    ("sluicegate/summary", "ledger and summary"),
    ("sluicegate/progress", "progress"),
    ("benchmarks/sampling", "this sampling"),
)
_LIBRARIES = (
    ("/apache_beam/", "Beam"),
    ("/fastavro/", "Beam"),
    ("/asyncio/", "event loop and sockets"),
    ("/aiohttp/", "event loop and sockets"),
    ("/concurrent/futures/", "threads and queues"),
    ("/threading.py", "threads and queues"),
    ("/queue.py", "threads and queues"),
)


def part_of(frame: FrameType | None) -> str:
    """Return the part of the house, or the library, that a stack is in."""
    library = ""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_REPOSITORY):
            own = path.removeprefix(_REPOSITORY)
            for start, name in _PARTS:
                if own.startswith(start):
                    return name
        elif not library:
            library = next((name for mark, name in _LIBRARIES if mark in path), "")
        frame = frame.f_back
    return library or "other"


class Sampler:
    """Samples from `start` to `stop`; ``done`` tells how many documents have come to an end."""

    def __init__(self, done: Callable[[], int]) -> None:
        self._done = done
        self._seconds: dict[str, float] = {}
        self._memory: list[tuple[int, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampling", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the last sample."""
        self._ended.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds by part, the largest first."""
        largest = sorted(self._seconds.items(), key=lambda item: -item[1])
        return {name: round(seconds, 3) for name, seconds in largest}

    @property
    def memory(self) -> list[tuple[int, float]]:
        """Documents done and resident MiB, second by second."""
        return list(self._memory)

    def _run(self) -> None:
        # What threads used before counts for nothing.
        known = {thread: _cpu_of(thread) for thread in sys._current_frames()}  # noqa: SLF001
        next_memory = 0.0
        while not self._ended.wait(_SECONDS):
            frames = sys._current_frames()  # noqa: SLF001 - the documented way to see all stacks
            for thread, frame in frames.items():
                used = _cpu_of(thread)
                gained = used - known.get(thread, 0.0)
                known[thread] = used
                if gained > 0:
                    part = part_of(frame)
                    self._seconds[part] = self._seconds.get(part, 0.0) + gained
            del frames
            now = time.monotonic()
            if now >= next_memory:
                next_memory = now + _MEMORY_SECONDS
                self._memory.append((self._done(), resident_mib()))


def _cpu_of(thread: int) -> float:
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    except OSError:  # it has ended meanwhile
        return 0.0


def growth(memory: list[tuple[int, float]], documents: int) -> float:
    """Return how many MiB memory grew per 10,000 documents, by least squares; NaN if unknowable.

    From a tenth of the documents, when pools and caches are filled, to the last but a twentieth,
    before the results are written.
    """
    points = [
        (done / 10_000, mib) for done, mib in memory if 0.1 * documents <= done <= 0.95 * documents
    ]
    if len(points) < 3:
        return float("nan")
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return float("nan")
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
