"""The table of a run, made to fit before the launch, and the view of its current rows."""

import re
from typing import Any, NamedTuple

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns, advice, extended, misfits, respelt
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import UsageFault, one_line

PARTITIONING: dict[str, Any] = {"timePartitioning": {"type": "DAY", "field": "processed_at"}}
LATEST = "_latest"
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


def make_table_ready(table: TableId, document_type: DocumentType) -> TableReady:
    """Create the table, or add the columns and fields that it lacks; and its view.

    Raises UsageFault for a missing dataset, for a table that cannot take the rows, saying the
    ALTER or the other table that would do, and for anything BigQuery refuses.
    """
    wanted: Columns = table_schema(document_type.fields)["fields"]
    try:
        client = bigquery.Client(project=table.project)
        try:
            existing = client.get_table(table.reference)
        except api.NotFound:
            _create(client, table, wanted)
            return TableReady(wanted, was_there=False, warnings=_show_latest(client, table))
        columns = _extend(client, table, existing, document_type, wanted)
        warnings = _show_latest(client, table)
        return TableReady(respelt(columns, wanted), was_there=True, warnings=warnings)
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise UsageFault(f"--output {table}: {one_line(error)}") from error


def latest_sql(reference: str) -> str:
    """Return the query of the view: of each document and document type the row made last."""
    # A reference is letters, digits, '-', '_' and dots: it is judged with the flags.
    return (
        f"SELECT * FROM `{reference}` WHERE TRUE QUALIFY ROW_NUMBER() OVER ("  # noqa: S608
        "PARTITION BY document_uri, provenance.document_type "
        "ORDER BY processed_at DESC, provenance.run_id DESC) = 1"
    )


def check_table(flag: str, table: TableId) -> None:
    """Raise UsageFault, naming the flag, unless the table is there and has rows of this job."""
    try:
        found = bigquery.Client(project=table.project).get_table(table.reference)
    except api.NotFound:
        raise UsageFault(f"--{flag}: there is no table {table}") from None
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise UsageFault(f"--{flag} {table}: {one_line(error)}") from error
    if "document_uri" not in {field.name for field in found.schema}:
        raise UsageFault(
            f"--{flag}: table {table} has no column document_uri: its rows are none of this job"
        )


def column_names(table: TableId) -> tuple[str, ...]:
    """Return the names of a table's columns; empty where BigQuery does not say."""
    try:
        found = bigquery.Client(project=table.project).get_table(table.reference)
    except (api.GoogleAPIError, auth.GoogleAuthError):
        return ()
    return tuple(field.name for field in found.schema)


def _create(client: bigquery.Client, table: TableId, wanted: Columns) -> None:
    try:
        client.get_dataset(f"{table.project}.{table.dataset}")
    except api.NotFound:
        raise UsageFault(
            f"--output {table}: there is no dataset {table.project}:{table.dataset}; "
            f"create it with: bq mk --dataset {table.project}:{table.dataset}"
        ) from None
    new = bigquery.Table(table.reference, schema=wanted)
    new.time_partitioning = bigquery.TimePartitioning.from_api_repr(
        PARTITIONING["timePartitioning"]
    )
    client.create_table(new, exists_ok=True)


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


def _show_latest(client: bigquery.Client, table: TableId) -> tuple[str, ...]:
    """Create the view of the current rows, or renew it; return what a person should know.

    A run does without it: a name that is taken, or a missing permission, is a warning.
    """
    name = f"{table.reference}{LATEST}"
    query = latest_sql(table.reference)
    try:
        try:
            view = client.get_table(name)
        except api.NotFound:
            view = bigquery.Table(name)
            view.view_query, view.description = query, f"{_OURS} in {table.name}"
            client.create_table(view, exists_ok=True)
            return ()
        if view.table_type != "VIEW" or not str(view.description or "").startswith(_OURS):
            return (f"{name} is there and is none of ours: it stays as it is",)
        if view.view_query != query:
            view.view_query = query
            client.update_table(view, ["view_query"])
    except api.GoogleAPIError as error:
        return (f"there is no view {name} of the current rows: {one_line(error)}",)
    return ()


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
