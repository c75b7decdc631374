"""Progress for a person's eyes: counted where a run is watched, from any thread."""

import weakref
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from sluicegate import progress
from sluicegate.progress import Progress


def test_a_watched_run_is_counted() -> None:
    """It is, from `watch` to `forget`."""
    progress.watch("run-1")
    progress.count("run-1", matched=3)
    progress.count("run-1", done=1, cost_usd=Decimal("0.5"))
    progress.count("run-1", failed=1, cost_usd=None)
    progress.count("run-1", skipped=1)
    assert progress.current("run-1") == Progress(3, 1, 1, 1, Decimal("0.5"))
    assert progress.forget("run-1") == Progress(3, 1, 1, 1, Decimal("0.5"))
    assert progress.current("run-1") == Progress()


def test_runs_that_nobody_watches_cost_nothing() -> None:
    """Nothing is kept of them, nor of forgotten ones."""
    progress.count("unknown", matched=3)
    assert progress.current("unknown") == progress.forget("unknown") == Progress()


def test_no_count_is_lost_between_threads() -> None:
    """Many threads, one sum."""
    progress.watch("run-2")
    with ThreadPoolExecutor(8) as threads:
        for _ in range(1000):
            threads.submit(progress.count, "run-2", done=1)
    assert progress.forget("run-2").done == 1000


def test_what_a_run_waits_for_is_asked_of_what_knows() -> None:
    """While the run is watched, and for as long as that is there."""

    class Engine:
        def waits_for(self) -> str:
            return "held back by the quota"

    engine = Engine()
    progress.explain("run-3", weakref.WeakMethod(engine.waits_for))
    assert progress.reason("run-3") == ""
    progress.watch("run-3")
    progress.explain("run-3", weakref.WeakMethod(engine.waits_for))
    assert progress.reason("run-3") == "held back by the quota"
    del engine
    assert progress.reason("run-3") == ""
    progress.forget("run-3")
    assert progress.reason("run-3") == ""
