"""The stand-in's web server: HTTP in and out, and connections broken on demand."""

import asyncio
import socket
import struct
from urllib.parse import parse_qs

from aiohttp import web

from emulators.gemini.control import PREFIX, control
from emulators.gemini.service import Broken, Service
from emulators.loopback import HOST

# More than any request the service would take: it is read in full before it is refused.
_HARD_LIMIT_BYTES = 256 * 1024 * 1024
# FixedWindow with this option sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)
_FIRST_PART = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
    b'Content-Length: 2000\r\n\r\n{"candidates": [{"content": {"parts": [{"text": "'
)


class GeminiServer:
    """Serves a `Service` on ``127.0.0.1:port``; port 0 takes a free one."""

    def __init__(self, service: Service, port: int = 0) -> None:
        self._service = service
        self._server: asyncio.Server | None = None
        self._web: web.Server | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; raises ``OSError`` if the port is taken."""
        # A handler ends when its client goes away, as the calls of a service do.
        self._web = web.Server(self._handle, handler_cancellation=True, access_log=None)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._web, HOST, self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more and end what is under way."""
        if self._server is not None:
            self._server.close()
        if self._web is not None:
            self._web.pre_shutdown()
            await self._web.shutdown(timeout=0.1)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if (request.content_length or 0) > _HARD_LIMIT_BYTES:
            raise web.HTTPRequestEntityTooLarge(_HARD_LIMIT_BYTES, request.content_length or 0)
        body = await request.content.read() if request.body_exists else b""
        path = request.path
        if path.startswith(PREFIX):
            reply = control(self._service, request.method, path, request.query_string, body)
        else:
            key = parse_qs(request.query_string).get("key", [""])[0] if request.query_string else ""
            found = await self._service.handle(
                request.method, path, request.headers, body, key=key, query=request.query_string
            )
            if isinstance(found, Broken):
                return await _break(request, found)
            reply = found
        return web.Response(
            body=reply.body,
            status=reply.status,
            headers={"Content-Type": reply.content_type, **reply.headers},
        )


async def _break(request: web.BaseRequest, broken: Broken) -> web.StreamResponse:
    """Reset the connection; it ends this handler by cancelling it."""
    transport = request.transport
    if transport is not None:
        if broken.mid_body:
            transport.write(_FIRST_PART)
            # The reset would overtake what the client has not taken out of its socket yet.
            await asyncio.sleep(0.02)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    await asyncio.sleep(1.0)
    return web.Response(status=500)  # nobody is left to read it
