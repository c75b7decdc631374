"""Plain HTTP to a server on the loopback, without a client library or a proxy in between."""

import http.client
import json
import socket
from collections.abc import Mapping
from typing import Any, Self

HOST = "127.0.0.1"


class StandInError(RuntimeError):
    """A server of the local cloud did not start, or refused what it was asked."""


def free_port() -> int:
    """Return a TCP port of the loopback that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Loopback:
    """One keep-alive connection to ``127.0.0.1:port``; not for use by several threads at once."""

    def __init__(self, port: int, *, timeout: float = 30.0) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=timeout)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send one request and return its status and body; raises ``OSError`` if nobody answers."""
        try:
            self._connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError) as error:
            self._connection.close()
            if isinstance(error, OSError):
                raise
            message = f"127.0.0.1 did not speak HTTP: {error!r}"
            raise ConnectionError(message) from error

    def send_json(self, method: str, path: str, content: object) -> tuple[int, bytes]:
        """Send ``content`` as JSON and return the answer's status and body."""
        body = json.dumps(content).encode()
        return self.send(method, path, body, {"Content-Type": "application/json"})

    def get_json(self, path: str) -> Any:
        """Return the JSON found at ``path``; raises `StandInError` unless the status is 200."""
        status, body = self.send("GET", path)
        if status != 200:
            message = f"GET {path} answered {status}: {body[:500].decode(errors='replace')}"
            raise StandInError(message)
        return json.loads(body)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
