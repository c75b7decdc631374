"""Every recorded reply is read and judged as it should be; no pipeline, no socket."""

import pytest

from sluicegate.asking.response import ApiError, Response, TransportError
from sluicegate.asking.verdict import Verdict, judge_response
from sluicegate.gemini.error_body import read_error
from sluicegate.gemini.errors import judge_error
from sluicegate.gemini.reply import read_response
from tests.sluicegate.recordings import Recording, each


def judged(recording: Recording) -> tuple[Response | None, Verdict]:
    """Return the response, if it is one, and the verdict."""
    if recording.status != 200:
        return None, judge_error(read_error(recording.status, recording.body))
    try:
        reply = read_response(recording.body.decode(), 1)
    except (ValueError, TypeError, AttributeError) as error:
        reply = TransportError("server_error", str(error))
    if isinstance(reply, ApiError | TransportError):
        return None, judge_error(reply)
    return reply, judge_response(reply)


@pytest.mark.parametrize("recording", each())
def test_a_recorded_reply_is_judged_rightly(recording: Recording) -> None:
    """By its kind of verdict, and by code and text where the recording names them."""
    response, verdict = judged(recording)
    assert type(verdict).__name__ in recording.right, verdict
    if code := recording.extra.get("code"):
        assert getattr(verdict, "code", "") == code
    if "text" in recording.extra:
        assert response is not None
        assert response.text == recording.extra["text"]


@pytest.mark.parametrize("recording", each())
def test_what_is_said_of_it_is_one_short_line_without_keys(recording: Recording) -> None:
    """No markup, no line break, no key."""
    _, verdict = judged(recording)
    message = getattr(verdict, "message", "")
    assert len(message) < 1300
    assert "\n" not in message
    assert "<" not in message
    assert "{margin" not in message
    assert "AIza" not in message
