"""The Cloud Storage store, through the real client library against an emulator."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from emulators.cloud import LocalCloud
from emulators.gcs import GcsEmulator
from emulators.loopback import HOST
from sluicegate.records import Document
from sluicegate.storage import Changed, NotFound, StoreError, Unavailable, gcs, store_for
from sluicegate.storage.gcs import GcsStore, split_uri
from sluicegate.storage.stores import forget_clients

NAMES = ("a b.pdf", "ä/ü.pdf", "x[1].pdf", "what?#%20+&.pdf", "発票 🧾.pdf", "deep/er/zero")


@pytest.fixture
def store(cloud: LocalCloud) -> Iterator[GcsStore]:
    """Return a store of the emulator."""
    forget_clients()
    yield GcsStore()
    forget_clients()


@pytest.fixture
def folder() -> str:
    """Return a prefix of this test alone."""
    return f"gs://sluicegate/{uuid4().hex}"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read(name: str, store: GcsStore, folder: str) -> None:
    """Any name that Cloud Storage takes holds bytes, whole and in part."""
    uri = f"{folder}/{name}"
    store.write(uri, b"hello\x00\xff")
    assert store.read(uri) == b"hello\x00\xff"
    assert [document.uri for document in store.list(f"{folder}/**")] == [uri]
    store.write(uri, b"other")
    assert store.read(uri) == b"other"


def test_zero_bytes_are_bytes_too(store: GcsStore, folder: str) -> None:
    """An empty object is read as empty, whole and in part."""
    uri = f"{folder}/zero"
    store.write(uri, b"")
    assert store.read(uri) == b""
    assert store.stat(uri).size_bytes == 0


def test_a_document_has_what_the_listing_gives(
    store: GcsStore, folder: str, cloud: LocalCloud
) -> None:
    """Size, generation, MD5 and content type, the same from stat and from a listing."""
    assert cloud.gcs is not None
    name = f"{folder.rpartition('/')[2]}/a.pdf"
    cloud.gcs.put("sluicegate", name, b"content", "application/pdf")
    (listed,) = store.list(f"{folder}/*")
    assert listed == store.stat(f"{folder}/a.pdf")
    assert listed.size_bytes == 7
    assert int(listed.version) > 0
    assert listed.digest == f"md5:{md5(b'content').hexdigest()}"
    assert listed.media_type == "application/pdf"


def test_a_replaced_object_is_not_read_as_the_old_one(store: GcsStore, folder: str) -> None:
    """The generation that was matched is read, or NotFound."""
    uri = f"{folder}/a"
    store.write(uri, b"first")
    first = store.stat(uri)
    assert store.read(uri, first.version) == b"first"
    store.write(uri, b"second")
    second = store.stat(uri)
    assert second.version != first.version
    with pytest.raises(NotFound):
        store.read(uri, first.version)
    assert store.read(uri, second.version) == b"second"


def test_a_digest_without_md5_names_the_version(store: GcsStore) -> None:
    """Composite objects have no MD5: URI and generation stand for the content, without a read."""
    first = store.digest(Document("gs://b/x", 1, "1"))
    assert first == store.digest(Document("gs://b/x", 9, "1"))
    others = [Document("gs://b/x", 1, "2"), Document("gs://b/y", 1, "1")]
    assert first not in map(store.digest, others)
    assert first.startswith("version:")


PATTERNS = {
    "*": {"a.pdf", "b.png"},
    "*.pdf": {"a.pdf"},
    "**.pdf": {"a.pdf", "in/c.pdf", "in/er/d.pdf"},
    "**/*.pdf": {"a.pdf", "in/c.pdf", "in/er/d.pdf"},
    "in/*": {"in/c.pdf"},
    "in/**": {"in/c.pdf", "in/er/d.pdf"},
    "in/": {"in/c.pdf", "in/er/d.pdf"},
    "*/c.pdf": {"in/c.pdf"},
    "{a,b}.*": {"a.pdf", "b.png"},
    "[ab].pdf": {"a.pdf"},
    "a.pdf": {"a.pdf"},
    "?.png": {"b.png"},
    "none*": set(),
    "none.pdf": set(),
    "in": set(),
}


def test_patterns_mean_what_they_say(store: GcsStore, folder: str) -> None:
    """`*` stays in a folder, `**` crosses, braces choose; no match is an empty listing."""
    for name in ("a.pdf", "b.png", "in/c.pdf", "in/er/d.pdf"):
        store.write(f"{folder}/{name}", b"x")
    found = {
        pattern: {d.uri.removeprefix(f"{folder}/") for d in store.list(f"{folder}/{pattern}")}
        for pattern in PATTERNS
    }
    assert found == PATTERNS


@pytest.mark.parametrize("method", ["read", "stat", "list", "check_writable"])
def test_a_missing_bucket_is_not_found(method: str, store: GcsStore) -> None:
    """Every way to use a bucket that does not exist says so by its URI."""
    uri = "gs://no-such-bucket/x*" if method == "list" else "gs://no-such-bucket/x"
    arguments = (uri,)
    with pytest.raises(NotFound, match="gs://no-such-bucket/x"):
        list(getattr(store, method)(*arguments) or ())


def test_writing_to_a_missing_bucket_is_not_found(store: GcsStore) -> None:
    """An upload says so too."""
    with pytest.raises(NotFound, match="gs://no-such-bucket/x"):
        store.write("gs://no-such-bucket/x", b"x")


@pytest.mark.parametrize("method", ["read", "stat"])
def test_a_missing_object_is_not_found(method: str, store: GcsStore, folder: str) -> None:
    """An object that is not there is NotFound, by its URI."""
    with pytest.raises(NotFound, match=f"{folder}/none"):
        getattr(store, method)(f"{folder}/none")


def test_checking_leaves_nothing_behind(store: GcsStore, folder: str) -> None:
    """A check of a place writes nothing into it, with or without a prefix."""
    store.check_writable(folder)
    store.check_writable("gs://sluicegate")
    assert list(store.list(f"{folder}/**")) == []


@pytest.mark.parametrize("uri", ["gs://", "gs:///x", "gs://b*/x", "gs://[b]/x", "gs://a b/x"])
def test_a_uri_needs_a_literal_bucket(uri: str) -> None:
    """No bucket, or a wild one, is refused by name."""
    with pytest.raises(StoreError, match="bucket"):
        split_uri(uri)


@pytest.mark.parametrize("uri", ["gs://sluicegate", "gs://sluicegate/"])
def test_a_bucket_is_no_object(uri: str, store: GcsStore) -> None:
    """Reading and writing need a name within the bucket."""
    for act in (lambda: store.read(uri), lambda: store.write(uri, b""), lambda: store.stat(uri)):
        with pytest.raises(StoreError, match="bucket"):
            act()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the store give up soon."""
    hasty = gcs._RETRY.with_delay(initial=0.05, maximum=0.05).with_timeout(0.2)
    monkeypatch.setattr(gcs, "_RETRY", hasty)


