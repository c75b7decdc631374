"""How a worker gets the parts of this room: plain settings in, parts out. The settings pickle."""

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from sluicegate.asking.batch_service import BatchService
from sluicegate.asking.budget import RunBudget
from sluicegate.asking.holder import Holder
from sluicegate.asking.journal import Journal
from sluicegate.asking.lease import JournalLease
from sluicegate.batch.board import Board, Trouble, canary_of
from sluicegate.batch.collecting import Collector, Patience
from sluicegate.batch.drafts import Draft, Sheet
from sluicegate.batch.engine import BatchEngine, Written
from sluicegate.batch.harvest import TIER
from sluicegate.batch.manifest import Manifest
from sluicegate.batch.placing import Placer
from sluicegate.batch.register import Register, View
from sluicegate.batch.routing import Routing
from sluicegate.batch.sending import Sender
from sluicegate.batch.store_time import StoreTime
from sluicegate.gemini.batch import batches_of
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.gemini.response_schema import response_schema
from sluicegate.gemini.secrets import fetch_api_key
from sluicegate.landing.rows import has_record
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.log import EventKind, log_event
from sluicegate.pacing.clock import Clock
from sluicegate.records import Document, Usage
from sluicegate.storage import join, store_for


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What a person decides of batch jobs. Plain data."""

    leftovers: str = "standard"  # see `Routing`
    canary: int = 100  # documents of a question's first job; 0: none
    most_documents: int = 0  # of a job; 0: as its service's caps say
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class ConnectBatch:
    """Builds the parts on a worker. It holds no secret."""

    engine: EngineSettings
    connection: Connection
    journal: str
    run_id: str
    settings: BatchSettings
    max_cost_usd: Decimal | None = None  # of the run, its calls included

    def __call__(self) -> BatchEngine:
        """Return a running engine, which shares the run's lease of the journal."""
        clock = Clock()
        holder = Holder.here(self.run_id, lives_here=False)
        lease = JournalLease(store_for(self.journal), self.journal, holder, clock)
        lease.join(threading.Event().wait)
        return BatchEngine(
            self.engine,
            lambda store: Journal(store, self.journal, self.run_id),
            Routing(self.engine.document_type.max_output_tokens, self.settings.leftovers),
            clock,
            self.is_valid,
            lease,
        )

    def register(self) -> Register:
        """Return the register of the journal's shards."""
        clock = Clock()
        token = f"{self.run_id} {int(clock.draw() * 2**53):014x}"
        store = store_for(self.journal)
        uri = join(self.journal, f"runs/{self.run_id or 'unnamed'}/batches")
        return Register(store, self.journal, token, StoreTime(store, uri, clock))

    def service(self) -> BatchService:
        """Return the service; raise JobFault where there is no key, or no credentials."""
        kind, model = self.engine.document_type, self.engine.model
        template = RequestTemplate(
            model.name,
            kind.full_prompt,
            response_schema(kind),
            model.takes(kind.generation_parameters),
        )
        connection = self.connection
        key = "" if connection.is_vertex else fetch_api_key(connection.api_key_secret)
        return batches_of(connection, template, key)

    def collector(self, register: Register, engine: BatchEngine) -> Collector:
        """Return what takes shards further."""
        return Collector(
            register, self.service(), engine.harvest, self.settings.patience, self.warn
        )

    def board(
        self, register: Register, engine: BatchEngine, troubles: tuple[Trouble, ...]
    ) -> Board:
        """Return how all shards stand, once they were collected."""
        entries = register.entries()
        question = self.engine.question.fingerprint
        manifests = [each.manifest for each in entries]
        canary, says = canary_of(manifests, question, was_answered=engine.was_answered())
        if not self.settings.canary:
            canary, says = "proven", ""
        register.put_away(
            each.number
            for each in manifests
            if not each.is_open and not (each.is_canary and each.state == "collected")
        )
        return Board(register.view(), troubles, canary, says)

    def write(
        self,
        engine: BatchEngine,
        register: Register,
        service: BatchService,
        documents: Iterable[Document],
        *,
        is_canary: bool,
    ) -> Written:
        """Write documents into shards, of the canary or of all others."""
        asked = (self.journal, self.engine.question.fingerprint, service.key)
        room = Sheet(self.documents_of_a_job(service), service.caps.input_bytes)
        written = engine.write(documents, register, service, room, *asked)
        if not is_canary:
            return written
        return replace(
            written, drafts=tuple(replace(each, is_canary=True) for each in written.drafts)
        )

    def documents_of_a_job(self, service: BatchService) -> int:
        """Return how many documents one job has at most."""
        most = service.caps.documents
        return min(most, self.settings.most_documents or most)

    def placer(self, register: Register, service: BatchService, view: View) -> Placer:
        """Return what claims shards and creates their jobs."""
        return Placer(
            register,
            Sender(register, service, self.warn),
            partial(self._manifest, service.key),
            view,
            self.warn,
            self._budget(),
            self.reserve_usd,
        )

    def warn(self, text: str) -> None:
        """Log what a person should know of a job."""
        log_event(EventKind.BATCH_JOB, text, self.run_id)

    def _manifest(self, key: str, draft: Draft) -> Manifest:
        question, kind = self.engine.question, self.engine.document_type
        return Manifest(
            number=0,
            shard=draft.shard,
            state="planned",
            token="",
            run_id=self.run_id,
            service=self.connection.service,
            key=key,
            model=self.engine.model.name,
            question=question.fingerprint,
            schema=question.schema,
            max_output_tokens=kind.max_output_tokens,
            documents=draft.requests,
            input_bytes=draft.input_bytes,
            is_canary=draft.is_canary,
            reserve_usd=str(self.reserve_usd(draft) or ""),
        )

    def reserve_usd(self, draft: Draft) -> Decimal | None:
        """Return the most that a draft's job may cost; None where the price is not known."""
        prompt = math.ceil(draft.prompt_tokens / max(1, draft.requests))
        usage = Usage(prompt, output_tokens=self.engine.document_type.max_output_tokens)
        each = self.engine.model.cost_usd(usage, Clock().now().date(), TIER)
        return None if each is None else draft.requests * each

    def _budget(self) -> RunBudget | None:
        if self.max_cost_usd is None:
            return None
        return RunBudget(store_for(self.journal), self.journal, self.run_id, self.max_cost_usd)

    def is_valid(self, text: str) -> bool:
        """Return whether an answer's values, of a record at least, are of the document type."""
        return has_record(text, self.engine.document_type)

    def tell_of_long(self, documents: int) -> None:
        """Log that so many documents are asked about in windows, which takes calls."""
        pages = self.engine.document_type.window_pages
        many = "document is" if documents == 1 else "documents are"
        log_event(
            EventKind.BATCH_WINDOWS,
            f"{documents:,} {many} longer than a window of {pages:,} pages: asked about by calls, "
            "at the price of --batch_leftovers, and not in batch jobs",
            self.run_id,
            documents=documents,
        )
