"""Rows of a BigQuery table by the Storage Read API: parallel streams of one snapshot."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery_storage_v1 as bigquery_storage

from sluicegate.faults import one_line
from sluicegate.storage.store import StoreError

# True of all rows that this product wrote, and enough for a table with require_partition_filter
# whose partitions go by processed_at.
ANY_TIME = "processed_at >= TIMESTAMP '1970-01-01'"
_LAST = 0xD7FF  # before the surrogates, which are no characters


class StreamExpired(StoreError):  # noqa: N818 - what happened to it
    """The session of a stream has aged: it lives 6 hours, whoever reads it and however long."""


class TableRead(NamedTuple):
    """What is read of a table, and the project that reads it. Plain values, for a shuffle.

    `restriction` is an SQL condition on the rows. `columns` are all where none are given; one may
    be a `record.field`.
    """

    project: str
    dataset: str
    table: str
    job_project: str
    restriction: str = ""
    columns: Sequence[str] = ()


def open_streams(read: TableRead) -> list[str]:
    """Start a read of a table; return the names of its streams, as many as the service gives.

    An empty table has no streams. Names can be used for 6 hours, on any machine. Raises
    StoreError.
    """
    wanted = bigquery_storage.types.ReadSession(
        table=f"projects/{read.project}/datasets/{read.dataset}/tables/{read.table}",
        data_format=bigquery_storage.types.DataFormat.AVRO,
        read_options={"row_restriction": read.restriction, "selected_fields": list(read.columns)},
    )
    try:
        session = bigquery_storage.BigQueryReadClient().create_read_session(
            parent=f"projects/{read.job_project}", read_session=wanted
        )
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise _failed(f"table {read.project}:{read.dataset}.{read.table}", error) from error
    return [stream.name for stream in session.streams]


def read_stream(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a stream, values as fastavro reads them: Decimal, date, datetime.

    After a broken connection the stream continues where it was. Raises StreamExpired, StoreError.
    """
    try:
        yield from bigquery_storage.BigQueryReadClient().read_rows(name).rows()
    except (api.FailedPrecondition, api.NotFound) as error:
        # "FAILED_PRECONDITION: … session expired at …" (GoogleCloudDataproc/
        # spark-bigquery-connector #684); a session that is long gone is not found.
        raise StreamExpired(f"stream {name}: {one_line(error)}") from error
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise _failed(f"stream {name}", error) from error


def begins_with(column: str, prefix: str) -> str:
    """Return the SQL condition that a text begins with a prefix, as a range that can prune.

    A prefix is cut before its first control character; "" is the condition of all rows.
    """
    at = next((n for n, char in enumerate(prefix) if not char.isprintable()), len(prefix))
    prefix = prefix[:at]
    while prefix and ord(prefix[-1]) >= _LAST:
        prefix = prefix[:-1]
    if not prefix:
        return ""
    # Texts are ordered by code points: https://cloud.google.com/bigquery/docs/reference/
    # standard-sql/data-types#string_type
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return f"{column} >= {_quoted(prefix)} AND {column} < {_quoted(after)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _failed(what: str, error: Exception) -> StoreError:
    return StoreError(f"{what} cannot be read: {one_line(error)}")
