"""A journal in a bucket where objects can be listed and read, and not created: a forgotten role."""

from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support import Job, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from emulators.loopback import HOST
from pipeline import journal_lease
from sluicegate.asking.lease import JournalLease
from sluicegate.storage.stores import forget_clients


@pytest.fixture
def create_denied(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Deny `storage.objects.create` to whoever calls Cloud Storage; list what was refused."""
    assert cloud.gcs is not None
    target, refused = cloud.gcs.port, list[str]()

    class Denying(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = HTTPConnection(HOST, target)
            connection.request("GET", self.path)
            reply = connection.getresponse()
            body = reply.read()
            self._answer(reply.status, body, reply.getheader("Content-Type") or "")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            refused.append(self.path)
            message = b'{"error": {"code": 403, "message": "no storage.objects.create access"}}'
            self._answer(403, message, "application/json")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Denying) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://{HOST}:{server.server_port}")
        forget_clients()
        yield refused
        server.shutdown()
    forget_clients()


@pytest.mark.parametrize("who", ["launcher", "worker"])
def test_nothing_is_paid_for_what_cannot_be_kept(
    who: str,
    job: Job,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    create_denied: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has not the right, it is said with the first object, and before the first call."""
    if who == "worker":  # the launcher may: what it does with the lease is left out
        for step in ("acquire", "renew", "release"):
            monkeypatch.setattr(JournalLease, step, lambda _self: True)
        assert journal_lease.JournalLease is JournalLease
    write_invoices(tmp_path / "in", 3)
    with pytest.raises(pipeline.RunFailed) as failed:
        job(input=f"{tmp_path}/in/*.pdf", journal="gs://sluicegate/read-only/journal")
    said = str(failed.value)
    assert said.startswith("the journal cannot be written: ")
    assert "no storage.objects.create access" in said
    assert said.endswith("fix permissions of --journal, then run again (journal_unwritable)")
    assert endpoint.stats()["calls"] == 0
    assert create_denied
