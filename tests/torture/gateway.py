"""A TCP gateway on the loopback that can be broken: between the pipeline and what it calls.

    pass      bytes go through, both ways
    refuse    connections are reset
    hang      connections are taken and nothing is ever said
    wrong     each new connection draws: what is said on it is no HTTP a service would speak, or
              an answer that was given to another; and none lives longer than seconds

A change of mode resets the connections there are.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable

from emulators.loopback import HOST, free_port
from emulators.server import LoopbackServer

PASS, REFUSE, HANG, WRONG = "pass", "refuse", "hang", "wrong"

_JSON = b'{"candidates": [{"content": {"parts": [{"text": "{}"}]}, "finishReason": "STOP"}]}'


def _reply(body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    size = b"Content-Length: %d" % (len(body) if length is None else length)
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", size, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


# What broken proxies and dying servers send for a 200.
WRONG_REPLIES: dict[str, bytes] = {
    "a page": _reply(b"<html><body>Please sign in to the network</body></html>"),
    "nothing": b"",
    "an empty body": _reply(b""),
    "half a body": _reply(_JSON[:40], length=len(_JSON)),
    "a body that is longer than said": _reply(_JSON, length=30),
    "a list": _reply(b"[1, 2, 3]"),
    "null": _reply(b"null"),
    "a number as candidates": _reply(b'{"candidates": 7}'),
    "no gzip, said to be": _reply(_JSON, b"Content-Encoding: gzip"),
    "bytes that are no text": _reply(b"\xff\xfe\xfa" * 40),
    "chunks without sizes": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + _JSON + b"\r\n"
    ),
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "endless nesting": _reply(b"[" * 100_000),
}


class Gateway(LoopbackServer):
    """Listens on a free port and forwards to `target`. Methods may be called from any thread.

    `share`: of new connections, how many go wrong in the mode "wrong".
    """

    def __init__(self, target: int, seed: int = 0, share: float = 0.3) -> None:
        super().__init__(free_port())
        self.mode = PASS
        self.broken = 0  # connections that were not served as they should be
        self._target, self._share = target, share
        self._draw = random.Random(seed)
        self._open: set[asyncio.StreamWriter] = set()
        self._earlier = b""  # an answer as it came over the wire
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def _begin(self) -> None:
        self._thread.start()
        self._server = self._run(asyncio.start_server, self._serve, HOST, self.port)

    def _end(self) -> None:
        """Listen no more, and reset what is open."""
        self.become(REFUSE)
        if self._server:
            self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def become(self, mode: str) -> None:
        """Change the mode and reset what is open."""

        async def change() -> None:
            self.mode = mode
            for writer in list(self._open):
                writer.transport.abort()
            await asyncio.sleep(0)

        self._run(change)

    def _run(self, function: Callable[..., object], *arguments: object) -> object:
        future = asyncio.run_coroutine_threadsafe(function(*arguments), self._loop)
        return future.result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        self._open.discard(writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode = self.mode
        wrong = mode == WRONG and self._draw.random() < self._share
        self.broken += wrong or mode in (REFUSE, HANG)
        if mode == REFUSE:
            writer.transport.abort()
        elif mode == HANG:
            while await reader.read(1 << 16):
                pass
        elif wrong:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.02)
            writer.write(self._draw.choice([*WRONG_REPLIES.values(), self._earlier]))
            await writer.drain()
        elif mode == WRONG:
            try:
                await asyncio.wait_for(self._forward(reader, writer), self._draw.uniform(0.3, 3))
            except TimeoutError:
                self.broken += 1
        else:
            await self._forward(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection(HOST, self._target)
        self._open.add(onward)
        try:
            await asyncio.gather(self._pump(reader, onward), self._pump(there, writer))
        finally:
            self._open.discard(onward)
            onward.close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                if data.startswith(b"HTTP/1.1 200") and b'"candidates"' in data:
                    self._earlier = data
                target.write(data)
                await target.drain()
        finally:
            target.close()
