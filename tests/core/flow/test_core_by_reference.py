"""Documents that the service reads itself, and what follows when it refuses them."""

from typing import Any

import pytest

from tests.core.flow.in_memory import (
    Gemini,
)
from tests.core.flow.rig import PNG, Make, Rig
from tests.core.media import pictures
from transforms.core.gemini.reply import ApiError
from transforms.core.media import sniff
from transforms.core.media.prepare import Part
from transforms.core.records import Answer, Document


class Bucket:
    """A store under gs:// that lives in a dictionary, for the by-reference road."""

    def __init__(self, **objects: bytes) -> None:
        self.objects, self.reads = objects, list[str]()

    def read(self, uri: str, version: str = "") -> bytes:
        """Return an object's bytes."""
        self.reads.append(uri)
        return self.objects[uri.rpartition("/")[2]]


def by_reference(
    make: Make, monkeypatch: pytest.MonkeyPatch, client: Gemini, content: bytes, claim: str
) -> tuple[Any, Rig, Bucket]:
    """Settle one object of a bucket by reference."""
    bucket = Bucket(a=content)
    rig = make(client, by_reference=True)
    monkeypatch.setattr("transforms.core.flow.fetch.store_for", lambda _: bucket)
    one = Document("gs://b/a", len(content), "1", claim, "md5:1")
    (outcome,) = rig.settle(one)
    return outcome, rig, bucket


def test_bytes_by_reference_are_not_read(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 4: the URI goes to the service, the worker touches nothing."""
    outcome, rig, bucket = by_reference(make, monkeypatch, Gemini(), PNG, "image/png")
    assert isinstance(outcome, Answer)
    assert rig.client.calls[0][0] == (Part("image/png", uri="gs://b/a"),)
    assert bucket.reads == []


@pytest.mark.parametrize("claim", ["", "application/octet-stream", "image/tiff"])
def test_a_vague_claim_is_looked_into(
    make: Make, monkeypatch: pytest.MonkeyPatch, claim: str
) -> None:
    """No claim, or one that models do not take: read and sniffed."""
    outcome, rig, bucket = by_reference(make, monkeypatch, Gemini(), PNG, claim)
    assert isinstance(outcome, Answer)
    assert rig.client.calls[0][0] == (Part(sniff.PNG, PNG),)
    assert bucket.reads == ["gs://b/a"]


REFUSED = ApiError(400, {"message": "The document has no pages."})


def test_a_false_claim_is_corrected(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by reference, and the bytes are of another type: sent inline as what they are."""
    outcome, rig, _bucket = by_reference(
        make, monkeypatch, Gemini([REFUSED]), PNG, "application/pdf"
    )
    assert isinstance(outcome, Answer)
    assert [parts[0].media_type for parts, _ in rig.client.calls] == [sniff.PDF, sniff.PNG]
    assert outcome.attempts == 2


def test_a_refused_reference_is_looked_into_for_the_reason(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure says what is wrong with the file, not that the service refused it."""
    broken = pictures.pdf(1, "secret")
    outcome, _rig, _ = by_reference(
        make, monkeypatch, Gemini(always=REFUSED), broken, "application/pdf"
    )
    assert (outcome.code, outcome.attempts) == ("encrypted", 1)


def test_a_whole_file_that_is_refused_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with it that we can see: the service's word stands, after one call."""
    outcome, rig, _ = by_reference(
        make, monkeypatch, Gemini(always=REFUSED), pictures.pdf(), "application/pdf"
    )
    assert outcome.code == "document_rejected"
    assert len(rig.client.calls) == 1
