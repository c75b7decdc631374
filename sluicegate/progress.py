"""Progress of runs in this process, for the command's progress line. Never for accounting.

Steps that run in the launcher's process (DirectRunner) count here. On a cluster no run is watched,
and counting costs one lock.
"""

import threading
from collections.abc import Callable
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
    waiting: int = 0  # left for a later run, and not among `done`


_LOCK = threading.Lock()
_RUNS: dict[str, Progress] = {}
# What tells why a run stands still, looked up weakly: it may have ended.
_REASONS: dict[str, Callable[[], Callable[[], str] | None]] = {}


def watch(run_id: str) -> None:
    """Begin to count for a run."""
    with _LOCK:
        _RUNS[run_id] = Progress()


def forget(run_id: str) -> Progress:
    """Stop counting for a run; return how far it came."""
    with _LOCK:
        _REASONS.pop(run_id, None)
        return _RUNS.pop(run_id, Progress())


def current(run_id: str) -> Progress:
    """Return how far a run has come."""
    with _LOCK:
        return _RUNS.get(run_id, Progress())


def explain(run_id: str, reason: Callable[[], Callable[[], str] | None]) -> None:
    """Name what tells why a run stands still, if it is watched: a weak reference to a function."""
    with _LOCK:
        if run_id in _RUNS:
            _REASONS[run_id] = reason


def reason(run_id: str) -> str:
    """Return in a few words what a run waits for; "" where nothing is known."""
    with _LOCK:
        found = _REASONS.get(run_id)
    tell = found() if found else None
    return tell() if tell else ""


def count(
    run_id: str,
    *,
    matched: int = 0,
    done: int = 0,
    failed: int = 0,
    skipped: int = 0,
    waiting: int = 0,
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
                waiting=run.waiting + waiting,
                cost_usd=run.cost_usd + (cost_usd or 0),
            )
