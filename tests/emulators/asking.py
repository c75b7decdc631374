"""What the tests of the Gemini stand-in ask, with which clients, and the invoice they get."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import google.auth.credentials
from google import genai
from google.genai import types

from emulators.gemini import GeminiEndpoint, UnreadableDocument

INVOICE = {
    "invoice_id": "R-1",
    "total_amount": Decimal("1234567890123456.70"),
    "line_items": [{"description": "Schraube", "total": Decimal("0.10")}],
}
SCHEMA = {
    "type": "OBJECT",
    "properties": {
        "invoice_id": {"type": "STRING"},
        "total_amount": {"type": "NUMBER"},
        "line_items": {
            "type": "ARRAY",
            "items": {
                "type": "OBJECT",
                "properties": {
                    "description": {"type": "STRING"},
                    "total": {"type": "NUMBER", "nullable": True},
                },
            },
        },
    },
    "required": ["invoice_id", "total_amount"],
}
MODEL = "gemini-2.5-flash"


class Token(google.auth.credentials.Credentials):
    """Credentials with a token that never changes."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def refresh(self, request: object) -> None:
        """Keep the token."""


def read_invoice(parts: Sequence[tuple[str, bytes]], schema: dict[str, Any]) -> dict[str, Any]:
    """Read every document as the same invoice, except broken ones."""
    if any(b"broken" in content for _, content in parts):
        message = "broken"
        raise UnreadableDocument(message)
    return INVOICE


def developer(endpoint: GeminiEndpoint, *, key: str = "key", **options: Any) -> genai.Client:
    """Return a client of the Developer API for an endpoint."""
    options = {"base_url": endpoint.url, "timeout": 5000, **options}
    return genai.Client(api_key=key, vertexai=False, http_options=types.HttpOptions(**options))


def vertex(endpoint: GeminiEndpoint, *, token: str = "token") -> genai.Client:
    """Return a client of Vertex AI for an endpoint."""
    return genai.Client(
        vertexai=True,
        project="p",
        location="global",
        credentials=Token(token),
        http_options=types.HttpOptions(base_url=endpoint.url, timeout=5000),
    )


def extract(
    client: genai.Client,
    document: types.Part | bytes = b"%PDF",
    *,
    model: str = MODEL,
    **config: Any,
) -> types.GenerateContentResponse:
    """Ask for the fields of one document."""
    return client.models.generate_content(**request(document, model=model, **config))


def request(
    document: types.Part | bytes = b"%PDF", *, model: str = MODEL, **config: Any
) -> dict[str, Any]:
    """Return the arguments that ask for the fields of one document."""
    if isinstance(document, bytes):
        document = types.Part.from_bytes(data=document, mime_type="application/pdf")
    config = {"response_mime_type": "application/json", "response_schema": SCHEMA, **config}
    prompt = types.Part.from_text(text="Extract the fields of this invoice.")
    return {
        "model": model,
        "contents": [types.Content(role="user", parts=[document, prompt])],
        "config": types.GenerateContentConfig(**config),
    }
