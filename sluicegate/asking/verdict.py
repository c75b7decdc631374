"""What to do about a reply. Verdicts on responses are here; on errors, the provider judges.

A verdict with a code takes only codes of the table, with the blame that it has.
"""

import json
from dataclasses import dataclass
from typing import Literal

from sluicegate.asking.response import Response
from sluicegate.codes import of_document, of_job

# What else a fault of the job may be once the job has had answers: this document's; that of the
# object that it was passed by reference to; an access token that ended.
Perhaps = Literal["", "document", "object", "token"]


@dataclass(frozen=True, slots=True)
class Accept:
    """The response is this document's answer; `warning` is what its row should say."""

    warning: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """A transient error: back off, then call again, a few times.

    With a `job_code` it is every document's: it says itself that it passes, so it is waited for as
    long as an outage, or that many `calls`, and then it is the job's fault under that code. It
    fails no document.

    `overloaded`: the model has no capacity for now, whoever calls. It is waited for as a quota is,
    until the document's deadline, and not counted.
    """

    code: str
    message: str
    job_code: str = ""
    calls: int = 0
    overloaded: bool = False
    retry_after_seconds: float = 0.0

    def __post_init__(self) -> None:
        of_document(self.code)
        if self.job_code:
            of_job(self.job_code)


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The quota is used up for now: wait, then call again until the document's deadline.

    `of_capacity`: no quota is, but the tier that was asked for has no room now, whoever calls. It
    says nothing about a rate, and is no outage however long it lasts.
    """

    message: str
    retry_after_seconds: float = 0.0
    of_tokens: bool = False  # a quota of tokens, not of requests
    per_minute: float | None = None  # the quota, where the service names it
    of_capacity: bool = False


@dataclass(frozen=True, slots=True)
class AskAgain:
    """A paid response without an answer that another call may give: bounded."""

    code: str
    message: str

    def __post_init__(self) -> None:
        of_document(self.code)


@dataclass(frozen=True, slots=True)
class AskForMore:
    """The answer was cut at the token limit: once more with a higher one, else failure."""

    message: str


@dataclass(frozen=True, slots=True)
class FailDocument:
    """Refused, or no answer: the document's fault.

    `blame_unclear`: where every document gets it, it is the job's. `unfetched`: the service could
    not read the object that was passed by reference. `final`: no later call will do better.
    """

    code: str
    message: str
    blame_unclear: bool = False
    unfetched: bool = False
    final: bool = True

    def __post_init__(self) -> None:
        of_document(self.code)


@dataclass(frozen=True, slots=True)
class FailJob:
    """The job's fault: stop. `perhaps`: what it may be instead, after good answers."""

    code: str
    message: str
    perhaps: Perhaps = ""

    def __post_init__(self) -> None:
        of_job(self.code)


Verdict = Accept | Retry | RateLimited | AskAgain | AskForMore | FailDocument | FailJob

# A filter's word, by what its name holds: SAFETY, IMAGE_SAFETY, PROHIBITED_CONTENT, MODEL_ARMOR.
_FILTERS = ("SAFETY", "PROHIBITED", "BLOCKLIST", "SPII", "ARMOR", "JAILBREAK", "LANGUAGE")
# The output grew past a limit. CONTINUATION offers a token to go on with; a higher limit does too.
_CUT = ("MAX_TOKENS", "CONTINUATION")
# The model lost its way; another draw may find it: MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL,
# TOO_MANY_TOOL_CALLS, MISSING_THOUGHT_SIGNATURE, NO_IMAGE, IMAGE_OTHER.
_ASTRAY = ("MALFORMED", "UNEXPECTED", "TOO_MANY", "MISSING", "OTHER", "NO_IMAGE")


def judge_response(response: Response) -> Verdict:
    """Judge a reply with status 200 by its finish reason, and by its text where that says little.

    Source: FinishReason and BlockedReason of aiplatform v1beta1, discovery of 2026-11-06.
    """
    reason, text = response.finish_reason, response.text.strip()
    why = f": {response.finish_message}" if response.finish_message else ""
    said = f"the model stopped with finish reason {reason}{why}"
    if reason == "STOP" and text:
        return Accept()
    if _holds(reason, _FILTERS):
        return FailDocument("blocked", said)
    if reason in _CUT:
        usage = response.usage
        spent = f"{usage.output_tokens:,} output and {usage.thought_tokens:,} thought"
        return AskForMore(f"the answer was cut at the token limit after {spent} tokens{why}")
    if "RECITATION" in reason:
        return AskAgain("recitation", said)
    if _holds(reason, _ASTRAY):
        return AskAgain("malformed_answer", said)
    if response.block_reason or response.block_message:
        words = ": ".join(filter(None, (response.block_reason, response.block_message)))
        return FailDocument("blocked", f"the prompt was blocked: {words}")
    if reason == "STOP":
        return AskAgain("no_answer", f"the model stopped without any text{why}")
    return _judge_unknown(reason, text, why)


def _judge_unknown(reason: str, text: str, why: str) -> Verdict:
    """Judge a reply with no finish reason, or one of tomorrow: by whether its text is whole."""
    named = f"with unknown finish reason {reason}{why}" if reason else "without a finish reason"
    if text and _is_object(text):
        return Accept(f"the model stopped {named}; its answer is whole")
    if not text:
        return AskAgain("no_answer", f"the model stopped {named} and without any text")
    if not reason:
        return AskAgain("no_answer", f"the model stopped {named}, and its text is no whole answer")
    message = f"the model stopped {named}, and its text is no whole answer"
    return FailDocument("no_answer", message, final=False)


def _holds(reason: str, words: tuple[str, ...]) -> bool:
    return any(word in reason for word in words)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
