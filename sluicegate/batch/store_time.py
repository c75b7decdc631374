"""The time of the journal's store: machines' own clocks may be wrong by hours.

How old a shard is decides whether its job is asked for again, so all runs go by one clock.
"""

from datetime import datetime, timedelta

from sluicegate.batch.register import unusable
from sluicegate.pacing.clock import Clock
from sluicegate.storage import Store, StoreError


class StoreTime:
    """Reads the time from an object that is written for it, once; then counts seconds.

    Cloud Storage takes one write a second to a name. A machine that slept is behind by that long:
    then something is waited for longer than it need be. Raises JobFault where nothing is written.
    """

    def __init__(self, store: Store, uri: str, clock: Clock) -> None:
        self._store, self._uri, self._clock = store, uri, clock
        self._read: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        """Return the time now."""
        if self._read is None:
            self._read = self._asked(), self._clock.monotonic()
        since, began = self._read
        return since + timedelta(seconds=self._clock.monotonic() - began)

    def _asked(self) -> datetime:
        try:
            self._store.write(self._uri, b"")
            return self._store.look(self._uri).written_at
        except StoreError as error:
            raise unusable("journal_unwritable", error) from error
