"""What came back from a call, as plain values: all that a provider can return."""

from dataclasses import dataclass, field
from typing import Any

from sluicegate.records import Usage


@dataclass(frozen=True, slots=True)
class Response:
    """A reply with status 200. It may hold an answer; it was paid for as `usage` says."""

    text: str
    finish_reason: str  # "" where the reply has no candidate
    block_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model_version: str = ""
    traffic_type: str = ""
    latency_ms: int = 0
    limit: int = 0  # max_output_tokens of its request
    finish_message: str = ""  # why it finished so, in the service's words
    block_message: str = ""
    # Who paid for it: "" where an earlier version stored it, which did not record that.
    run_id: str = ""
    document_uri: str = ""  # of contents that several documents have, the one that was sent
    # At which tier it was asked for, and which one served it: what it cost goes by that. "" where
    # an earlier version stored it.
    asked_tier: str = ""
    tier: str = ""
    served_at: str = ""  # ISO 8601, in UTC: its price is that of the day; "" as above


@dataclass(frozen=True, slots=True)
class ApiError:
    """A reply with another status, and the body's `error` object ({} if it was no JSON)."""

    status: int
    error: dict[str, Any]
    retry_after_seconds: float = 0.0  # as the reply's headers say it; 0.0 where they do not

    @property
    def message(self) -> str:
        """The service's own message, at most 1,000 characters of it."""
        return str(self.error.get("message") or f"HTTP {self.status}")[:1000]


@dataclass(frozen=True, slots=True)
class TransportError:
    """No reply that could be read: `kind` is timeout, connection_error or server_error."""

    kind: str
    message: str


Reply = Response | ApiError | TransportError
