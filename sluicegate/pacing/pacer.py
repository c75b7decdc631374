"""The pacer decides when a call may start. It has no clock and no randomness of its own.

    requests    calls a second, given or learned (learned_rate.py)
    tokens      tokens a second, given or learned once the server rejects for tokens
    in flight   never more calls than the limit, or than the server takes at once
                (concurrency_cap.py); only one until the first reply has come, so that a wrong key
                or model costs one call, not hundreds
    RetryInfo   where a rejection says when to come back, no call starts before
    outage      calls that fail in a row open the circuit breaker (breaker.py)
    overload    a 503 of the model says nothing about the rate: only the call that got it waits;
                the breaker counts it

Times are seconds of any monotonic clock; `draw` is uniform in [0, 1).
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from sluicegate.pacing.breaker import BreakerSettings, CircuitBreaker
from sluicegate.pacing.concurrency_cap import ConcurrencyCap
from sluicegate.pacing.learned_rate import LearnedRate
from sluicegate.pacing.tuning import Tuning

# Late wake-ups are caught up, by a quarter of a second at most (spacing.py): 0.4 % of a minute. So
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
    tuning: Tuning = field(default_factory=Tuning)  # of how a rate is learned


class Admission(NamedTuple):
    """A call that was admitted: when, as which one in flight, and the tokens it was charged."""

    at: float
    in_flight: int  # at the server, the call itself included
    tokens: float


class Rejection(NamedTuple):
    """What a 429 says. Fields are empty where it says nothing."""

    retry_after_seconds: float = 0.0
    of_tokens: bool = False  # the quota is one of tokens, not of requests
    per_minute: float | None = None  # the quota's value


class Pacer:
    """Admission of calls. Not thread-safe: it lives on the engine's event loop.

    Its times plus `shift` are those of a clock that all clients of the quota share.
    """

    def __init__(self, settings: PacerSettings, shift: float = 0.0) -> None:
        self._settings, self._shift = settings, shift
        self._tuning = tuning = settings.tuning
        requests = _per_second(settings.requests_per_minute)
        self.requests = LearnedRate(requests, tuning=tuning, shift=shift)
        self.tokens: LearnedRate | None = None
        if settings.tokens_per_minute:
            per_second = _per_second(settings.tokens_per_minute)
            self.tokens = LearnedRate(per_second, unit=1000.0, tuning=tuning, shift=shift)
        self.breaker = CircuitBreaker(settings.breaker)
        self._concurrency_cap = ConcurrencyCap()
        self._blocked_until = -math.inf  # by a RetryInfo
        self._in_flight = 0
        self._replied = 0  # of those in flight, the calls whose reply has come
        self._concurrency_allowed = False  # False: one call at a time, until the first reply

    @property
    def in_flight(self) -> int:
        """Calls that have started and not finished."""
        return self._in_flight

    @property
    def cap_on_concurrency(self) -> float:
        """How many calls the server takes at once, as far as that was learned; else inf."""
        return self._concurrency_cap.limit

    def admit(self, now: float, draw: float, tokens: float = 0.0) -> "Admission | float":
        """Start a call, or return the seconds to wait; inf: until one finishes.

        `tokens` is an estimate, which `correct_tokens` corrects afterwards.
        """
        at_server = self._in_flight - self._replied
        if self._in_flight >= self._max_in_flight() or at_server >= self.cap_on_concurrency:
            return math.inf
        blocked = max(self._blocked_until, self.breaker.next_probe_at) - now
        rates = (self.requests, self.tokens) if self.tokens else (self.requests,)
        slowest = max(rates, key=lambda rate: rate.wait(now))
        wait = slowest.wait(now)
        if max(wait, blocked) > 0:
            if wait > blocked:
                slowest.press()
            return max(wait, blocked)
        self.requests.charge(now, draw)
        if self.tokens:
            self.tokens.charge(now, draw, max(1.0, tokens))
        self._in_flight += 1
        self._concurrency_cap.started(at_server + 1, now)
        return Admission(now, at_server + 1, tokens)

    def blocked_seconds(self, now: float) -> float:
        """Return for how long a rejection said that no call will be admitted; 0 where none did."""
        return max(0.0, self._blocked_until - now)

    def held_by_quota(self, now: float) -> bool:
        """Tell whether it is a quota that holds calls back: given, or learned from a 429.

        The rate that a search for it begins with is none, nor is an outage.
        """
        if self.breaker.is_open:
            return False
        rates = (self.requests, self.tokens) if self.tokens else (self.requests,)
        return self._blocked_until > now or any(
            rate.is_of_a_quota and rate.wait(now) > 0 for rate in rates
        )

    def _max_in_flight(self) -> int:
        one_at_a_time = not self._concurrency_allowed or self.breaker.is_open
        return 1 if one_at_a_time else self._settings.max_in_flight

    def allow_concurrency(self) -> None:
        """Admit more than the first call, though its reply has not come yet."""
        self._concurrency_allowed = True

    def replied(self) -> None:
        """Record that a call's reply has come, while its answer has yet to be stored."""
        self._replied += 1

    def finish(self, *, replied: bool = False) -> None:
        """Record the end of a call, however it ended; `replied`: its reply was recorded."""
        self._in_flight -= 1
        self._replied -= replied

    def correct_tokens(self, admission: Admission, tokens: int) -> None:
        """Replace the estimate that a call was charged by the tokens it really took."""
        if self.tokens and tokens:
            self.tokens.correct(tokens - admission.tokens)

    def rejected(self, admission: Admission, now: float, rejection: Rejection) -> None:
        """Learn from a 429, and block all calls if it says for how long."""
        self.succeeded()
        seconds = min(rejection.retry_after_seconds, self._tuning.max_retry_seconds)
        if seconds >= self._tuning.long_retry_seconds:
            self._blocked_until = max(self._blocked_until, now + seconds)
        if rejection.of_tokens:
            self._learn_tokens(admission, now, rejection)
            return
        if not rejection.per_minute and self._concurrency_cap.rejected(admission.in_flight, now):
            return
        self.requests.rejected(admission.at, now, seconds, named=_named(rejection))

    def _learn_tokens(self, admission: Admission, now: float, rejection: Rejection) -> None:
        if self.tokens is None:
            # Begin with the rate of requests that went well so far, in tokens. That it was too
            # high is learned at once, from the rejection below.
            unit = max(1.0, admission.tokens)
            start = self.requests.rate * unit
            self.tokens = LearnedRate(
                unit=unit, start=start, tuning=self._tuning, shift=self._shift
            )
        self.tokens.rejected(
            admission.at,
            now,
            rejection.retry_after_seconds,
            max(1.0, admission.tokens),
            _named(rejection),
        )

    def succeeded(self) -> None:
        """Record any reply that shows the service at work, a rejection or refusal included."""
        self.breaker.succeeded()
        self._concurrency_allowed = True

    def overloaded(self, now: float, *, fresh: bool) -> None:
        """Record a 503 of an overloaded model. It teaches no rate, and no concurrency.

        `fresh`: it is the document's first since the last success.
        """
        self.breaker.overloaded(now, fresh=fresh)

    def failed(self, now: float, *, fresh: bool) -> None:
        """Record a 5xx, a timeout or a broken connection; `fresh` on a document's first call."""
        self.breaker.failed(now, fresh=fresh)


def _named(rejection: Rejection) -> float:
    """Return the rate that a rejection names, in units a second; inf where it names none."""
    return _per_second(rejection.per_minute) or math.inf


def _per_second(per_minute: float | None) -> float | None:
    return per_minute / 60 * _HEADROOM if per_minute else None
