"""Quotas as the services keep them: pure, time is a parameter (seconds of any steady clock)."""

from dataclasses import dataclass
from typing import Protocol

from emulators.gemini.behaviour import Behaviour

MINUTE = 60.0
DAY = 86_400.0
_OTHER_LIMITS = ("tokens_per_minute", "requests_per_day", "max_concurrency")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A call that was not admitted: by which quota, its size, and seconds until it has room.

    Without a size it is one that the service does not explain.
    """

    quota: str
    limit: int | None
    retry_after: float


class Allowance(Protocol):
    """Something that is used up by calls and comes back with time."""

    def wait(self, now: float) -> float:
        """Return the seconds until one more unit may be used; 0 if it may be used now."""
        ...

    def use(self, now: float, amount: float = 1.0) -> None:
        """Use an amount, which may exceed what is left."""
        ...

    def change(self, now: float, per_minute: float) -> None:
        """Allow so much from now on; what was used stays used."""
        ...


class TokenBucket:
    """``per_minute`` units come in evenly; at most ``depth`` are saved up."""

    def __init__(self, per_minute: float, depth: float) -> None:
        self._per_second = per_minute / MINUTE
        self._depth = depth
        self._level = depth
        self._then: float | None = None

    def _fill(self, now: float) -> None:
        if self._then is not None:
            gained = max(0.0, now - self._then) * self._per_second
            self._level = min(self._depth, self._level + gained)
        self._then = now

    def wait(self, now: float) -> float:
        """Return the seconds until a whole unit is there."""
        self._fill(now)
        # A depth below one unit, and rounding, would otherwise never admit anything.
        missing = min(1.0, self._depth) - self._level
        return missing / self._per_second if missing > 1e-9 else 0.0

    def use(self, now: float, amount: float = 1.0) -> None:
        """Use an amount; the level may go below zero, and is then paid back by time."""
        self._fill(now)
        self._level -= amount

    def change(self, now: float, per_minute: float) -> None:
        """Refill at another rate from now on; level and depth stay."""
        self._fill(now)
        self._per_second = per_minute / MINUTE


class FixedWindow:
    """``limit`` units in each window of ``seconds``, windows starting at multiples of it."""

    def __init__(self, limit: float, seconds: float = MINUTE) -> None:
        self._limit = limit
        self._seconds = seconds
        self._window = -1
        self._used = 0.0

    def _turn(self, now: float) -> None:
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self._used = window, 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the next window if this one is used up."""
        self._turn(now)
        if self._used < self._limit:
            return 0.0
        return (self._window + 1) * self._seconds - now

    def use(self, now: float, amount: float = 1.0) -> None:
        """Use an amount of the present window."""
        self._turn(now)
        self._used += amount

    def change(self, now: float, per_minute: float) -> None:
        """Have another limit, in the present window too."""
        self._turn(now)
        self._limit = per_minute * self._seconds / MINUTE


class Quotas:
    """All limits of a behaviour together; used by one thread."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._concurrency = behaviour.max_concurrency
        self._limits: list[tuple[str, int, Allowance]] = []
        self._tokens: Allowance | None = None
        # What is in force, by name; for the record.
        self.limits: dict[str, int | None] = {
            name: getattr(behaviour, name) for name in ("requests_per_minute", *_OTHER_LIMITS)
        }
        if behaviour.requests_per_day is not None:
            day = FixedWindow(behaviour.requests_per_day, DAY)
            self._limits.append(("requests_per_day", behaviour.requests_per_day, day))
        if behaviour.tokens_per_minute is not None:
            limit = behaviour.tokens_per_minute
            self._tokens = _per_minute(behaviour.quota_kind, limit, limit / MINUTE)
            self._limits.append(("tokens_per_minute", limit, self._tokens))
        if behaviour.requests_per_minute is not None:
            limit = behaviour.requests_per_minute
            depth = behaviour.burst or max(1, round(limit / MINUTE))
            requests = _per_minute(behaviour.quota_kind, limit, depth)
            self._limits.append(("requests_per_minute", limit, requests))

    def admit(self, now: float, in_flight: int) -> Rejection | None:
        """Use one request of every quota, or return which one refused; a refusal uses nothing."""
        if self._concurrency is not None and in_flight >= self._concurrency:
            return Rejection("max_concurrency", self._concurrency, 1.0)
        for name, limit, allowance in self._limits:
            if wait := allowance.wait(now):
                return Rejection(name, limit, wait)
        for _, _, allowance in self._limits:
            if allowance is not self._tokens:
                allowance.use(now)
        return None

    def change_requests(self, now: float, per_minute: int) -> None:
        """Admit so many calls a minute from now on, where calls a minute are limited at all."""
        for number, (name, _, allowance) in enumerate(self._limits):
            if name == "requests_per_minute":
                allowance.change(now, per_minute)
                self._limits[number] = (name, per_minute, allowance)
                self.limits[name] = per_minute

    def charge(self, now: float, tokens: int) -> None:
        """Use an admitted call's prompt tokens, known only once its document was opened."""
        if self._tokens is not None:
            self._tokens.use(now, tokens)


def _per_minute(kind: str, limit: float, depth: float) -> Allowance:
    return FixedWindow(limit) if kind == "window" else TokenBucket(limit, depth)
