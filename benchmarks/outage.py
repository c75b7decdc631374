"""What stands in a dead server's place: it reads who calls, counts, and breaks the connection."""

import asyncio
import re
import threading
from collections import Counter

from emulators.loopback import HOST
from emulators.server import LoopbackServer

_KEY = re.compile(rb"\r\nx-goog-api-key: *([^\r\n]+)", re.IGNORECASE)
_HEAD_SECONDS = 5.0
_START_SECONDS = 10.0


class DeadServer(LoopbackServer):
    """A port on which every request is counted, by its API key, and none is answered.

    It shows what a server that was killed cannot see: how often it is called. A connection that
    is opened and broken costs a client what a refused one does.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._calls: Counter[str] = Counter()
        self._listening = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="dead-server", daemon=True)

    def _begin(self) -> None:
        self._thread.start()
        self._listening.wait(_START_SECONDS)
        if self._error is not None:
            raise self._error

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    @property
    def calls(self) -> dict[str, int]:
        """Requests by API key; complete once the block has ended."""
        return dict(self._calls)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(self._break, HOST, self.port, backlog=1024)
        except OSError as error:
            self._error = error
            return
        finally:
            self._listening.set()
        await self._ended.wait()
        server.close()

    async def _break(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            head = b""
        found = _KEY.search(head)
        if found:
            self._calls[found[1].decode("latin-1").strip()] += 1
        writer.transport.abort()
