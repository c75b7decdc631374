"""What to ask next, by the responses that were paid for so far."""

from dataclasses import replace

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
        (Response("", "", block_reason="OTHER"), "blocked"),
        (Response("", "", block_message="as the policy says"), "blocked"),
        (Response("", "MODEL_ARMOR"), "blocked"),
        (Response("words", "A_NEW_REASON"), "no_answer"),
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


EMPTY = Response("", "STOP")
STRANGE = Response("words", "A_NEW_REASON")


def of_runs(response: Response, *runs: str) -> list[Response]:
    """Return the same response, paid for by each of the runs."""
    return [replace(response, run_id=run) for run in runs]


def test_an_unusable_answer_is_final_for_its_run_alone() -> None:
    """The run that saw three stops; a later one asks three times more, nine in all."""
    first = of_runs(EMPTY, "a", "a", "a")
    assert isinstance(decide(first, 100, run_id="a"), Failed)
    assert decide(first, 100, run_id="b") == Ask(100)
    second = first + of_runs(EMPTY, "b", "b", "b")
    assert decide(second[:5], 100, run_id="b") == Ask(100)
    assert isinstance(decide(second, 100, run_id="b"), Failed)
    third = second + of_runs(EMPTY, "c", "c", "c")
    assert isinstance(decide(third, 100, run_id="d"), Failed)


def test_what_old_journals_hold_is_asked_about_again() -> None:
    """Their responses name no run."""
    assert decide([EMPTY], 100, run_id="b") == Ask(100)
    assert decide([EMPTY] * 3, 100, run_id="b") == Ask(100)
    assert isinstance(decide([EMPTY] * 9, 100, run_id="b"), Failed)


def test_a_killed_run_is_gone_on_with_by_the_next() -> None:
    """Two of three were paid for: one more, not three."""
    before = of_runs(EMPTY, "a", "a")
    assert decide(before, 100, run_id="b") == Ask(100)
    assert isinstance(decide(before + of_runs(EMPTY, "b"), 100, run_id="b"), Failed)


def test_an_unknown_reason_is_final_for_its_run_alone() -> None:
    """A later run asks once more, up to nine times; the service may have learnt to answer."""
    assert isinstance(decide(of_runs(STRANGE, "a"), 100, run_id="a"), Failed)
    assert decide(of_runs(STRANGE, "a"), 100, run_id="b") == Ask(100)
    assert isinstance(decide(of_runs(STRANGE, "a", "b"), 100, run_id="b"), Failed)
    assert isinstance(decide(of_runs(STRANGE, *"abcdefghi"), 100, run_id="j"), Failed)


@pytest.mark.parametrize("response", [BLOCKED, Response("", "MODEL_ARMOR")])
def test_a_block_is_final_for_ever(response: Response) -> None:
    """A filter says the same to the same."""
    assert isinstance(decide(of_runs(response, "a"), 100, run_id="b"), Failed)


def test_a_whole_answer_under_a_reason_of_tomorrow_is_used_with_a_warning() -> None:
    """The row says so."""
    decision = decide([Response('{"a": 1}', "A_NEW_REASON", finish_message="why")], 100)
    assert isinstance(decision, Answered)
    assert "A_NEW_REASON: why" in decision.warning


def test_a_continuation_is_a_cut_answer() -> None:
    """Asked for with more room; cut again, it failed."""
    cut = Response('{"a', "CONTINUATION", limit=100)
    assert decide([cut], 100) == Ask(400)
    failed = decide([cut, replace(cut, limit=400)], 100)
    assert isinstance(failed, Failed)
    assert failed.code == "answer_cut"


def test_what_a_fallback_model_is_asked_about_stays_final() -> None:
    """A rerun must not pay the first model again for what the other has answered."""
    recited = of_runs(RECITED, "a", "a", "a")
    assert decide(recited, 100, run_id="b") == Ask(100)
    assert isinstance(decide(recited, 100, run_id="b", has_fallback=True), Failed)
    # No fallback is asked about what was empty.
    empty = of_runs(EMPTY, "a", "a", "a")
    assert decide(empty, 100, run_id="b", has_fallback=True) == Ask(100)
