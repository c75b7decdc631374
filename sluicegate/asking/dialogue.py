"""What to ask next, given every response paid for so far. One pure function.

The journal stores those responses, so a run that was killed between two of them continues where it
stopped, and a finished dialogue is never begun again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sluicegate.asking.response import Response
from sluicegate.asking.verdict import Accept, AskAgain, AskForMore, FailDocument, judge_response

_MODEL_OUTPUT_LIMIT = 65_536  # tokens, of Gemini 2.5 and 3
_RAISE = 4  # by this factor the limit of a cut answer is raised, once


@dataclass(frozen=True, slots=True)
class Ask:
    """Make a call with this token limit."""

    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The dialogue is over, with this response as the answer."""

    response: Response


@dataclass(frozen=True, slots=True)
class Failed:
    """The dialogue is over, without an answer under this identity."""

    code: str
    message: str
    response: Response


Decision = Ask | Answered | Failed


def decide(
    responses: Sequence[Response], max_output_tokens: int, max_responses: int = 3
) -> Decision:
    """Return what to do next; `max_responses` bounds the responses without a usable answer."""
    limit = max_output_tokens
    ceiling = max(limit, min(_MODEL_OUTPUT_LIMIT, limit * _RAISE))
    for number, response in enumerate(responses, 1):
        verdict = judge_response(response)
        if isinstance(verdict, Accept):
            return Answered(response)
        if isinstance(verdict, FailDocument):
            return Failed(verdict.code, verdict.message, response)
        if isinstance(verdict, AskForMore):
            if (response.limit or limit) >= ceiling:
                return Failed("answer_cut", verdict.message, response)
            limit = ceiling
        elif isinstance(verdict, AskAgain) and number >= max_responses:
            return Failed(verdict.code, f"{verdict.message}, {number} times", response)
    return Ask(limit)
