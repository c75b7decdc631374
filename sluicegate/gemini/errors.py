"""From an error of the Gemini API to a verdict: whose fault it is, and what to do about it. Pure.

Source: the API's error model (google.rpc.Status and its details).
"""

import re
from typing import Any

from sluicegate.asking.response import ApiError, TransportError
from sluicegate.asking.verdict import FailDocument, FailJob, RateLimited, Retry, Verdict


def judge_error(error: ApiError | TransportError) -> Verdict:
    """Judge a call that brought no response."""
    if isinstance(error, TransportError):
        return Retry(error.kind, error.message)
    message = error.message
    if error.status == 429:
        return _judge_quota(error)
    if error.status in (408, 504):
        return Retry("timeout", f"HTTP {error.status}: {message}")
    if error.status >= 500:
        return Retry("server_error", f"HTTP {error.status}: {message}")
    if error.status in (401, 403, 404):
        return _judge_access(error)
    if error.status == 400:
        return _judge_bad_request(error)
    return FailDocument("document_rejected", f"HTTP {error.status}: {message}", blame_unclear=True)


def _judge_quota(error: ApiError) -> Verdict:
    if any("PerDay" in str(v.get("quotaId", "")) for v in _violations(error.error)):
        return FailJob(
            "daily_quota_exhausted",
            "the model's daily quota is used up; run the same command again tomorrow, "
            f"it goes on from here ({_one_line(error.message)})",
        )
    minute = [v for v in _violations(error.error) if "PerMinute" in str(v.get("quotaId", ""))]
    of_tokens = any("Token" in str(violation["quotaId"]) for violation in minute)
    return RateLimited(
        _one_line(error.message),
        _retry_delay(error.error),
        of_tokens=of_tokens,
        per_minute=_quota_value(minute[0]) if len(minute) == 1 else None,
    )


# A by-reference document that the service cannot fetch: the object's fault, or its ACL's.
_OBJECT = re.compile(
    r"gs://|storage\.objects|provided (?:file )?ur[il]|fetch content", re.IGNORECASE
)


def _judge_access(error: ApiError) -> Verdict:
    message = _one_line(error.message)
    if _OBJECT.search(message):
        return FailDocument("document_rejected", message, blame_unclear=True)
    if error.status == 404:
        return FailJob("unknown_model", f"check --model and --gemini_location: {message}")
    if error.status == 401:
        return FailJob("bad_credentials", f"the credentials were not accepted: {message}")
    return FailJob("permission_denied", f"the credentials may not call this model: {message}")


_BAD_KEY = re.compile(r"API[_ ]key", re.IGNORECASE)
_BAD_SCHEMA = re.compile(
    r"schema|too many states|generation_?config|Unknown name|Cannot find field|"
    r"response_?mime_?type|thinking|media_?resolution|system_?instruction",
    re.IGNORECASE,
)
_BAD_PROJECT = re.compile(r"location is not supported|billing|project", re.IGNORECASE)
_BAD_DOCUMENT = re.compile(
    r"MIME type|no pages|process input|input image|document|token count"
    r"|exceeds the (?:maximum|limit)|payload size|too large|corrupt"
    r"|unable to (?:read|decode|parse)",
    re.IGNORECASE,
)


def _judge_bad_request(error: ApiError) -> Verdict:
    message = _one_line(error.message)
    reasons = {str(d.get("reason", "")) for d in _details(error.error)}
    if "API_KEY_INVALID" in reasons or "API_KEY_EXPIRED" in reasons or _BAD_KEY.search(message):
        return FailJob("bad_credentials", f"the API key was not accepted: {message}")
    if _BAD_SCHEMA.search(message):
        return FailJob(
            "request_refused",
            f"the service refuses the document type's schema or parameters: {message}",
        )
    if _OBJECT.search(message) or _BAD_DOCUMENT.search(message):
        return FailDocument("document_rejected", message)
    if error.error.get("status") == "FAILED_PRECONDITION" or _BAD_PROJECT.search(message):
        return FailJob("service_refused", f"the service refuses this project: {message}")
    return FailDocument("document_rejected", message, blame_unclear=True)


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _violations(error: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        violation
        for detail in _details(error)
        for violation in _list(detail.get("violations"))
        if isinstance(violation, dict)
    ]


def _quota_value(violation: dict[str, Any]) -> float | None:
    """Return the value of a quota (google.rpc.QuotaFailure, a 64-bit integer as a string)."""
    found = re.fullmatch(r"[1-9]\d{0,15}", str(violation.get("quotaValue", "")))
    return float(found.group()) if found else None


def _retry_delay(error: dict[str, Any]) -> float:
    """Return RetryInfo's delay in seconds; 0.0 where there is none."""
    for detail in _details(error):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
        if found:
            return float(found.group(1))
    return 0.0


def _one_line(text: str) -> str:
    return " ".join(text.split())
