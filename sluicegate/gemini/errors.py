"""From an error of the Gemini API to a verdict: whose fault it is, and what to do about it. Pure.

Source: the API's error model (google.rpc.Status and its details), and replies as they were recorded
in public. Quotas are judged in `quota_errors`.
"""

import re
from dataclasses import replace

from sluicegate.asking.response import ApiError, TransportError
from sluicegate.asking.verdict import (
    FailDocument,
    FailJob,
    RateLimited,
    Retry,
    Verdict,
)
from sluicegate.gemini.error_details import Facts, read_facts
from sluicegate.gemini.quota_errors import judge_money, judge_quota


def judge_error(error: ApiError | TransportError) -> Verdict:
    """Judge a call that brought no response."""
    if isinstance(error, TransportError):
        return Retry(error.kind, error.message)
    if error.status == 200:
        return _judge_carried(error)
    facts = read_facts(error)
    if error.status == 429 or facts.state == "RESOURCE_EXHAUSTED":
        return judge_quota(facts)
    if error.status in (408, 504) or facts.state == "DEADLINE_EXCEEDED":
        return Retry("timeout", f"HTTP {error.status}: {facts.text}")
    if error.status >= 500 or error.status in _PASSING or facts.state in _PASSING_STATES:
        return Retry(
            "server_error",
            f"HTTP {error.status}: {facts.text}",
            overloaded=error.status == 503 and _is_overload(facts),
            retry_after_seconds=facts.retry_seconds,
        )
    if fault := judge_money(facts) or _judge_soon(facts):
        return fault
    if error.status in (401, 403, 404):
        return _judge_access(facts)
    if error.status == 400:
        return _judge_bad_request(facts)
    words = facts.text if facts.text.startswith("HTTP ") else f"HTTP {error.status}: {facts.text}"
    return FailDocument("document_rejected", words, blame_unclear=True)


# The service gives up its own work under load: ABORTED, CANCELLED, "too early".
_PASSING = (409, 425, 499)
_PASSING_STATES = ("ABORTED", "CANCELLED", "UNAVAILABLE", "INTERNAL")


# "The model is overloaded. Please try again later.", "... is currently experiencing high demand".
_OVERLOAD = re.compile(r"overload|high demand|over capacity", re.IGNORECASE)


def _is_overload(facts: Facts) -> bool:
    """Tell whether a 503 is of the model, which is busy, or of something on the way to it."""
    return facts.state == "UNAVAILABLE" or bool(_OVERLOAD.search(facts.text))


def _judge_carried(error: ApiError) -> Verdict:
    """Judge an error under status 200 by the code that it carries.

    Only gateways, and streams in their middle, were seen to do that: what they say of a document
    is no proof, so it is asked about again.
    """
    code = error.error.get("code")
    inner = code if isinstance(code, int) and 400 <= code < 600 else 500
    verdict = judge_error(replace(error, status=inner))
    if isinstance(verdict, FailJob | RateLimited | Retry):
        return verdict
    return Retry("server_error", f"an error under status 200: {read_facts(error).text}")


# What passes in minutes, by its own word, and is every document's: the first use of a new project,
# a change of access that is under way, an access token that ended during the run.
_SOON = re.compile(
    r"\b(?:is|are) (?:still |currently )?being (?:provisioned|created|enabled|activated|set up)"
    r"|(?:try|retry)(?: \w+){0,3} in (?:a few|some|several|\d+) (?:more )?minutes",
    re.IGNORECASE,
)
_TOKEN_ENDED = re.compile(
    r"\b(?:token|credentials?)\b[^.]{0,30}\bexpired"
    r"|\bexpired (?:access |auth\w* |oauth )?(?:token|credential)",
    re.IGNORECASE,
)
# The client takes a new token at once, which is right or never will be.
_TOKENS = 4


def _judge_soon(facts: Facts) -> Retry | None:
    if _SOON.search(facts.text):
        return Retry("server_error", facts.text, "service_refused")
    if facts.status == 401 and (
        "ACCESS_TOKEN_EXPIRED" in facts.reasons or _TOKEN_ENDED.search(facts.text)
    ):
        return Retry("server_error", facts.text, "bad_credentials", _TOKENS)
    return None


# A by-reference document that the service cannot fetch: the object's fault, or its ACL's.
_OBJECT = re.compile(
    r"gs://|storage\.objects|cloud storage|provided (?:file )?ur[il]|fetch content", re.IGNORECASE
)
# The fetcher's own trouble, in the status that it gives.
_FETCHER_BUSY = re.compile(
    r"THROTTLED|TIMEOUT|TOO_MANY|PENDING|OVERLOAD|UNAVAILABLE|EXHAUSTED|DEADLINE|RETRY", re.ASCII
)
_NAMES_NOTHING_404 = re.compile(r"(?:requested )?(?:entity|resource) (?:was )?not found|not found|"
                                r"HTTP 404", re.IGNORECASE)  # fmt: skip
_NAMES_NOTHING_403 = re.compile(
    r"(?:the )?caller does not have (?:the )?permission|permission denied|forbidden|HTTP 403",
    re.IGNORECASE,
)


