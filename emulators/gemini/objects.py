"""Documents that requests name by reference: fetched from the Cloud Storage stand-in."""

import os
from urllib.parse import quote

import aiohttp
from yarl import URL

from emulators.gcs import split_uri
from emulators.gemini.refusals import Refused, error, invalid, missing_object, server_error


class Objects:
    """Reads ``gs://`` URIs from ``host``, or from ``STORAGE_EMULATOR_HOST`` if none is given."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, uri: str) -> bytes:
        """Return an object's bytes; raises `Refused` as Vertex AI answers."""
        try:
            bucket, name = split_uri(uri)
        except ValueError as cause:
            raise Refused(invalid(f"Unsupported file uri: {uri}")) from cause
        host = self._host or os.environ.get("STORAGE_EMULATOR_HOST")
        if not host:
            message = f"{uri}: the stand-in knows no Cloud Storage; set STORAGE_EMULATOR_HOST"
            raise Refused(error(500, "INTERNAL", message))
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        path = f"/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
        # Encoded already, slashes in the object's name included.
        url = URL(host.rstrip("/") + path, encoded=True)
        try:
            async with self._session.get(url) as answer:
                if answer.status == 404:
                    raise Refused(missing_object(uri))
                if answer.status != 200:
                    message = f"{uri}: Cloud Storage answered {answer.status}"
                    raise Refused(server_error(500, message))
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError) as cause:
            raise Refused(server_error(500, f"{uri}: {cause!r}")) from cause

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
