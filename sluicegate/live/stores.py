"""The stores as the engine uses them, without blocking its loop.

disk                8 threads
gs://, small        requests on the loop itself: the journal's objects, an object's metadata
gs://, the rest     32 threads: documents, which are checked and converted there as well
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sluicegate.live.bridge import WorkerThreads
from sluicegate.records import Document
from sluicegate.storage import is_gcs, store_for

if TYPE_CHECKING:
    from sluicegate.storage.gcs_requests import GcsRequests

# Eight threads use a disk in full. More would wait for the interpreter's lock: with 32 of them
# beside a busy loop, 0.5 ms of CPU a document. A request to Cloud Storage waits for the network:
# 32 threads make 600 a second at 50 ms each.
_DISK_THREADS, _NETWORK_THREADS = 8, 32
_AHEAD = 4  # documents that are read while the limit of calls is in flight


class Stores:
    """An `AsyncStore` over disk and Cloud Storage, and threads for what blocks. Scope: one loop."""

    def __init__(self, max_in_flight: int) -> None:
        most = max_in_flight + _AHEAD
        self._disk = WorkerThreads(min(_DISK_THREADS, most), "disk")
        self._network = WorkerThreads(min(_NETWORK_THREADS, most), "network")
        self._connecting = asyncio.Lock()
        self._requests: GcsRequests | None = None

    def run(self, uri: str, function: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        """Call a function on a thread for the store of `uri`; the future is the loop's."""
        threads = self._network if is_gcs(uri) else self._disk
        return threads.run(function, *arguments)

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
        """Describe what matches a pattern."""
        found: list[Document] = await self.run(
            pattern, lambda: list(store_for(pattern).list(pattern))
        )
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._requests:
            await self._requests.close()

    def stop(self) -> None:
        """Let the threads end once their queued work is done."""
        self._disk.stop()
        self._network.stop()

    async def _connected(self, uri: str) -> "GcsRequests | None":
        """Return what makes requests on the loop; None for a disk, or if only the library can."""
        if not is_gcs(uri):
            return None
        if self._requests:
            return self._requests
        async with self._connecting:
            store: Any = await self.run(uri, store_for, uri)  # it may have to fetch credentials
            if self._requests is None and not store.has_certificate:
                from sluicegate.storage.gcs_requests import GcsRequests  # noqa: PLC0415

                self._requests = GcsRequests(store.client)
        return self._requests
