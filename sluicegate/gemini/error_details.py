"""Everything that an error says, read once: its message and what stands in its details.

Source: google.rpc.Status and google/rpc/error_details.proto. The models of 3.x put the reason into
the details and a common phrase into the message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sluicegate.asking.response import ApiError
from sluicegate.gemini.error_body import is_page, one_sentence
from sluicegate.masking import mask

_MAX_TEXT = 1000
# What DebugInfo wraps the reason in.
_WRAPPING = re.compile(
    r"\[ORIGINAL ERROR\]|generic::\w+:|\[google\.rpc\.error_details_ext\].*", re.DOTALL
)
_SAYS_NOTHING = re.compile(r"\$\w+|HTTP \d+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an error says. `text` is one line: the message, and the details that it lacks."""

    status: int
    state: str  # the name of google.rpc.Code
    text: str
    is_page: bool  # not of the API: a front end, a gateway, a proxy
    reasons: frozenset[str]  # of ErrorInfo
    metadata: tuple[dict[str, str], ...]  # of ErrorInfo
    quotas: tuple[dict[str, Any], ...]  # the violations of QuotaFailure
    fields: tuple[str, ...]  # of the request, that BadRequest names
    retry_seconds: float  # RetryInfo's delay, else that of the headers; 0.0 without both


def read_facts(error: ApiError) -> Facts:
    """Read an error; whatever is not as the API sends it counts as absent."""
    details = [detail for detail in _list(error.error.get("details")) if isinstance(detail, dict)]
    fields = [v for detail in details for v in _dicts(detail.get("fieldViolations"))]
    return Facts(
        status=error.status,
        state=str(error.error.get("status") or ""),
        text=_text(error, details, fields),
        is_page=bool(error.error.get("page")) or is_page(error.message),
        reasons=frozenset(str(detail["reason"]) for detail in details if detail.get("reason")),
        metadata=tuple(
            {str(name): str(value) for name, value in detail["metadata"].items()}
            for detail in details
            if isinstance(detail.get("metadata"), dict)
        ),
        quotas=tuple(v for detail in details for v in _dicts(detail.get("violations"))),
        fields=tuple(str(violation["field"]) for violation in fields if violation.get("field")),
        retry_seconds=_retry_seconds(details) or error.retry_after_seconds,
    )


def _text(error: ApiError, details: list[dict[str, Any]], fields: list[dict[str, Any]]) -> str:
    message = mask(one_sentence(error.message))
    said: list[str] = []
    for more in _reasons(details, fields):
        words = mask(" ".join(_WRAPPING.sub(" ", more).split()))
        if words and not any(words in before or before in words for before in (message, *said)):
            said.append(words)
        elif words and _SAYS_NOTHING.fullmatch(message):
            message = words
    if said and _SAYS_NOTHING.fullmatch(message):
        message, said = said[0], said[1:]
    return (f"{message} ({'; '.join(said)})" if said else message)[:_MAX_TEXT]


def _reasons(details: list[dict[str, Any]], fields: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what details say in words, the most telling first."""
    for violation in fields:
        field, words = str(violation.get("field") or ""), str(violation.get("description") or "")
        yield words if field in words else f"{field}: {words}".removesuffix(": ")
    for detail in details:
        if "LocalizedMessage" in str(detail.get("@type")):
            yield str(detail.get("message") or "")
    for detail in details:
        if isinstance(detail.get("detail"), str):  # DebugInfo
            yield detail["detail"]
    for detail in details:
        for violation in _dicts(detail.get("violations")):
            yield str(violation.get("description") or "")


def _retry_seconds(details: list[dict[str, Any]]) -> float:
    for detail in details:
        found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
        if found:
            return float(found.group(1))
    return 0.0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]
