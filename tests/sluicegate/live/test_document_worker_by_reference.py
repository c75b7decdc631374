"""Documents that the service reads itself, and what follows where it refuses them."""

from dataclasses import replace
from typing import Any

import pytest

from samples.statements import make_statement
from sluicegate.asking.journal import Entry
from sluicegate.asking.response import ApiError
from sluicegate.faults import JobFault
from sluicegate.formats import sniff
from sluicegate.media.prepare import Part
from sluicegate.records import Answer, Document, Failure
from sluicegate.storage import NotFound, StoreError, Unavailable, is_gcs, store_for
from tests.sluicegate.live.in_memory import USAGE, Gemini, settings
from tests.sluicegate.live.long import STATEMENT, Reader
from tests.sluicegate.live.rig import COST, PNG, Make, Rig
from tests.sluicegate.live.virtual_time import at_once
from tests.sluicegate.media import pictures


class Bucket:
    """A store under gs:// that lives in a dictionary, for documents passed by reference."""

    def __init__(self, **objects: bytes) -> None:
        self.objects, self.reads = objects, list[str]()
        self.generation, self.digest = "1", "md5:1"
        self.errors: list[Exception] = []

    def read(self, uri: str, version: str = "") -> bytes:
        """Return an object's bytes."""
        self.reads.append(uri)
        return self.objects[uri.rpartition("/")[2]]

    def stat(self, uri: str) -> Document:
        """Describe an object as it is by now."""
        if self.errors:
            raise self.errors.pop()
        return Document(uri, 5, self.generation, "image/png", self.digest)


def by_reference(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    client: Gemini,
    content: bytes,
    media_type: str,
    bucket: Bucket | None = None,
    **changes: Any,
) -> tuple[Any, Rig, Bucket]:
    """Process one object of a bucket by reference; return its result, the rig and the bucket."""
    bucket = bucket or Bucket(a=content)
    rig = make(client, by_reference=True, **changes)

    def choose(uri: str) -> Any:
        return bucket if is_gcs(uri) else store_for(uri)

    monkeypatch.setattr("sluicegate.live.fetch.store_for", choose)
    monkeypatch.setattr("sluicegate.live.stores.store_for", choose)
    one = Document("gs://b/a", len(content), "1", media_type, "md5:1")
    (result,) = rig.process(one)
    return result, rig, bucket


