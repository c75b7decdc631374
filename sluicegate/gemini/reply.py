"""From the body of a reply to a response; the same for both services."""

import json
from typing import Any

from sluicegate.asking.response import Response
from sluicegate.records import Usage


def read_response(body: str, latency_ms: int) -> Response:
    """Read the body of a reply with status 200; the same for both services.

    Raises ValueError, TypeError or AttributeError for what no such service would send.
    """
    reply: dict[str, Any] = json.loads(body)
    candidate: dict[str, Any] = (reply.get("candidates") or [{}])[0]
    parts: list[dict[str, Any]] = (candidate.get("content") or {}).get("parts") or []
    used: dict[str, Any] = reply.get("usageMetadata") or {}
    return Response(
        text="".join(
            part["text"] for part in parts if part.get("text") and not part.get("thought")
        ),
        finish_reason=str(candidate.get("finishReason") or ""),
        block_reason=str((reply.get("promptFeedback") or {}).get("blockReason") or ""),
        usage=Usage(
            int(used.get("promptTokenCount") or 0),
            int(used.get("cachedContentTokenCount") or 0),
            int(used.get("candidatesTokenCount") or 0),
            int(used.get("thoughtsTokenCount") or 0),
        ),
        model_version=str(reply.get("modelVersion") or ""),
        traffic_type=str(used.get("trafficType") or ""),
        latency_ms=latency_ms,
    )
