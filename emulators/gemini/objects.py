"""Objects of the Cloud Storage stand-in: documents named by reference, and files of batch jobs."""

import os
from urllib.parse import quote

import aiohttp
from yarl import URL

from emulators.gcs import split_uri
from emulators.gemini.refusals import Refused, error, invalid, missing_object, server_error


class Objects:
    """Reads and writes ``gs://`` URIs of ``host``, or of ``STORAGE_EMULATOR_HOST`` without one."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, uri: str) -> bytes:
        """Return an object's bytes; raises `Refused` as Vertex AI answers."""
        try:
            bucket, name = split_uri(uri)
        except ValueError as cause:
            raise Refused(invalid(f"Unsupported file uri: {uri}")) from cause
        path = f"/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
        session, url = self._reached(uri, path)
        try:
            async with session.get(url) as answer:
                if answer.status == 404:
                    raise Refused(missing_object(uri))
                if answer.status != 200:
                    message = f"{uri}: Cloud Storage answered {answer.status}"
                    raise Refused(server_error(500, message))
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError) as cause:
            raise Refused(server_error(500, f"{uri}: {cause!r}")) from cause

    async def store(self, uri: str, data: bytes) -> None:
        """Store an object; raises `Refused` where that is impossible."""
        bucket, name = split_uri(uri)
        path = (
            f"/upload/storage/v1/b/{quote(bucket)}/o?uploadType=media&name={quote(name, safe='')}"
        )
        session, url = self._reached(uri, path)
        async with session.post(url, data=data) as answer:
            if answer.status != 200:
                raise Refused(server_error(500, f"{uri}: Cloud Storage answered {answer.status}"))

    def _reached(self, uri: str, path: str) -> tuple[aiohttp.ClientSession, URL]:
        """Return what to ask, and the URL of a path that is encoded already, slashes included."""
        host = self._host or os.environ.get("STORAGE_EMULATOR_HOST")
        if not host:
            message = f"{uri}: the stand-in knows no Cloud Storage; set STORAGE_EMULATOR_HOST"
            raise Refused(error(500, "INTERNAL", message))
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self._session, URL(host.rstrip("/") + path, encoded=True)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
