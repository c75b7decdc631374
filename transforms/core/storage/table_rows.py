"""Rows of a BigQuery table, the columns asked for, through the Storage Read API.

Beam's own direct read ends by listing and deleting labelled datasets of the project, for which a
worker's account may have no permission and this no need. Reading is two calls: a session, whose
streams may be read anywhere, and a stream.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery_storage_v1 as bigquery_storage

from transforms.core.storage.store import NotFound, StoreError

# A session has at most as many; the service gives fewer where a table is small.
_MOST_STREAMS = 1000


class Stream(NamedTuple):
    """A part of a table's rows, which may be read anywhere. Plain data."""

    table: str  # for messages
    name: str
    schema: bytes  # Arrow's, serialized


def open_streams(table: str, columns: Sequence[str], restriction: str) -> list[Stream]:
    """Return the streams that hold a table's rows, as they are now.

    `table` is `project:dataset.table`; a column may be `record.field`; `restriction` is a
    condition in SQL. A session is paid for by the table's project and lives for some hours.
    Raises StoreError.
    """
    project, _, rest = table.rpartition(":")
    dataset, _, name = rest.partition(".")
    with _errors(table):
        client = bigquery_storage.BigQueryReadClient()
        session = client.create_read_session(
            parent=f"projects/{project}",
            read_session=bigquery_storage.types.ReadSession(
                table=f"projects/{project}/datasets/{dataset}/tables/{name}",
                data_format=bigquery_storage.types.DataFormat.ARROW,
                read_options=bigquery_storage.types.ReadSession.TableReadOptions(
                    selected_fields=list(columns), row_restriction=restriction
                ),
            ),
            max_stream_count=_MOST_STREAMS,
        )
    schema = bytes(session.arrow_schema.serialized_schema)
    return [Stream(table, stream.name, schema) for stream in session.streams]


def read_stream(stream: Stream) -> Iterator[dict[str, Any]]:
    """Yield the rows of a stream, records as dicts. Raises StoreError.

    A connection that breaks is taken up again where it broke.
    """
    schema = pa.ipc.read_schema(pa.py_buffer(stream.schema))
    with _errors(stream.table):
        client = bigquery_storage.BigQueryReadClient()
        for page in client.read_rows(stream.name):
            batch = pa.py_buffer(page.arrow_record_batch.serialized_record_batch)
            yield from pa.ipc.read_record_batch(batch, schema).to_pylist()


@contextmanager
def _errors(table: str) -> Iterator[None]:
    try:
        yield
    except api.NotFound as error:
        raise NotFound(f"there is no table {table}") from error
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        reason = " ".join(str(getattr(error, "message", None) or error).split())[:300]
        raise StoreError(f"BigQuery refused to read {table}: {reason}") from error
