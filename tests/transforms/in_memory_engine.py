"""An engine whose client answers from memory: real flow, no socket. For tests of steps."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sluicegate.asking.journal import Journal
from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.asking.verdict import Verdict
from sluicegate.document_types.invoice import INVOICE
from sluicegate.faults import JobFault
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.gemini.errors import judge_error
from sluicegate.live.engine import Engine, EngineSettings
from sluicegate.media.prepare import Part
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.records import Document, Result, Usage

ANSWER = '{"invoice_id": "A-1", "vendor_name": "V", "total_amount": 12.30, "line_items": []}'
USAGE = Usage(prompt_tokens=100, output_tokens=20)


@dataclass
class Service:
    """What the clients of one test share: the replies by document, and what was seen."""

    replies: dict[str, Reply] = field(default_factory=dict)
    faults: dict[int, JobFault] = field(default_factory=dict)  # by number of the call, from 1
    failed: bool = False  # a fault has been raised
    submitted: int = 0
    done: int = 0
    peak: int = 0  # submitted and not done
    peak_calls: int = 0
    calls: int = 0
    in_flight: int = 0
    engines: list[int] = field(default_factory=list)  # ids of threads that built one
    clients: int = 0
    rejected: set[str] = field(default_factory=set)  # documents that are answered 429 once
    ahead: float = 0.0  # seconds that the engines' clock is ahead of the real one
    # Called on each call with the service; the call waits until it is true.
    ready: Callable[["Service"], bool] = lambda _: True
    lock: threading.Lock = field(default_factory=threading.Lock)


# Connections pickle, services do not: a connection names its service.
SERVICES: dict[str, Service] = {}


class MemoryClient:
    """Answers each document by the digest of its bytes."""

    last_resort = None

    def __init__(self, service: Service) -> None:
        self._service = service
        service.clients += 1

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Return the document's reply once the service is ready."""
        service = self._service
        service.calls += 1
        service.in_flight += 1
        service.peak_calls = max(service.peak_calls, service.in_flight)
        digest = sha256(parts[0].data or b"").hexdigest()
        reply = service.replies.get(digest)
        if digest in service.rejected:
            service.rejected.remove(digest)
            reply = ApiError(429, {"message": "slower"})
        fault = service.faults.get(service.calls)
        try:
            if fault:
                service.failed = True
                raise fault
            # `ready` reads what other threads count: there is no event of this loop to await.
            while not service.ready(service):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        finally:
            service.in_flight -= 1
        return reply or Response(ANSWER, "STOP", usage=USAGE, latency_ms=40)

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Judge as Gemini's client does."""
        return judge_error(error)

    async def close(self) -> None:
        """Have nothing to close."""


class CountingEngine(Engine):
    """An engine that counts what was handed to it and has not come back."""

    service: Service

    def submit(self, document: Document) -> "Future[Result]":
        """Begin the work on a document, and count it until it is done."""
        service = self.service
        with service.lock:
            service.submitted += 1
            service.peak = max(service.peak, service.submitted - service.done)
        future = super().submit(document)
        future.add_done_callback(self._count)
        return future

    def _count(self, _: object) -> None:
        with self.service.lock:
            self.service.done += 1


@dataclass(frozen=True)
class Connect:
    """Builds the engine of a test's service; it pickles, as the job's own does."""

    name: str
    journal: str
    max_in_flight: int = 4
    run_id: str = ""

    def __call__(self) -> Engine:
        """Return a running engine."""
        service = SERVICES[self.name]
        service.engines.append(threading.get_ident())
        settings = EngineSettings(
            INVOICE,
            load_catalogue().get(load_catalogue().default),
            PacerSettings(max_in_flight=self.max_in_flight),
        )
        engine = CountingEngine(
            settings,
            lambda store: Journal(store, self.journal, self.run_id),
            lambda: MemoryClient(service),
            Clock(monotonic=lambda: time.monotonic() + service.ahead),
        )
        engine.service = service
        return engine


def document_of(path: Path) -> Document:
    """Describe a local file as Match does."""
    data = path.read_bytes()
    return Document(
        str(path), len(data), str(path.stat().st_mtime_ns), digest=f"sha256:{digest_of(path)}"
    )


def digest_of(path: Path) -> str:
    """Name a document as `Service.replies` does."""
    return sha256(path.read_bytes()).hexdigest()
