"""A BigQuery table: loaded by load jobs with Avro files, read through the Storage Read API."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns
from sluicegate.faults import JobFault, UsageFault
from sluicegate.landing.earlier_rows import COLUMNS, Mark, Wanted
from sluicegate.storage import StoreError
from sluicegate.storage.load_job import LoadTarget
from sluicegate.storage.open_loads import OpenLoads
from sluicegate.storage.table import (
    ANY_TIME,
    StreamExpired,
    TableRead,
    begins_with,
    open_streams,
    read_stream,
)
from transforms.outputs.bigquery_load import (
    Load,
    LoadPlan,
    TryLoad,
    finish_open_loads,
    try_load,
)
from transforms.outputs.bigquery_reviewed import show_reviewed
from transforms.outputs.bigquery_table import TableId, check_table, column_names, make_table_ready
from transforms.outputs.output import Ready

# What a session lives is long: somebody reads for days whose streams expire more often than this.
_REOPENINGS = 5


@dataclass(frozen=True, slots=True)
class BigQueryTable:
    """A table, of this run's rows and of others'. As text it is `project:dataset.table`.

    Jobs and read sessions run in `job_project`, which pays for them; where none is given, in the
    table's. Loads that were left open by way of `temp_location` are finished before rows of
    earlier runs are read.
    """

    table: TableId
    job_project: str = ""
    temp_location: str = ""
    folder = ""
    default_failures = ""
    needs_temp_location = True
    failures = ""

    @classmethod
    def named(cls, text: str, job_project: str = "") -> "BigQueryTable | None":
        """Read `project:dataset.table`; None for anything else."""
        table = TableId.parse(text)
        return cls(table, job_project) if table else None

    def __str__(self) -> str:
        return str(self.table)

    def rows_uri(self, run_id: str) -> str:  # noqa: ARG002 - all runs' rows are in the table
        """Return the table."""
        return str(self)

    def files_of(self, run_id: str) -> str:  # noqa: ARG002
        """Return that there are no files."""
        return ""

    def make_ready(
        self,
        document_type: DocumentType,
        run_id: str,
        *,
        resume: bool,
        temp_location: str = "",
    ) -> Ready:
        """Create the table, or add the columns and fields that it lacks; and its view.

        Then load no rows, as the run will load its own: what would be refused at its end is
        refused now.
        """
        columns, was_there, warnings = make_table_ready(
            self.table, document_type, self._payer, temp_location, resume=resume
        )
        if temp_location:
            try:
                try_load(self._plan(columns, run_id, temp_location), "launcher")
            except StoreError as error:
                raise UsageFault(
                    f"--output {self}: a load of no rows, by way of {temp_location}, was refused: "
                    f"{error}"
                ) from error
        earlier = replace(self, temp_location=temp_location) if resume and was_there else None
        return Ready(columns, earlier, warnings)

    def try_out(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform:
        """Return the step that holds elements back until the worker has loaded no rows."""
        return TryLoad(self._plan(columns, run_id, temp_location))

    def write(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform:
        """Return the step from Rows to the load jobs that are done."""
        return Load(self._plan(columns, run_id, temp_location))

    def show_corrected(self, rows: str, columns: Columns) -> str:
        """Make the view `<rows>_reviewed`."""
        return show_reviewed(rows, self.table, self._payer, columns)

    def check(self, flag: str, *, has_rows: bool = True) -> None:  # noqa: ARG002
        """Raise UsageFault if there is no such table, or if it holds no rows of this job."""
        check_table(flag, self.table, self._payer)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the table's columns."""
        return column_names(self.table, self._payer)

    def marks(
        self,
        begin: PBegin,  # noqa: ARG002 - it begins where the documents lie
        wanted: Wanted,
        run_id: str,
        prefixes: PCollection[tuple[str, ...]],
    ) -> PCollection[tuple[str, Mark]]:
        """Read documents and marks of the type's rows where the input lies, a session a prefix."""
        return (
            prefixes
            | "Finish open loads" >> beam.Map(_finished, self._open_loads, run_id)
            | "Reads" >> beam.FlatMap(_reads, self._read(wanted.type_name))
            | "Streams" >> beam.FlatMap(_streams_of)
            | "Spread" >> beam.Reshuffle()
            | "Rows" >> beam.FlatMap(_rows_again)
            | "Marks" >> beam.FlatMap(_marks, wanted)
        )

    def rows(self, begin: PBegin, run_id: str) -> PCollection[dict[str, Any]]:
        """Read whole rows, in as many streams as the service gives; it chooses a run's rows."""
        return (
            begin
            | "Table" >> beam.Create([self._whole(run_id)], reshuffle=False)
            | "Open streams" >> beam.FlatMap(_streams)
            | "Spread streams" >> beam.Reshuffle()
            | "Read streams" >> beam.FlatMap(_rows)
        )

    def read_here(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Yield whole rows; the service chooses a run's."""
        for stream in _streams(self._whole(run_id)):
            yield from _rows(stream)

    def _whole(self, run_id: str) -> TableRead:
        # A run id is letters, digits and -_. alone: it is judged when the command starts.
        restriction = f"provenance.run_id = '{run_id}' AND {ANY_TIME}" if run_id else ""
        return TableRead(*self.table, self._payer, restriction)

    @property
    def _payer(self) -> str:
        return self.job_project or self.table.project

    @property
    def _target(self) -> LoadTarget:
        return LoadTarget(self.table.reference, self._payer)

    @property
    def _open_loads(self) -> OpenLoads | None:
        if not self.temp_location:
            return None
        return OpenLoads(self._target, self.temp_location)

    def _plan(self, columns: Columns, run_id: str, temp_location: str) -> LoadPlan:
        return LoadPlan(self._target, columns, run_id, temp_location)

    def _read(self, type_name: str) -> TableRead:
        # A type's name is letters, digits and underscores: it is judged when it is loaded.
        restriction = f"provenance.document_type = '{type_name}' AND {ANY_TIME}"
        return TableRead(*self.table, self._payer, restriction, COLUMNS)


def _finished(prefixes: tuple[str, ...], loads: OpenLoads | None, run_id: str) -> tuple[str, ...]:
    if loads:
        finish_open_loads(loads, run_id)
    return prefixes


def _reads(prefixes: tuple[str, ...], read: TableRead) -> Iterator[TableRead]:
    for prefix in prefixes:
        condition = begins_with("document_uri", prefix)
        restriction = f"{read.restriction} AND {condition}" if condition else read.restriction
        yield read._replace(restriction=restriction)


def _streams_of(read: TableRead) -> Iterator[tuple[TableRead, str]]:
    read = TableRead(*read)
    for stream in _earlier(read):
        yield read, stream


def _earlier(read: TableRead) -> list[str]:
    try:
        return open_streams(read)
    except StoreError as error:
        raise JobFault("output_unreadable", f"earlier rows: {error}") from error


def _rows_again(stream: tuple[TableRead, str]) -> Iterator[dict[str, Any]]:
    """Yield a stream's rows; where its session has expired, all rows of a new one.

    Rows that come twice do no harm: of a document's marks the latest counts.
    """
    read, streams = TableRead(*stream[0]), [stream[1]]
    for _ in range(_REOPENINGS):
        try:
            for name in streams:
                yield from read_stream(name)
        except StreamExpired:
            streams = _earlier(read)
        except StoreError as error:
            raise JobFault("output_unreadable", str(error)) from error
        else:
            return
    raise JobFault("output_unreadable", f"{stream[1]} expired {_REOPENINGS} times")


def _streams(read: TableRead) -> list[str]:
    read = TableRead(*read)
    try:
        try:
            return open_streams(read)
        except StoreError as error:
            # A table with require_partition_filter, read as a whole.
            if read.restriction or "without a filter" not in str(error):
                raise
            return open_streams(read._replace(restriction=ANY_TIME))
    except StoreError as error:
        raise JobFault("output_unreadable", str(error)) from error


def _rows(stream: str) -> Iterator[dict[str, Any]]:
    try:
        yield from read_stream(stream)
    except StoreError as error:
        raise JobFault("output_unreadable", str(error)) from error


def _marks(row: dict[str, Any], wanted: Wanted) -> Iterator[tuple[str, Mark]]:
    mark = wanted.mark(row)
    if mark:
        yield mark