def test_an_emulator_that_is_down_is_unavailable(
    impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not answer is told from one that refuses: the call may succeed later."""
    with GcsEmulator() as emulator:
        emulator.create_bucket("gone")
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        store = GcsStore()
        store.write("gs://gone/x", b"x")
        assert store.read("gs://gone/x") == b"x"
    acts = (
        lambda: store.read("gs://gone/x"),
        lambda: store.write("gs://gone/x", b"y"),
        lambda: store.stat("gs://gone/x"),
        lambda: list(store.list("gs://gone/**")),
        lambda: store.check_writable("gs://gone/x"),
    )
    for act in acts:
        with pytest.raises(Unavailable, match="gs://gone/"):
            act()


def test_who_lists_may_count_the_names_and_stop(store: GcsStore, folder: str) -> None:
    """Also those that do not match, so that a search for few among many comes to an end."""
    for n in range(5):
        store.write(f"{folder}/{n}.pdf", b"x")
    seen: list[int] = []

    def on_name() -> None:
        seen.append(len(seen))
        if len(seen) == 4:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        list(store.list(f"{folder}/**.tif", on_name))
    assert len(seen) == 4


def test_a_process_has_one_store_for_each_kind(store: GcsStore) -> None:
    """URIs of one kind share a client."""
    assert store_for("gs://a/x") is store_for("gs://b/y")
    assert store_for("a") is store_for("/b")
    assert store_for("gs://a/x") is not store_for("a")


def test_an_object_that_is_missing_costs_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client looks up nothing besides: each fresh document asks the journal in vain."""
    asked = []

    class NoObjects(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path.partition("?")[0])
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), NoObjects) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://{HOST}:{server.server_port}")
        store, before = GcsStore(), set(threading.enumerate())
        for _ in range(3):
            with pytest.raises(NotFound):
                store.read("gs://bucket/journal/answer")
        for thread in set(threading.enumerate()) - before:
            if "background" in thread.name:  # a look-up that the client makes on its own
                thread.join(timeout=30)
        server.shutdown()
    assert asked == ["/download/storage/v1/b/bucket/o/journal%2Fanswer"] * 3


def test_of_several_writers_of_one_version_one_succeeds(store: GcsStore, folder: str) -> None:
    """By the generation: the others learn that it was changed, and nothing is lost."""
    uri = f"{folder}/lease.json"
    with pytest.raises(NotFound):
        store.look(uri)
    first = store.write_if(uri, b"first", "")
    with pytest.raises(Changed):
        store.write_if(uri, b"another", "")
    assert store.look(uri) == first
    second = store.write_if(uri, b"second", first.version)
    with pytest.raises(Changed):
        store.write_if(uri, b"late", first.version)
    found = store.look(uri)
    assert (found.data, found.version) == (b"second", second.version)
    assert found.written_at >= first.written_at
    assert abs((datetime.now(UTC) - found.written_at).total_seconds()) < 60
