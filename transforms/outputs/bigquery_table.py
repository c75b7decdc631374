"""The table of a run, made to fit before the launch, and the view of its current rows."""

import re
from typing import NamedTuple

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns, advice, extended, misfits, respelt
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import UsageFault, one_line
from sluicegate.storage.load_files import bucket_location
from sluicegate.storage.locations import can_load
from sluicegate.storage.table import ANY_TIME
from transforms.outputs.bigquery_view import show_view

_BY_TIME = "processed_at"  # what a new table is partitioned by, a day a partition
_BY_NAME = "document_uri"  # what it is clustered by: resume reads a range of names
LATEST = "_latest"
_OF_DOCUMENT = "document_uri, provenance.document_type"
_OURS = "The current row of each document and document type"
_NAME = re.compile(
    r"(?P<project>(?:[\w.-]+\.[\w-]+:)?[\w-]+)[:.](?P<dataset>\w+)\.(?P<table>[\w-]+)"
)


class TableId(NamedTuple):
    """The name of a table, in its three parts. As text it is `project:dataset.table`."""

    project: str
    dataset: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "TableId | None":
        """Read `project:dataset.table`, or with a point for the colon; None for anything else."""
        found = _NAME.fullmatch(text)
        return cls(*found.group("project", "dataset", "table")) if found else None

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.name}"

    @property
    def reference(self) -> str:
        """The name as SQL and the client write it."""
        return f"{self.project}.{self.dataset}.{self.name}"


class TableReady(NamedTuple):
    """A table that can take a run's rows."""

    columns: Columns  # all that it has: rows are loaded with all of them, in this order
    was_there: bool  # it may have rows of earlier runs
    warnings: tuple[str, ...] = ()


def make_table_ready(
    table: TableId,
    document_type: DocumentType,
    job_project: str,
    temp_location: str = "",
    *,
    resume: bool = True,
) -> TableReady:
    """Create the table, or add the columns and fields that it lacks; and its view.

    Raises UsageFault for a missing dataset, for one that is not where the bucket of the temporary
    location is, for a table that cannot take the rows, saying the ALTER or the other table that
    would do, and for anything BigQuery refuses.
    """
    wanted: Columns = table_schema(document_type.fields)["fields"]
    try:
        client = bigquery.Client(project=job_project)
        try:
            existing = client.get_table(table.reference)
        except api.NotFound:
            _create(client, table, wanted, temp_location)
            return TableReady(wanted, was_there=False, warnings=_show_latest(client, table))
        _check_place(table, str(existing.location or ""), temp_location)
        filtered = _is_filtered(table, existing, resume=resume)
        columns = _extend(client, table, existing, document_type, wanted)
        warnings = _show_latest(client, table, filtered=filtered)
        return TableReady(respelt(columns, wanted), was_there=True, warnings=warnings)
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise UsageFault(f"--output {table}: {one_line(error)}") from error


def latest_sql(reference: str, *, filtered: bool = False) -> str:
    """Return the query of the view: of each document and document type its current rows.

    They are all rows of the newest extraction whose rows are all there, as `current_rows` has it.
    Of a row that is there twice it has one.

    `filtered` for a table that has to be asked for partitions: it asks for all of them.
    """
    # A reference is letters, digits, '-', '_' and dots: it is judged with the flags.
    rows = ANY_TIME if filtered else "TRUE"
    made = "processed_at DESC, provenance.run_id DESC, provenance.request_identity DESC"
    extraction = f"{_OF_DOCUMENT}, processed_at, provenance.run_id, provenance.request_identity"
    record = "IFNULL(record_index, 0)"
    whole = "IFNULL(record_count, 1) - IFNULL(record_failures, 0)"
    return (
        f"SELECT * FROM (SELECT * FROM `{reference}` WHERE {rows} "  # noqa: S608
        f"QUALIFY COUNT(DISTINCT {record}) OVER (PARTITION BY {extraction}) >= {whole}) "
        f"WHERE TRUE QUALIFY DENSE_RANK() OVER (PARTITION BY {_OF_DOCUMENT} ORDER BY {made}) = 1 "
        f"AND ROW_NUMBER() OVER (PARTITION BY {extraction}, {record}) = 1"
    )


def check_table(flag: str, table: TableId, job_project: str) -> None:
    """Raise UsageFault, naming the flag, unless the table is there and has rows of this job."""
    try:
        found = bigquery.Client(project=job_project).get_table(table.reference)
    except api.NotFound:
        raise UsageFault(f"--{flag}: there is no table {table}") from None
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise UsageFault(f"--{flag} {table}: {one_line(error)}") from error
    if "document_uri" not in {field.name for field in found.schema}:
        raise UsageFault(
            f"--{flag}: table {table} has no column document_uri: its rows are none of this job"
        )


