"""What came in when: calls received, admitted, rejected and failed, by caller, in bins of time.

Times are seconds of the clock that is passed in. Memory is bounded: an hour of bins, and so many
callers and documents; what comes after is in the totals alone.
"""

from array import array
from typing import Any

BIN_SECONDS = 0.1
_MOST_BINS = 36_000
_MOST_DOCUMENTS = 200_000
_MOST_CALLERS = 100
# Whoever comes when there is no room for another caller is counted here.
_OTHERS = "(others)"


class Trace:
    """The calls of one caller, whose first bin begins at ``started``; used by one thread."""

    def __init__(self, started: float) -> None:
        self._started = started
        # One entry a bin of arrival: counts, prompt tokens charged, seconds spent in flight.
        self._received, self._admitted, self._rejected, self._failed = (
            array("L") for _ in range(4)
        )
        self._tokens, self._busy = array("Q"), array("d")
        self._beyond = 0
        self._open: dict[int, float] = {}
        self._documents = 0
        self._latencies = array("d")

    def arrive(self, now: float, document: int) -> "Visit":
        """Count a call for a document, which is known by any number; later news go to the visit."""
        place = int((now - self._started) / BIN_SECONDS)
        while len(self._received) <= min(place, _MOST_BINS - 1):
            for series in (self._received, self._admitted, self._rejected, self._failed):
                series.append(0)
            self._tokens.append(0)
            self._busy.append(0.0)
        if place < _MOST_BINS:
            self._received[place] += 1
        else:
            self._beyond, place = self._beyond + 1, -1
        if document not in self._open and len(self._open) < _MOST_DOCUMENTS:
            self._open[document] = now
            self._documents += 1
        return Visit(self, now, place, document)

    def admit(self, place: int) -> None:
        """Count the call that arrived in bin ``place``, -1 for none, as admitted."""
        if place >= 0:
            self._admitted[place] += 1

    def reject(self, place: int) -> None:
        """Count it as answered with 429."""
        if place >= 0:
            self._rejected[place] += 1

    def fail(self, place: int) -> None:
        """Count it as admitted in vain: answered with another error, or broken."""
        if place >= 0:
            self._failed[place] += 1

    def charge(self, place: int, tokens: int) -> None:
        """Count the prompt tokens it used of a quota."""
        if place >= 0:
            self._tokens[place] += tokens

    def leave(self, place: int, seconds: float) -> None:
        """Count how long it was in flight."""
        if place >= 0:
            self._busy[place] += seconds

    def answer(self, now: float, document: int) -> None:
        """Note a document's answer: its latency runs from its first arrival."""
        first = self._open.pop(document, None)
        if first is not None and len(self._latencies) < _MOST_DOCUMENTS:
            self._latencies.append(now - first)

    def as_json(self) -> dict[str, Any]:
        """Return the series, a value a bin; ``latencies`` are seconds, one a document answered."""
        return {
            "received": self._received.tolist(),
            "admitted": self._admitted.tolist(),
            "rejected": self._rejected.tolist(),
            "failed": self._failed.tolist(),
            "tokens": self._tokens.tolist(),
            "busy": [round(seconds, 3) for seconds in self._busy],
            "beyond": self._beyond,
            "documents": self._documents,
            "latencies": [round(seconds, 4) for seconds in self._latencies],
        }


class Visit:
    """One call, from its arrival to its end."""

    __slots__ = ("_document", "_place", "_since", "_trace")

    def __init__(self, trace: Trace, since: float, place: int, document: int) -> None:
        self._trace, self._since, self._place, self._document = trace, since, place, document

    def admit(self) -> None:
        """Count it as admitted."""
        self._trace.admit(self._place)

    def reject(self) -> None:
        """Count it as answered with 429."""
        self._trace.reject(self._place)

    def fail(self) -> None:
        """Count it as admitted in vain: answered with another error, or broken."""
        self._trace.fail(self._place)

    def charge(self, tokens: int) -> None:
        """Count the prompt tokens it used of a quota."""
        self._trace.charge(self._place, tokens)

    def answer(self, now: float) -> None:
        """Note that its document has its answer."""
        self._trace.answer(now, self._document)

    def leave(self, now: float) -> None:
        """Note that it ended, however it did."""
        self._trace.leave(self._place, now - self._since)


class Timeline:
    """The callers of one project, all from one moment on, and the quota that was in force."""

    def __init__(self, started: float, epoch: float) -> None:
        """Begin at ``started``; ``epoch`` is the same moment in seconds since 1970."""
        self.started = started
        self._epoch = epoch
        self._traces: dict[str, Trace] = {}
        self._quota: list[dict[str, Any]] = []

    def trace(self, caller: str) -> Trace:
        """Return a caller's trace."""
        if caller not in self._traces and len(self._traces) >= _MOST_CALLERS:
            caller = _OTHERS
        return self._traces.setdefault(caller, Trace(self.started))

    def quota(self, now: float, limits: dict[str, int | None]) -> None:
        """Note the limits in force from ``now`` on."""
        if not self._quota or self._quota[-1]["limits"] != limits:
            since = round(max(0.0, now - self.started), 3)
            self._quota.append({"since": since, "limits": dict(limits)})

    def as_json(self, now: float) -> dict[str, Any]:
        """Return everything as JSON-ready values; times are seconds since ``epoch``."""
        return {
            "epoch": self._epoch,
            "seconds": round(now - self.started, 3),
            "bin_seconds": BIN_SECONDS,
            "quota": list(self._quota),
            "callers": {name: trace.as_json() for name, trace in self._traces.items()},
        }
