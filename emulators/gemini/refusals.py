"""Error answers in the words and forms of the two services.

The texts are those the services were seen to send. Not seen, and therefore only plausible: the
bodies of 408 and 504, and Vertex AI's 404 for a missing Cloud Storage object.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from emulators.gemini.paths import Call
from emulators.gemini.quota import Rejection

_RPC = "type.googleapis.com/google.rpc."
_TROUBLESHOOTING = "https://developers.generativeai.google/guide/troubleshooting"
JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content: object) -> "Reply":
        """Return a 200 with JSON."""
        return cls(200, json.dumps(content, ensure_ascii=False).encode())


class Refused(Exception):  # noqa: N818 - it is an answer, carried to where answers are sent
    """The request is answered with this error."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode(errors="replace"))
        self.reply = reply


def error(code: int, status: str, message: str, details: Sequence[Any] = ()) -> Reply:
    """Return an error in Google's JSON form."""
    content: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        content["details"] = list(details)
    return Reply(code, json.dumps({"error": content}, indent=2).encode())


def invalid(message: str) -> Reply:
    """Return a 400 about the request."""
    return error(400, "INVALID_ARGUMENT", message)


def invalid_fields(violations: Sequence[tuple[str, str]]) -> Reply:
    """Return the 400 for JSON that does not fit the API: field paths with their descriptions."""
    described = [{"field": path, "description": text} for path, text in violations]
    details = [{"@type": _RPC + "BadRequest", "fieldViolations": described}]
    message = "\n".join(text for _, text in violations)
    return error(400, "INVALID_ARGUMENT", message, details)


def unsupported_media_type(call: Call, media_type: str) -> Reply:
    """Return the 400 for a media type that Gemini does not take."""
    if not call.vertex:
        return invalid(f"Unsupported MIME type: {media_type}")
    return invalid(
        f"Unable to submit request because it has a mimeType parameter with value {media_type}, "
        "which is not supported. Update the mimeType and try again. Learn more: "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
    )


def unreadable_document(call: Call, media_type: str) -> Reply:
    """Return the 400 for a document whose bytes cannot be opened."""
    if media_type == "application/pdf":
        return invalid("The document has no pages.")
    if call.vertex:
        return invalid("Provided image is not valid.")
    return invalid(f"Unable to process input image. Please retry or report in {_TROUBLESHOOTING}")


def missing_object(uri: str) -> Reply:
    """Return the 404 for a Cloud Storage object that is not there."""
    return error(404, "NOT_FOUND", f"The Cloud Storage object {uri} was not found.")


def too_many_states() -> Reply:
    """Return the 400 for a schema that is too complex to serve."""
    return invalid(
        "The specified schema produces a constraint that has too many states for serving.  "
        "Typical causes of this error are schemas with lots of text (for example, very long "
        "property or enum names), schemas with long array length limits (especially when "
        "nested), or schemas using complex value matchers (for example, integers or numbers "
        "with minimum/maximum bounds or strings with complex formats like date-time)"
    )


def unknown_model(call: Call) -> Reply:
    """Return the 404 for a model that does not exist."""
    if call.vertex:
        return error(
            404,
            "NOT_FOUND",
            f"Publisher Model `{call.resource}` was not found or your project does not have "
            "access to it. Please ensure you are using a valid model version. For more "
            "information, see: "
            "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions",
        )
    return error(
        404,
        "NOT_FOUND",
        f"models/{call.model} is not found for API version {call.version}, or is not supported "
        f"for {call.method or 'generateContent'}. Call ListModels to see the list of available "
        "models and their supported methods.",
    )


def key_not_valid() -> Reply:
    """Return the Developer API's 400 for a wrong API key."""
    text = "API key not valid. Please pass a valid API key."
    service = {"service": "generativelanguage.googleapis.com"}
    details = [
        _error_info("API_KEY_INVALID", "googleapis.com", service),
        {"@type": _RPC + "LocalizedMessage", "locale": "en-US", "message": text},
    ]
    return error(400, "INVALID_ARGUMENT", text, details)


def unauthenticated(call: Call) -> Reply:
    """Return the answer to a call without a key or token: 403 or, from Vertex AI, 401."""
    if not call.vertex:
        return error(
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form of API consumer identity to call this API.",
        )
    metadata = {"service": "aiplatform.googleapis.com"}
    return error(
        401,
        "UNAUTHENTICATED",
        "Request is missing required authentication credential. Expected OAuth 2 access token, "
        "login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        [_error_info("CREDENTIALS_MISSING", "googleapis.com", metadata)],
    )


