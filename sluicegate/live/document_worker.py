"""The document worker: from a document to its result, on the engine's event loop.

A fault of the job ends the calls. What becomes of the documents that have no answer then:

fault                                  the documents
of the calls, something was answered   end as Waiting; what the journal has is answered still
of the calls, nothing was answered     raise it: a wrong key is said at once, and nothing lands
of the journal or a store, a stop      raise it: nothing can land
"""

import asyncio
from decimal import Decimal
from functools import partial

from sluicegate.asking.case import Case, for_same_content
from sluicegate.asking.dialogue import Answered, Ask, Decision, Failed
from sluicegate.asking.journal import Journal
from sluicegate.asking.provider import Provider
from sluicegate.asking.response import Response
from sluicegate.codes import CODES
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.live.attempts import Attempts
from sluicegate.live.checked import Checked
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.fetch import Fetch
from sluicegate.live.first_call import FirstCall
from sluicegate.live.marks import Marks
from sluicegate.live.patience import Patience
from sluicegate.live.pending import Pending
from sluicegate.live.references import References
from sluicegate.live.retry_loop import RetryLoop
from sluicegate.live.served import Served
from sluicegate.live.spending import NotCovered, Spending, Unlimited
from sluicegate.live.stores import Stores
from sluicegate.live.windowed import Windowed
from sluicegate.media import prepare as media
from sluicegate.pacing.byte_budget import ByteBudget
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Pacer
from sluicegate.pacing.shared_limit import SharedLimit
from sluicegate.pacing.token_estimate import TokenEstimate
from sluicegate.records import Document, Result

# Prepared documents that may wait for their call, beyond those whose call is in flight.
_READY_AHEAD = 16
# Memory that a document takes during its call, as a multiple of its size: its bytes, which go into
# the socket without a copy, and what the allocator loses between them. Measured: 260 MB for 160 MB
# of PDFs.
_COPIES = 2


