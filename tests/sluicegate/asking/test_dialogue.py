"""What to ask next, by the responses that were paid for so far."""

import pytest

from sluicegate.asking.dialogue import Answered, Ask, Failed, decide
from sluicegate.asking.response import Response
from sluicegate.records import Usage

GOOD = Response("{}", "STOP", usage=Usage(1, 0, 1, 0))
CUT = Response("{", "MAX_TOKENS")
RECITED = Response("", "RECITATION")
OTHER = Response("", "OTHER")
BLOCKED = Response("", "SAFETY")


def test_it_begins_with_the_types_limit() -> None:
    """So it is before any response."""
    assert decide([], 8192) == Ask(8192)


def test_a_whole_answer_ends_it() -> None:
    """The accepted response is the answer, also after others that were not."""
    assert decide([GOOD], 8192) == Answered(GOOD)
    assert decide([CUT, GOOD], 8192) == Answered(GOOD)
    assert decide([RECITED, OTHER, GOOD], 8192) == Answered(GOOD)


def test_a_cut_answer_raises_the_limit_once() -> None:
    """Never the identical request, and never a third time."""
    assert decide([CUT], 8192) == Ask(32_768)
    failed = decide([CUT, CUT], 8192)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.response) == ("answer_cut", CUT)


@pytest.mark.parametrize(
    ("limit", "raised"), [(64, 256), (16_384, 65_536), (20_000, 65_536), (65_535, 65_536)]
)
def test_the_limit_is_raised_to_the_models_at_most(limit: int, raised: int) -> None:
    """Four times, or as far as models go."""
    assert decide([CUT], limit) == Ask(raised)


def test_a_cut_answer_at_the_models_limit_fails() -> None:
    """Its limit cannot be raised."""
    failed = decide([CUT], 65_536)
    assert isinstance(failed, Failed)
    assert failed.code == "answer_cut"


@pytest.mark.parametrize(
    ("response", "code"), [(RECITED, "recitation"), (OTHER, "malformed_answer")]
)
def test_answers_without_content_are_asked_again_in_bounds(response: Response, code: str) -> None:
    """Three paid responses, then failure."""
    assert decide([response], 100) == Ask(100)
    assert decide([response] * 2, 100) == Ask(100)
    failed = decide([response] * 3, 100)
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert "3 times" in failed.message
    assert isinstance(decide([response], 100, max_responses=1), Failed)


def test_a_raised_limit_stays_raised() -> None:
    """After a cut answer and a recitation the next call keeps the raised limit."""
    assert decide([CUT, RECITED], 100) == Ask(400)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (BLOCKED, "blocked"),
        (Response("", "STOP"), "no_answer"),
        (Response("", ""), "no_answer"),
        (Response("", "", block_reason="OTHER"), "blocked"),
        (Response("{}", "A_NEW_REASON"), "no_answer"),
    ],
)
def test_permanent_reasons_end_it_at_once(response: Response, code: str) -> None:
    """No second call is paid for what will not change."""
    failed = decide([response], 100)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.response) == (code, response)
    assert failed.message


@pytest.mark.parametrize("journalled", [[], [CUT], [RECITED], [CUT, RECITED]])
def test_a_killed_dialogue_continues_where_it_stopped(journalled: list[Response]) -> None:
    """The same responses give the same next step in any run, and the dialogue ends."""
    responses = list(journalled)
    while isinstance(decision := decide(responses, 100), Ask):
        responses.append(RECITED)
    assert isinstance(decision, Failed)
    assert len(responses) == max(3, len(journalled))


def test_a_finished_dialogue_is_not_begun_again() -> None:
    """Responses after an answer in the journal do not matter."""
    assert decide([GOOD, CUT], 100) == Answered(GOOD)
    assert isinstance(decide([BLOCKED, GOOD], 100), Failed)
