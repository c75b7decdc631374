"""How a worker builds its engine: plain settings in, engine out. The settings are pickled."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sluicegate.asking.budget import RunBudget
from sluicegate.asking.holder import Holder
from sluicegate.asking.journal import Journal, Use
from sluicegate.asking.lease import JournalLease
from sluicegate.gemini.client import GenaiClient
from sluicegate.gemini.connection import Connection
from sluicegate.gemini.secrets import fetch_api_key
from sluicegate.live.engine import Engine, EngineSettings
from sluicegate.log import EventKind, log_event
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.shared_limit import RateLimitService
from sluicegate.storage import store_for


@dataclass(frozen=True, slots=True)
class Connect:
    """Builds the engine of a process when it is called, on the worker. It holds no secret.

    `rate_limits` connects to the service that each call takes a permit of; it must pickle.
    """

    engine: EngineSettings
    connection: Connection
    journal: str
    run_id: str = ""
    rate_limits: Callable[[], RateLimitService] | None = None
    journal_use: Use = "same request"
    max_cost_usd: Decimal | None = None  # of the whole run
    budget_sharers: int = 1  # engines that pay from it, over all processes
    last_resort: Connection | None = None  # for documents that met no capacity until the deadline

    def __call__(self) -> Engine:
        """Return a running engine; raise JobFault where there are no credentials.

        Before that, share the run's lease of the journal: a JobFault, too, if another run has it.
        """
        model = self.engine.model
        lease = self.joined_lease()
        key = self.api_key()
        tier = "" if self.connection.tier == "standard" else f", {self.connection.tier}"
        log_event(
            EventKind.ENGINE_STARTED,
            f"calls go to {model.name} ({self.connection.service}{tier}); answers are kept",
            self.run_id,
            model=model.name,
            service=self.connection.service,
            tier=self.connection.tier,
            max_in_flight=self.engine.pacer.max_in_flight,
            requests_per_minute=self.engine.pacer.requests_per_minute,
            journal=self.journal,
        )
        return Engine(
            self.engine,
            lambda store: Journal(store, self.journal, self.run_id, self.journal_use),
            lambda: self._client(key),
            run_id=self.run_id,
            make_rate_limits=self.rate_limits,
            lease=lease,
            budget=self.budget(),
        )

    def _client(self, key: str) -> GenaiClient:
        template, last = self.engine.template, self.last_resort
        last_resort = GenaiClient(last, template, time.monotonic, key) if last else None
        return GenaiClient(self.connection, template, time.monotonic, key, last_resort)

    def release_journal(self) -> None:
        """Let the next run have the journal: all of this one has landed."""
        self._lease().release()

    def budget(self) -> RunBudget | None:
        """Return what the run may pay, shared by its processes; None without a ceiling."""
        if self.max_cost_usd is None:
            return None
        store = store_for(self.journal)
        return RunBudget(store, self.journal, self.run_id, self.max_cost_usd, self.budget_sharers)

    def api_key(self) -> str:
        """Return the key of requests, "" on Vertex AI; raise JobFault where there is none."""
        return "" if self.connection.is_vertex else fetch_api_key(self.connection.api_key_secret)

    def joined_lease(self) -> JournalLease:
        """Return this process's part in the run's lease of the journal, which it shares by now."""
        lease = self._lease()
        lease.join(threading.Event().wait)
        return lease

    def _lease(self) -> JournalLease:
        holder = Holder.here(self.run_id, lives_here=False)
        return JournalLease(store_for(self.journal), self.journal, holder, Clock())
