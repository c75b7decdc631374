"""A server that answers each document with the reply that it was told to, over HTTP."""

import base64
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_ANSWER = json.dumps(
    {
        "invoice_id": "A-1",
        "vendor_name": "V",
        "invoice_date": None,
        "currency": "EUR",
        "total_amount": 12.5,
        "line_items": [],
    }
)


@dataclass(frozen=True, slots=True)
class Served:
    """A reply as it goes over the wire; `times` calls of a document get it, then it is answered."""

    status: int
    content_type: str
    body: bytes
    times: int = 1_000_000


GOOD = Served(
    200,
    "application/json",
    json.dumps(
        {
            "candidates": [
                {
                    "content": {"parts": [{"text": _ANSWER}], "role": "model"},
                    "finishReason": "STOP",
                }
            ],
            "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 20},
            "modelVersion": "gemini-3.1-flash-lite",
        }
    ).encode(),
)


@dataclass
class Replies:
    """What the server says: by document, or by default; and how often it was asked."""

    url: str = ""
    of_document: dict[str, Served] = field(default_factory=dict)
    otherwise: Served = GOOD
    calls: Counter[str] = field(default_factory=Counter)
    targets: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def take(self, document: str, target: str) -> Served:
        """Count a call about a document, and return what it gets."""
        with self.lock:
            self.calls[document] += 1
            self.targets.append(target)
            said = self.of_document.get(document, self.otherwise)
            return said if self.calls[document] <= said.times else GOOD


@contextmanager
def serving(replies: Replies) -> Iterator[Replies]:
    """Serve the replies on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = replies.take(_document(request), self.path)
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Keep standard error for the command under test."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        replies.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield replies
        finally:
            server.shutdown()
            thread.join()


def _document(request: dict[str, Any]) -> str:
    """Name a request's document: by the digest of its bytes, or by its URI."""
    for part in request["contents"][0]["parts"]:
        if "inlineData" in part:
            return hashlib.sha256(base64.b64decode(part["inlineData"]["data"])).hexdigest()
        if found := part.get("fileData"):
            return str(found.get("fileUri") or found.get("file_uri"))
    return ""
