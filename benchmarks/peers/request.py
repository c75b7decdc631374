"""The request that every peer sends for a document: the same prompt, schema and bytes."""

from functools import cache
from pathlib import Path
from typing import Any

from google import genai
from google.auth.credentials import Credentials
from google.genai import types

from sluicegate.document_types.invoice import INVOICE
from sluicegate.gemini.response_schema import gemini_schema

MODEL = "gemini-3.1-flash-lite"


@cache
def config() -> types.GenerateContentConfig:
    """Return what all requests share."""
    return types.GenerateContentConfig(
        response_mime_type="application/json",
        response_schema=types.Schema.model_validate(gemini_schema(INVOICE.fields)),
    )


def contents(*paths: Path) -> list[Any]:
    """Return the prompt and the documents."""
    parts = [
        types.Part.from_bytes(data=path.read_bytes(), mime_type="application/pdf") for path in paths
    ]
    return [INVOICE.prompt, *parts]


def connect(endpoint: str, key: str, *, vertex: bool = False, **http_options: Any) -> genai.Client:
    """Return a client of the Developer API, or of Vertex AI with ``key`` for a token."""
    options = types.HttpOptions(base_url=endpoint, **http_options)
    if not vertex:
        return genai.Client(api_key=key, vertexai=False, http_options=options)
    return genai.Client(
        vertexai=True, project="local", location="global", credentials=_Token(key),
        http_options=options,
    )  # fmt: skip


class _Token(Credentials):
    """A token for a stand-in that takes any."""

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = token

    def refresh(self, request: object) -> None:
        """Keep the token."""
