"""What the client makes of calls that come to nothing: trouble, each call its own."""

import pytest

from sluicegate.asking.response import TransportError
from sluicegate.media.prepare import Part
from tests.sluicegate.gemini.recording import Recorder, talk

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
