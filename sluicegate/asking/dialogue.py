"""What to ask next, given every response paid for so far. One pure function.

The journal stores those responses, so a run that was killed between two of them continues where it
stopped. A failure that another call may cure is final for the run that has seen it, not for ever: a
later run asks again, a few times in all, since the service was seen to answer then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sluicegate.asking.response import Response
from sluicegate.asking.verdict import (
    Accept,
    AskAgain,
    AskForMore,
    FailDocument,
    Verdict,
    judge_response,
)
from sluicegate.codes import CODES

_MODEL_OUTPUT_LIMIT = 65_536  # tokens, of Gemini 2.5 and 3
_RAISE = 4  # by this factor the limit of a cut answer is raised, once
# Responses without a usable answer after which no run asks again.
_MOST_EVER = 9


@dataclass(frozen=True, slots=True)
class Ask:
    """Make a call with this limit."""

    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The dialogue is over, with this response as the answer; its row says `warning`."""

    response: Response
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The dialogue is over, for this run or for ever, without an answer under this identity."""

    code: str
    message: str
    response: Response


Decision = Ask | Answered | Failed


def decide(
    responses: Sequence[Response],
    max_output_tokens: int,
    max_responses: int = 3,
    run_id: str = "",
    *,
    has_fallback: bool = False,
) -> Decision:
    """Return what to do next in the run of that id.

    `max_responses` bounds those without a usable answer: where an earlier run reached the bound,
    this one may ask as often again. With `has_fallback`, another model is asked about what this one
    could not answer: that stays final, or a rerun would pay for what the other has answered.
    """
    limit, most = max_output_tokens, max_responses
    ceiling = max(limit, min(_MODEL_OUTPUT_LIMIT, limit * _RAISE))
    for number, response in enumerate(responses, 1):
        verdict = judge_response(response)
        if isinstance(verdict, Accept):
            return Answered(response, verdict.warning)
        if isinstance(verdict, AskForMore):
            if (response.limit or limit) >= ceiling:
                return Failed("answer_cut", verdict.message, response)
            limit = ceiling
            continue
        failed = _failure(verdict, response, number, most)
        if failed is None:
            continue
        final = _is_final(verdict) or (has_fallback and CODES[failed.code].of_the_model)
        if final or response.run_id == run_id or number >= _MOST_EVER:
            return failed
        most = number + max_responses
    return Ask(limit)


def _failure(verdict: Verdict, response: Response, number: int, most: int) -> Failed | None:
    if isinstance(verdict, FailDocument):
        return Failed(verdict.code, verdict.message, response)
    if isinstance(verdict, AskAgain) and number >= most:
        return Failed(verdict.code, f"{verdict.message}, {number} times", response)
    return None


def _is_final(verdict: Verdict) -> bool:
    return isinstance(verdict, FailDocument) and verdict.final
