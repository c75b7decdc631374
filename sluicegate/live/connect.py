"""How a worker builds its engine: plain settings in, engine out. The settings are pickled."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sluicegate.asking.holder import Holder
from sluicegate.asking.journal import Journal, Use
from sluicegate.asking.lease import JournalLease
from sluicegate.gemini.client import GenaiClient
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.gemini.response_schema import response_schema
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

    def __call__(self) -> Engine:
        """Return a running engine; raise JobFault where there are no credentials.

        Before that, share the run's lease of the journal: a JobFault, too, if another run has it.
        """
        kind, model = self.engine.document_type, self.engine.model
        parameters = model.takes(kind.generation_parameters)
        template = RequestTemplate(model.name, kind.full_prompt, response_schema(kind), parameters)
        lease = self.lease()
        lease.join(threading.Event().wait)
        key = "" if self.connection.is_vertex else fetch_api_key(self.connection.api_key_secret)
        log_event(
            EventKind.ENGINE_STARTED,
            f"calls go to {model.name} ({self.connection.service}); answers are kept",
            self.run_id,
            model=model.name,
            service=self.connection.service,
            max_in_flight=self.engine.pacer.max_in_flight,
            requests_per_minute=self.engine.pacer.requests_per_minute,
            journal=self.journal,
        )
        return Engine(
            self.engine,
            lambda store: Journal(store, self.journal, self.run_id, self.journal_use),
            lambda: GenaiClient(self.connection, template, time.monotonic, key),
            run_id=self.run_id,
            make_rate_limits=self.rate_limits,
            lease=lease,
        )

    def release_journal(self) -> None:
        """Let the next run have the journal: all of this one has landed."""
        self.lease().release()

    def lease(self) -> JournalLease:
        """Return this process's part in the run's lease of the journal."""
        holder = Holder.here(self.run_id, lives_here=False)
        return JournalLease(store_for(self.journal), self.journal, holder, Clock())
