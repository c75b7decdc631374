"""The accounting of one document: its responses, what they cost, and the result made of them.

Each way of getting answers, by calls or otherwise, keeps a `Case` for a document and makes the
Answer or Failure from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sluicegate.asking.dialogue import Decision, decide
from sluicegate.asking.identity import Request
from sluicegate.asking.journal import Entry
from sluicegate.asking.prices import CostOf, total_usd
from sluicegate.asking.response import Response
from sluicegate.records import (
    NOTHING_PAID,
    Answer,
    Document,
    Failure,
    Result,
    Spend,
    Usage,
    Waiting,
    add_spends,
)


@dataclass(slots=True)
class Case:
    """One document that is asked about. Mutable; owned by the task that works on it."""

    document: Document
    request: Request
    run_id: str = ""
    responses: list[Response] = field(default_factory=list)  # of any run, in order
    paid: list[Response] = field(default_factory=list)  # those of this run
    calls: int = 0  # made by this attempt
    failed_alone: bool = False  # it once failed while others did not: no evidence about the job
    remarks: tuple[str, ...] = ()  # of the journal, for the row
    warnings: tuple[str, ...] = ()  # of the bytes that were sent, for the row
    left_by_batch: bool = False  # a batch job brought no response about it
    pages: int = 0  # of the document; 0 where nobody has looked
    windows: list["Case"] = field(default_factory=list)  # each about some of its pages

    def about(self, request: Request) -> "Case":
        """Return the case of a request about some of the document's pages, as a part of this."""
        window = Case(self.document, request, self.run_id, failed_alone=self.failed_alone)
        self.windows.append(window)
        return window

    @property
    def all_calls(self) -> int:
        """Calls made by this attempt, those about windows included."""
        return self.calls + sum(each.calls for each in self.windows)

    def resume_from(self, entry: Entry) -> None:
        """Begin with what the journal holds about the request.

        What this run paid for this document is paid by it, though the attempt that paid was lost:
        a bundle that runs again would else say that nothing was paid.
        """
        self.responses = list(entry.responses)
        self.paid = [each for each in entry.responses if self._paid_for(each)]
        self.failed_alone = entry.failed
        self.remarks = entry.remarks
        self.warnings = entry.warnings
        self.left_by_batch = entry.left_by_batch
        self.pages = entry.pages

    def _paid_for(self, response: Response) -> bool:
        payer = response.run_id, response.document_uri
        return bool(self.run_id) and payer == (self.run_id, self.document.uri)

    def entry(self) -> Entry:
        """Return what the journal should hold about the request."""
        return Entry(
            tuple(self.responses),
            self.failed_alone,
            warnings=self.warnings,
            left_by_batch=self.left_by_batch,
            pages=self.pages,
        )

    def pay(self, response: Response) -> None:
        """Count a response as paid for by this run, whether it can be used or not."""
        self.paid.append(response)

    def add(self, response: Response, limit: int) -> None:
        """Add a response; `limit` is the number of output tokens that its call allowed."""
        self.responses.append(
            replace(response, limit=limit, run_id=self.run_id, document_uri=self.document.uri)
        )

    def decide(self, max_output_tokens: int, *, has_fallback: bool = False) -> Decision:
        """Return what to do next, given every response so far."""
        return decide(
            self.responses, max_output_tokens, run_id=self.run_id, has_fallback=has_fallback
        )

    def answer(self, response: Response, model: str, cost_of: CostOf, warning: str = "") -> Answer:
        """Return the Answer that `response` holds, with what all responses cost.

        `warning` is what its row should say of it.
        """
        return Answer(
            document=self.document,
            identity=self.request.identity,
            text=response.text,
            finish_reason=response.finish_reason,
            model=model,
            model_version=response.model_version,
            traffic_type=response.traffic_type,
            tier=response.tier,
            usage=self._usage(),
            latency_ms=response.latency_ms,
            journaled=self._is_journaled,
            pages=self.pages,
            warnings=(*self.remarks, *self.warnings, *([warning] if warning else [])),
            **self._spent(cost_of),
        )

    def failure(
        self, code: str, message: str, cost_of: CostOf, response: Response | None = None
    ) -> Failure:
        """Return the document's Failure; `response` is the one that could not be used."""
        return Failure(
            document_uri=self.document.uri,
            document_version=self.document.version,
            code=code,
            message=message,
            identity=self.request.identity,
            raw_answer=response.text if response else None,
            tier=response.tier if response else "",
            latency_ms=response.latency_ms if response else 0,
            journaled=response is not None and self._is_journaled,
            usage=self._usage(),
            document=self.document,
            **self._spent(cost_of),
        )

    def waiting(self, code: str, message: str, cost_of: CostOf) -> Waiting:
        """Return the document as one that waits, for the end of the fault of that code."""
        return Waiting(
            document=self.document,
            code=code,
            message=message,
            **self._spent(cost_of),
        )

    def charged(self, result: Result, cost_of: CostOf) -> Result:
        """Return a result that another document of the same content gave, with what this one paid.

        A batch job's answers were paid for under the document that was sent, which may not be the
        one that is looked up first.
        """
        return replace(result, **self._spent(cost_of)) if self.paid else result

    @property
    def _is_journaled(self) -> bool:
        """Whether this run neither called nor took in what a batch job answered."""
        by_job = (each.job and self._paid_for(each) for each in self.responses)
        return self.all_calls == 0 and not any(by_job)

    def _spent(self, cost_of: CostOf) -> dict[str, Any]:
        """Return what was done and paid for the document, under the names that all results have."""
        paid = [each for case in (self, *self.windows) for each in case.paid]
        return {
            "attempts": self.all_calls,
            "responses": len(paid),
            "paid": _sum(each.usage for each in paid),
            "cost_usd": total_usd(paid, cost_of),
            "by_tier": _by_tier(paid, cost_of),
        }

    def _usage(self) -> Usage:
        return _sum(each.usage for case in (self, *self.windows) for each in case.responses)


def for_same_content(result: Result, document: Document) -> Result:
    """Return the result as that of another document with the same content: it paid nothing.

    The same document comes twice where a bundle runs again while the call of its lost attempt is in
    flight: then the result is its own.
    """
    if (
        result.document_uri if isinstance(result, Failure) else result.document.uri
    ) == document.uri:
        return result
    if isinstance(result, Waiting):
        return replace(result, document=document, **NOTHING_PAID)
    if isinstance(result, Answer):
        return replace(result, document=document, journaled=True, **NOTHING_PAID)
    return replace(
        result,
        document_uri=document.uri,
        document_version=document.version,
        document=document,
        journaled=result.raw_answer is not None,
        **NOTHING_PAID,
    )


def _by_tier(responses: Iterable[Response], cost_of: CostOf) -> tuple[Spend, ...]:
    spends: tuple[Spend, ...] = ()
    for each in responses:
        one = Spend(each.asked_tier, each.tier, 1, each.usage, cost_of(each))
        spends = add_spends(spends, (one,))
    return spends


def _sum(usages: Iterable[Usage]) -> Usage:
    return sum(usages, start=Usage())
