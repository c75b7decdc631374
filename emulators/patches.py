"""What has to be changed inside a process for Google's and Beam's clients to stay on the loopback.

Google's clients follow environment variables; what is here is for what does not. It is kept in
this one place, and out of the product.
"""

import functools
import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

import google.auth
import grpc
from apache_beam.internal.gcp import auth as beam_auth
from apache_beam.io.gcp.internal.clients import bigquery as beam_bigquery
from google.auth.credentials import Credentials
from google.cloud import bigquery_storage_v1 as bigquery_storage
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)
from google.cloud.storage import batch

_NUMBERS = itertools.count(1)


class LocalCredentials(Credentials):
    """A token that is always valid: anonymous credentials fail in clients that insist on one."""

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = token

    def refresh(self, request: object) -> None:
        """Keep the token."""


class NumberedRequest(batch.MIMEApplicationHTTP):  # type: ignore[misc]
    """A part of a Cloud Storage batch with a Content-ID.

    Cloud Storage answers parts without one too; fake-gcs-server silently skips them, and Beam's
    renames and deletes with them.
    """

    def __init__(self, method: str, uri: str, headers: dict[str, str], body: object) -> None:
        super().__init__(method, uri, headers, body)
        self["Content-ID"] = f"<request+{next(_NUMBERS)}>"


def _channel(address: str) -> grpc.Channel:
    """Return a connection without TLS, for rows of any size."""
    return grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)])


def _read_client(real: type, channel: grpc.Channel) -> object:
    """Return a client of the Storage Read API on a connection of its own choosing."""
    return real(transport=BigQueryReadGrpcTransport(channel=channel))


@contextmanager
def local_clients(
    *, project: str, token: str, bigquery_url: str | None, bigquery_read: str | None = None
) -> Iterator[None]:
    """Point this process's clients at the loopback until exit.

    Default credentials become `LocalCredentials`, and Beam's BigQuery client, which knows no
    emulator, uses ``bigquery_url`` (if there is one) and looks for credentials anew. Clients of
    the Storage Read API, which know none either, use ``bigquery_read``, a host and port.
    """

    def default(*_: object, **__: object) -> tuple[LocalCredentials, str]:
        return LocalCredentials(token), project

    with ExitStack() as undo:
        undo.enter_context(mock.patch.object(google.auth, "default", default))
        undo.enter_context(mock.patch.object(batch, "MIMEApplicationHTTP", NumberedRequest))
        remembered = beam_auth._Credentials  # noqa: SLF001 - there is no public way to reset it
        undo.enter_context(
            mock.patch.multiple(remembered, _credentials_init=False, _credentials=None)
        )
        if bigquery_url:
            base = f"{bigquery_url}/bigquery/v2/"
            undo.enter_context(mock.patch.object(beam_bigquery.BigqueryV2, "BASE_URL", base))
        if bigquery_read:
            channel = undo.enter_context(_channel(bigquery_read))
            client = functools.partial(_read_client, bigquery_storage.BigQueryReadClient, channel)
            undo.enter_context(mock.patch.object(bigquery_storage, "BigQueryReadClient", client))
        yield