class DocumentWorker:
    """Identity, journal, bytes, calls, result. Scope: one event loop, one job."""

    def __init__(
        self,
        settings: EngineSettings,
        journal: Journal,
        client: Provider,
        clock: Clock,
        stores: Stores,
        shared_limit: SharedLimit | None = None,
        spending: Spending | None = None,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._client = client
        self._clock = clock
        self._stores = stores
        self._spending = spending or Unlimited()
        self._question = settings.question
        self._patiently = Patience(settings.retry, clock, settings.outage_patience_seconds)
        self._served = Served(settings.tier, journal.run_id)
        self._marks = Marks(journal, self._question, self._patiently)
        # Trials of a rate are held at moments of the wall clock, which other processes share.
        pacer = Pacer(settings.pacer, shift=clock.now().timestamp() - clock.monotonic())
        self._limiter = Limiter(pacer, clock.monotonic, clock.draw, shared_limit)
        self.retry_loop = RetryLoop(
            client,
            self._limiter,
            settings.retry,
            clock,
            settings.outage_patience_seconds,
            TokenEstimate(len(settings.document_type.full_prompt)),
            self._spending,
        )
        kind = settings.document_type
        self._fetch = Fetch.of(settings, stores)
        windowed = Windowed(
            kind,
            self._question,
            stores,
            stored=partial(self._patiently, journal.get),
            decide=self._decide,
            converse=self._converse,
            check=self._raise_fault,
        )
        self._checked = Checked(kind, stores, windowed, self._store)
        self._byte_budget = ByteBudget(settings.max_bytes_in_flight)
        self._references = References(self._fetch, self.retry_loop)
        self._ready = asyncio.Semaphore(settings.pacer.max_in_flight + _READY_AHEAD)
        self._pending = Pending()
        self._first_call = FirstCall(self._limiter)

    async def start(self) -> None:
        """Try the journal; read from it whether an earlier run had answers to the question.

        Raises JobFault when the journal cannot be written.
        """
        # If so, this job may be left with just the documents that are refused.
        self.retry_loop.answered_before = await self._marks.begin()

    async def close(self) -> None:
        """Close the connections."""
        self._first_call.close()
        await self._client.close()
        await self._limiter.close()
        await self._spending.close()
        await self._stores.close()

    async def process(self, document: Document) -> Result:
        """Return the document's result; documents of the same content share one.

        Raises JobFault when the job has been stopped, by this document or before it, and nothing
        is to land.
        """
        if self.retry_loop.fault and not await self._lands(self.retry_loop.fault):
            raise self.retry_loop.fault
        request = self._question.about(document.digest)
        case = Case(document, request, self._journal.run_id)
        result, is_own = await self._pending.result(request, partial(self._process, case))
        return result if is_own else await self._shared(result, case)

    async def _shared(self, result: Result, case: Case) -> Result:
        """Return what another document of the same content gave, and what was paid under this."""
        shared = for_same_content(result, case.document)
        if shared is result:
            return result
        case.resume_from(await self._patiently(self._journal.get, case.request))
        return case.charged(shared, self._cost_of)

    async def _process(self, case: Case) -> Result:
        try:
            case.resume_from(await self._patiently(self._journal.get, case.request))
            decision = self._decide(case)
            if isinstance(decision, Ask) or self._checked.needs_pages(decision):
                self._raise_fault()
                media.check_readable(case.document.size_bytes, self._settings.model.limits)
                async with self._ready:
                    self._raise_fault()  # it may have come meanwhile: then nothing is read
                    decision = await self._call_until_decided(case)
            elif self._checked.is_unseen(decision, case):
                size = _COPIES * case.document.size_bytes
                async with self._ready, self._byte_budget.hold(size):
                    await self._checked.see(case, decision, self._fetch.read)
            if isinstance(decision, Answered):
                await self._mark_answered(case)
            if isinstance(decision, Failed) and case.all_calls and not case.failed_alone:
                self.retry_loop.count_refusal(decision.message, responses=True)
        except JobFault as fault:
            if not isinstance(fault, NotCovered):
                fault = self.retry_loop.stop(fault)
            if not await self._lands(fault):
                raise fault from None
            return case.waiting(fault.code, fault.message, self._cost_of)
        except DocumentFault as fault:
            await self._store_failed_alone(case, fault)
            return case.failure(fault.code, fault.message, self._cost_of)
        if isinstance(decision, Failed):
            return case.failure(decision.code, decision.message, self._cost_of, decision.response)
        return case.answer(
            decision.response, self._settings.model.name, self._cost_of, decision.warning
        )

    def _raise_fault(self) -> None:
        if self.retry_loop.fault:
            raise self.retry_loop.fault

    async def _lands(self, fault: JobFault) -> bool:
        answered = self.retry_loop.answered and CODES[fault.code].ends_calls
        return answered or await self._marks.lets_land(fault)

    async def _mark_answered(self, case: Case) -> None:
        """Record an answer: for the processes of this run, and its question for later runs."""
        await self._marks.answered_in_run()
        if not case.remarks:  # else it answers another question
            self.retry_loop.mark_answered()
            await self._marks.answered_question()

    async def _call_until_decided(self, case: Case) -> Answered | Failed:
        """Call until the dialogue is over: by reference where that can be, else with the bytes."""
        size = _COPIES * case.document.size_bytes
        attempts = Attempts(failed_alone=case.failed_alone)
        reference = self._references.part(case.document)
        if reference and self._fetch.may_be_long(case.document):
            async with self._byte_budget.hold(size):
                if parts := await self._fetch.long_parts(case.document):
                    return await self._checked.ask(case, parts, attempts)
        if reference:
            try:
                decision = await self._converse(case, reference, attempts)
                if not self._checked.needs_pages(decision):
                    return decision
            except DocumentFault as refusal:
                async with self._byte_budget.hold(size):
                    inline = await self._references.read_refused(case, reference, refusal)
                    if inline is None:
                        raise
                    return await self._send_bytes(case, inline, attempts)
        async with self._byte_budget.hold(size):
            return await self._checked.ask(case, await self._fetch.read(case.document), attempts)

    async def _send_bytes(
        self, case: Case, parts: tuple[media.Part, ...], attempts: Attempts
    ) -> Answered | Failed:
        """Call with the bytes of what was refused by reference; note whether that helps."""
        try:
            return await self._checked.ask(case, parts, attempts)
        except DocumentFault:
            self._references.bytes_help = self.retry_loop.answered
            raise

    async def _converse(
        self, case: Case, parts: tuple[media.Part, ...], attempts: Attempts
    ) -> Answered | Failed:
        """Call until the dialogue is over; every response is journalled before it is judged."""
        while isinstance(decision := self._decide(case), Ask):
            self._first_call.begins()
            limit = decision.max_output_tokens
            store = partial(self._store_response, case, parts, limit)
            try:
                await self.retry_loop.call(parts, limit, attempts, store)
            finally:
                case.calls = attempts.calls
        return decision

    async def _store_response(
        self, case: Case, parts: tuple[media.Part, ...], limit: int, response: Response
    ) -> None:
        response = self._served.note(response, self._clock.now())
        case.pay(response)
        case.warnings = media.warnings_of(parts)
        case.pages = media.pages_of(parts) or case.pages
        if parts[0].uri:  # the service read the document itself, perhaps another version of it
            self._references.unfetched = 0
            await self._patiently(self._fetch.check_unchanged, case.document)
        case.add(response, limit)
        await self._store(case)

    async def _store(self, case: Case) -> None:
        await self._patiently(self._journal.put, case.request, case.entry())

    async def _store_failed_alone(self, case: Case, fault: DocumentFault) -> None:
        """Journal that this document fails while others do not, so that no run blames the job."""
        by_the_service = CODES[fault.code].by_the_service
        if by_the_service and self.retry_loop.answered and not case.failed_alone:
            case.failed_alone = True
            await self._store(case)

    def _cost_of(self, response: Response) -> Decimal | None:
        return self._settings.model.cost_of(response, self._clock.now().date())

    def _decide(self, case: Case) -> Decision:
        return case.decide(
            self._settings.document_type.max_output_tokens,
            has_fallback=self._settings.has_fallback,
        )
