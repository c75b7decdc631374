"""A small server in a thread of this process that speaks JSON over HTTP."""

import json
import threading
from abc import abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from emulators.loopback import HOST
from emulators.server import LoopbackServer

_LOOK_SECONDS = 0.02


class JsonServer(LoopbackServer):
    """Answers each request with a status and a JSON object, on threads of its own.

    It listens as soon as it is made, so that its port is known, and answers once it is started.
    It cannot be started twice.
    """

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        super().__init__(self._server.server_port)
        # How often it looks whether it is to end: what stops it waits for that.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_SECONDS,), daemon=True
        )

    @abstractmethod
    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return the status and the body for one request; ``path`` has no query."""

    def _begin(self) -> None:
        self._thread.start()

    def _end(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: JsonServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, found = server.answer(self.command, self.path.partition("?")[0], sent)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
