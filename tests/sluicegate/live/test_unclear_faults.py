"""Faults that pass, faults whose owner shows later, and objects that a service cannot fetch."""

from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Response
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.media.prepare import Part
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.records import Answer, Document, Failure
from sluicegate.storage import NotFound, StoreError, is_gcs, store_for
from tests.sluicegate.live.in_memory import GOOD, USAGE, Gemini, document
from tests.sluicegate.live.rig import PNG, Make, png
from tests.sluicegate.live.test_retry_loop import calling

PROVISIONING = ApiError(
    400,
    {
        "status": "FAILED_PRECONDITION",
        "message": "Service agents are being provisioned. So please try again in a few minutes.",
    },
)
TOKEN_ENDED = ApiError(
    401,
    {
        "status": "UNAUTHENTICATED",
        "message": "Request had invalid authentication credentials.",
        "details": [{"@type": "ErrorInfo", "reason": "ACCESS_TOKEN_EXPIRED"}],
    },
)
UNAUTHENTICATED = ApiError(401, {"message": "Request had invalid authentication credentials."})
NOT_FOUND = ApiError(404, {"message": "Requested entity was not found."})
NOT_ALLOWED = ApiError(403, {"message": "The caller does not have permission"})
PAGE = ApiError(403, {"message": "<title>Forbidden</title><p>Blocked by a gateway.</p>"})
NO_ACCESS = ApiError(
    403, {"message": "service-1@x does not have storage.objects.get access to the object."}
)
NOT_FETCHED = ApiError(
    400, {"message": "Cannot fetch content from the provided URL gs://b/0: permission denied."}
)
BLOCKED = Response("", "SAFETY", usage=USAGE, finish_message="by policy")
EMPTY = Response("", "STOP", usage=USAGE)
ONE_BY_ONE = {"pacer": PacerSettings(max_in_flight=1)}


def test_what_passes_in_minutes_is_waited_for() -> None:
    """Twelve times in a row, which no other trouble is granted; no document fails."""
    (outcome,), retry_loop, seconds = calling(Gemini([PROVISIONING] * 12))
    assert outcome is GOOD
    assert seconds > 120
    assert retry_loop.fault is None


def test_what_does_not_pass_after_all_is_the_jobs_fault() -> None:
    """After as long as an outage is waited for, with the service's sentence; none fails for it."""
    outcomes, retry_loop, seconds = calling(Gemini(always=PROVISIONING), documents=20)
    assert {type(outcome) for outcome in outcomes} == {JobFault}
    assert retry_loop.fault is not None
    assert retry_loop.fault.code in ("service_refused", "outage")
    assert str(PROVISIONING.error["message"]) in retry_loop.fault.message
    assert 600 < seconds < 700


def test_a_token_that_ended_is_tried_anew() -> None:
    """Three times, which is more than a new token needs; then it is the job's fault."""
    (outcome,), retry_loop, _ = calling(Gemini([TOKEN_ENDED] * 3))
    assert outcome is GOOD
    client = Gemini(always=TOKEN_ENDED)
    outcomes, retry_loop, seconds = calling(client, documents=30)
    assert {type(outcome) for outcome in outcomes} == {JobFault}
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "bad_credentials"
    assert seconds < 60


def test_a_refused_token_is_tried_anew_once_after_good_answers() -> None:
    """It may have ended; refused again, it is the job's fault."""
    client = Gemini([GOOD, UNAUTHENTICATED, GOOD])
    outcomes, _, _ = calling(client, documents=2, **ONE_BY_ONE)
    assert outcomes == [GOOD, GOOD]
    client = Gemini([GOOD, UNAUTHENTICATED, UNAUTHENTICATED])
    outcomes, retry_loop, _ = calling(client, documents=2, **ONE_BY_ONE)
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "bad_credentials"
    assert len(client.calls) == 3


@pytest.mark.parametrize("refusal", [NOT_FOUND, UNAUTHENTICATED, NOT_ALLOWED, PAGE])
def test_before_any_answer_it_is_the_jobs_fault_at_once(refusal: ApiError) -> None:
    """A wrong model or key costs one call."""
    client = Gemini(always=refusal)
    outcomes, _, _ = calling(client, documents=30, **ONE_BY_ONE)
    assert {type(outcome) for outcome in outcomes} == {JobFault}
    assert len(client.calls) == 1


@pytest.mark.parametrize("refusal", [NOT_FOUND, PAGE])
def test_after_good_answers_what_names_nothing_is_the_documents(refusal: ApiError) -> None:
    """One of twenty; the others are answered."""
    client = Gemini([GOOD] * 10 + [refusal])
    outcomes, retry_loop, _ = calling(client, documents=20, **ONE_BY_ONE)
    assert retry_loop.fault is None
    (failed,) = (outcome for outcome in outcomes if outcome is not GOOD)
    assert isinstance(failed, DocumentFault)
    assert failed.code == "document_rejected"


def test_ten_of_them_in_a_row_are_the_jobs_fault_after_all() -> None:
    """A model that is withdrawn in mid-run does not become a million failures."""
    client = Gemini([GOOD] * 10, always=NOT_FOUND)
    _, retry_loop, _ = calling(client, documents=60, **ONE_BY_ONE)
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "unknown_model"
    assert len(client.calls) == 20


