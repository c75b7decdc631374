"""The run: clients, one server, a heap of events, and what came of it."""

import heapq
import math
import random
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.simulation.servers import Latency, Server
from sluicegate.pacing.pacer import Admission, Pacer, PacerSettings, Rejection

# How long a rejection takes to come back: tens of milliseconds, long before a generation ends.
_REJECTION_SECONDS = (0.02, 0.08)
_CHECK_SECONDS = 5.0
# As the engine does: the first call goes alone, until its reply or for so long.
_ALONE_SECONDS = 1.0


class Client(Protocol):
    """Decides when calls start. An admission is whatever it wants to be told again at the end."""

    def admit(self, now: float, draw: float) -> Any:
        """Return a start, or the seconds to wait (a float; inf: until a call ends)."""
        ...

    def ended(self, start: Any, now: float, *, rejected: bool, retry_after: float) -> None:
        """Note the end of a call."""
        ...


@dataclass
class Traffic:
    """What one client did: moments in seconds of the simulation."""

    admitted: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)

    def between(self, start: float, end: float) -> tuple[int, int]:
        """Return (admitted, rejected) of a span."""
        return (
            bisect_left(self.admitted, end) - bisect_left(self.admitted, start),
            bisect_left(self.rejected, end) - bisect_left(self.rejected, start),
        )


@dataclass
class Result:
    """What came of a simulation."""

    server: Server
    clients: list[Traffic]
    end: float

    def goodput(self, start: float = 0.0, end: float | None = None) -> float:
        """Return admitted calls over what the quota allowed in a span."""
        end = end or self.end
        admitted = sum(client.between(start, end)[0] for client in self.clients)
        return admitted / self.server.capacity(start, end)

    def waste(self, start: float = 0.0, end: float | None = None) -> float:
        """Return rejected calls over all calls of a span."""
        counts = [client.between(start, end or self.end) for client in self.clients]
        rejected = sum(count[1] for count in counts)
        return rejected / max(1, rejected + sum(count[0] for count in counts))

    def worst_share(self, start: float = 0.0, end: float | None = None) -> float:
        """Return the smallest client's admitted calls over a fair share."""
        admitted = [client.between(start, end or self.end)[0] for client in self.clients]
        return min(admitted) * len(admitted) / max(1, sum(admitted))


def simulate(
    server: Server,
    clients: Sequence[Client],
    seconds: float,
    latency: Latency | None = None,
    *,
    seed: int = 1,
    joins: Sequence[float] = (),
) -> Result:
    """Run clients that always have work against one server for so many seconds.

    `joins` gives the second at which each client begins (0).
    """
    run = _VirtualRun(server, clients, latency or Latency(), random.Random(seed))
    for who in range(len(clients)):
        run.wake(who, joins[who] if joins else 0.0)
    run.run(seconds)
    return Result(server, run.traffic, seconds)


class _VirtualRun:
    def __init__(
        self,
        server: Server,
        clients: Sequence[Client],
        latency: Latency,
        chance: random.Random,
    ) -> None:
        self._server, self._clients = server, clients
        self._latency, self._chance = latency, chance
        self.traffic = [Traffic() for _ in clients]
        # (moment, order, client, the call that ends then; None: the client looks again)
        self._events: list[tuple[float, int, int, tuple[Any, bool, float] | None]] = []
        self._order = 0
        self._in_flight = 0
        self._wake = [math.inf] * len(clients)

    def wake(self, who: int, moment: float) -> None:
        self._wake[who] = moment
        self._push(moment, who, None)

    def run(self, seconds: float) -> None:
        now = 0.0
        while self._events and now < seconds:
            now, _, who, call = heapq.heappop(self._events)
            if call is not None:
                start, rejected, retry_after = call
                self._in_flight -= not rejected
                self._clients[who].ended(start, now, rejected=rejected, retry_after=retry_after)
            if call is not None or now >= self._wake[who]:
                self._let_start(now, who)

    def _push(self, moment: float, who: int, call: tuple[Any, bool, float] | None) -> None:
        self._order += 1
        heapq.heappush(self._events, (moment, self._order, who, call))

    def _let_start(self, now: float, who: int) -> None:
        server, traffic = self._server, self.traffic[who]
        while True:
            start = self._clients[who].admit(now, self._chance.random())
            if isinstance(start, float):
                self.wake(who, now + min(start, _CHECK_SECONDS))
                return
            if server.admit(now, self._in_flight):
                traffic.admitted.append(now)
                self._in_flight += 1
                self._push(now + self._latency.draw(self._chance), who, (start, False, 0.0))
            else:
                traffic.rejected.append(now)
                heard = now + self._chance.uniform(*_REJECTION_SECONDS)
                self._push(heard, who, (start, True, server.retry_after(now)))


class FixedConcurrency:
    """What most scripts are: so many calls at a time, a rejected one again after a second."""

    def __init__(self, limit: int) -> None:
        self._limit, self._in_flight = limit, 0
        self._waiting: deque[float] = deque()  # when those that were rejected go again

    def admit(self, now: float, draw: float) -> Any:
        """Start a call if fewer are in flight or waiting."""
        if self._in_flight + len(self._waiting) < self._limit:
            self._in_flight += 1
            return ()
        if self._waiting and self._waiting[0] <= now:
            self._waiting.popleft()
            self._in_flight += 1
            return ()
        return self._waiting[0] - now if self._waiting else math.inf

    def ended(self, start: Any, now: float, *, rejected: bool, retry_after: float) -> None:
        """Note the end of a call."""
        self._in_flight -= 1
        if rejected:
            self._waiting.append(now + 1.0)


class Paced:
    """The product's pacer, as the engine uses it; `named`: what 429s call the quota a minute."""

    def __init__(
        self, settings: PacerSettings | None = None, named: Callable[[float], float] | None = None
    ) -> None:
        self.pacer = Pacer(settings or PacerSettings())
        self._named = named
        self._first: float | None = None

    def admit(self, now: float, draw: float) -> Any:
        """Start a call if the pacer lets it."""
        if self._first is not None and now >= self._first + _ALONE_SECONDS:
            self.pacer.allow_concurrency()
        start = self.pacer.admit(now, draw)
        if self._first is None and isinstance(start, Admission):
            self._first = now
        if start == math.inf and self._first is not None and now < self._first + _ALONE_SECONDS:
            return self._first + _ALONE_SECONDS - now
        return start

    def ended(self, start: Any, now: float, *, rejected: bool, retry_after: float) -> None:
        """Tell the pacer."""
        self.pacer.finish()
        if rejected:
            named = self._named(now) if self._named else None
            self.pacer.rejected(start, now, Rejection(retry_after, per_minute=named))
        else:
            self.pacer.succeeded()
