"""A review served to this machine's browser: pages on demand, decisions kept one by one.

It listens on the loopback address alone. Who knows the token in the address may read and decide. A
page of another site cannot ask: its Host or Origin is another. The address is kept in the folder,
for its owner's eyes, so that a page that is open goes on when a server comes back.
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from pipeline.reviewing.decision_log import DecisionLog
from pipeline.reviewing.reading import Selection
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.pages.review_page import review_page
from sluicegate.review.decisions import parse_decision
from sluicegate.review.documents import Original, picture

_HOST: Final = "127.0.0.1"
_MOST_BYTES: Final = 8 << 20  # of a decision; a list of 5,000 lines takes one
_ADDRESS: Final = ".address"
_HELD: Final = 8  # documents whose bytes are kept: the one that is shown, and those about it
_PAGE = re.compile(r"page/([0-9a-f]{32})-(\d{1,6})\.webp")
_DOCUMENT = re.compile(r"document/([0-9a-f]{32})")
_JSON, _HTML, _WEBP = "application/json", "text/html; charset=utf-8", "image/webp"


class Refused(Exception):  # noqa: N818 - what the server does
    """A request that is answered with an error."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class Review:
    """What is served: the page, its documents, and the decisions. Shared by all threads."""

    def __init__(self, selection: Selection, log: DecisionLog) -> None:
        self._selection, self._log = selection, log
        self._uris = {key: subject.uri for key, subject in selection.subjects.items()}
        self._original = lru_cache(_HELD)(selection.original)
        data = selection.page_data() | {"served": True, "build": "", "order": _ORDER}
        self._page = review_page(data).encode()

    def get(self, path: str) -> tuple[str, bytes]:
        """Return the media type and content of what is asked for; raise Refused."""
        if path == "":
            return _HTML, self._page
        if path == "states":
            decisions = self._log.decisions
            states = {key: each.state for key, each in decisions.items() if key in self._uris}
            return _JSON, _as_json(states)
        if found := _DOCUMENT.fullmatch(path):
            key = self._known(found[1])
            return _JSON, _as_json(self._selection.material(key, self._original(key)))
        if found := _PAGE.fullmatch(path):
            return _WEBP, self._picture(self._original(self._known(found[1])), int(found[2]))
        raise Refused(HTTPStatus.NOT_FOUND, "there is no such page")

    def post(self, path: str, body: bytes) -> dict[str, Any]:
        """Do what is asked for and return what to say of it; raise Refused."""
        if path == "save":
            return {"said": f"{self._saved()} has the corrections of all that was decided"}
        if path != "decide":
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such page")
        try:
            self._log.append(parse_decision(body, self._uris))
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"not kept: {error}") from error
        except OSError as error:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, f"not kept: {error}") from error
        return {"kept": True}

    def _saved(self) -> str:
        try:
            return str(self._log.save())
        except OSError as error:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, str(error)) from error

    def _known(self, key: str) -> str:
        if key not in self._uris:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such document")
        return key

    def _picture(self, original: Original, number: int) -> bytes:
        try:
            return picture(original, number)
        except (IndexError, Unreadable) as error:
            raise Refused(HTTPStatus.NOT_FOUND, "the page cannot be drawn") from error


_ORDER = "Worst first goes by what the rows say of themselves."


class ReviewServer:
    """A review at an address of this machine. `address` has the token in it."""

    def __init__(self, review: Review, port: int, token: str) -> None:
        """Listen; raise OSError where the port is taken."""
        self.token = token
        self._server = _Server((_HOST, port), _Handler)
        self._server.daemon_threads = True
        self._server.review, self._server.token = review, self.token

    @classmethod
    def at(cls, folder: Path, review: Review, port: int = 0) -> "ReviewServer":
        """Listen where the last server of this folder did, or at `port` if that is given.

        Raises OSError where the port is taken that was given.
        """
        place = folder / _ADDRESS
        last, token = _last_address(place)
        try:
            server = cls(review, port or last, token)
        except OSError:
            if port:
                raise
            server = cls(review, 0, token)
        private = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(private, "w") as file:
            json.dump([server.port, token], file)
        return server

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_HOST}:{self.port}/{self.token}/"

    def serve(self) -> None:
        """Answer until `stop`."""
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Stop answering; from another thread."""
        self._server.shutdown()

    def close(self) -> None:
        """Let the port go."""
        self._server.server_close()


def _last_address(place: Path) -> tuple[int, str]:
    """Return the port and token of the last server, or any port and a new token."""
    try:
        port, token = json.loads(place.read_text())
        if isinstance(port, int) and re.fullmatch(r"[\w-]{24}", token):
            return port, token
    except (OSError, ValueError, TypeError):
        pass
    return 0, secrets.token_urlsafe(18)


class _Server(ThreadingHTTPServer):
    review: Review
    token: str


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sluicegate", ""
    timeout = 60

    def do_GET(self) -> None:
        self._answer(self.server.review.get)

    def do_POST(self) -> None:
        def act(path: str) -> tuple[str, bytes]:
            if self.headers.get("Origin") != f"http://{self._host()}":
                raise Refused(HTTPStatus.FORBIDDEN, "a request of another page")
            return _JSON, _as_json(self.server.review.post(path, self._body()))

        self._answer(act)

    def _answer(self, act: Callable[[str], tuple[str, bytes]]) -> None:
        try:
            media_type, content = act(self._path())
        except Refused as refused:
            self.close_connection = True  # what was sent may not have been read
            self._send(refused.status, "text/plain; charset=utf-8", str(refused).encode())
        except ConnectionError:
            self.close_connection = True
        else:
            self._send(HTTPStatus.OK, media_type, content)

    def _path(self) -> str:
        """Return what is asked for, behind the token; raise Refused for who may not ask."""
        self._host()
        _, token, *rest = (*self.path.partition("?")[0].split("/", 2), "")[:3]
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(HTTPStatus.NOT_FOUND, "the address that the command printed is needed")
        return rest[0]

    def _host(self) -> str:
        """Return the Host; one of another name is a page that has its name point here."""
        port = self.server.server_port
        host = self.headers.get("Host") or ""
        if host not in (f"{_HOST}:{port}", f"localhost:{port}"):
            raise Refused(HTTPStatus.FORBIDDEN, "a request for another host")
        return host

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > _MOST_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too much, or of no known length")
        return self.rfile.read(int(length))

    def _send(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | {"Content-Type": media_type}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Log nothing: the address has the token in it."""


# The page says itself what it may load; nothing of it is kept by the browser, or sent along.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
