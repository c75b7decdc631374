"""Google Cloud Storage as a store, through google-cloud-storage."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY
from requests import exceptions as transport
from requests.adapters import HTTPAdapter

from sluicegate.records import Document
from sluicegate.storage.patterns import compile_pattern
from sluicegate.storage.store import (
    GCS_SCHEME,
    Changed,
    NotFound,
    Stored,
    StoreError,
    Unavailable,
)

_FIELDS = "items(name,size,generation,md5Hash,contentType),nextPageToken,prefixes"
# Connections that urllib3 keeps open; more threads than that would open one for each call.
_POOL_SIZE = 64
_LOOKS = 5  # at an object that is replaced meanwhile
_LONGEST_NAME = 1024  # bytes; Cloud Storage answers 400 to a longer one
# By default (since 3.11) the client also looks its bucket up, and again whenever an object is
# missing, as an answer not yet paid for always is: one more request for each document, 1.5 ms of
# CPU, and a permission (storage.buckets.get) that workers need not have.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
# Writes are retried too: what is written under a name here is always the same, so writing it twice
# does no harm. The client's own deadline of 120 s is long for somebody who mistyped a host.
_RETRY = DEFAULT_RETRY.with_timeout(30.0)


class GcsStore:
    """Objects by `gs://` URI. Versions are generations. Safe to share between threads.

    Credentials are the environment's (Application Default Credentials); the client library obeys
    STORAGE_EMULATOR_HOST.
    """

    def __init__(self) -> None:
        with _errors("gs://"):
            self.client = storage.Client()
        for scheme in ("https://", "http://"):
            self.client._http.mount(scheme, HTTPAdapter(pool_maxsize=_POOL_SIZE))  # noqa: SLF001

    @property
    def has_certificate(self) -> bool:
        """Return whether the client shows a certificate (mTLS), which other clients would lack."""
        return bool(getattr(self.client._http, "is_mtls", False))  # noqa: SLF001

    def read(self, uri: str, version: str = "") -> bytes:
        """Return all bytes of the object, of that generation if one is given."""
        with _errors(uri):
            return bytes(self._blob(uri, version).download_as_bytes(retry=_RETRY))

    def write(self, uri: str, data: bytes) -> None:
        """Upload in one request; readers see all of an object or nothing."""
        with _errors(uri):
            self._blob(uri).upload_from_string(
                data, content_type="application/octet-stream", checksum="crc32c", retry=_RETRY
            )

    def look(self, uri: str) -> Stored:
        """Return an object's bytes, its generation and when it was written."""
        for _ in range(_LOOKS):
            with _errors(uri):
                blob = self._blob(uri)
                blob.reload(retry=_RETRY)
            try:
                return Stored(self.read(uri, str(blob.generation)), *_written(blob))
            except NotFound:  # replaced between the two requests
                continue
        raise Unavailable(f"{uri!r} is replaced faster than it can be read")

    def write_if(self, uri: str, data: bytes, version: str) -> Stored:
        """Upload under the condition that the generation is still that one; raise Changed.

        A request that is tried again after it had succeeded raises Changed too.
        """
        with _errors(uri):
            blob = self._blob(uri)
            blob.upload_from_string(
                data,
                content_type="application/octet-stream",
                checksum="crc32c",
                if_generation_match=int(version or 0),
                retry=_RETRY,
            )
            return Stored(data, *_written(blob))

    def stat(self, uri: str) -> Document:
        """Describe one object by its metadata."""
        bucket, _ = split_uri(uri)
        with _errors(uri):
            blob = self._blob(uri)
            blob.reload(retry=_RETRY)
            return _described(bucket, blob)

    def list(self, pattern: str, on_name: Callable[[], None] | None = None) -> Iterator[Document]:
        """List objects with what a page of 1,000 holds anyway: size, generation, MD5, content type.

        Names that end in a slash are folder placeholders of other tools and are left out.
        """
        bucket, name = split_uri(pattern)
        if not name:
            name = "**"
        compiled = compile_pattern(name)
        may_be_a_name = len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
        if "*" not in name and not name.endswith("/") and may_be_a_name:
            # As on a disk, the name of an existing object means that object, brackets and all.
            try:
                yield self.stat(pattern)
            except NotFound:
                if compiled.is_literal:
                    return
            else:
                return
        with _errors(pattern):
            for blob in self.client.list_blobs(
                bucket,
                prefix=compiled.prefix,
                delimiter=None if compiled.crosses_folders else "/",
                fields=_FIELDS,
                page_size=1000,
                retry=_RETRY,
            ):
                if on_name:
                    on_name()
                if compiled.matches(blob.name) and not blob.name.endswith("/"):
                    yield _described(bucket, blob)

    def check_writable(self, prefix: str) -> None:
        """List one name under the prefix: this fails where there is no such bucket or no access."""
        bucket, name = split_uri(prefix)
        with _errors(prefix):
            next(
                iter(self.client.list_blobs(bucket, prefix=name, max_results=1, retry=_RETRY)),
                None,
            )

    def digest(self, document: Document) -> str:
        """Return a digest of the generation: composite objects have no MD5, and reading costs."""
        name = f"{document.uri}#{document.version}"
        return f"version:{hashlib.sha256(name.encode()).hexdigest()}"

    def _blob(self, uri: str, version: str = "") -> Any:
        bucket, name = split_object_uri(uri)
        return self.client.bucket(bucket).blob(name, generation=int(version) if version else None)


