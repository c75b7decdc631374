"""The accounting of one document: what was asked, what was paid, and what is said of it in the end.

Whoever gets answers, by calls or otherwise, keeps a `Case` and makes an Answer or Failure of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sluicegate.asking.dialogue import Decision, decide
from sluicegate.asking.identity import Request
from sluicegate.asking.journal import Entry
from sluicegate.asking.response import Response
from sluicegate.records import Answer, Document, Failure, Result, Usage

# Dollars of one response; None where no price is known.
Price = Callable[[Usage], Decimal | None]


@dataclass(slots=True)
class Case:
    """One document that is asked about. Mutable; owned by the task that works on it."""

    document: Document
    request: Request
    responses: list[Response] = field(default_factory=list)  # of any run, in order
    paid: list[Usage] = field(default_factory=list)  # of this run, one a response
    calls: int = 0  # made in this run
    failed_alone: bool = False  # it failed while others did not: that proves nothing about the job
    remarks: tuple[str, ...] = ()  # of the journal, for the row
    warnings: tuple[str, ...] = ()  # of the bytes that were sent, for the row

    def take_entry(self, entry: Entry) -> None:
        """Start from what the journal knows."""
        self.responses, self.failed_alone = list(entry.responses), entry.failed
        self.remarks, self.warnings = entry.remarks, entry.warnings

    def entry(self) -> Entry:
        """Return what the journal should know."""
        return Entry(tuple(self.responses), self.failed_alone, warnings=self.warnings)

    def pay(self, response: Response) -> None:
        """Count a response as paid for by this run, whatever becomes of it."""
        self.paid.append(response.usage)

    def add(self, response: Response, limit: int) -> None:
        """Add a response that was asked for with that many output tokens at most."""
        self.responses.append(replace(response, limit=limit))

    def decide(self, max_output_tokens: int) -> Decision:
        """Return what to do next, given every response so far."""
        return decide(self.responses, max_output_tokens)

    def answer(self, response: Response, model: str, price: Price) -> Answer:
        """Return the answer that `response` is."""
        return Answer(
            document=self.document,
            identity=self.request.identity,
            text=response.text,
            finish_reason=response.finish_reason,
            model=model,
            model_version=response.model_version,
            traffic_type=response.traffic_type,
            usage=_sum(each.usage for each in self.responses),
            paid=_sum(self.paid),
            cost_usd=self._cost(price),
            latency_ms=response.latency_ms,
            attempts=self.calls,
            journaled=self.calls == 0,
            warnings=(*self.remarks, *self.warnings),
        )

    def failure(
        self, code: str, message: str, price: Price, response: Response | None = None
    ) -> Failure:
        """Return the failure of this document; `response` is the one that could not be used."""
        return Failure(
            document_uri=self.document.uri,
            document_version=self.document.version,
            code=code,
            message=message,
            identity=self.request.identity,
            attempts=self.calls,
            paid=_sum(self.paid),
            cost_usd=self._cost(price),
            raw_answer=response.text if response else None,
            latency_ms=response.latency_ms if response else 0,
            journaled=response is not None and self.calls == 0,
            usage=_sum(each.usage for each in self.responses),
            document=self.document,
        )

    def _cost(self, price: Price) -> Decimal | None:
        """Price each response by itself: prices have tiers by prompt size."""
        total = Decimal(0)
        for usage in self.paid:
            cost = price(usage)
            if cost is None:
                return None
            total += cost
        return total


def of_twin(result: Result, document: Document) -> Result:
    """Give a result to another document of the same content: it paid nothing."""
    free: dict[str, Any] = {"paid": Usage(), "cost_usd": Decimal(0), "attempts": 0}
    if isinstance(result, Answer):
        return replace(result, document=document, journaled=True, **free)
    return replace(
        result,
        document_uri=document.uri,
        document_version=document.version,
        document=document,
        journaled=result.raw_answer is not None,
        **free,
    )


def _sum(usages: Iterable[Usage]) -> Usage:
    return sum(usages, start=Usage())
