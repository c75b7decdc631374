"""From the body of a reply with status 200 to what it is; the same for both services."""

import json
from typing import Any

from sluicegate.asking.response import Reply, Response
from sluicegate.gemini.catalogue import tier_of
from sluicegate.gemini.error_body import read_error
from sluicegate.masking import mask
from sluicegate.records import Usage

_MAX_MESSAGE = 600
# What a reply of the API has at least one of.
_OURS = ("candidates", "promptFeedback", "usageMetadata")


def read_response(body: str, latency_ms: int, *secrets: str, tier: str = "") -> Reply:
    """Read the body of a reply with status 200; `tier` is what its headers say served it.

    It may carry an error: a gateway's, or one in the middle of a stream. Raises ValueError,
    TypeError or AttributeError for what no such service would send: `{}`, a list, JSON of
    something else.
    """
    reply: Any = json.loads(body)
    chunks = reply if isinstance(reply, list) else [reply]
    if any(isinstance(chunk, dict) and chunk.get("error") for chunk in chunks):
        return read_error(200, reply, *secrets)
    if not isinstance(reply, dict) or not any(name in reply for name in _OURS):
        raise ValueError("it is JSON, but not of the API")
    candidate: dict[str, Any] = (reply.get("candidates") or [{}])[0]
    parts: list[dict[str, Any]] = (candidate.get("content") or {}).get("parts") or []
    used: dict[str, Any] = reply.get("usageMetadata") or {}
    # Vertex AI says the traffic type; the Developer API the service tier, here or in a header.
    said = str(used.get("trafficType") or tier or used.get("serviceTier") or "")
    feedback: dict[str, Any] = reply.get("promptFeedback") or {}
    return Response(
        text="".join(
            part["text"] for part in parts if part.get("text") and not part.get("thought")
        ),
        finish_reason=str(candidate.get("finishReason") or ""),
        block_reason=str(feedback.get("blockReason") or ""),
        usage=Usage(
            int(used.get("promptTokenCount") or 0),
            int(used.get("cachedContentTokenCount") or 0),
            int(used.get("candidatesTokenCount") or 0),
            int(used.get("thoughtsTokenCount") or 0),
        ),
        model_version=str(reply.get("modelVersion") or ""),
        traffic_type=said,
        tier=tier_of(said),
        latency_ms=latency_ms,
        finish_message=_words(candidate.get("finishMessage"), *secrets),
        block_message=_words(feedback.get("blockReasonMessage"), *secrets),
    )


def _words(value: Any, *secrets: str) -> str:
    return mask(" ".join(str(value or "").split()), *secrets)[:_MAX_MESSAGE]
