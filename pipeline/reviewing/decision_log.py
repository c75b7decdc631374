"""The file of decisions: appended to, and on the disk before a decision counts as made."""

import fcntl
import os
import threading
from pathlib import Path

from sluicegate.faults import UsageFault
from sluicegate.review.decisions import Decision, corrections, decision_line, replay

DECISIONS, CORRECTIONS = "decisions.jsonl", "corrections.jsonl"


class DecisionLog:
    """Decisions under a folder. Shared by the threads of one process; one process at a time.

    What is returned from `append` survives the end of the process and of the machine.
    """

    def __init__(self, folder: Path) -> None:
        """Open the log and read what is in it; raise UsageFault where that cannot be."""
        self._folder = folder
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / DECISIONS, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise UsageFault(f"--output: {error}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise UsageFault(f"--output: another review is being served from {folder}") from None
        content = (folder / DECISIONS).read_bytes()
        self._decisions = replay(content.splitlines(keepends=True))
        if content and not content.endswith(b"\n"):
            os.write(self._file, b"\n")  # a line that was cut: what follows must not be part of it
        self._sync_folder()

    @property
    def decisions(self) -> dict[str, Decision]:
        """The last decision about each document."""
        with self._lock:
            return dict(self._decisions)

    def append(self, decision: Decision) -> None:
        """Keep a decision; raise OSError, with nothing half-written, where it cannot be kept."""
        line = decision_line(decision)
        with self._lock:
            size = os.fstat(self._file).st_size
            try:
                left = memoryview(line)
                while left:
                    left = left[os.write(self._file, left) :]
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, size)
                raise
            self._decisions[decision.id] = decision

    def save(self) -> Path:
        """Write the lines of truth anew, all or nothing; return where they are."""
        place = self._folder / CORRECTIONS
        part = self._folder / f".{CORRECTIONS}.{os.getpid()}"
        with self._lock, part.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(corrections(self._decisions.values()))
            file.flush()
            os.fsync(file.fileno())
            part.replace(place)
        self._sync_folder()
        return place

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
