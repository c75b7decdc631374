"""What the client makes of calls that come to nothing: trouble, each call its own."""

import pytest

from sluicegate.asking.response import ApiError, TransportError
from sluicegate.gemini.client import GenaiClient
from sluicegate.media.prepare import Part
from tests.sluicegate.gemini.recording import Recorder, talk, with_client

PDF = "application/pdf"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"candidates": [1]}', b'"words"'])
def test_a_reply_that_is_none_is_the_services_trouble(body: bytes) -> None:
    """What a proxy says with status 200 is tried again, and is no document's fault."""
    (reply,) = talk(Recorder(reply=body), (Part(PDF, b"%PDF"),))
    assert isinstance(reply, TransportError)
    assert reply.kind == "server_error"


def test_one_error_of_many_calls_is_the_trouble_of_each() -> None:
    """Calls that wait for the same look-up of a name get one error among them.

    Letting go of what its frames hold must leave the other calls alone.
    """
    calls = [(Part(PDF, b"%%PDF %d" % number),) for number in range(64)]
    replies = talk(Recorder(), *calls, endpoint="https://nowhere.invalid")
    assert {type(reply) for reply in replies} == {TransportError}
    assert {reply.kind for reply in replies} == {"connection_error"}
    assert all("nowhere.invalid" in reply.message for reply in replies)


def test_a_refused_access_token_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK goes by the token's own time; once the service refuses it, another is fetched."""
    tokens = iter(("first", "second", "third"))
    monkeypatch.setattr(
        "sluicegate.gemini.client._Anonymous.refresh",
        lambda self, _: setattr(self, "token", next(tokens)),
    )
    recorder = Recorder(
        reply=b'{"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "expired"}}',
        statuses=[401, 200],
    )

    async def work(client: GenaiClient) -> list[object]:
        return [await client.generate((Part(PDF, b"%PDF"),), 100) for _ in range(2)]

    replies = with_client(recorder, work, service="vertex")
    assert isinstance(replies[0], ApiError)
    sent = [headers["Authorization"] for headers in recorder.headers]
    assert sent == ["Bearer stand-in", "Bearer first"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/html"])
def test_an_error_is_read_whatever_its_content_type(content_type: str) -> None:
    """Gateways send the API's JSON as text; the key that it repeats is hidden."""
    recorder = Recorder(
        reply=b'{"error": {"code": 403, "message": "no: key-of-a-test"}}',
        statuses=[403],
        content_type=content_type,
    )
    (reply,) = talk(recorder, (Part(PDF, b"%PDF"),))
    assert isinstance(reply, ApiError)
    assert (reply.status, reply.message) == (403, "no: [hidden]")