def column_names(table: TableId, project: str) -> tuple[str, ...]:
    """Return the names of a table's columns; empty where BigQuery does not say."""
    try:
        found = bigquery.Client(project=project).get_table(table.reference)
    except (api.GoogleAPIError, auth.GoogleAuthError):
        return ()
    return tuple(field.name for field in found.schema)


def _create(client: bigquery.Client, table: TableId, wanted: Columns, temp_location: str) -> None:
    try:
        dataset = client.get_dataset(f"{table.project}.{table.dataset}")
    except api.NotFound:
        raise UsageFault(
            f"--output {table}: there is no dataset {table.project}:{table.dataset}; "
            f"create it with: bq mk --dataset {table.project}:{table.dataset}"
        ) from None
    _check_place(table, str(dataset.location or ""), temp_location)
    new = bigquery.Table(table.reference, schema=wanted)
    new.time_partitioning = bigquery.TimePartitioning(
        bigquery.TimePartitioningType.DAY, field=_BY_TIME
    )
    new.clustering_fields = [_BY_NAME]
    client.create_table(new, exists_ok=True)


def _check_place(table: TableId, location: str, temp_location: str) -> None:
    bucket = bucket_location(temp_location) if temp_location else ""
    if not can_load(bucket, location):
        raise UsageFault(
            f"--output {table} lies in {location}, and the bucket of {temp_location} in {bucket}: "
            "BigQuery loads from the same place only; give a --temp_location in a bucket of "
            f"{location}, or a table of a dataset in {bucket}"
        )


def _is_filtered(table: TableId, existing: bigquery.Table, *, resume: bool) -> bool:
    """Return whether the table is read by its partitions alone; refuse where that cannot be."""
    resource = existing.to_api_repr()
    by_time = resource.get("timePartitioning") or {}
    is_filtered = bool(
        resource.get("requirePartitionFilter") or by_time.get("requirePartitionFilter")
    )
    if is_filtered and resume and by_time.get("field") != _BY_TIME:
        raise UsageFault(
            f"--output: table {table.reference} has require_partition_filter, and its partitions "
            f"do not go by {_BY_TIME}: earlier rows cannot be read. Run: ALTER TABLE "
            f"`{table.reference}` SET OPTIONS (require_partition_filter = FALSE); or give "
            "--no_resume"
        )
    return is_filtered and by_time.get("field") == _BY_TIME


def _extend(
    client: bigquery.Client,
    table: TableId,
    existing: bigquery.Table,
    document_type: DocumentType,
    wanted: Columns,
) -> Columns:
    if existing.table_type != "TABLE":
        kind = str(existing.table_type).lower().replace("_", " ")
        raise UsageFault(f"--output {table} is a {kind}; rows go to a table")
    columns: Columns = [field.to_api_repr() for field in existing.schema]
    filled = frozenset(field.name for field in document_type.fields if field.always_filled)
    found = misfits(columns, wanted, filled)
    if found:
        raise UsageFault(
            f"--output: table {table.reference} does not fit document type "
            f"{document_type.name!r}: {advice(table.reference, found, _free(client, table))}"
        )
    longer = extended(columns, wanted)
    if longer != columns:
        existing.schema = longer
        client.update_table(existing, ["schema"])
    return longer


def _show_latest(
    client: bigquery.Client, table: TableId, *, filtered: bool = False
) -> tuple[str, ...]:
    """Create the view of the current rows, or renew it; return what a person should know.

    A run does without it: a name that is taken, or a missing permission, is a warning.
    """
    name = f"{table.reference}{LATEST}"
    query = latest_sql(table.reference, filtered=filtered)
    try:
        kept = show_view(client, name, query, _OURS, f" in {table.name}")
    except api.GoogleAPIError as error:
        kept = f"there is no view {name} of the current rows: {one_line(error)}"
    return (kept,) if kept else ()


def _free(client: bigquery.Client, table: TableId) -> str:
    """Return a name for another table, with the next version that is not taken."""
    found = re.fullmatch(r"(.+)_v(\d+)", table.name)
    stem, version = (found[1], int(found[2]) + 1) if found else (table.name, 2)
    while True:
        other = TableId(table.project, table.dataset, f"{stem}_v{version}")
        try:
            client.get_table(other.reference)
        except api.NotFound:
            return str(other)
        version += 1
