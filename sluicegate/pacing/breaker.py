"""A circuit breaker: when an outage stops the calls, and how its end is noticed."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When failing calls count as an outage, and how rarely the service is probed then."""

    threshold: int = 8  # documents whose first calls fail in a row, or that meet an overload
    # A model that is overloaded turns calls away by chance, half of them for hours. That is an
    # outage only where besides nothing has succeeded for so long.
    silent_seconds: float = 5.0
    max_pause_seconds: float = 30.0


class CircuitBreaker:
    """Opens when calls fail in a row; probes after growing pauses; closes on the first success.

    closed      calls pass; `threshold` failures in a row on documents' first calls open it, and
                so many documents that meet an overload, if nothing succeeded for `silent_seconds`
    open        no call starts before `next_probe_at`
    half-open   from then on one call at a time is a probe: a failure opens it again, with twice
                the pause; a success closes it

    Times are seconds of any monotonic clock. Scope: its pacer.
    """

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self._failures = 0  # in a row, of documents' first calls
        self._overloads = 0  # documents since the last success; before the first one, calls
        self._ever_succeeded = False
        self._pause = 0.0  # seconds; 0 while closed
        self._first_failure_at: float | None = None  # of those in a row
        self.next_probe_at = -math.inf

    @property
    def is_open(self) -> bool:
        """True while open or half-open: from the first pause until a call succeeds."""
        return self._pause > 0

    def outage_seconds(self, now: float) -> float:
        """Return for how long every call has failed; 0 while closed."""
        if not self.is_open or self._first_failure_at is None:
            return 0.0
        return now - self._first_failure_at

    def succeeded(self) -> None:
        """Close: a reply, whatever it says, shows that the service is at work."""
        self._first_failure_at = None
        self._failures = self._overloads = 0
        self._ever_succeeded = True
        self._pause = 0.0

    def overloaded(self, now: float, *, fresh: bool) -> None:
        """Count a 503 of an overloaded model; `fresh`: the document's first since the last success.

        A run's last document may always meet it: that blames neither the service nor the job.
        Before the first success of all, nothing speaks for a service that is there.
        """
        if self._first_failure_at is None:
            self._first_failure_at = now
        self._overloads += fresh or not self._ever_succeeded
        silent = now - self._first_failure_at if self._ever_succeeded else math.inf
        if self._overloads >= self._settings.threshold and silent >= self._settings.silent_seconds:
            self._open(now)

    def failed(self, now: float, *, fresh: bool) -> None:
        """Count a 5xx, a timeout or a broken connection; `fresh` on a document's first call.

        Retries are weak evidence: towards the end of a job only documents that always fail are
        left, and that is no outage.
        """
        if self._first_failure_at is None:
            self._first_failure_at = now
        if fresh:
            self._failures += 1
        if self._failures >= self._settings.threshold:
            self._open(now)

    def _open(self, now: float) -> None:
        # Calls that were in flight when it opened fail too; only a probe lengthens the pause.
        if now >= self.next_probe_at:
            self._pause = min(self._settings.max_pause_seconds, 2 * self._pause or 1.0)
            self.next_probe_at = now + self._pause
