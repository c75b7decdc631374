"""How often Python's garbage collector runs while engines do: calls leave no reference cycles."""

import gc
import threading

# New containers until the youngest generation is collected. The number of objects in flight changes
# by more than Python's own threshold of 700: with 64 calls in flight a collection came every ten
# documents, and cost 0.2 ms of CPU for each.
_CONTAINERS = 10_000

_LOCK = threading.Lock()
_BEFORE: list[tuple[int, int, int]] = []  # the thresholds that each `collect_rarely` found


def collect_rarely() -> None:
    """Collect at every 10,000 new containers, where the collector runs more often than that.

    What a document took is freed by reference counting, whatever its result; tests check that.
    """
    with _LOCK:
        young, middle, old = gc.get_threshold()
        _BEFORE.append((young, middle, old))
        if 0 < young < _CONTAINERS:  # 0: the collector is off
            gc.set_threshold(_CONTAINERS, middle, old)


def collect_as_before() -> None:
    """Undo one `collect_rarely`; the last undo restores the thresholds of before the first."""
    with _LOCK:
        before = _BEFORE.pop()
        if not _BEFORE:
            gc.set_threshold(*before)