def split_uri(uri: str) -> tuple[str, str]:
    """Split `gs://bucket/name` into bucket and name; raise StoreError without a bucket."""
    bucket, _, name = uri.removeprefix(GCS_SCHEME).partition("/")
    if not bucket or any(wild in bucket for wild in "*?[{ "):
        raise StoreError(f"{uri!r} needs a literal bucket name after gs://")
    return bucket, name


def split_object_uri(uri: str) -> tuple[str, str]:
    """Split an object's URI; raise StoreError where there is no name after the bucket."""
    bucket, name = split_uri(uri)
    if not name:
        raise StoreError(f"{uri!r} names a bucket, not an object")
    return bucket, name


def _written(blob: Any) -> tuple[str, datetime]:
    return str(blob.generation), blob.updated


def _described(bucket: str, blob: Any) -> Document:
    return document(bucket, blob.name, blob.size, blob.generation, blob.content_type, blob.md5_hash)


def document(
    bucket: str, name: str, size: Any, generation: Any, media_type: str | None, md5: str | None
) -> Document:
    """Describe an object by its metadata; `md5` is in base64, and composite objects have none."""
    return Document(
        uri=f"{GCS_SCHEME}{bucket}/{name}",
        size_bytes=int(size or 0),
        version=str(generation or ""),
        media_type=media_type or "",
        digest=f"md5:{base64.b64decode(md5).hex()}" if md5 else "",
    )


@contextmanager
def _errors(uri: str) -> Iterator[None]:
    try:
        yield
    except api.NotFound as error:
        raise NotFound(f"there is no object or bucket at {uri!r}") from error
    except api.PreconditionFailed as error:
        raise Changed(f"{uri!r} was written by another") from error
    except (api.ServerError, api.TooManyRequests, api.RetryError, transport.RequestException) as e:
        raise Unavailable(f"Cloud Storage did not serve {uri!r}: {_first_line(e)}") from e
    except auth.DefaultCredentialsError as error:
        raise StoreError(
            "no Google Cloud credentials: run 'gcloud auth application-default login', or give the "
            "machine a service account"
        ) from error
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise StoreError(f"Cloud Storage refused {uri!r}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return first_line(getattr(error, "message", None) or str(error) or type(error).__name__)


def first_line(message: object) -> str:
    """Return the first line of a service's message, at most 300 characters, for one of ours."""
    return next(iter(str(message).splitlines()), "")[:300]
