"""The pacer decides when a call may start. It has no clock and no randomness of its own.

    requests    calls a second, given or learned (quota.py)
    tokens      tokens a second, given or learned once the server rejects for tokens
    in flight   never more calls than the cap, or than the server takes at once (concurrency.py);
                one only until the first reply has come, so that a wrong key or model costs one
                call, not a window of them
    RetryInfo   a server that says when to come back is believed: nobody calls before
    outage      calls that fail in a row close the gate for growing spans (outage.py)

Times are seconds of any monotonic clock; `draw` is uniform in [0, 1).
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from sluicegate.pacing.breaker import BreakerSettings, CircuitBreaker
from sluicegate.pacing.concurrency_cap import ConcurrencyCap
from sluicegate.pacing.learned_rate import LONG_RETRY_SECONDS, MAX_RETRY_SECONDS, LearnedRate

# Late wake-ups are caught up, by a quarter of a second at most (spacing.py): .4 % of a minute. So
# much under the quota, no minute of the server's clock holds more calls, wherever it begins; under
# 300 a minute, where one call is more than that, it can hold one more.
_HEADROOM = 0.995


@dataclass(frozen=True, slots=True)
class PacerSettings:
    """What is known of the quota. Scope: one process; what is None is learned."""

    max_in_flight: int = 400
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    breaker: BreakerSettings = field(default_factory=BreakerSettings)


class Admission(NamedTuple):
    """A call that was let through: when, as which one at the server, and what it was charged."""

    at: float
    in_flight: int
    tokens: float


class Rejection(NamedTuple):
    """What a server says with a 429. Empty where it says nothing."""

    retry_after_seconds: float = 0.0
    of_tokens: bool = False  # the quota is one of tokens, not of requests
    per_minute: float | None = None  # the quota's value


class Pacer:
    """Admission of calls. Not thread-safe: it lives on the engine's event loop."""

    def __init__(self, settings: PacerSettings) -> None:
        self._settings = settings
        self.requests = LearnedRate(_per_second(settings.requests_per_minute))
        self.tokens: LearnedRate | None = None
        if settings.tokens_per_minute:
            self.tokens = LearnedRate(_per_second(settings.tokens_per_minute), unit=1000.0)
        self.breaker = CircuitBreaker(settings.breaker)
        self._concurrency = ConcurrencyCap()
        self._blocked_until = -math.inf
        self._in_flight = self._replied = 0
        self._opened = False

    @property
    def in_flight(self) -> int:
        """Calls that have started and not finished."""
        return self._in_flight

    @property
    def cap_on_concurrency(self) -> float:
        """How many calls the server takes at once, as far as that was learned; else inf."""
        return self._concurrency.limit

    def admit(self, now: float, draw: float, tokens: float = 0.0) -> "Admission | float":
        """Start a call, or return the seconds to wait; inf: until one finishes.

        `tokens` is an estimate, which `correct_tokens` corrects.
        """
        at_server, one = self._in_flight - self._replied, not self._opened or self.breaker.is_open
        if self._in_flight >= (1 if one else self._settings.max_in_flight):
            return math.inf
        if at_server >= self.cap_on_concurrency:
            return math.inf
        held = max(self._blocked_until, self.breaker.until) - now
        rates = (self.requests, self.tokens) if self.tokens else (self.requests,)
        slowest = max(rates, key=lambda rate: rate.wait(now))
        wait = slowest.wait(now)
        if max(wait, held) > 0:
            if wait > held:
                slowest.press()
            return max(wait, held)
        self.requests.charge(now, draw)
        if self.tokens:
            self.tokens.charge(now, draw, max(1.0, tokens))
        self._in_flight += 1
        self._concurrency.started(at_server + 1, now)
        return Admission(now, at_server + 1, tokens)

    def allow_concurrency(self) -> None:
        """Let more than the first call through."""
        self._opened = True

    def replied(self) -> None:
        """Note that a call is off the server's hands, while its answer has yet to be stored."""
        self._replied += 1

    def finish(self, *, replied: bool = False) -> None:
        """Note that a call has ended, however it did; `replied`: that its reply was noted."""
        self._in_flight -= 1
        self._replied -= replied

    def correct_tokens(self, start: Admission, tokens: int) -> None:
        """Note how many tokens a call that was charged by an estimate has really taken."""
        if self.tokens and tokens:
            self.tokens.correct(tokens - start.tokens)

    def rejected(self, start: Admission, now: float, said: Rejection) -> None:
        """Note a 429: learn from it, and hold everybody back if the server says for how long."""
        self.succeeded()
        seconds = min(said.retry_after_seconds, MAX_RETRY_SECONDS)
        if seconds >= LONG_RETRY_SECONDS:
            self._blocked_until = max(self._blocked_until, now + seconds)
        if said.of_tokens:
            self._learn_tokens(start, now, said)
            return
        if not said.per_minute and self._concurrency.rejected(start.in_flight, now):
            return
        self.requests.rejected(start.at, now, seconds, named=_named(said))

    def _learn_tokens(self, start: Admission, now: float, said: Rejection) -> None:
        if self.tokens is None:
            # What went well so far, in tokens; a rejection of the rate itself follows at once.
            unit = max(1.0, start.tokens)
            self.tokens = LearnedRate(unit=unit, start=self.requests.rate * unit)
        self.tokens.rejected(
            start.at, now, said.retry_after_seconds, max(1.0, start.tokens), _named(said)
        )

    def succeeded(self) -> None:
        """Note any reply that shows the service at work."""
        self.breaker.succeeded()
        self._opened = True

    def failed(self, now: float, *, fresh: bool) -> None:
        """Note a 5xx, a timeout or a broken connection; `fresh` on a document's first call."""
        self.breaker.failed(now, fresh=fresh)


def _named(said: Rejection) -> float:
    return _per_second(said.per_minute) or math.inf


def _per_second(per_minute: float | None) -> float | None:
    return per_minute / 60 * _HEADROOM if per_minute else None
