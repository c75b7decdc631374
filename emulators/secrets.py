"""A stand-in for Secret Manager: secrets that a test sets, read through Google's own client."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from unittest import mock

from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service import transports

from emulators.loopback import HOST

_ACCESS = ":access"
_REASONS = {403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class SecretsEndpoint:
    """Serves `secrets` on the loopback; use as a context manager.

    Names are those of versions (`projects/P/secrets/S/versions/latest`). A value of bytes is the
    secret; a number is the status that its reader is refused with. `read` has what was asked for.
    """

    def __init__(self, secrets: dict[str, bytes | int]) -> None:
        self.secrets, self.read = secrets, list[str]()
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextmanager
    def patch(self) -> Iterator[None]:
        """Point this process's clients here until exit: Google's client knows no emulator."""
        original = secretmanager.SecretManagerServiceClient

        def local() -> secretmanager.SecretManagerServiceClient:
            transport = transports.SecretManagerServiceRestTransport(
                host=f"{HOST}:{self._server.server_port}",
                url_scheme="http",
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            )
            return original(transport=transport)

        with mock.patch.object(secretmanager, "SecretManagerServiceClient", local):
            yield

    def answer(self, path: str) -> tuple[int, dict[str, object]]:
        """Return the status and body for one request."""
        path = path.partition("?")[0]
        name = path.removeprefix("/v1/").removesuffix(_ACCESS)
        self.read.append(name)
        found = self.secrets.get(name, 404) if path.endswith(_ACCESS) else 404
        if isinstance(found, int):
            return found, {
                "error": {"code": found, "message": "refused", "status": _REASONS.get(found, "")}
            }
        return 200, {"name": name, "payload": {"data": base64.b64encode(found).decode()}}


def _handler(endpoint: SecretsEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, found = endpoint.answer(self.path)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Say nothing."""

    return Handler
