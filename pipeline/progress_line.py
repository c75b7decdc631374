"""The line a person watches while a local run works."""

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from sluicegate import progress
from sluicegate.progress import Progress

_REFRESH_SECONDS = 0.25
_RATE_SECONDS = 30.0
# Where nobody watches a terminal, a line now and then.
_LOG_EVERY_SECONDS = 30.0


class ProgressLine:
    """Shows documents done of total, rate, failures, cost and time left, until the block ends."""

    def __init__(self, run_id: str, console: Console, *, enabled: bool) -> None:
        self._run_id, self._console, self._enabled = run_id, console, enabled
        self._stop = threading.Event()
        self._started = time.monotonic()
        self._samples: deque[tuple[float, int]] = deque()
        self.reached = Progress()
        self._thread = threading.Thread(target=self._show, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if self._enabled:
            progress.watch(self._run_id)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._enabled:
            self._stop.set()
            self._thread.join()
            self.reached = progress.forget(self._run_id)

    def _line(self) -> str:
        now, at = progress.current(self._run_id), time.monotonic()
        if now.done or not self._samples:
            self._samples.append((at, now.done))
        while len(self._samples) > 2 and at - self._samples[1][0] > _RATE_SECONDS:
            self._samples.popleft()
        since, before = self._samples[0]
        rate = (now.done - before) / (at - since) if at > since else 0.0
        return describe(now, at - self._started, rate)

    def _show(self) -> None:
        if not self._console.is_terminal:
            while not self._stop.wait(_LOG_EVERY_SECONDS):
                self._console.print(self._line(), soft_wrap=True)
            return
        with Live(console=self._console, transient=True, auto_refresh=False) as live:
            while not self._stop.wait(_REFRESH_SECONDS):
                line = self._line()
                live.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)


def describe(now: Progress, elapsed_seconds: float, rate: float) -> str:
    """Return the line: `120 of 500 documents · 4.0/s · 3 failed · $0.0213 · 1:35 left`.

    What an earlier run did is said beside it. `rate` is documents a second of late; the time left
    goes by it.
    """
    skipped = f"{now.skipped:,} skipped · " if now.skipped else ""
    if not now.done:
        return f"{now.matched:,} documents matched · {skipped}{clock(elapsed_seconds)}"
    todo = now.matched - now.skipped
    left = (todo - now.done) / rate if rate else 0.0
    return (
        f"{now.done:,} of {todo:,} documents · {skipped}{rate:,.1f}/s · {now.failed:,} failed · "
        f"${now.cost_usd:,.4f} · {clock(left)} left"
    )


def clock(seconds: float) -> str:
    """Render seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
