"""Requests on an event loop: against the emulator, and against servers that misbehave."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials

from emulators.cloud import LocalCloud
from emulators.gcs import GcsEmulator
from emulators.loopback import HOST
from sluicegate.storage import NotFound, StoreError, Unavailable
from sluicegate.storage.gcs import GcsStore
from sluicegate.storage.gcs_requests import GcsRequests

Result = TypeVar("Result")
NAMES = ("a b.pdf", "ä/ü.pdf", "x[1].pdf", "what?#%20+&.pdf", "発票 🧾.pdf", "deep/er/zero")
URI = "gs://bucket/journal/ab/answer"
# CRC-32C's check value, which is that of the digits 1 to 9: E3069283.
CHECKED, CHECK_VALUE = b"123456789", "4waSgw=="


def use(client: Any, work: Callable[[GcsRequests], Coroutine[Any, Any, Result]]) -> Result:
    """Do something with the requests of a client, on a loop of its own."""

    async def do() -> Result:
        requests = GcsRequests(client)
        try:
            return await work(requests)
        finally:
            await requests.close()

    return asyncio.run(do())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_by_either(name: str, cloud: LocalCloud) -> None:
    """Names and bytes are the client library's: each reads and describes what the other wrote."""
    store = GcsStore()
    uri = f"gs://sluicegate/{uuid4().hex}/{name}"
    content = b"hello\x00\xff\r\n--" * 100

    async def both(requests: GcsRequests) -> None:
        await requests.write(uri, content)
        assert await requests.read(uri) == store.read(uri) == content
        assert await requests.stat(uri) == store.stat(uri)
        store.write(uri, b"")
        assert await requests.read(uri) == b""
        assert (await requests.stat(uri)).size_bytes == 0

    use(store.client, both)


def test_many_at_once_share_connections(cloud: LocalCloud) -> None:
    """Hundreds of requests at the same time all get what is theirs."""
    folder = f"gs://sluicegate/{uuid4().hex}"

    async def many(requests: GcsRequests) -> list[bytes]:
        names = [f"{folder}/{number}" for number in range(300)]
        await asyncio.gather(*(requests.write(name, name.encode()) for name in names))
        read = await asyncio.gather(*map(requests.read, names))
        assert read == [name.encode() for name in names]
        return read

    assert len(use(GcsStore().client, many)) == 300


@pytest.mark.parametrize("act", ["read", "stat", "write"])
def test_a_missing_bucket_is_not_found(act: str, cloud: LocalCloud) -> None:
    """Every way to use it says so by its URI."""
    arguments = [b"x"] if act == "write" else []
    with pytest.raises(NotFound, match="gs://no-such-bucket/x"):
        use(GcsStore().client, lambda r: getattr(r, act)("gs://no-such-bucket/x", *arguments))


@pytest.mark.parametrize("act", ["read", "stat"])
def test_a_missing_object_is_not_found(act: str, cloud: LocalCloud) -> None:
    """As with the client library."""
    with pytest.raises(NotFound, match="gs://sluicegate/none"):
        use(GcsStore().client, lambda r: getattr(r, act)("gs://sluicegate/none"))


def test_a_bucket_is_no_object(cloud: LocalCloud) -> None:
    """Requests need a name within the bucket."""
    for act in (
        lambda r: r.read("gs://sluicegate/"),
        lambda r: r.stat("gs://sluicegate"),
        lambda r: r.write("gs://sluicegate", b""),
    ):
        with pytest.raises(StoreError, match="bucket"):
            use(GcsStore().client, act)


def test_a_server_that_is_down_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may answer later, which is for the caller to wait for."""
    with GcsEmulator() as emulator:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.url)
        client = GcsStore().client
    for act in (
        lambda r: r.read(URI),
        lambda r: r.stat(URI),
        lambda r: r.write(URI, b""),
    ):
        with pytest.raises(Unavailable, match=URI):
            use(client, act)


class Scripted(ThreadingHTTPServer):
    """Gives every request the same reply, and keeps what was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"", dict[str, str]()
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in outer.headers:
                    self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)
                self.close_connection = "Content-Length" in outer.headers

            do_GET = do_POST = reply  # noqa: N815 - so they are called

            def log_message(self, *_: object) -> None:
                pass

        super().__init__((HOST, 0), Handler)

    def client(self, credentials: Any = None) -> Any:
        """Return what of a client library's client is used."""
        return SimpleNamespace(
            api_endpoint=f"http://{HOST}:{self.server_port}",
            _credentials=credentials or AnonymousCredentials(),
        )


