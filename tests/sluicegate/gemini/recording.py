"""A server that keeps what it is sent, word for word, and the client under test beside it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import web

from sluicegate.gemini.client import GenaiClient
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.media.prepare import Part

KEY = "key-of-a-test"
REPLY = {
    "candidates": [
        {"content": {"parts": [{"text": "{}"}], "role": "model"}, "finishReason": "STOP"}
    ]
}
SCHEMA = {
    "type": "OBJECT",
    "properties": {
        "a": {"type": "STRING", "nullable": True, "description": "words"},
        "b": {"type": "ARRAY", "items": {"type": "NUMBER", "nullable": True}, "maxItems": 3},
    },
    "required": ["a", "b"],
    "propertyOrdering": ["a", "b"],
}


@dataclass
class Recorder:
    """Answers every request alike, once `ready`; keeps bodies, headers and connections."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    reply: bytes = json.dumps(REPLY).encode()
    ready: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
    statuses: list[int] = field(default_factory=list)  # of the first replies; then 200
    content_type: str = "application/json"
    more_headers: dict[str, str] = field(default_factory=dict)  # of the replies

    async def serve(self) -> tuple[asyncio.Server, web.Server]:
        """Listen on a free port of the loopback."""
        server = web.Server(self._handle, access_log=None)
        listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        return listening, server

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.bodies.append(await request.content.read())
        self.headers.append(request.headers)
        self.targets.append(request.raw_path)
        self.connections.add(request.transport and request.transport.get_extra_info("peername"))
        await self.ready()
        number = len(self.bodies) - 1
        status = self.statuses[number] if number < len(self.statuses) else 200
        return web.Response(
            body=self.reply, status=status, content_type=self.content_type,
            headers=self.more_headers,
        )  # fmt: skip

    @property
    def request(self) -> Any:
        """The one request that came, as JSON."""
        (body,) = self.bodies
        return json.loads(body)


def talk(
    recorder: Recorder,
    *calls: tuple[Part, ...],
    service: str = "developer",
    template: RequestTemplate | None = None,
    endpoint: str = "",
    **connected: Any,
) -> list[Any]:
    """Make the calls at once, each with these parts; return their replies or faults."""

    async def work(client: GenaiClient) -> list[Any]:
        made = (client.generate(parts, 1024) for parts in calls)
        return await asyncio.gather(*made, return_exceptions=True)

    return with_client(recorder, work, service, template, endpoint, **connected)


def with_client(
    recorder: Recorder,
    work: Callable[[GenaiClient], Awaitable[list[Any]]],
    service: str = "developer",
    template: RequestTemplate | None = None,
    endpoint: str = "",
    **connected: Any,
) -> list[Any]:
    """Do something with a client of the recorder; return what came of it.

    `connected` is what else its `Connection` has.
    """

    async def run() -> list[Any]:
        listening, server = await recorder.serve()
        host, port = listening.sockets[0].getsockname()
        url = endpoint or f"http://{host}:{port}"
        connection = Connection(service, project="p", endpoint=url, **connected)
        shared = template or RequestTemplate("gemini-3.5-flash", "Read it.", SCHEMA, {})
        client = GenaiClient(connection, shared, monotonic, KEY)
        try:
            return await work(client)
        finally:
            await client.close()
            listening.close()
            await server.shutdown(timeout=0.1)

    return asyncio.run(run())
