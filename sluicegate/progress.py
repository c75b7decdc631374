"""Progress of runs in this process, for the command's progress line. Never for accounting.

Steps that run in the launcher's process (DirectRunner) count here. On a cluster no run is watched,
and counting costs one lock.
"""

import threading
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come, in documents."""

    matched: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0  # landed by an earlier run, and not among `done`
    cost_usd: Decimal = Decimal(0)


_LOCK = threading.Lock()
_RUNS: dict[str, Progress] = {}


def watch(run_id: str) -> None:
    """Begin to count for a run."""
    with _LOCK:
        _RUNS[run_id] = Progress()


def forget(run_id: str) -> Progress:
    """Stop counting for a run; return how far it came."""
    with _LOCK:
        return _RUNS.pop(run_id, Progress())


def current(run_id: str) -> Progress:
    """Return how far a run has come."""
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
    """Add to a run's counts, if it is watched in this process."""
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