@pytest.fixture
def server() -> Iterator[Scripted]:
    """Run a scripted server."""
    with Scripted() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, StoreError),
        (401, StoreError),
        (403, StoreError),
        (412, StoreError),
        (404, NotFound),
        (408, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_statuses_say_whether_to_come_back(
    status: int, kind: type[StoreError], server: Scripted
) -> None:
    """And the message is the service's own."""
    server.status = status
    server.body = json.dumps({"error": {"message": "the reason\nand more"}}).encode()
    for act in (lambda r: r.read(URI), lambda r: r.stat(URI), lambda r: r.write(URI, b"x")):
        with pytest.raises(StoreError) as caught:
            use(server.client(), act)
        assert type(caught.value) is kind
        assert URI in str(caught.value)
        if kind is not NotFound:
            assert f"{status} the reason" in str(caught.value)
            assert "and more" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b"[]", b"null", b"{}", b'{"name": 5}', b"[" * 100_000]
)
def test_what_is_no_metadata_is_no_answer(body: bytes, server: Scripted) -> None:
    """A proxy's page under status 200 neither describes an object nor says that it was kept."""
    server.body = body
    for act in (lambda r: r.stat(URI), lambda r: r.write(URI, b"x")):
        with pytest.raises(Unavailable, match=URI):
            use(server.client(), act)


def test_an_upload_that_was_cut_is_not_taken_for_whole(server: Scripted) -> None:
    """What the service says it kept is held against what was sent."""
    server.body = json.dumps({"name": "x", "generation": "1", "size": "3"}).encode()
    with pytest.raises(Unavailable, match="kept 3 bytes"):
        use(server.client(), lambda r: r.write(URI, b"four"))


def test_an_upload_carries_its_checksum(server: Scripted) -> None:
    """So that the service refuses what did not arrive as it was sent; in one request."""
    server.body = json.dumps({"name": "x", "generation": "1", "size": "9"}).encode()
    use(server.client(), lambda r: r.write(URI, CHECKED))
    ((method, path, headers, body),) = server.asked
    assert (method, path) == ("POST", "/upload/storage/v1/b/bucket/o?uploadType=multipart")
    kind = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    about, content = message_from_bytes(kind + body, policy=HTTP).iter_parts()
    assert json.loads(about.get_content()) == {
        "name": "journal/ab/answer",
        "contentType": "application/octet-stream",
        "crc32c": CHECK_VALUE,
    }
    assert content.get_content() == CHECKED


def test_bytes_that_changed_on_the_way_are_asked_for_again(server: Scripted) -> None:
    """A damaged journal entry would be bought again; a damaged transfer is only repeated."""
    server.body = CHECKED
    server.headers = {"x-goog-hash": f"crc32c={CHECK_VALUE}, md5=x"}
    assert use(server.client(), lambda r: r.read(URI)) == CHECKED
    server.body = b"1234S6789"
    with pytest.raises(Unavailable, match="did not arrive"):
        use(server.client(), lambda r: r.read(URI))
    server.body, server.headers = CHECKED[:4], {"Content-Length": "9"}
    with pytest.raises(Unavailable, match=URI):
        use(server.client(), lambda r: r.read(URI))


class Credentials:
    """Credentials whose token lasts until it is taken back."""

    def __init__(self, *troubles: Exception) -> None:
        self.valid, self.refreshed, self.troubles = False, 0, list(troubles)

    def refresh(self, _: object) -> None:
        """Get a token, away from the loop."""
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        if self.troubles:
            raise self.troubles.pop()
        self.refreshed += 1
        self.valid = True

    def apply(self, headers: dict[str, str]) -> None:
        """Put the token into a request."""
        headers["Authorization"] = f"Bearer token-{self.refreshed}"


def test_a_token_is_got_once_and_again_when_it_has_expired(server: Scripted) -> None:
    """Whoever asks meanwhile waits for it."""
    credentials = Credentials()

    async def several(requests: GcsRequests) -> None:
        await asyncio.gather(*(requests.read(URI) for _ in range(5)))
        credentials.valid = False
        await requests.read(URI)

    use(server.client(credentials), several)
    sent = [headers["Authorization"] for _, _, headers, _ in server.asked]
    assert sent == ["Bearer token-1"] * 5 + ["Bearer token-2"]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (auth.TransportError("no metadata server"), Unavailable),
        (auth.RefreshError("try later", retryable=True), Unavailable),
        (auth.RefreshError("revoked"), StoreError),
        (auth.DefaultCredentialsError("none"), StoreError),
    ],
)
def test_no_token_says_whether_to_come_back(
    trouble: Exception, kind: type[StoreError], server: Scripted
) -> None:
    """A metadata server that is away for a moment does not end a job; a revoked key does."""
    with pytest.raises(StoreError, match="no access token") as caught:
        use(server.client(Credentials(trouble)), lambda r: r.read(URI))
    assert type(caught.value) is kind
    assert server.asked == []
