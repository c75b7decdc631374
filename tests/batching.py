"""Batch runs without Beam: the steps of a run, over a real store and the real stand-in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support import KEY

from emulators.gemini import GeminiEndpoint
from sluicegate.asking.batch_service import BatchService
from sluicegate.asking.journal import Journal
from sluicegate.batch.board import Board, OpenShards, Trouble
from sluicegate.batch.collecting import Collector, Patience
from sluicegate.batch.connect import BatchSettings, ConnectBatch
from sluicegate.batch.engine import BatchEngine
from sluicegate.batch.placing import Placed, Placer
from sluicegate.batch.register import Register
from sluicegate.batch.routing import Routing
from sluicegate.batch.sending import Sender
from sluicegate.batch.spreading import CANARY, Spread
from sluicegate.document_types.load import load_document_type
from sluicegate.gemini.catalogue import Model, choose_model
from sluicegate.gemini.connection import Connection
from sluicegate.live.connect import Connect
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.pacing.clock import Clock
from sluicegate.records import Document
from sluicegate.storage import Store
from sluicegate.storage.local import LocalStore

Wrap = Callable[[Any], Any]


class AsyncOver:
    """A store of threads as one of a loop: each use blocks the loop, so that they have an order."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def read(self, uri: str) -> bytes:
        """Read an object."""
        return bytes(self._store.read(uri))

    async def write(self, uri: str, data: bytes) -> None:
        """Write an object."""
        self._store.write(uri, data)

    async def list(self, pattern: str) -> list[Document]:
        """List objects."""
        return list(self._store.list(pattern))


@dataclass
class Ran:
    """What a run came to, by the names of documents."""

    answered: set[str] = field(default_factory=set)
    left_over: set[str] = field(default_factory=set)  # for calls
    waiting: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)
    troubles: tuple[Trouble, ...] = ()
    placed: list[Placed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    board: Board | None = None


@dataclass
class Laboratory:
    """Documents, a journal and a stand-in; time moves as it is told."""

    folder: Path
    endpoint: GeminiEndpoint
    documents: tuple[Document, ...]
    settings: BatchSettings = field(
        default_factory=lambda: BatchSettings(canary=0, most_documents=4)
    )
    connection: Connection | None = None
    key: str = KEY
    started: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    minutes: float = 0.0
    document_type: str = "invoice"
    store: Store = field(default_factory=LocalStore)
    place: str = ""  # of the journal
    _runs: int = 0

    @property
    def journal(self) -> str:
        """Where answers and batches are."""
        return self.place or str(self.folder / "journal")

    def now(self) -> datetime:
        """Return the time of the laboratory."""
        return self.started + timedelta(minutes=self.minutes)

    def connect(self, run_id: str) -> ConnectBatch:
        """Return the settings of a run."""
        model: Model = choose_model("", self.started.date(), allow_retired=False)[0]
        connection = self.connection or Connection("developer", endpoint=self.endpoint.url)
        engine = EngineSettings(
            load_document_type(self.document_type), model, by_reference=connection.is_vertex
        )
        return ConnectBatch(Connect(engine, connection, self.journal, run_id), self.settings)

    def run(
        self,
        documents: Sequence[Document] | None = None,
        *,
        wrap_store: Wrap = lambda store: store,
        wrap_service: Wrap = lambda service: service,
        patience: Patience | None = None,
    ) -> Ran:
        """Do what a run does but for its calls and its landing."""
        self._runs += 1
        connect = self.connect(f"run-{self._runs}")
        if patience:
            connect = replace(connect, settings=replace(self.settings, patience=patience))
        store = wrap_store(self.store)
        register = Register(store, self.journal, f"token-{self._runs}", self.now)
        service: BatchService = wrap_service(connect.service())
        ran = Ran()
        engine = BatchEngine(
            connect.engine,
            lambda _stores: Journal(AsyncOver(store), self.journal, connect.run_id),
            Routing(connect.engine.document_type.max_output_tokens, connect.settings.leftovers),
            Clock(),
            connect.is_valid,
        )
        try:
            self._steps(connect, register, service, engine, documents or self.documents, ran)
        finally:
            engine.close()
        return ran

    def _steps(
        self,
        connect: ConnectBatch,
        register: Register,
        service: BatchService,
        engine: BatchEngine,
        documents: Sequence[Document],
        ran: Ran,
    ) -> None:
        warn = ran.warnings.append
        collector = Collector(register, service, engine.harvest, connect.settings.patience, warn)
        found = [collector.collect(entry) for entry in register.entries() if entry.manifest.is_open]
        ran.troubles = tuple(filter(None, found))
        ran.board = board = connect.board(register, engine, ran.troubles)
        shards = OpenShards(board, register.members)
        planned: list[Document] = []
        for document, route in zip(documents, engine.route(documents, shards), strict=True):
            if route == "plan":
                planned.append(document)
            elif route == "wait":
                ran.waiting.add(document.uri)
            else:
                ran.answered.add(document.uri)
        about = connect.engine.question.about
        spread = Spread(
            len(planned), connect.documents_of_a_job, board.canary, connect.settings.canary
        )
        buckets: dict[str, list[Document]] = {}
        for document in planned:
            bucket = spread.bucket(about(document.digest).identity)
            ran.waiting.add(document.uri)
            if bucket is not None:
                buckets.setdefault(bucket, []).append(document)
        placer = Placer(
            register, Sender(register, service, warn),
            connect.placer(register, service, board.view).manifest, board.view, warn,
        )  # fmt: skip
        for name, some in sorted(buckets.items()):
            written = connect.write(engine, register, service, some, is_canary=name == CANARY)
            ran.unfit |= {document.uri for document in written.unfit}
            ran.placed += [placer.place(draft) for draft in written.drafts]
        ran.waiting -= ran.unfit

    def until_done(self, **more: Any) -> list[Ran]:
        """Run until nothing waits, twenty minutes apart."""
        runs: list[Ran] = []
        while not runs or runs[-1].waiting:
            assert len(runs) < 12, runs[-1]
            self.minutes += 20
            runs.append(self.run(**more))
            self.settle()
        return runs

    def settle(self) -> None:
        """Wait until the stand-in's jobs have ended, but for those that are stuck."""
        self.endpoint.wait_for_batch_jobs()

    def wait_until(self, reached: Callable[[], object]) -> None:
        """Wait until the stand-in has come so far."""
        end = time.monotonic() + 20
        while not reached():
            assert time.monotonic() < end
            time.sleep(0.005)

    def paid(self) -> dict[str, int]:
        """Return how often each document was answered, by its content."""
        return dict(self.endpoint.stats(documents=True)["answers_per_document"])


def described(paths: Sequence[Path]) -> tuple[Document, ...]:
    """Return files as documents, with their digests."""
    store = LocalStore()
    found = (store.stat(str(path)) for path in paths)
    return tuple(replace(each, digest=store.digest(each)) for each in found)
