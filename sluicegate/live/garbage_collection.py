"""How often Python's garbage collector looks, while calls are made that leave no circles behind."""

import gc
import threading

# New containers until the youngest are looked at. Calls in flight come and go by more than Python's
# 700: with 64 of them a look came every ten documents, and cost 0.2 ms of CPU for each.
_CONTAINERS = 10_000

_LOCK = threading.Lock()
_BEFORE: list[tuple[int, int, int]] = []  # what each who looks seldom found


def collect_rarely() -> None:
    """Have the collector look at every 10,000 new containers, if it looks more often by now.

    What a document took is freed by counting references, whatever becomes of it; tests see to it.
    """
    with _LOCK:
        young, middle, old = gc.get_threshold()
        _BEFORE.append((young, middle, old))
        if 0 < young < _CONTAINERS:  # 0: it never looks
            gc.set_threshold(_CONTAINERS, middle, old)


def collect_as_before() -> None:
    """Take one `collect_rarely` back; the last restores what the first found."""
    with _LOCK:
        before = _BEFORE.pop()
        if not _BEFORE:
            gc.set_threshold(*before)
