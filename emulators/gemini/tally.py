"""What happened: counts, and the last requests as they came in."""

import dataclasses
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulators.gemini.answers import Usage


@dataclass(slots=True)
class RequestRecord:
    """One request; its headers are kept as they came, keys included, because tests look at them.

    ``document`` is the file URI or the sha256 of the inline bytes, "" if the request was answered
    before it was looked at. ``status`` is 0 where no answer was sent. ``outcome`` is one of
    answered, rejected, refused, broken and abandoned (the client went away). ``started`` is in
    seconds since the epoch, ``seconds`` how long it took. ``asked_tier`` and ``tier`` are of a call
    for an answer.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    size_bytes: int
    started: float
    document: str = ""
    status: int = 0
    outcome: str = "abandoned"
    fault: str = ""
    quota: str = ""
    asked_tier: str = ""
    tier: str = ""  # that served it
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON-ready values."""
        return dataclasses.asdict(self)


class Tally:
    """Counts of generateContent calls, and a bounded log of all requests; used by one thread."""

    def __init__(self, log_limit: int) -> None:
        self.in_flight = 0
        self.clear(log_limit)

    def clear(self, log_limit: int) -> None:
        """Forget everything but the calls in flight."""
        self.records: deque[RequestRecord] = deque(maxlen=log_limit)
        self._peak = self.in_flight
        self._counts: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._faults: Counter[str] = Counter()
        self._quotas: Counter[str] = Counter()
        self._tiers: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()

    def enter(self) -> None:
        """Count an admitted call, and one more in flight."""
        self._counts["admitted"] += 1
        self.in_flight += 1
        self._peak = max(self._peak, self.in_flight)

    def leave(self) -> None:
        """Count one less in flight."""
        self.in_flight -= 1

    def answered(self, document: str, usage: Usage | None, tier: str) -> None:
        """Count an answer of the model, good or bad: it is what would be paid for."""
        self._answers[document] += 1
        self._tiers[tier] += 1
        if usage is not None:
            tokens = self._tokens
            tokens["prompt"] += usage.prompt
            tokens["candidates"] += usage.candidates
            tokens["thoughts"] += usage.thoughts
            tokens["cached"] += usage.cached
            tokens["total"] += usage.total

    def record(self, record: RequestRecord, *, generates: bool) -> None:
        """Log a finished request and, if it is a generateContent call, count it."""
        self.records.append(record)
        if not generates:
            self._counts["other_requests"] += 1
            return
        self._counts["calls"] += 1
        self._counts[record.outcome] += 1
        self._statuses[record.status] += 1
        if record.document:
            self._calls[record.document] += 1
        if record.fault:
            self._faults[record.fault] += 1
        if record.quota:
            self._quotas[record.quota] += 1

    def snapshot(self, *, documents: bool = False) -> dict[str, Any]:
        """Return the counts as JSON-ready values; ``documents`` adds those of each document."""
        outcomes = ("answered", "rejected", "refused", "broken", "abandoned")
        counts: dict[str, Any] = {
            name: self._counts[name] for name in ("calls", "admitted", *outcomes, "other_requests")
        }
        counts |= {
            "in_flight": self.in_flight,
            "peak_in_flight": self._peak,
            "by_status": {str(status): count for status, count in sorted(self._statuses.items())},
            "by_fault": dict(sorted(self._faults.items())),
            "by_quota": dict(sorted(self._quotas.items())),
            "answered_by_tier": dict(sorted(self._tiers.items())),
            "tokens": {
                name: self._tokens[name]
                for name in ("prompt", "candidates", "thoughts", "cached", "total")
            },
            "distinct_documents": len(self._calls),
            "most_calls_per_document": max(self._calls.values(), default=0),
            "answered_documents": len(self._answers),
            "answered_more_than_once": sum(count > 1 for count in self._answers.values()),
        }
        if documents:
            counts["calls_per_document"] = dict(self._calls)
            counts["answers_per_document"] = dict(self._answers)
        return counts
