"""The stores as the engine uses them: nothing here blocks its loop.

disk                threads, a few
gs://, small        requests on the loop itself: the journal's objects, an object's metadata
gs://, the rest     threads, more: documents, which are checked and converted there as well
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sluicegate.live.bridge import WorkerThreads
from sluicegate.records import Document
from sluicegate.storage import is_gcs, store_for

if TYPE_CHECKING:
    from sluicegate.storage.gcs_requests import GcsRequests

# A disk takes what eight threads bring it together, and gets no faster by more: they would wait
# for the interpreter, at 0.5 ms of CPU a document with 32 of them beside a busy loop. A request to
# Cloud Storage waits for the network: 32 threads make 600 a second at 50 ms each.
_DISK, _NETWORK = 8, 32
_AHEAD = 4  # documents that are read while as many as may be are in flight


class Stores:
    """An `AsyncStore` of either kind, and threads. Scope: one loop, on which it is used."""

    def __init__(self, max_in_flight: int) -> None:
        most = max_in_flight + _AHEAD
        self._disk = WorkerThreads(min(_DISK, most), "disk")
        self._network = WorkerThreads(min(_NETWORK, most), "network")
        self._connecting = asyncio.Lock()
        self._requests: GcsRequests | None = None

    def run(self, uri: str, function: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        """Call a function that uses the store of `uri` on a thread."""
        workers = self._network if is_gcs(uri) else self._disk
        return workers.run(function, *arguments)

    async def read(self, uri: str) -> bytes:
        """Return all bytes of an object."""
        if requests := await self._connected(uri):
            return await requests.read(uri)
        data: bytes = await self.run(uri, store_for(uri).read, uri)
        return data

    async def write(self, uri: str, data: bytes) -> None:
        """Write an object that appears whole or not at all."""
        if requests := await self._connected(uri):
            await requests.write(uri, data)
        else:
            await self.run(uri, store_for(uri).write, uri, data)

    async def stat(self, uri: str) -> Document:
        """Describe one object."""
        if requests := await self._connected(uri):
            return await requests.stat(uri)
        found: Document = await self.run(uri, store_for(uri).stat, uri)
        return found

    async def list(self, pattern: str) -> list[Document]:
        """Describe what matches."""
        found: list[Document] = await self.run(
            pattern, lambda: list(store_for(pattern).list(pattern))
        )
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._requests:
            await self._requests.close()

    def stop(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._disk.stop()
        self._network.stop()

    async def _connected(self, uri: str) -> "GcsRequests | None":
        """Return what makes the requests about `uri`; None for a disk, or if the library must."""
        if not is_gcs(uri):
            return None
        if self._requests:
            return self._requests
        async with self._connecting:
            store: Any = await self.run(uri, store_for, uri)  # it may ask for credentials
            if self._requests is None and not store.has_certificate:
                from sluicegate.storage.gcs_requests import GcsRequests  # noqa: PLC0415

                self._requests = GcsRequests(store.client)
        return self._requests
