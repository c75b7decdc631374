"""The settler brings one document to its outcome. It lives on the engine's event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from transforms.core.faults import DocumentFault, JobFault
from transforms.core.flow.ambient import Ambient
from transforms.core.flow.caller import Caller, Tries
from transforms.core.flow.engine_settings import EngineSettings
from transforms.core.flow.estimate import TokenEstimate
from transforms.core.flow.fetch import Fetch
from transforms.core.flow.gate import ByteBudget, Gate
from transforms.core.flow.pacer import Pacer
from transforms.core.flow.permits import Permits
from transforms.core.flow.stores import Stores
from transforms.core.gemini.client import GeminiClient
from transforms.core.gemini.dialogue import Answered, Ask, Decision, Failed, decide
from transforms.core.gemini.reply import Response
from transforms.core.identity import Request
from transforms.core.journal import Entry, Journal
from transforms.core.media import prepare as media
from transforms.core.records import Answer, Document, Failure, Usage
from transforms.core.storage import Unavailable

Outcome = Answer | Failure
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


@dataclass(slots=True)
class _Case:
    """One document on its way. Owned by its task."""

    document: Document
    request: Request
    responses: list[Response] = field(default_factory=list)  # of any run, in order
    paid: list[Usage] = field(default_factory=list)  # of this run
    tries: Tries = field(default_factory=Tries)
    remarks: tuple[str, ...] = ()  # of the journal, for the row


class Settler:
    """Identity, journal, bytes, calls, outcome. Scope: one event loop, one job."""

    def __init__(
        self,
        settings: EngineSettings,
        journal: Journal,
        client: GeminiClient,
        ambient: Ambient,
        stores: Stores,
        permits: Permits | None = None,
    ) -> None:
        self._settings, self._journal, self._client = settings, journal, client
        self._ambient, self._stores = ambient, stores
        self._gate = Gate(Pacer(settings.pacer), ambient.clock, ambient.draw, permits)
        self.caller = Caller(
            client,
            self._gate,
            settings.retry,
            ambient,
            settings.outage_patience_seconds,
            TokenEstimate(len(settings.document_type.prompt)),
        )
        self._fetch = Fetch(settings.model.limits, settings.by_reference, stores)
        self._bytes = ByteBudget(settings.max_bytes_in_flight)
        self._ready = asyncio.Semaphore(settings.pacer.max_in_flight + _READY_AHEAD)
        self._pending: dict[Request, asyncio.Future[Outcome]] = {}
        self._question = settings.question
        self._noted = False
        self._opening: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Look up whether an earlier run had answers to the question."""
        # What is left to an engine may be just what is refused, the rest having landed.
        known = await self._journal.has_answered(self._question)
        self._noted = self.caller.answered_before = known

    async def close(self) -> None:
        """Close the connections."""
        if self._opening:
            self._opening.cancel()
        await self._client.close()
        await self._gate.close()
        await self._stores.close()

    async def settle(self, document: Document) -> Outcome:
        """Return the document's outcome; the same content twice is asked about once.

        Raises JobFault when the job has been stopped, by this document or before it.
        """
        if self.caller.fault:
            raise self.caller.fault
        request = self._question.about(document.digest)
        while twin := self._pending.get(request):
            outcome = await asyncio.shield(twin)
            if isinstance(outcome, Answer) or outcome.code not in _OF_THE_FILE:
                return _share(outcome, document)
            # That file could not be read; this one may.
        mine: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._pending[request] = mine
        try:
            outcome = await self._settle(_Case(document, request))
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

    async def _settle(self, case: _Case) -> Outcome:
        try:
            known = await self._patiently(self._journal.get, case.request)
            case.responses, case.tries.known = list(known.responses), known.failed
            case.remarks = known.remarks
            decision = self._decide(case)
            if isinstance(decision, Ask):
                media.check_readable(case.document.size_bytes, self._settings.model.limits)
                async with self._ready:
                    decision = await self._converse(case)
            if isinstance(decision, Answered) and not case.remarks:
                await self._prove()
        except JobFault as fault:
            raise self.caller.stop(fault) from None
        except DocumentFault as fault:
            await self._remember(case, fault)
            return self._failure(case, fault.code, fault.message)
        if isinstance(decision, Failed):
            return self._failure(case, decision.code, decision.message, decision.response)
        return self._answer(case, decision.response)

    async def _prove(self) -> None:
        """Note that the service answers this question: for this run, and for later ones."""
        self.caller.prove()
        if not self._noted:
            self._noted = True
            await self._patiently(self._journal.note_answered, self._question)

    async def _converse(self, case: _Case) -> Answered | Failed:
        """Call until the dialogue is over; every response is journalled before it is judged."""
        parts = self._fetch.reference(case.document)
        async with self._bytes.hold(0 if parts else _COPIES * case.document.size_bytes):
            parts = parts or await self._fetch.read(case.document)
            while isinstance(decision := self._decide(case), Ask):
                self._open_later()
                keep = partial(self._keep, case, parts, decision.max_output_tokens)
                try:
                    await self.caller.call(parts, decision.max_output_tokens, case.tries, keep)
                except DocumentFault as refusal:
                    inline = await self._look_inside(case.document, parts, refusal.code)
                    if inline is None:
                        raise
                    parts = inline
        return decision

    async def _keep(
        self, case: _Case, parts: tuple[media.Part, ...], limit: int, response: Response
    ) -> None:
        case.paid.append(response.usage)
        if parts[0].uri:  # the service read it by itself: which bytes?
            await self._patiently(self._fetch.check_unchanged, case.document)
        case.responses.append(replace(response, limit=limit))
        await self._store(case)

    async def _store(self, case: _Case) -> None:
        entry = Entry(tuple(case.responses), case.tries.known)
        await self._patiently(self._journal.put, case.request, entry)

    async def _remember(self, case: _Case, fault: DocumentFault) -> None:
        """Note that this document fails while others do not: a later run must not be misled."""
        if fault.code in _BY_THE_SERVICE and self.caller.proven and not case.tries.known:
            case.tries.known = True
            await self._store(case)

    async def _patiently(self, use: Callable[..., Awaitable[Got]], *arguments: Any) -> Got:
        """Use a store; wait out one that does not answer for as long as for the service."""
        waited, attempt = 0.0, 0
        while True:
            try:
                return await use(*arguments)
            except Unavailable as error:
                attempt += 1
                pause = self._settings.retry.backoff(attempt, self._ambient.draw())
                waited += pause
                if waited > self._settings.outage_patience_seconds:
                    raise JobFault("storage_unavailable", str(error)) from error
                await self._ambient.sleep(pause)

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

    def _answer(self, case: _Case, response: Response) -> Answer:
        return Answer(
            document=case.document,
            identity=case.request.identity,
            text=response.text,
            finish_reason=response.finish_reason,
            model=self._settings.model.name,
            model_version=response.model_version,
            traffic_type=response.traffic_type,
            usage=_sum(r.usage for r in case.responses),
            paid=_sum(case.paid),
            cost_usd=self._cost(case.paid),
            latency_ms=response.latency_ms,
            attempts=case.tries.calls,
            journaled=case.tries.calls == 0,
            warnings=case.remarks,
        )

    def _failure(
        self, case: _Case, code: str, message: str, response: Response | None = None
    ) -> Failure:
        return Failure(
            document_uri=case.document.uri,
            document_version=case.document.version,
            code=code,
            message=message,
            identity=case.request.identity,
            attempts=case.tries.calls,
            paid=_sum(case.paid),
            cost_usd=self._cost(case.paid),
            raw_answer=response.text if response else None,
            latency_ms=response.latency_ms if response else 0,
            journaled=response is not None and case.tries.calls == 0,
            usage=_sum(r.usage for r in case.responses),
            document=case.document,
        )

    def _decide(self, case: _Case) -> Decision:
        return decide(case.responses, self._settings.document_type.max_output_tokens)

    def _cost(self, paid: list[Usage]) -> Decimal | None:
        """Price each response for itself: prices have tiers by prompt size."""
        today = self._ambient.now().date()
        total = Decimal(0)
        for usage in paid:
            cost = self._settings.model.cost_usd(usage, today)
            if cost is None:
                return None
            total += cost
        return total

    def _open_later(self) -> None:
        """Let the first call go alone: a wrong key or model then costs one call, not many."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().call_later(_ALONE_SECONDS, self._open)

    def _open(self) -> None:
        self._gate.pacer.open()
        self._gate.pump()


def _sum(usages: Any) -> Usage:
    return sum(usages, start=Usage())


def _share(outcome: Outcome, document: Document) -> Outcome:
    """Give a twin's outcome to a document of the same content: it paid nothing."""
    free: dict[str, Any] = {"paid": Usage(), "cost_usd": Decimal(0), "attempts": 0}
    if isinstance(outcome, Answer):
        return replace(outcome, document=document, journaled=True, **free)
    return replace(
        outcome,
        document_uri=document.uri,
        document_version=document.version,
        document=document,
        journaled=outcome.raw_answer is not None,
        **free,
    )
