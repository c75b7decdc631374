"""Virtual servers that reject by chance, whatever a client's rate; see servers.py."""

import math
import random
from collections import deque
from collections.abc import Callable

from benchmarks.simulation.servers import Server


class Unlimited:
    """A server that takes every call."""

    def admit(self, now: float, in_flight: int) -> bool:
        """Take it."""
        return True

    def retry_after(self, now: float) -> float:
        """Say nothing: nothing is rejected."""
        return 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return that there is no limit."""
        return math.inf


class Chance:
    """A server that rejects a share of its calls by chance, before its own rule is asked.

    `share` is a number or a function of time. A rejection by chance says `retry_after` seconds.
    """

    def __init__(
        self,
        inner: Server,
        share: float | Callable[[float], float],
        chance: random.Random,
        retry_after: float = 0.0,
    ) -> None:
        self._inner, self._share, self._chance = inner, share, chance
        self._said, self._by_chance = retry_after, False

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call if chance agrees and the server does."""
        share = self._share(now) if callable(self._share) else self._share
        self._by_chance = self._chance.random() < share
        return not self._by_chance and self._inner.admit(now, in_flight)

    def retry_after(self, now: float) -> float:
        """Say the same at each rejection by chance; else what the server says."""
        return self._said if self._by_chance else self._inner.retry_after(now)

    def capacity(self, start: float, end: float) -> float:
        """Return what the server allows: calls rejected by chance can be sent again."""
        return self._inner.capacity(start, end)


def waves(share: float, seconds: float = 60.0) -> Callable[[float], float]:
    """Return a share that is 0 for so many seconds, then `share` for as many, and so on."""
    return lambda now: share if int(now / seconds) % 2 else 0.0


class Pool:
    """Shared capacity with other tenants, whose load is a function of time.

    A call is taken with the chance that the capacity bears to everybody's load of the last second.
    """

    def __init__(
        self, capacity: float, others: Callable[[float], float], chance: random.Random
    ) -> None:
        self._capacity, self._others, self._chance = capacity, others, chance
        self._recent = deque[float]()

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call by chance."""
        self._recent.append(now)
        while self._recent[0] <= now - 1.0:
            self._recent.popleft()
        load = len(self._recent) + self._others(now)
        return self._chance.random() * load < self._capacity

    def retry_after(self, now: float) -> float:
        """Say nothing."""
        return 0.0

    def capacity(self, start: float, end: float) -> float:
        """Return what the others leave of it, were nobody ever rejected."""
        steps = max(1, int(end - start))
        left = [max(0.0, self._capacity - self._others(start + n + 0.5)) for n in range(steps)]
        return sum(left) * (end - start) / steps
