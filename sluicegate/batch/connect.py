"""How a worker gets the parts of this room: plain settings in, parts out. The settings pickle."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from sluicegate.asking.batch_service import BatchService
from sluicegate.asking.journal import Journal
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
from sluicegate.gemini.batch import batches_of, caps_of
from sluicegate.landing.rows import has_record
from sluicegate.live.connect import Connect
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
    """Builds the parts on a worker. It holds no secret.

    `calls` asks the same model by calls: both have one journal, its lease, and the run's budget.
    """

    calls: Connect
    settings: BatchSettings

    def __call__(self) -> BatchEngine:
        """Return a running engine, which shares the run's lease of the journal."""
        return BatchEngine(
            self.engine,
            lambda store: Journal(store, self.calls.journal, self.run_id),
            Routing(self.engine.document_type.max_output_tokens, self.settings.leftovers),
            Clock(),
            self.is_valid,
            self.calls.joined_lease(),
        )

    @property
    def engine(self) -> EngineSettings:
        """What is asked of which model."""
        return self.calls.engine

    @property
    def run_id(self) -> str:
        """The run's."""
        return self.calls.run_id

    @property
    def documents_of_a_job(self) -> int:
        """How many documents one job has at most."""
        most = caps_of(self.calls.connection).documents
        return min(most, self.settings.most_documents or most)

    def register(self) -> Register:
        """Return the register of the journal's shards."""
        clock, journal = Clock(), self.calls.journal
        token = f"{self.run_id} {int(clock.draw() * 2**53):014x}"
        store = store_for(journal)
        uri = join(journal, f"runs/{self.run_id or 'unnamed'}/batches")
        return Register(store, journal, token, StoreTime(store, uri, clock))

    def service(self) -> BatchService:
        """Return the service; raise JobFault where there is no key, or no credentials."""
        return batches_of(self.calls.connection, self.engine.template, self.calls.api_key())

    def collector(
        self, register: Register, service: BatchService, engine: BatchEngine
    ) -> Collector:
        """Return what takes shards further."""
        return Collector(register, service, engine.harvest, self.settings.patience, self.warn)

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
        asked = (self.calls.journal, self.engine.question.fingerprint, service.key)
        room = Sheet(self.documents_of_a_job, service.caps.input_bytes)
        written = engine.write(documents, register, service, room, *asked)
        if not is_canary:
            return written
        return replace(
            written, drafts=tuple(replace(each, is_canary=True) for each in written.drafts)
        )

    def placer(self, register: Register, service: BatchService, view: View) -> Placer:
        """Return what claims shards and creates their jobs."""
        return Placer(
            register,
            Sender(register, service, self.warn),
            partial(self._manifest, service.key),
            view,
            self.warn,
            self.calls.budget(),
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
            service=self.calls.connection.service,
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