def test_a_permission_that_is_gone_is_the_jobs_where_no_object_is_named() -> None:
    """The bytes are in the request: it cannot be about the object."""
    client = Gemini([GOOD] * 3, always=NOT_ALLOWED)
    _, retry_loop, _ = calling(client, documents=20, **ONE_BY_ONE)
    assert retry_loop.fault is not None
    assert len(client.calls) == 4


@pytest.mark.parametrize("reply", [BLOCKED, EMPTY])
def test_what_every_document_gets_is_the_jobs_fault(
    make: Make, tmp_path: Path, reply: Response
) -> None:
    """A policy block, or a model that never answers: after ten documents."""
    rig = make(Gemini(always=reply), **ONE_BY_ONE)
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(30)]
    outcomes = rig.process(*documents, gap=100)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert len(failures) == 9
    fault = rig.worker.retry_loop.fault
    assert fault.code == "request_refused"
    assert "the first 10 documents brought no usable answer" in fault.message


def test_blocks_among_answers_are_the_documents(make: Make, tmp_path: Path) -> None:
    """One good answer shows that the job is right, however many fail after it."""
    rig = make(Gemini([GOOD], always=BLOCKED), **ONE_BY_ONE)
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(15)]
    outcomes = rig.process(*documents, gap=100)
    assert [type(outcome) for outcome in outcomes] == [Answer] + [Failure] * 14
    assert {outcome.code for outcome in outcomes[1:]} == {"blocked"}
    assert outcomes[-1].message.endswith("by policy")


class Bucket:
    """A store under gs:// whose objects the service may not be able to read."""

    def __init__(self, data: bytes, trouble: Exception | None = None) -> None:
        self.data, self.trouble, self.reads = data, trouble, 0

    def read(self, uri: str, version: str = "") -> bytes:
        """Return an object's bytes, if this worker may read it."""
        self.reads += 1
        if self.trouble:
            raise self.trouble
        return self.data

    def stat(self, uri: str) -> Document:
        """Describe an object."""
        return Document(uri, len(self.data), "1", "image/png", uri)


def processed(
    make: Make, monkeypatch: pytest.MonkeyPatch, client: Gemini, bucket: Bucket, count: int = 1
) -> tuple[list[Any], Any]:
    """Process objects of a bucket by reference, one after another."""
    rig = make(client, by_reference=True, **ONE_BY_ONE)

    def choose(uri: str) -> Any:
        return bucket if is_gcs(uri) else store_for(uri)

    monkeypatch.setattr("sluicegate.live.fetch.store_for", choose)
    monkeypatch.setattr("sluicegate.live.stores.store_for", choose)
    objects = [
        Document(f"gs://b/{n}", len(PNG), "1", "image/png", f"gs://b/{n}") for n in range(count)
    ]
    return rig.process(*objects, gap=100), rig


@pytest.mark.parametrize(
    "refusal", [NO_ACCESS, NOT_FETCHED, ApiError(404, {"message": "No object gs://b/0"})]
)
def test_bytes_are_sent_where_the_service_cannot_fetch_what_the_worker_can(
    make: Make, monkeypatch: pytest.MonkeyPatch, refusal: ApiError
) -> None:
    """One more call, with the document in it."""
    client = Gemini([refusal])
    (outcome,), _ = processed(make, monkeypatch, client, Bucket(PNG))
    assert isinstance(outcome, Answer)
    assert [parts for parts, _ in client.calls] == [
        (Part("image/png", uri="gs://b/0"),),
        (Part("image/png", PNG, pages=1),),
    ]


def test_a_bucket_that_the_service_cannot_read_is_sent_as_bytes_at_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three objects in a row no reference is tried any more."""
    client = Gemini([NO_ACCESS, GOOD] * 3)
    outcomes, _ = processed(make, monkeypatch, client, Bucket(PNG), count=6)
    assert [type(outcome) for outcome in outcomes] == [Answer] * 6
    references = [bool(parts[0].uri) for parts, _ in client.calls]
    assert references == [True, False] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(NotFound("gone"), "changed"), (StoreError("forbidden"), "unreadable")],
)
@pytest.mark.parametrize("refusal", [NO_ACCESS, NOT_FETCHED, NOT_FOUND, NOT_ALLOWED])
def test_an_object_that_nobody_can_read_is_its_own_failure(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    refusal: ApiError,
    trouble: Exception,
    code: str,
) -> None:
    """After good answers; the rest goes on."""
    client = Gemini([GOOD, GOOD, refusal])
    bucket = Bucket(PNG, trouble)
    outcomes, rig = processed(make, monkeypatch, client, bucket, count=5)
    assert [type(outcome) for outcome in outcomes] == [Answer, Answer, Failure, Answer, Answer]
    assert outcomes[2].code == code
    assert rig.worker.retry_loop.fault is None


@pytest.mark.parametrize(
    ("refusal", "said"),
    [(NO_ACCESS, "storage.objects.get"), (NOT_FETCHED, "Cannot fetch content")],
)
def test_a_bucket_that_nobody_can_read_is_the_jobs_fault(
    make: Make, monkeypatch: pytest.MonkeyPatch, refusal: ApiError, said: str
) -> None:
    """Ten documents in, with the service's words."""
    client = Gemini(always=refusal)
    bucket = Bucket(PNG, StoreError("forbidden"))
    outcomes, rig = processed(make, monkeypatch, client, bucket, count=20)
    assert rig.worker.retry_loop.fault.code == "request_refused"
    assert said in rig.worker.retry_loop.fault.message
    assert len(client.calls) == 10
    assert sum(isinstance(outcome, Failure) for outcome in outcomes) == 9
