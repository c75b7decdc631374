"""The identity of a request: what makes two requests the same one, on any machine, in any run."""

import hashlib
import json
from typing import Any

# Part of every identity. Raise it when a change to how requests are built must not reuse answers.
REQUEST_FORMAT = 1


def request_identity(
    document_digest: str, type_fingerprint: str, model: str, parameters: dict[str, Any]
) -> str:
    """Return 64 hex digits over document content, document type, model and parameters.

    `parameters` is plain JSON: the generation parameters that change what the model answers.
    """
    return fingerprint(
        {
            "format": REQUEST_FORMAT,
            "document": document_digest,
            "type": type_fingerprint,
            "model": model,
            "parameters": parameters,
        }
    )


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a plain JSON value, independent of the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