def invalid_token() -> Reply:
    """Return the 401 for a token that is not valid."""
    metadata = {"service": "aiplatform.googleapis.com"}
    return error(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        [_error_info("ACCESS_TOKEN_EXPIRED", "googleapis.com", metadata)],
    )


def permission_denied(call: Call, message: str | None = None) -> Reply:
    """Return the 403 for a caller who may not use the model, or with a message of its own."""
    if message:
        return error(403, "PERMISSION_DENIED", message)
    if not call.vertex:
        return error(403, "PERMISSION_DENIED", "The caller does not have permission")
    permission = "aiplatform.endpoints.predict"
    resource = f"//aiplatform.googleapis.com/{call.resource}"
    metadata = {"permission": permission, "resource": call.resource}
    return error(
        403,
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
        [_error_info("IAM_PERMISSION_DENIED", "aiplatform.googleapis.com", metadata)],
    )


def server_error(code: int, message: str | None = None) -> Reply:
    """Return a 408 or 5xx; a 502 comes from the front end, as HTML."""
    if code == 502:
        page = (
            "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n"
            "<p><b>502.</b> <ins>That's an error.</ins>\n<p>The server encountered a temporary "
            "error and could not complete your request.<p>Please try again in 30 seconds.\n"
        )
        return Reply(502, page.encode(), HTML)
    status, text = {
        408: ("DEADLINE_EXCEEDED", "Request timed out."),
        500: (
            "INTERNAL",
            f"An internal error has occurred. Please retry or report in {_TROUBLESHOOTING}",
        ),
        503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
        504: ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    }[code]
    return error(code, status, message or text)


# Which quota the Developer API names: quotaId, and the metric's last word.
_QUOTA_NAMES = {
    "requests_per_minute": (
        "GenerateRequestsPerMinutePerProjectPerModel",
        "generate_requests_per_model",
    ),
    "tokens_per_minute": (
        "GenerateContentPaidTierInputTokensPerModelPerMinute",
        "generate_content_paid_tier_input_token_count",
    ),
    "requests_per_day": (
        "GenerateRequestsPerDayPerProjectPerModel",
        "generate_requests_per_model_per_day",
    ),
    "max_concurrency": (
        "GenerateConcurrentRequestsPerProjectPerModel",
        "generate_concurrent_requests_per_model",
    ),
}


def quota_exceeded(
    call: Call, rejection: Rejection, *, failure: bool, retry: bool, link: bool
) -> Reply:
    """Return the 429 of the call's service; Vertex AI's has no details."""
    if call.vertex:
        return error(
            429,
            "RESOURCE_EXHAUSTED",
            "Resource exhausted. Please try again later. Please refer to "
            "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more "
            "details.",
        )
    quota_id, metric = _QUOTA_NAMES[rejection.quota]
    metric = f"generativelanguage.googleapis.com/{metric}"
    details: list[dict[str, Any]] = []
    if failure and rejection.limit:
        violation = {
            "quotaMetric": metric,
            "quotaId": quota_id,
            "quotaDimensions": {"location": "global", "model": call.model},
            "quotaValue": str(rejection.limit),
        }
        details.append({"@type": _RPC + "QuotaFailure", "violations": [violation]})
    if link:
        described = {
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
        details.append({"@type": _RPC + "Help", "links": [described]})
    text = (
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
    )
    if rejection.limit:
        text += f"\n* Quota exceeded for metric: {metric}, limit: {rejection.limit}, model: "
        text += call.model
    if retry:
        delay = retry_delay(rejection.retry_after)
        details.append({"@type": _RPC + "RetryInfo", "retryDelay": delay})
        text += f"\nPlease retry in {rejection.retry_after:.9f}s."
    return error(429, "RESOURCE_EXHAUSTED", text, details)


def retry_after(seconds: float, form: str) -> dict[str, str]:
    """Return the header that says when to come back: in seconds, as a date, or in milliseconds.

    A date has no fractions of a second: it is rounded up.
    """
    if form == "ms":
        return {"retry-after-ms": str(round(1000 * seconds))}
    if form == "date":
        moment = datetime.now(UTC) + timedelta(seconds=math.ceil(seconds))
        return {"Retry-After": format_datetime(moment, usegmt=True)}
    return {"Retry-After": f"{seconds:g}"}


def retry_delay(seconds: float) -> str:
    """Return a protobuf duration: whole seconds rounded up, milliseconds below one second."""
    if seconds >= 1:
        return f"{math.ceil(seconds)}s"
    return f"{math.ceil(seconds * 1000) / 1000:.3f}s"


def _error_info(reason: str, domain: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {"@type": _RPC + "ErrorInfo", "reason": reason, "domain": domain, "metadata": metadata}
