"""Verdicts: what to do about a reply. Responses are judged here, errors by the provider.

A verdict with a code takes only codes of the table, with the blame that it has.
"""

from dataclasses import dataclass

from sluicegate.asking.response import Response
from sluicegate.codes import of_document, of_job


@dataclass(frozen=True, slots=True)
class Accept:
    """The response is this document's answer."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A transient error: back off, then call again, a few times."""

    code: str
    message: str

    def __post_init__(self) -> None:
        of_document(self.code)


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Rejected (429), the quota is used up for now: back off, then call again until a deadline."""

    message: str
    retry_after_seconds: float = 0.0
    of_tokens: bool = False  # a quota of tokens, not of requests
    per_minute: float | None = None  # the quota, where the service names it


@dataclass(frozen=True, slots=True)
class AskAgain:
    """A paid response without an answer; another call may give one, a few times."""

    code: str
    message: str

    def __post_init__(self) -> None:
        of_document(self.code)


@dataclass(frozen=True, slots=True)
class AskForMore:
    """The answer was cut at the token limit: call once more with a higher one, else fail."""

    message: str


@dataclass(frozen=True, slots=True)
class FailDocument:
    """Refused, or no answer: the document's fault.

    `blame_unclear`: where every document gets it, it is the job's.
    """

    code: str
    message: str
    blame_unclear: bool = False

    def __post_init__(self) -> None:
        of_document(self.code)


@dataclass(frozen=True, slots=True)
class FailJob:
    """The job's fault: no further call can succeed."""

    code: str
    message: str

    def __post_init__(self) -> None:
        of_job(self.code)


Verdict = Accept | Retry | RateLimited | AskAgain | AskForMore | FailDocument | FailJob

_PERMANENT = {"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"}


def judge_response(response: Response) -> Verdict:
    """Return the verdict on a response, by its finish reason."""
    reason = response.finish_reason
    spent = f"{response.usage.output_tokens:,} output and {response.usage.thought_tokens:,} thought"
    if reason == "STOP":
        if response.text.strip():
            return Accept()
        return FailDocument("no_answer", "the model stopped without any text")
    if reason == "MAX_TOKENS":
        return AskForMore(f"the answer was cut at the token limit after {spent} tokens")
    if reason in _PERMANENT:
        return FailDocument("blocked", f"the model stopped with finish reason {reason}")
    if reason == "RECITATION":
        return AskAgain("recitation", "the model stopped with finish reason RECITATION")
    if reason == "OTHER" or reason.startswith("MALFORMED"):
        return AskAgain("malformed_answer", f"the model stopped with finish reason {reason}")
    if response.block_reason:
        return FailDocument("blocked", f"the prompt was blocked: {response.block_reason}")
    if not reason:
        return FailDocument("no_answer", "the reply has no candidate and gives no reason")
    return FailDocument("no_answer", f"the model stopped with unknown finish reason {reason}")
