"""A BigQuery table: loaded by load jobs with Avro files, read through the Storage Read API."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.bigquery import BigQueryDisposition, WriteToBigQuery
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns
from sluicegate.faults import JobFault
from sluicegate.landing.earlier_rows import COLUMNS, Mark, Wanted
from sluicegate.records import Row
from sluicegate.storage import StoreError
from sluicegate.storage.table import open_streams, read_stream
from transforms.outputs.bigquery_table import (
    PARTITIONING,
    TableId,
    check_table,
    column_names,
    make_table_ready,
)
from transforms.outputs.output import Ready


@dataclass(frozen=True, slots=True)
class BigQueryTable:
    """A table, of this run's rows and of others'. As text it is `project:dataset.table`."""

    table: TableId
    folder = ""
    default_failures = ""
    needs_temp_location = True
    failures = ""

    @classmethod
    def named(cls, text: str) -> "BigQueryTable | None":
        """Read `project:dataset.table`; None for anything else."""
        table = TableId.parse(text)
        return cls(table) if table else None

    def __str__(self) -> str:
        return str(self.table)

    def rows_uri(self, run_id: str) -> str:  # noqa: ARG002 - all runs' rows are in the table
        """Return the table."""
        return str(self)

    def files_of(self, run_id: str) -> str:  # noqa: ARG002
        """Return that there are no files."""
        return ""

    def make_ready(self, document_type: DocumentType, run_id: str, *, resume: bool) -> Ready:  # noqa: ARG002
        """Create the table, or add the columns and fields that it lacks; and its view.

        Load jobs of a run should find it as they need it.
        """
        columns, was_there, warnings = make_table_ready(self.table, document_type)
        return Ready(columns, self if resume and was_there else None, warnings)

    def write(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform:  # noqa: ARG002
        """Return the step from Rows to the load jobs that are done."""
        return _Load(str(self), columns, temp_location)

    def check(self, flag: str, *, has_rows: bool = True) -> None:  # noqa: ARG002
        """Raise UsageFault if there is no such table, or if it holds no rows of this job."""
        check_table(flag, self.table)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the table's columns."""
        return column_names(self.table)

    def marks(
        self,
        begin: PBegin,
        wanted: Wanted,
        run_id: str,  # noqa: ARG002 - nothing is damaged here
    ) -> PCollection[tuple[str, Mark]]:
        """Read documents and marks of all rows of the type, in one pass and at scale."""
        return (
            begin
            | "Table" >> beam.Create([tuple(self.table)], reshuffle=False)
            | "Streams" >> beam.FlatMap(_marked_streams, wanted)
            | "Spread" >> beam.Reshuffle()
            | "Rows" >> beam.FlatMap(_rows)
            | "Marks" >> beam.FlatMap(_marks, wanted)
        )

    def rows(self, begin: PBegin, run_id: str) -> PCollection[dict[str, Any]]:
        """Read whole rows, in as many streams as the service gives; it chooses a run's rows."""
        return (
            begin
            | "Table" >> beam.Create([tuple(self.table)], reshuffle=False)
            | "Open streams" >> beam.FlatMap(_streams, run_id)
            | "Spread streams" >> beam.Reshuffle()
            | "Read streams" >> beam.FlatMap(_rows)
        )


class _Load(beam.PTransform):
    """Rows to a table by FILE_LOADS with Avro files: exact, and free of charge.

    The table is created if it is missing, partitioned by day of processed_at.
    """

    def __init__(self, table: str, columns: Columns, temp_location: str) -> None:
        super().__init__()
        self._table, self._columns, self._temp_location = table, columns, temp_location

    def expand(self, rows: PCollection[Row]) -> PCollection[Any]:
        loaded = (
            rows
            | "Values" >> beam.Map(_values_for, self._columns)
            | "Load"
            >> WriteToBigQuery(
                self._table,
                schema={"fields": self._columns},
                method=WriteToBigQuery.Method.FILE_LOADS,
                temp_file_format="AVRO",
                custom_gcs_temp_location=self._temp_location,
                create_disposition=BigQueryDisposition.CREATE_IF_NEEDED,
                write_disposition=BigQueryDisposition.WRITE_APPEND,
                additional_bq_parameters=PARTITIONING,
            )
        )
        return loaded.destination_load_jobid_pairs


def _values_for(row: Row, columns: Columns) -> dict[str, Any]:
    return _whole(row.values, columns)


def _whole(values: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """Return a record with all that the table has of it, which may be more than the type has."""
    whole = {}
    for column in columns:
        value, repeated = values.get(column["name"]), column.get("mode") == "REPEATED"
        fields = column.get("fields")
        if value is None:
            value = [] if repeated else None
        elif fields:
            value = [_whole(one, fields) for one in value] if repeated else _whole(value, fields)
        whole[column["name"]] = value
    return whole


def _marked_streams(table: tuple[str, str, str], wanted: Wanted) -> list[str]:
    # A type's name is letters, digits and underscores: it is judged when it is loaded.
    restriction = f"provenance.document_type = '{wanted.type_name}'"
    try:
        return open_streams(*table, restriction, COLUMNS)
    except StoreError as error:
        raise JobFault("output_unreadable", f"earlier rows: {error}") from error


def _streams(table: tuple[str, str, str], run_id: str) -> list[str]:
    # A run id is letters, digits and -_. alone: it is judged when the command starts.
    restriction = f"provenance.run_id = '{run_id}'" if run_id else ""
    try:
        return open_streams(*table, restriction)
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
