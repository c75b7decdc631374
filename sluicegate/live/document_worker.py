"""The document worker: from a document to its Answer or Failure, on the engine's event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from sluicegate.asking.case import Case, of_twin
from sluicegate.asking.dialogue import Answered, Ask, Decision, Failed
from sluicegate.asking.identity import Request
from sluicegate.asking.journal import Journal
from sluicegate.asking.provider import Provider
from sluicegate.asking.response import Response
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.fetch import Fetch
from sluicegate.live.retry_loop import Attempts, RetryLoop
from sluicegate.live.stores import Stores
from sluicegate.media import prepare as media
from sluicegate.pacing.byte_budget import ByteBudget
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Pacer
from sluicegate.pacing.shared_limit import SharedLimit
from sluicegate.pacing.token_estimate import TokenEstimate
from sluicegate.records import Answer, Document, Result, Usage
from sluicegate.storage import Unavailable

Got = TypeVar("Got")

# Prepared documents that may wait for their call, beyond those whose call is in flight.
_READY_AHEAD = 16
# Failures of one file that say nothing about another of the same content.
_OF_THE_FILE = frozenset({"changed", "unreadable"})
# Failures by which one document alone can look like an outage or a refused job.
_BY_THE_SERVICE = frozenset({"document_rejected", "server_error", "timeout", "connection_error"})
# Memory that a document takes while its call is made: its bytes, which go into the socket without
# a copy, and what the allocator loses between them. Measured: 260 MB for 160 MB of PDFs.
_COPIES = 2
# How long the first call is alone, if no reply comes sooner.
_ALONE_SECONDS = 1.0


class DocumentWorker:
    """Identity, journal, bytes, calls, outcome. Scope: one event loop, one job."""

    def __init__(
        self,
        settings: EngineSettings,
        journal: Journal,
        client: Provider,
        clock: Clock,
        stores: Stores,
        shared_limit: SharedLimit | None = None,
    ) -> None:
        self._settings, self._journal, self._client = settings, journal, client
        self._clock, self._stores = clock, stores
        self._limiter = Limiter(Pacer(settings.pacer), clock.monotonic, clock.draw, shared_limit)
        self.retry_loop = RetryLoop(
            client,
            self._limiter,
            settings.retry,
            clock,
            settings.outage_patience_seconds,
            TokenEstimate(len(settings.document_type.prompt)),
        )
        self._fetch = Fetch(settings.model.limits, settings.by_reference, stores)
        self._bytes = ByteBudget(settings.max_bytes_in_flight)
        self._ready = asyncio.Semaphore(settings.pacer.max_in_flight + _READY_AHEAD)
        self._pending: dict[Request, asyncio.Future[Result]] = {}
        self._question = settings.question
        self._noted = False
        self._opening: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Look up whether an earlier run had answers to the question."""
        # What is left to an engine may be just what is refused, the rest having landed.
        known = await self._journal.has_answered(self._question)
        self._noted = self.retry_loop.answered_before = known

    async def close(self) -> None:
        """Close the connections."""
        if self._opening:
            self._opening.cancel()
        await self._client.close()
        await self._limiter.close()
        await self._stores.close()

    async def work_on(self, document: Document) -> Result:
        """Return the document's outcome; the same content twice is asked about once.

        Raises JobFault when the job has been stopped, by this document or before it.
        """
        if self.retry_loop.fault:
            raise self.retry_loop.fault
        request = self._question.about(document.digest)
        while twin := self._pending.get(request):
            outcome = await asyncio.shield(twin)
            if isinstance(outcome, Answer) or outcome.code not in _OF_THE_FILE:
                return of_twin(outcome, document)
            # That file could not be read; this one may.
        mine: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending[request] = mine
        try:
            outcome = await self._work_on(Case(document, request))
        except BaseException as error:
            mine.set_exception(
                error if isinstance(error, Exception) else RuntimeError("the engine was closed")
            )
            mine.exception()  # seen: nobody may be waiting for it
            raise
        else:
            mine.set_result(outcome)
            return outcome
        finally:
            # Before those who wait for it look again.
            del self._pending[request]

    async def _work_on(self, case: Case) -> Result:
        try:
            case.take_entry(await self._patiently(self._journal.get, case.request))
            decision = self._decide(case)
            if isinstance(decision, Ask):
                media.check_readable(case.document.size_bytes, self._settings.model.limits)
                async with self._ready:
                    decision = await self._converse(case)
            if isinstance(decision, Answered) and not case.remarks:
                await self._prove()
        except JobFault as fault:
            raise self.retry_loop.stop(fault) from None
        except DocumentFault as fault:
            await self._remember(case, fault)
            return case.failure(fault.code, fault.message, self._price)
        if isinstance(decision, Failed):
            return case.failure(decision.code, decision.message, self._price, decision.response)
        return case.answer(decision.response, self._settings.model.name, self._price)

    async def _prove(self) -> None:
        """Note that the service answers this question: for this run, and for later ones."""
        self.retry_loop.prove()
        if not self._noted:
            self._noted = True
            await self._patiently(self._journal.note_answered, self._question)

    async def _converse(self, case: Case) -> Answered | Failed:
        """Call until the dialogue is over; every response is journalled before it is judged."""
        parts = self._fetch.reference(case.document)
        async with self._bytes.hold(0 if parts else _COPIES * case.document.size_bytes):
            parts = parts or await self._fetch.read(case.document)
            attempts = Attempts(failed_alone=case.failed_alone)
            while isinstance(decision := self._decide(case), Ask):
                self._open_later()
                keep = partial(self._keep, case, parts, decision.max_output_tokens)
                try:
                    await self.retry_loop.call(parts, decision.max_output_tokens, attempts, keep)
                except DocumentFault as refusal:
                    inline = await self._look_inside(case.document, parts, refusal.code)
                    if inline is None:
                        raise
                    parts = inline
                finally:
                    case.calls = attempts.calls
        return decision

    async def _keep(
        self, case: Case, parts: tuple[media.Part, ...], limit: int, response: Response
    ) -> None:
        case.pay(response)
        case.warnings = tuple(warning for part in parts for warning in part.warnings)
        if parts[0].uri:  # the service read it by itself: which bytes?
            await self._patiently(self._fetch.check_unchanged, case.document)
        case.add(response, limit)
        await self._store(case)

    async def _store(self, case: Case) -> None:
        await self._patiently(self._journal.put, case.request, case.entry())

    async def _remember(self, case: Case, fault: DocumentFault) -> None:
        """Note that this document fails while others do not: a later run must not be misled."""
        if fault.code in _BY_THE_SERVICE and self.retry_loop.proven and not case.failed_alone:
            case.failed_alone = True
            await self._store(case)

    async def _patiently(self, use: Callable[..., Awaitable[Got]], *arguments: Any) -> Got:
        """Use a store; wait out one that does not answer for as long as for the service."""
        waited, attempt = 0.0, 0
        while True:
            try:
                return await use(*arguments)
            except Unavailable as error:
                attempt += 1
                pause = self._settings.retry.backoff(attempt, self._clock.draw())
                waited += pause
                if waited > self._settings.outage_patience_seconds:
                    raise JobFault("storage_unavailable", str(error)) from error
                await self._clock.sleep(pause)

    async def _look_inside(
        self, document: Document, parts: tuple[media.Part, ...], code: str
    ) -> tuple[media.Part, ...] | None:
        """Read a document that was refused by reference, for the true reason or media type.

        Returns inline parts where the store's media type was wrong, None where there is nothing
        new to send; raises what is wrong with the bytes.
        """
        if not parts[0].uri or code != "document_rejected":
            return None
        inline = await self._fetch.read(document)
        return None if inline[0].media_type == parts[0].media_type else inline

    def _price(self, usage: Usage) -> Decimal | None:
        return self._settings.model.cost_usd(usage, self._clock.now().date())

    def _decide(self, case: Case) -> Decision:
        return case.decide(self._settings.document_type.max_output_tokens)

    def _open_later(self) -> None:
        """Let the first call go alone: a wrong key or model then costs one call, not many."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().call_later(_ALONE_SECONDS, self._open)

    def _open(self) -> None:
        self._limiter.pacer.open()
        self._limiter.pump()
