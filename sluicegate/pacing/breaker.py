"""An outage, seen from the client: when to stop calling, and how to notice that it is over."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When calls that fail in a row are an outage, and how rarely it is then asked again."""

    threshold: int = 8  # fresh documents failing in a row
    max_pause_seconds: float = 30.0


class CircuitBreaker:
    """A circuit breaker: closed by calls that fail in a row, on fresh documents, for growing spans.

    After each span one call at a time probes, until one succeeds. Times are seconds of any
    monotonic clock.
    """

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self._troubles = 0
        self._pause = 0.0
        self._first_trouble: float | None = None
        self.until = -math.inf  # no call before

    @property
    def is_open(self) -> bool:
        """True from the first pause until a call succeeds."""
        return self._pause > 0

    def seconds(self, now: float) -> float:
        """Return for how long nothing has succeeded while calls kept failing."""
        if not self.is_open or self._first_trouble is None:
            return 0.0
        return now - self._first_trouble

    def succeeded(self) -> None:
        """Note any reply that shows the service at work."""
        self._first_trouble = None
        self._troubles = 0
        self._pause = 0.0

    def failed(self, now: float, *, fresh: bool) -> None:
        """Note a 5xx, a timeout or a broken connection; `fresh` on a document's first call.

        Retries are weak evidence: towards the end of a job the documents that always fail are
        alone, and no outage.
        """
        if self._first_trouble is None:
            self._first_trouble = now
        if fresh:
            self._troubles += 1
        # One step for each probe, not for each straggler.
        if self._troubles >= self._settings.threshold and now >= self.until:
            self._pause = min(self._settings.max_pause_seconds, 2 * self._pause or 1.0)
            self.until = now + self._pause
