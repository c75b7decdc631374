"""Keeps a lease alive: a thread that renews it until it is closed or the lease is lost."""

import threading
from collections.abc import Callable

from sluicegate.asking.lease import JournalLease
from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.storage import StoreError

# How often the clocks are looked at: a machine that slept knows within a second that it did.
_TICK_SECONDS = 1.0
_CLOSE_SECONDS = 5.0


class LeaseKeeper:
    """Renews a lease that is held. Scope: one process; `lost` is called on the keeper's thread.

    While a machine sleeps its monotonic clock may stand still and its wall clock may be set: the
    lease is due by whichever has gone further.
    """

    def __init__(
        self, lease: JournalLease, clock: Clock, lost: Callable[[JobFault], object]
    ) -> None:
        self._lease, self._clock, self._lost = lease, clock, lost
        self._closed = threading.Event()
        self._renewed()
        self._thread = threading.Thread(target=self._keep, name="journal-lease", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop renewing. The lease stays as it is."""
        self._closed.set()
        self._thread.join(_CLOSE_SECONDS)

    def _renewed(self) -> None:
        self._at, self._wall_at = self._clock.monotonic(), self._clock.now()

    def _is_due(self) -> bool:
        wall = (self._clock.now() - self._wall_at).total_seconds()
        return max(self._clock.monotonic() - self._at, wall) >= self._lease.terms.renew_seconds

    def _keep(self) -> None:
        while not self._closed.wait(min(_TICK_SECONDS, self._lease.terms.renew_seconds)):
            if not self._is_due():
                continue
            try:
                needed = self._lease.renew()
            except JobFault as fault:
                self._lost(fault)
                return
            except StoreError:
                # As long as the journal cannot be written no answer can be stored either, and no
                # call begins: the next try is soon.
                continue
            if not needed:
                return
            self._renewed()