def test_bytes_passed_by_reference_are_not_read(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 4: the URI goes to the service, the worker touches nothing."""
    result, rig, bucket = by_reference(make, monkeypatch, Gemini(), PNG, "image/png")
    assert isinstance(result, Answer)
    assert rig.client.calls[0][0] == (Part("image/png", uri="gs://b/a"),)
    assert bucket.reads == []


@pytest.mark.parametrize("media_type", ["", "application/octet-stream", "image/tiff"])
def test_a_document_of_unclear_type_is_read(
    make: Make, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    """Where the store has no media type, or one that models do not take, the bytes decide."""
    result, rig, bucket = by_reference(make, monkeypatch, Gemini(), PNG, media_type)
    assert isinstance(result, Answer)
    assert rig.client.calls[0][0] == (Part(sniff.PNG, PNG, pages=1),)
    assert bucket.reads == ["gs://b/a"]


REFUSED = ApiError(400, {"message": "The document has no pages."})


def test_a_wrong_media_type_is_corrected(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by reference, and the bytes are of another type: sent inline as what they are."""
    result, rig, _bucket = by_reference(
        make, monkeypatch, Gemini([REFUSED]), PNG, "application/pdf"
    )
    assert isinstance(result, Answer)
    assert [parts[0].media_type for parts, _ in rig.client.calls] == [sniff.PDF, sniff.PNG]
    assert result.attempts == 2


def test_a_refused_reference_is_read_for_the_reason(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure says what is wrong with the file, not that the service refused it."""
    broken = pictures.pdf(1, "secret")
    result, _rig, _ = by_reference(
        make, monkeypatch, Gemini(always=REFUSED), broken, "application/pdf"
    )
    assert (result.code, result.attempts) == ("encrypted", 1)


def test_a_sound_file_that_is_refused_fails(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found wrong with it: the service's refusal is its failure, after one call."""
    result, rig, _ = by_reference(
        make, monkeypatch, Gemini(always=REFUSED), pictures.pdf(), "application/pdf"
    )
    assert result.code == "document_rejected"
    assert len(rig.client.calls) == 1


def replaced(bucket: Bucket, **now: str) -> Gemini:
    """Return a service during whose call the object is written again."""

    def replace() -> None:
        bucket.generation = "2"
        bucket.digest = now.get("digest", "")

    return Gemini(on_call=replace)


@pytest.mark.parametrize("digest", ["", "md5:2"])
def test_an_answer_about_other_bytes_is_not_stored(
    make: Make, monkeypatch: pytest.MonkeyPatch, digest: str
) -> None:
    """Replaced between listing and call: a failure with its cost, and nothing in the journal."""
    bucket = Bucket(a=PNG)
    client = replaced(bucket, digest=digest)
    result, rig, _ = by_reference(make, monkeypatch, client, PNG, "image/png", bucket)
    assert isinstance(result, Failure)
    assert (result.code, result.attempts, result.journaled) == ("changed", 1, False)
    assert (result.paid, result.cost_usd) == (USAGE, COST)
    assert "generation 1, now 2" in result.message
    assert at_once(rig.journal.get(settings().question.about("md5:1"))) == Entry()


def test_the_same_bytes_written_again_are_the_same_document(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new generation of the same content changes nothing."""
    bucket = Bucket(a=PNG)
    client = replaced(bucket, digest="md5:1")
    result, _, _ = by_reference(make, monkeypatch, client, PNG, "image/png", bucket)
    assert isinstance(result, Answer)


def test_a_document_deleted_during_its_call_changed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unknown what was read."""
    bucket = Bucket(a=PNG)
    bucket.errors = [NotFound("there is no object")]
    result, _, _ = by_reference(make, monkeypatch, Gemini(), PNG, "image/png", bucket)
    assert (result.code, result.paid) == ("changed", USAGE)


def test_a_store_that_is_unavailable_for_a_moment_loses_no_answer(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is made again until it succeeds."""
    bucket = Bucket(a=PNG)
    bucket.errors = [Unavailable("503"), Unavailable("503")]
    result, rig, _ = by_reference(make, monkeypatch, Gemini(), PNG, "image/png", bucket)
    assert isinstance(result, Answer)
    assert len(at_once(rig.journal.get(settings().question.about("md5:1"))).responses) == 1


def test_a_store_that_refuses_the_request_stops_the_job(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing permission would fail every document."""
    bucket = Bucket(a=PNG)
    bucket.errors = [StoreError("403")]
    result, _, _ = by_reference(make, monkeypatch, Gemini(), PNG, "image/png", bucket)
    assert isinstance(result, JobFault)
    assert result.code == "input_unreadable"


def padded(pages: int) -> bytes:
    """Return a statement of so many pages that is as large as scans are."""
    return make_statement(4, 1, rows=6 * pages, pages=pages).data + b"\n%" + b" " * 30_000


def test_a_long_document_is_read_and_its_windows_go_as_bytes(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are cut out of bytes, which are read once: to be counted, and to be cut."""
    client = Reader()
    result, _, bucket = by_reference(
        make, monkeypatch, client, padded(6), sniff.PDF, document_type=STATEMENT
    )
    assert isinstance(result, Answer)
    assert client.windows == [(1, 2), (3, 4), (5, 6)]
    assert all(parts[0].data and not parts[0].uri for parts, _ in client.calls)
    assert bucket.reads == ["gs://b/a"]


@pytest.mark.parametrize(
    ("content", "reads"), [(padded(2), 1), (make_statement(4, 1, rows=36, pages=6).data, 0)]
)
def test_others_go_by_reference(
    make: Make, monkeypatch: pytest.MonkeyPatch, content: bytes, reads: int
) -> None:
    """One that has no more pages than a window is read to be counted; a small one is not."""
    _, rig, bucket = by_reference(
        make, monkeypatch, Gemini(), content, sniff.PDF, document_type=STATEMENT
    )
    assert [parts for parts, _ in rig.client.calls] == [(Part(sniff.PDF, uri="gs://b/a"),)]
    assert len(bucket.reads) == reads


def test_one_that_is_held_against_its_pages_is_read_first_however_small(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read for that in the end; asked about whole, it would be paid for twice."""
    client = Reader()
    result, _, _ = by_reference(
        make, monkeypatch, client, make_statement(4, 1, rows=36, pages=6).data, sniff.PDF,
        document_type=replace(STATEMENT, incomplete="reask"),
    )  # fmt: skip
    assert isinstance(result, Answer)
    assert client.windows == [(1, 2), (3, 4), (5, 6)]


def test_nothing_is_read_where_windows_are_turned_off(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document goes whole, whatever its length."""
    whole = replace(STATEMENT, window_pages=0)
    _, rig, bucket = by_reference(
        make, monkeypatch, Gemini(), padded(6), sniff.PDF, document_type=whole
    )
    assert rig.client.calls[0][0] == (Part(sniff.PDF, uri="gs://b/a"),)
    assert bucket.reads == []
