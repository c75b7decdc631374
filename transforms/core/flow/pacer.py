"""The pacer decides when a call may start. It has no clock and no randomness of its own.

    rate        one call every 60 / requests_per_minute seconds, jittered so that several
                processes on one quota do not lock into step
    RetryInfo   a server that says when to come back is believed: nobody calls before
    in flight   never more calls than the cap; one only until the first reply has come, so that a
                wrong key or model costs one call, not a window of them
    outage      calls that fail in a row, on fresh documents, close the gate for growing spans;
                then one call at a time probes until one succeeds

Times are seconds of any monotonic clock; `draw` is uniform in [0, 1).
"""

import math
from dataclasses import dataclass

# Two unjittered pacers on one quota phase-lock: one got 1 %, the other 99 %. With +-25 % they
# shared it evenly (measured).
_JITTER = 0.25
# Longest that one RetryInfo may hold everybody.
_MAX_BLOCK_SECONDS = 60.0
# A per-minute quota is enforced on the server's clock; staying 1 % under it absorbs the skew.
_HEADROOM = 0.99


@dataclass(frozen=True, slots=True)
class PacerSettings:
    """What is known of the quota. Scope: one process."""

    max_in_flight: int = 64
    requests_per_minute: float | None = None
    outage_threshold: int = 8  # fresh documents failing in a row
    outage_max_pause_seconds: float = 30.0


class Pacer:
    """Admission of calls. Not thread-safe: it lives on the engine's event loop."""

    def __init__(self, settings: PacerSettings) -> None:
        self._settings = settings
        self._next_start = -math.inf
        self._blocked_until = -math.inf
        self._in_flight = 0
        self._opened = False
        self._troubles = 0
        self._pause = 0.0
        self._first_trouble: float | None = None

    @property
    def in_flight(self) -> int:
        """Calls that have started and not finished."""
        return self._in_flight

    @property
    def in_outage(self) -> bool:
        """True from the closing of the gate until a call succeeds."""
        return self._pause > 0

    def outage_seconds(self, now: float) -> float:
        """Return for how long nothing has succeeded while calls kept failing."""
        if not self.in_outage or self._first_trouble is None:
            return 0.0
        return now - self._first_trouble

    def admit(self, now: float, draw: float) -> float:
        """Start a call and return 0, or return the seconds to wait; inf: until one finishes."""
        limit = self._settings.max_in_flight if self._opened and not self.in_outage else 1
        if self._in_flight >= limit:
            return math.inf
        wait = max(self._next_start, self._blocked_until) - now
        if wait > 0:
            return wait
        rate = self._settings.requests_per_minute
        if rate:
            interval = 60.0 / (rate * _HEADROOM)
            spread = 1 + _JITTER * (2 * draw - 1)
            # From the last slot, not from now: a late wake-up must not lower the rate. But no
            # more than one interval of lateness is caught up, or an idle spell becomes a burst.
            self._next_start = max(self._next_start, now - interval) + interval * spread
        self._in_flight += 1
        return 0.0

    def open(self) -> None:
        """Let more than the first call through."""
        self._opened = True

    def finish(self) -> None:
        """Note that a call has ended, however it did."""
        self._in_flight -= 1

    def block(self, now: float, seconds: float) -> None:
        """Hold everybody back, as a server's RetryInfo asks."""
        self._blocked_until = max(self._blocked_until, now + min(seconds, _MAX_BLOCK_SECONDS))

    def succeeded(self) -> None:
        """Note any reply that shows the service at work."""
        self._first_trouble = None
        self._troubles = 0
        self._pause = 0.0
        self._opened = True

    def failed(self, now: float, *, fresh: bool) -> None:
        """Note a 5xx, a timeout or a broken connection; `fresh` on a document's first call.

        Retries are weak evidence: towards the end of a job the documents that always fail are
        alone, and no outage.
        """
        if self._first_trouble is None:
            self._first_trouble = now
        if fresh:
            self._troubles += 1
        if self._troubles >= self._settings.outage_threshold:
            ceiling = self._settings.outage_max_pause_seconds
            if now >= self._blocked_until:  # one step for each probe, not for each straggler
                self._pause = min(ceiling, 2 * self._pause or 1.0)
                self.block(now, self._pause)
