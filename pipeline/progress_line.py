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
_SAMPLE_SECONDS = 1.0
_RATE_SECONDS = 30.0
_SETTLED_SECONDS = 1.0  # after the first documents the pace goes by those that follow
_STILL_SECONDS = 5.0  # without a document done: the line says why
# Where nobody watches a terminal, a line now and then.
_LOG_EVERY_SECONDS = 30.0


class ProgressLine:
    """Shows documents done of total, rate, failures, cost and time left, until the block ends.

    Where nothing is done for a while it says for how long, and why.
    """

    def __init__(self, run_id: str, console: Console, *, enabled: bool) -> None:
        self._run_id, self._console, self._enabled = run_id, console, enabled
        self._stop = threading.Event()
        self._started = time.monotonic()
        self._pace = Pace()
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
        self._pace.add(at, now.done)
        still = self._pace.still_seconds(at)
        reason = progress.reason(self._run_id) if still >= _STILL_SECONDS else ""
        return describe(now, at - self._started, self._pace.rate(), still, reason)

    def _show(self) -> None:
        if not self._console.is_terminal:
            due = self._started + _LOG_EVERY_SECONDS
            while not self._stop.wait(min(_SAMPLE_SECONDS, _LOG_EVERY_SECONDS)):
                line = self._line()  # the pace is taken far more often than it is shown
                if time.monotonic() >= due:
                    due += _LOG_EVERY_SECONDS
                    self._console.print(line, soft_wrap=True)
            return
        with Live(console=self._console, transient=True, auto_refresh=False) as live:
            while not self._stop.wait(_REFRESH_SECONDS):
                line = self._line()
                live.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)


class Pace:
    """How fast documents are done of late. Times are seconds of any monotonic clock."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._moved_at = 0.0

    def add(self, at: float, done: int) -> None:
        """Enter how many documents are done at a moment."""
        samples = self._samples
        if not samples or done != samples[-1][1]:
            self._moved_at = at
        # Until documents are done the clock does not run: listing them and the first call of all
        # say nothing of the pace.
        if len(samples) == 1 and samples[0][1] == done == 0:
            samples.clear()
        samples.append((at, done))
        while len(samples) > 2 and at - samples[1][0] > _RATE_SECONDS:
            samples.popleft()

    def rate(self) -> float:
        """Return documents a second; 0 before there is any to go by.

        From the second on it goes by what was done after the first ones: these began together.
        """
        if not self._samples:
            return 0.0
        (since, before), (at, done) = self._samples[0], self._samples[-1]
        first = self._samples[min(1, len(self._samples) - 1)]
        if before == 0 and at - first[0] >= _SETTLED_SECONDS and done > first[1]:
            since, before = first
        return (done - before) / (at - since) if at > since else 0.0

    def still_seconds(self, at: float) -> float:
        """Return for how long nothing has been done."""
        return at - self._moved_at if self._samples else 0.0


def describe(
    now: Progress, elapsed_seconds: float, rate: float, still_seconds: float = 0, reason: str = ""
) -> str:
    """Return the line: `120 of 500 documents · 4.0/s · 3 failed · $0.0213 · 1:35 left`.

    What an earlier run did, and what a later one is to do, is said beside it. `rate` is documents a
    second of late; the time left goes by it. Where nothing is done any more, that is said in their
    place, with the reason.
    """
    others = ((now.skipped, "skipped"), (now.waiting, "waiting"))
    aside = " · ".join(f"{number:,} {how}" for number, how in others if number)
    parts: tuple[str, ...]
    if not now.done:
        parts = (f"{now.matched:,} documents matched", aside, reason, clock(elapsed_seconds))
        return " · ".join(part for part in parts if part)
    todo = now.matched - now.skipped - now.waiting
    is_still = still_seconds >= _STILL_SECONDS and now.done < todo
    pace = (
        f"{now.done:,} of {todo:,} documents",
        aside,
        f"{rate:,.1f}/s" if rate and not is_still else "",
        f"{now.failed:,} failed",
        f"${now.cost_usd:,.4f}",
        f"{clock((todo - now.done) / rate)} left" if rate and not is_still else "",
        f"none for {clock(still_seconds)}" if is_still else "",
        reason if is_still else "",
    )
    return " · ".join(part for part in pace if part)


def clock(seconds: float) -> str:
    """Render seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
