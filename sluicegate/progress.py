"""Progress of runs in this process, for the line that a person watches. Never for accounting.

Steps that run in the launcher's process (DirectRunner) count here; on a cluster nobody looks, and
counting costs one lock.
"""

import threading
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    matched: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0  # done by an earlier run, and not among `done`
    cost_usd: Decimal = Decimal(0)


_LOCK = threading.Lock()
_RUNS: dict[str, Progress] = {}


def watch(run_id: str) -> None:
    """Begin to count a run."""
    with _LOCK:
        _RUNS[run_id] = Progress()


def forget(run_id: str) -> Progress:
    """Stop counting a run; return where it stood."""
    with _LOCK:
        return _RUNS.pop(run_id, Progress())


def current(run_id: str) -> Progress:
    """Return how far a run is."""
    with _LOCK:
        return _RUNS.get(run_id, Progress())


def count(
    run_id: str,
    *,
    matched: int = 0,
    done: int = 0,
    failed: int = 0,
    skipped: int = 0,
    cost_usd: Decimal | None = None,
) -> None:
    """Count, if the run is watched in this process."""
    with _LOCK:
        run = _RUNS.get(run_id)
        if run:
            _RUNS[run_id] = replace(
                run,
                matched=run.matched + matched,
                done=run.done + done,
                failed=run.failed + failed,
                skipped=run.skipped + skipped,
                cost_usd=run.cost_usd + (cost_usd or 0),
            )