def _judge_access(facts: Facts) -> Verdict:
    message, whole = facts.text, facts.text.strip(" .")
    if _OBJECT.search(message):
        return _of_object(message)
    if facts.status == 404:
        return FailJob(
            "unknown_model",
            f"check --model and --gemini_location: {message}",
            perhaps="document" if _NAMES_NOTHING_404.fullmatch(whole) else "",
        )
    if facts.status == 401:
        renewable = "ACCESS_TOKEN_TYPE_UNSUPPORTED" not in facts.reasons
        return FailJob(
            "bad_credentials",
            f"the credentials were not accepted: {message}",
            perhaps="token" if renewable else "",
        )
    if facts.is_page:
        return FailJob("permission_denied", f"HTTP 403, {message}", perhaps="document")
    return FailJob(
        "permission_denied",
        f"the credentials may not call this model: {message}",
        perhaps="object" if _NAMES_NOTHING_403.fullmatch(whole) else "",
    )


def _of_object(message: str) -> Verdict:
    """Judge what is said of an object: one that is bad, or a bucket that nobody may read."""
    if _FETCHER_BUSY.search(message):
        return Retry("timeout" if "TIMEOUT" in message else "server_error", message)
    return FailDocument("document_rejected", message, blame_unclear=True, unfetched=True)


_BAD_KEY = re.compile(r"API[_ ]key", re.IGNORECASE)
# Parts of the request that are the same for every document, by name.
_BAD_SCHEMA = re.compile(
    r"schema|too many states|generation_?config|Unknown name|Cannot find field|"
    r"Invalid JSON payload|"
    r"response_?(?:mime_?type|modalit|format)|thinking|\bbudget\b|media_?resolution|"
    r"system_?instruction|safety_?settings?|\btemperature\b|\btop_?[pk]\b|max_?output_?tokens|"
    r"candidate_?count|JSON mode|\bsampling\b|service_?tier|\bpenalty\b|log_?probs|\bseed\b",
    re.IGNORECASE,
)
_SHARED_FIELD = re.compile(
    r"(?:\w+\.)*?(?:generation_?config|system_?instruction|safety_?settings?|tool|model|labels|"
    r"service_?tier)",
    re.IGNORECASE,
)
_BAD_FILE = re.compile(r"\bMIME type|file (?:type|format|extension)|image format", re.IGNORECASE)
_NOT_HERE = re.compile(
    r"(?:location|region|country) is not (?:supported|available|allowed)"
    r"|not (?:supported|available|allowed) (?:in|for|from) (?:this|your|the)(?: \w+)? "
    r"(?:location|region|country)",
    re.IGNORECASE,
)
_NOT_THIS_MODEL = re.compile(
    r"\bis not (?:yet )?(?:enabled|supported|available|allowed) (?:for|by|in|on|with) "
    r"(?:(?:this|the|your) )?(?:requested )?(?:models?\b|models/|gemini|gemma)"
    r"|\bmodel\b[^.]{0,60}\b(?:does not|doesn't|only) (?:support|work|accept)"
    r"|\bmodalit(?:y|ies)\b[^.]{0,40}\bnot (?:enabled|supported)",
    re.IGNORECASE,
)
_BAD_PROJECT = re.compile(r"location is not supported|billing|project", re.IGNORECASE)
_BAD_DOCUMENT = re.compile(
    r"MIME type|no pages|process input|input image|source image|document|token count"
    r"|exceeds the (?:maximum|limit)|payload size|too large|too short|corrupt"
    r"|image (?:is|was) (?:not valid|invalid)|invalid image|base64"
    r"|unable to (?:read|decode|parse)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"(?:try|retry)(?: \w+){0,3} (?:later|again|shortly|in (?:a few|some|\d+) \w+)\b"
    r"|temporar(?:y|ily)",
    re.IGNORECASE,
)


def _judge_bad_request(facts: Facts) -> Verdict:
    message = facts.text
    if facts.reasons & {"API_KEY_INVALID", "API_KEY_EXPIRED"} or _BAD_KEY.search(message):
        return FailJob("bad_credentials", f"the API key was not accepted: {message}")
    if _NOT_HERE.search(message):
        return FailJob("service_refused", f"the service refuses this place: {message}")
    if any(_SHARED_FIELD.match(field) for field in facts.fields) or _BAD_SCHEMA.search(message):
        return _of_request(message)
    if _OBJECT.search(message):
        return _of_object(message)
    if _NOT_THIS_MODEL.search(message) and not _BAD_FILE.search(message):
        return _of_request(message)
    if _BAD_DOCUMENT.search(message):
        return FailDocument("document_rejected", message)
    if _LATER.search(message):
        return Retry("server_error", message)
    if facts.state == "FAILED_PRECONDITION" or _BAD_PROJECT.search(message):
        return FailJob("service_refused", f"the service refuses this project: {message}")
    return FailDocument("document_rejected", message, blame_unclear=True)


def _of_request(message: str) -> FailJob:
    return FailJob(
        "request_refused",
        f"the service refuses the document type's schema or parameters: {message}",
    )
