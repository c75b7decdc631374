"""The engine: documents in, results out, through one event loop and one client.

submit(document) -> Future of an Answer, a Failure or a Waiting
    identity ── journal ── has an answer ───────────────────────> result, nothing paid
                   └─ has none ── read ── prepare ── call ── journal ──> result
                                                      └── once more where the answer is cut

The package's docstring (live/__init__.py) maps the way of a call, room by room.
"""

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from sluicegate import progress
from sluicegate.asking.budget import RunBudget
from sluicegate.asking.journal import Journal
from sluicegate.asking.lease import JournalLease
from sluicegate.asking.lease_keeper import LeaseKeeper
from sluicegate.asking.provider import Provider
from sluicegate.faults import JobFault
from sluicegate.live import garbage_collection, open_files
from sluicegate.live.bridge import LoopBridge
from sluicegate.live.ceiling import ceiling_of
from sluicegate.live.document_worker import DocumentWorker
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.stores import Stores
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.shared_limit import RateLimitService, SharedLimit
from sluicegate.records import CallStats, Document, Result
from sluicegate.storage import AsyncStore

__all__ = ["Engine", "EngineSettings", "Result", "close_engines"]

# The engines of this process, so that the end of a run can close its own: Beam keeps the DoFns of
# a failed run, and they hold their engine.
_ENGINES: "weakref.WeakSet[Engine]" = weakref.WeakSet()

# How old statistics may grow before a step reports them: a bundle may last for hours.
_REPORT_SECONDS = 5.0

# How long calls in flight may take to end when the engine is closed during a run.
_GRACE_SECONDS = 20.0


class Engine:
    """One per process and job, shared by all threads of the process.

    `make_journal`, `make_client` and `make_rate_limits`, if there is a rate limit service to ask,
    are called on the engine's own loop, once. `lease` is held, and kept as long as the engine runs;
    when it is lost the calls end. `budget` bounds what is paid. Results are futures that hold an
    Answer, a Failure or a Waiting, or raise JobFault.
    """

    def __init__(
        self,
        settings: EngineSettings,
        make_journal: Callable[[AsyncStore], Journal],
        make_client: Callable[[], Provider],
        clock: Clock | None = None,
        run_id: str = "",
        make_rate_limits: Callable[[], RateLimitService] | None = None,
        lease: JournalLease | None = None,
        budget: RunBudget | None = None,
    ) -> None:
        self.settings = settings
        self.run_id = run_id
        self._loop = asyncio.new_event_loop()
        self._stores = Stores(settings.pacer.max_in_flight)
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="gemini-engine", daemon=True
        )
        self._thread.start()
        garbage_collection.collect_rarely()
        open_files.allow(settings.pacer.max_in_flight)
        clock = clock or Clock()
        try:
            self._worker: DocumentWorker = self.run(
                self._start(make_journal, make_client, clock, make_rate_limits, budget)
            ).result()
        except BaseException:
            _shut_down(self._loop, self._thread, self._stores, None, None, None)
            raise
        keeper = _keep(lease, clock, self._loop, self._worker) if lease else None
        self._bridge = LoopBridge(self._loop, self._worker.process)
        self._reported = CallStats()
        self._monotonic = clock.monotonic
        self._reported_at = clock.monotonic()
        self._reporting = threading.Lock()
        self.close = weakref.finalize(
            self,
            _shut_down,
            self._loop,
            self._thread,
            self._stores,
            self._worker,
            self._bridge,
            keeper,
        )
        _ENGINES.add(self)
        progress.explain(run_id, weakref.WeakMethod(self.waits_for))

    def run(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Run a coroutine on the engine's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def submit(self, document: Document) -> "Future[Result]":
        """Hand a document to the loop; the future holds its Answer, Failure or Waiting."""
        return self._bridge.submit(document)

    async def _start(
        self,
        make_journal: Callable[[AsyncStore], Journal],
        make_client: Callable[[], Provider],
        clock: Clock,
        make_rate_limits: Callable[[], RateLimitService] | None,
        budget: RunBudget | None,
    ) -> DocumentWorker:
        client = make_client()
        shared_limit = None
        if make_rate_limits:
            patience = self.settings.outage_patience_seconds
            shared_limit = SharedLimit(make_rate_limits(), clock, patience, self.run_id)
        spending = ceiling_of(self.settings, budget, self._stores, clock) if budget else None
        worker = DocumentWorker(
            self.settings,
            make_journal(self._stores),
            client,
            clock,
            self._stores,
            shared_limit,
            spending,
        )
        await worker.start()
        return worker

    @property
    def fault(self) -> JobFault | None:
        """The fault that stopped the job, if one did."""
        return self._worker.retry_loop.fault

    def waits_for(self) -> str:
        """Say in a few words what keeps documents from being done now; "" for nothing known."""
        return self._worker.retry_loop.waits_for()

    def take_stats(self) -> CallStats:
        """Return what was done since any thread last called this."""
        with self._reporting:
            return self._take()

    def take_due_stats(self) -> CallStats | None:
        """Return what `take_stats` does once that is some seconds old, until then None."""
        with self._reporting:
            due = self._monotonic() - self._reported_at >= _REPORT_SECONDS
            return self._take() if due else None

    def _take(self) -> CallStats:
        total = self._worker.retry_loop.stats
        delta, self._reported = total - self._reported, total
        self._reported_at = self._monotonic()
        return delta


def close_engines(run_id: str) -> None:
    """Close the engines of a run in this process; calls in flight end first and are journalled."""
    for engine in [engine for engine in _ENGINES if engine.run_id == run_id]:
        engine.close()


def _keep(
    lease: JournalLease, clock: Clock, loop: asyncio.AbstractEventLoop, worker: DocumentWorker
) -> LeaseKeeper:
    """Keep the lease; when it is lost, let no further call start. Knows no engine: it may end."""
    return LeaseKeeper(
        lease, clock, lambda fault: loop.call_soon_threadsafe(worker.retry_loop.stop, fault)
    )


def _shut_down(
    loop: asyncio.AbstractEventLoop,
    thread: threading.Thread,
    stores: Stores,
    worker: "DocumentWorker | None",
    bridge: "LoopBridge[Document, Result] | None",
    keeper: LeaseKeeper | None,
) -> None:
    async def stop() -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if worker and tasks:
            # Calls in flight are paid for: let them end and be journalled. No other starts.
            worker.retry_loop.stop(JobFault("stopped", "the run was stopped"))
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if bridge:
            bridge.close()
        if worker:
            await worker.close()
        # Transports close in a later iteration of the loop.
        await asyncio.sleep(0)

    if thread.is_alive():
        asyncio.run_coroutine_threadsafe(stop(), loop).result(_GRACE_SECONDS + 10)
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join(timeout=10)
    if keeper:  # after the calls in flight: they still count as the run's
        keeper.close()
    stores.stop()
    if not loop.is_running():
        loop.close()
    garbage_collection.collect_as_before()
