"""Loads that were begun and of whose end nobody has heard: the next launch ends them first.

A load job outlives whoever started it. A launch that reads the table while one is under way would
find no row, make the rows again and load them a second time. So each load is noted before its
first job is started, and the note goes when the load has ended. Who is to read the table finishes
what is noted there: the same files under the same ids, which BigQuery never runs twice. A job that
is under way is waited for, one that nobody started is started, one that has ended is found so.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sluicegate.storage.load_files import names_under, remove
from sluicegate.storage.load_job import LoadError, LoadTarget, load_avro
from sluicegate.storage.store import NotFound, join
from sluicegate.storage.stores import store_for


@dataclass(frozen=True, slots=True)
class OpenLoads:
    """The loads into a table that went by way of one temporary location. Plain data.

    Launches that run at the same time may both finish a load: it is done once.
    """

    target: LoadTarget
    temp_location: str

    def load(self, job_id: str, uris: Sequence[str], *, sleep: Callable[[float], None]) -> str:
        """Load Avro files as `load_avro` does, noted for as long as it is open; remove the files.

        Raises LoadRefused, LoadFailed, StoreError.
        """
        note = join(self._folder, f"{job_id}.json")
        store_for(note).write(note, json.dumps(list(uris)).encode())
        try:
            done = load_avro(self.target, job_id, uris, sleep=sleep)
        except LoadError as error:
            if error.has_ended:
                remove([note])
            raise
        # Whoever comes here again finds the job done, and needs the files no more.
        remove([*uris, note])
        return done

    def finish(self, *, sleep: Callable[[float], None]) -> Iterator[str]:
        """Finish what is open; yield what to say of loads that ended badly.

        Their rows are not in the table, and will not be. Raises LoadError, StoreError where it
        cannot be known whether a load has ended.
        """
        for note in names_under(self._folder):
            try:
                uris = json.loads(store_for(note).read(note))
            except NotFound:
                continue  # it has ended meanwhile
            try:
                self.load(note.rpartition("/")[2].removesuffix(".json"), uris, sleep=sleep)
            except LoadError as error:
                if not error.has_ended:
                    raise
                yield f"an earlier launch's load did not land: {error}"

    @property
    def _folder(self) -> str:
        return join(self.temp_location, f"sluicegate-open-loads/{self.target.table}")
