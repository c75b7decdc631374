"""Cloud Storage on an event loop: one small object at a time, over aiohttp.

The client library takes a thread and a millisecond of CPU for each request, most of it under the
interpreter's lock. Each document takes three requests (is its answer in the journal? was it
replaced? store its answer), which is more than all the rest of a document's work. These are the
same requests of the JSON API, with the library's endpoint and credentials, at a tenth of the cost.

Nothing is retried here: Unavailable means that the same request may succeed later.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp
import google_crc32c
from google.auth import exceptions as auth
from google.auth.transport.requests import Request
from google.cloud import storage
from yarl import URL

from sluicegate.records import Document
from sluicegate.storage.gcs import document, first_line, split_object_uri, split_uri
from sluicegate.storage.sessions import new_session
from sluicegate.storage.store import NotFound, StoreError, Unavailable

_CONNECTIONS = 128
_TIMEOUT = aiohttp.ClientTimeout(total=60.0)
_FIELDS = "name,size,generation,md5Hash,contentType"
_MEDIA_TYPE = "application/octet-stream"
# Statuses below 500 after which the same request may succeed (Cloud Storage's documentation).
_TRANSIENT = frozenset({408, 429})

_Reply = tuple[bytes, Mapping[str, str]]  # body and headers


class GcsRequests:
    """Objects by `gs://` URI. Scope: one event loop, on which it is created and used.

    Methods raise NotFound, Unavailable where the same request may succeed later, and StoreError
    where it will not.
    """

    def __init__(self, client: storage.Client) -> None:
        self._base = client.api_endpoint.rstrip("/")
        self._credentials: Any = client._credentials  # noqa: SLF001 - it has no other name
        self._refreshing = asyncio.Lock()
        self._session = new_session(
            self._base, _CONNECTIONS, timeout=_TIMEOUT, headers={"Accept-Encoding": "identity"}
        )

    async def read(self, uri: str) -> bytes:
        """Return all bytes of an object, checked by their CRC32C."""
        data, headers = await self._get("/download", uri, "alt=media")
        expected = _crc32c_of(headers.get("x-goog-hash", ""))
        if expected and expected != _crc32c(data):
            raise Unavailable(f"{uri!r} did not arrive as it is stored")
        return data

    async def stat(self, uri: str) -> Document:
        """Describe an object by its metadata."""
        body, _ = await self._get("", uri, f"fields={_FIELDS}")
        return _described(uri, body)

    async def write(self, uri: str, data: bytes) -> None:
        """Upload an object in one request; readers see all of it or nothing."""
        bucket, name = split_object_uri(uri)
        metadata = {"name": name, "contentType": _MEDIA_TYPE, "crc32c": _crc32c(data)}
        # The data's own digest is a boundary that does not occur in the data.
        boundary = sha256(data).hexdigest().encode("ascii")
        body = b"\r\n".join(
            (
                b"--" + boundary,
                b"Content-Type: application/json\r\n",
                json.dumps(metadata).encode("ascii"),
                b"--" + boundary,
                b"Content-Type: %b\r\n" % _MEDIA_TYPE.encode("ascii"),
                data,
                b"--" + boundary + b"--\r\n",
            )
        )
        kind = f"multipart/related; boundary={boundary.decode('ascii')}"
        url = f"{self._base}/upload/storage/v1/b/{bucket}/o?uploadType=multipart"
        reply, _ = await self._send(uri, "POST", url, {"Content-Type": kind}, body)
        written = _described(uri, reply)
        if written.size_bytes != len(data):
            raise Unavailable(f"Cloud Storage kept {written.size_bytes:,} bytes of {uri!r}")

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _get(self, kind: str, uri: str, query: str) -> _Reply:
        bucket, name = split_object_uri(uri)
        url = f"{self._base}{kind}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?{query}"
        return await self._send(uri, "GET", url, {}, None)

    async def _send(
        self, uri: str, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> _Reply:
        """Send a request about an object; return the body and headers of a 200 reply."""
        await self._authorise(uri, headers)
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body
            ) as response:
                reply = await response.read()
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"Cloud Storage did not serve {uri!r}: {reason}") from error
        if response.status != HTTPStatus.OK:
            raise _error(uri, response.status, reply)
        return reply, response.headers

    async def _authorise(self, uri: str, headers: dict[str, str]) -> None:
        if not self._credentials.valid:
            async with self._refreshing:
                if not self._credentials.valid:
                    await self._refresh(uri)
        self._credentials.apply(headers)

    async def _refresh(self, uri: str) -> None:
        try:
            await asyncio.to_thread(self._credentials.refresh, Request())
        except auth.GoogleAuthError as error:
            text = f"no access token for {uri!r}: {first_line(error)}"
            if isinstance(error, auth.TransportError) or error.retryable:
                raise Unavailable(text) from error
            raise StoreError(text) from error


def _described(uri: str, body: bytes) -> Document:
    """Read an object's metadata; anything else did not come from Cloud Storage: Unavailable."""
    try:
        metadata = json.loads(body)
        return document(
            split_uri(uri)[0],
            metadata["name"],
            metadata.get("size"),
            metadata["generation"],
            metadata.get("contentType"),
            metadata.get("md5Hash"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unavailable(f"an unreadable reply about {uri!r}") from error


def _error(uri: str, status: int, body: bytes) -> StoreError:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"there is no object or bucket at {uri!r}")
    try:
        message = str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        message = body.decode("utf-8", "replace").strip()
    text = f"{status} {first_line(message)}"
    if status >= 500 or status in _TRANSIENT:
        return Unavailable(f"Cloud Storage did not serve {uri!r}: {text}")
    return StoreError(f"Cloud Storage refused {uri!r}: {text}")


def _crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode("ascii")


def _crc32c_of(header: str) -> str:
    """Return the CRC32C in a header, `crc32c=AAAAAA==,md5=…`; else an empty string."""
    named = (part.strip() for part in header.split(","))
    return next((part[7:] for part in named if part.startswith("crc32c=")), "")
