"""The line a person watches while a local run works."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from transforms.core import progress
from transforms.core.progress import Progress

_REFRESH_SECONDS = 0.25
# Where nobody watches a terminal, a line now and then.
_LOG_EVERY_SECONDS = 30.0


class ProgressLine:
    """Shows documents done of total, rate, failures, cost and time left, until the block ends."""

    def __init__(self, run_id: str, console: Console, *, enabled: bool) -> None:
        self._run_id, self._console, self._enabled = run_id, console, enabled
        self._stop = threading.Event()
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
            progress.forget(self._run_id)

    def _show(self) -> None:
        started = time.monotonic()
        if not self._console.is_terminal:
            while not self._stop.wait(_LOG_EVERY_SECONDS):
                line = describe(progress.look(self._run_id), time.monotonic() - started)
                self._console.print(line, soft_wrap=True)
            return
        with Live(console=self._console, transient=True, auto_refresh=False) as live:
            while not self._stop.wait(_REFRESH_SECONDS):
                line = describe(progress.look(self._run_id), time.monotonic() - started)
                live.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)


def describe(now: Progress, elapsed_seconds: float) -> str:
    """Return the line: `120 of 500 documents · 4.0/s · 3 failed · $0.0213 · 1:35 left`."""
    if not now.done:
        return f"{now.matched:,} documents matched · {clock(elapsed_seconds)}"
    rate = now.done / elapsed_seconds if elapsed_seconds > 0 else 0.0
    left = (now.matched - now.done) / rate if rate else 0.0
    return (
        f"{now.done:,} of {now.matched:,} documents · {rate:,.1f}/s · {now.failed:,} failed · "
        f"${now.cost_usd:,.4f} · {clock(left)} left"
    )


def clock(seconds: float) -> str:
    """Render seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
