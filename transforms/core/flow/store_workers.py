"""Threads for work that blocks on a store: few for a disk, more for Cloud Storage."""

import asyncio
from collections.abc import Callable
from typing import Any

from transforms.core.flow.crossing import Workers
from transforms.core.storage import is_gcs

# A disk takes what eight threads bring it together, and gets no faster by more: they would wait
# for the interpreter, at 0.5 ms of CPU a document with 32 of them beside a busy loop. A request to
# Cloud Storage waits for the network: 32 threads make 600 a second at 50 ms each.
_DISK, _NETWORK = 8, 32
_AHEAD = 4  # documents that are read while as many as may be are in flight


class StoreWorkers:
    """`Workers` for each kind of store. Scope: one loop, on which `run` is called."""

    def __init__(self, max_in_flight: int) -> None:
        most = max_in_flight + _AHEAD
        self._disk = Workers(min(_DISK, most), "disk")
        self._network = Workers(min(_NETWORK, most), "network")

    def run(self, uri: str, function: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        """Call a function that uses the store of `uri`; the future is the running loop's."""
        workers = self._network if is_gcs(uri) else self._disk
        return workers.run(function, *arguments)

    def stop(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._disk.stop()
        self._network.stop()
