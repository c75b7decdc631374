"""Virtual servers: what a service admits, when it rejects, and how long its work takes.

All are pure: times are seconds of the simulation, chance is a `random.Random` that is given.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from emulators.gemini.quota import FixedWindow, TokenBucket


class Server(Protocol):
    """What a simulated client calls."""

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call, or reject it; `in_flight` is of all clients together."""
        ...

    def retry_after(self, now: float) -> float:
        """Return what a rejection says in RetryInfo, in seconds; 0 for none."""
        ...

    def capacity(self, start: float, end: float) -> float:
        """Return how many calls the quota allows in a span; inf where it is no fixed number."""
        ...


class Bucket:
    """A token bucket of `rate` calls a second that steps through `rates`: (from second, rate)."""

    def __init__(
        self,
        rates: float | Sequence[tuple[float, float]],
        depth_seconds: float = 1.0,
        retry_info: Callable[[float], float] | None = None,
    ) -> None:
        self._rates = [(0.0, rates)] if isinstance(rates, int | float) else list(rates)
        self._depth_seconds, self._retry_info = depth_seconds, retry_info
        self._at = -1
        self._wait = 0.0
        self._step(0.0)

    def _step(self, now: float) -> None:
        while self._at + 1 < len(self._rates) and self._rates[self._at + 1][0] <= now:
            self._at += 1
            rate = self._rates[self._at][1]
            self._bucket = TokenBucket(60 * rate, max(1.0, rate * self._depth_seconds))
            if self._at:  # only the first begins full
                self._bucket.use(now, max(1.0, rate * self._depth_seconds))

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call if a token is there."""
        self._step(now)
        self._wait = self._bucket.wait(now)
        if self._wait:
            return False
        self._bucket.use(now)
        return True

    def retry_after(self, now: float) -> float:
        """Say what the model's RetryInfo says."""
        return self._retry_info(self._wait) if self._retry_info else 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return the integral of the rate."""
        steps = [*self._rates, (math.inf, 0.0)]
        return sum(
            rate * max(0.0, min(end, until) - max(start, since))
            for (since, rate), (until, _) in pairwise(steps)
        )


class Window:
    """`limit` calls in each window of `seconds`; RetryInfo names the window's end, or nothing."""

    def __init__(self, limit: float, seconds: float = 60.0, *, retry_info: bool = True) -> None:
        self._window = FixedWindow(limit, seconds)
        self._limit, self._seconds, self._retry_info = limit, seconds, retry_info

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call if the window has room."""
        if self._window.wait(now):
            return False
        self._window.use(now)
        return True

    def retry_after(self, now: float) -> float:
        """Say when the next window begins."""
        return self._window.wait(now) if self._retry_info else 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return the limit's share of the span."""
        return self._limit * (end - start) / self._seconds


class Slots:
    """At most `limit` calls at a time."""

    def __init__(self, limit: int, mean_latency: float) -> None:
        self._limit, self._mean_latency = limit, mean_latency

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call if a slot is free."""
        return in_flight < self._limit

    def retry_after(self, now: float) -> float:
        """Say nothing."""
        return 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return what full slots would do."""
        return self._limit / self._mean_latency * (end - start)


class Contention:
    """Shared capacity without a fixed quota: what others leave, wandering between two bounds.

    A call is rejected by chance, the more likely the further the load of the last second is over
    what is left. Rejections carry no details.
    """

    def __init__(self, low: float, high: float, period: float, chance: random.Random) -> None:
        self._low, self._high, self._period, self._chance = low, high, period, chance
        self._recent: list[float] = []

    def _left(self, now: float) -> float:
        middle, swing = (self._high + self._low) / 2, (self._high - self._low) / 2
        return middle + swing * math.sin(2 * math.pi * now / self._period)

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call by chance."""
        self._recent = [moment for moment in self._recent if moment > now - 1.0]
        self._recent.append(now)
        return self._chance.random() < self._left(now) / len(self._recent)

    def retry_after(self, now: float) -> float:
        """Say nothing."""
        return 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return the integral of what is left."""
        steps = max(1, int(end - start))
        return sum(self._left(start + n + 0.5) for n in range(steps)) * (end - start) / steps


@dataclass(frozen=True, slots=True)
class Latency:
    """Lognormal seconds from admission to answer; `tail` of the calls take ten times as long."""

    median: float = 0.5
    sigma: float = 0.5
    tail: float = 0.0

    def draw(self, chance: random.Random) -> float:
        """Draw one."""
        seconds = self.median * math.exp(chance.gauss(0.0, self.sigma))
        return 10 * seconds if chance.random() < self.tail else seconds

    @property
    def mean(self) -> float:
        """Seconds on average."""
        return self.median * math.exp(self.sigma**2 / 2) * (1 + 9 * self.tail)
