"""What came back from a call, in plain values: the only shapes that leave `client.py`."""

import json
from dataclasses import dataclass, field
from typing import Any

from transforms.core.records import Usage


@dataclass(frozen=True, slots=True)
class Response:
    """A reply with status 200. It may hold an answer, and it was paid for if usage says so."""

    text: str
    finish_reason: str  # "" where the reply has no candidate
    block_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model_version: str = ""
    traffic_type: str = ""
    latency_ms: int = 0
    limit: int = 0  # max_output_tokens it was asked with


@dataclass(frozen=True, slots=True)
class ApiError:
    """A reply with another status, and the body's `error` object ({} if it was no JSON)."""

    status: int
    error: dict[str, Any]

    @property
    def message(self) -> str:
        """The service's own words, bounded."""
        return str(self.error.get("message") or f"HTTP {self.status}")[:1000]


@dataclass(frozen=True, slots=True)
class TransportError:
    """No reply that could be read: `kind` is timeout, connection_error or server_error."""

    kind: str
    message: str


Reply = Response | ApiError | TransportError


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
