"""Rows of a BigQuery table by the Storage Read API: parallel streams of one snapshot."""

from collections.abc import Iterator, Sequence
from typing import Any

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery_storage_v1 as bigquery_storage

from sluicegate.faults import one_line
from sluicegate.storage.store import StoreError


def open_streams(
    project: str, dataset: str, table: str, restriction: str = "", columns: Sequence[str] = ()
) -> list[str]:
    """Start a read of a table; return the names of its streams, as many as the service gives.

    `restriction` is an SQL condition on the rows. `columns` are all where none are given; one may
    be a `record.field`. An empty table has no streams. Names can be used for hours, on any
    machine. Raises StoreError.
    """
    wanted = bigquery_storage.types.ReadSession(
        table=f"projects/{project}/datasets/{dataset}/tables/{table}",
        data_format=bigquery_storage.types.DataFormat.AVRO,
        read_options={"row_restriction": restriction, "selected_fields": list(columns)},
    )
    try:
        session = bigquery_storage.BigQueryReadClient().create_read_session(
            parent=f"projects/{project}", read_session=wanted
        )
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise _failed(f"table {project}:{dataset}.{table}", error) from error
    return [stream.name for stream in session.streams]


def read_stream(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a stream, values as fastavro reads them: Decimal, date, datetime.

    After a broken connection the stream continues where it was. Raises StoreError.
    """
    try:
        yield from bigquery_storage.BigQueryReadClient().read_rows(name).rows()
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise _failed(f"stream {name}", error) from error


def _failed(what: str, error: Exception) -> StoreError:
    return StoreError(f"{what} cannot be read: {one_line(error)}")
