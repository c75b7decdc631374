"""The identity of a request: what makes two requests the same one, on any machine, in any run."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Part of every identity. Raise it when a change to how requests are built must not reuse answers.
REQUEST_FORMAT = 1
# Made once: every document's identity uses it.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


class Request(NamedTuple):
    """What is asked about one content: two fingerprints of 64 hex digits."""

    base: str  # of the content, the prompt, the model and its parameters
    schema: str  # of the response schema

    @property
    def identity(self) -> str:
        """64 hex digits over both parts. Rows carry it, and a later run skips a document by it."""
        return hashlib.sha256(f"{self.base}/{self.schema}".encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What a job asks about every document. Plain data.

    `parameters` is plain JSON: the generation parameters that change what the model answers.
    """

    prompt_digest: str  # fingerprint of the prompt: shorter to hash again for every document
    schema: str  # fingerprint of the response schema
    model: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """64 hex digits that identify the question, whatever the document."""
        return self.about("").identity

    def about(self, document_digest: str, window: dict[str, Any] | None = None) -> Request:
        """Return the request about the content with this digest, or about a window of its pages."""
        base = fingerprint(
            {
                "format": REQUEST_FORMAT,
                "document": document_digest,
                "prompt": self.prompt_digest,
                "model": self.model,
                "parameters": self.parameters,
                **({"window": window} if window else {}),
            }
        )
        return Request(base, self.schema)


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a plain JSON value, independent of the order of its keys."""
    return hashlib.sha256(_CANONICAL.encode(value).encode("ascii")).hexdigest()
