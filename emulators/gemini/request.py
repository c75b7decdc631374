"""What a generateContent or countTokens body asks for."""

import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emulators.gemini.paths import Call
from emulators.gemini.refusals import Refused, error, invalid, invalid_fields
from emulators.gemini.schema_check import camel
from sluicegate.windows import wording

READ_TYPES = frozenset(
    {
        "application/pdf",
        "image/heic",
        "image/heif",
        "image/jpeg",
        "image/png",
        "image/webp",
    }
)
_TOP = frozenset(
    {
        "cachedContent",
        "contents",
        "generationConfig",
        "labels",
        "model",
        "modelArmorConfig",
        "safetySettings",
        "serviceTier",
        "systemInstruction",
        "toolConfig",
        "tools",
    }
)
_CONFIG = frozenset(
    {
        "audioTimestamp",
        "candidateCount",
        "enableAffectiveDialog",
        "enableEnhancedCivicAnswers",
        "frequencyPenalty",
        "imageConfig",
        "logprobs",
        "maxOutputTokens",
        "mediaResolution",
        "modelConfig",
        "presencePenalty",
        "responseFormat",
        "responseJsonSchema",
        "_responseJsonSchema",
        "responseLogprobs",
        "responseMimeType",
        "responseModalities",
        "responseSchema",
        "routingConfig",
        "seed",
        "speechConfig",
        "stopSequences",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    }
)
_PART = frozenset({"fileData", "inlineData", "mediaResolution", "text", "thought", "videoMetadata"})


@dataclass(frozen=True, slots=True)
class Document:
    """A document in a request: by reference if ``uri`` is given, else as base64 ``data``."""

    media_type: str
    path: str
    data: str = ""
    uri: str = ""

    def content(self) -> bytes:
        """Return the inline bytes; raises `Refused` if they are not base64."""
        data = self.data
        if "-" in data or "_" in data:
            data = data.replace("-", "+").replace("_", "/")
        try:
            return binascii.a2b_base64(data, strict_mode=bool(data))
        except ValueError as cause:
            text = (
                f"Invalid value at '{self.path}.inline_data.data' (TYPE_BYTES), "
                f'Base64 decoding failed for "{self.data[:100]}"'
            )
            raise Refused(invalid_fields([(f"{self.path}.inline_data.data", text)])) from cause


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """The parts of a request that the stand-in heeds; ``characters`` counts all its text."""

    documents: tuple[Document, ...]
    characters: int
    schema: dict[str, Any] | None
    json_schema: bool
    wants_json: bool
    max_output_tokens: int | None
    media_resolution: str
    thinks: bool
    service_tier: str = ""
    partial: bool = False  # its document is some pages of a longer one

    @property
    def mark(self) -> int:
        """A number that tells its documents from others, without decoding them."""
        return hash(tuple(document.uri or document.data for document in self.documents))

    def inline(self) -> list[bytes]:
        """Return the bytes of its inline documents; raises `Refused` if they are not base64."""
        return [document.content() for document in self.documents if not document.uri]

    def identity(self, inline: list[bytes]) -> str:
        """Return what its document is known by: its URI, or the sha256 of its bytes."""
        uris = [document.uri for document in self.documents if document.uri]
        digest = hashlib.sha256()
        for content in inline:
            digest.update(content)
        return ",".join([*uris, *([digest.hexdigest()] if inline or not uris else [])])


def parse_body(body: bytes) -> dict[str, Any]:
    """Return a body's JSON object; raises `Refused`."""
    try:
        content = json.loads(body)
    except ValueError as cause:
        message = f"Invalid JSON payload received. {cause}"
        raise Refused(invalid(message)) from cause
    if not isinstance(content, dict):
        raise Refused(invalid("Invalid JSON payload received. Expected an object."))
    return content


def parse_request(content: dict[str, Any], call: Call) -> GenerateRequest:
    """Return what a body asks for; raises `Refused` with the service's 400 if it is malformed."""
    named = _named(content, _TOP, "")
    config = _named(named.get("generationConfig") or {}, _CONFIG, "generation_config")
    documents: list[Document] = []
    characters = 0
    partial = False
    contents = list(_contents(named.get("contents"), call))
    system = named.get("systemInstruction")
    for path, part in [*contents, *_parts(system, "system_instruction")]:
        fields = _named(part, _PART, path)
        text = fields.get("text")
        if isinstance(text, str):
            characters += len(text)
            partial = partial or text.startswith(wording.OPENING)
        if found := _document(fields, path):
            documents.append(found)
    open_schema, json_schema = config.get("responseSchema"), config.get("responseJsonSchema")
    json_schema = config.get("_responseJsonSchema", json_schema)
    if open_schema is not None and json_schema is not None:
        message = "only one of response_schema and response_json_schema may be set"
        raise Refused(invalid(f"* GenerateContentRequest.generation_config: {message}"))
    schema = json_schema if open_schema is None else open_schema
    wants_json = config.get("responseMimeType") == "application/json"
    if schema is not None and not wants_json:
        message = "response schema is only supported with response mime type application/json"
        raise Refused(invalid(f"* GenerateContentRequest.generation_config: {message}"))
    thinking = {camel(key): value for key, value in (config.get("thinkingConfig") or {}).items()}
    return GenerateRequest(
        documents=tuple(documents),
        characters=characters,
        schema=schema,
        json_schema=json_schema is not None,
        wants_json=wants_json,
        max_output_tokens=config.get("maxOutputTokens"),
        media_resolution=str(config.get("mediaResolution") or ""),
        thinks=thinking.get("thinkingBudget") != 0,
        partial=partial,
        service_tier=str(named.get("serviceTier") or ""),
    )


def _named(content: object, known: frozenset[str], path: str) -> dict[str, Any]:
    """Return an object with its names as camelCase; raises `Refused` for unknown ones."""
    if not isinstance(content, dict):
        raise Refused(invalid(f"Invalid value at '{path}', expected an object"))
    named = {name if name in known else camel(name): name for name in content}
    if unknown := [name for key, name in named.items() if key not in known]:
        place = f" at '{path}'" if path else ""
        start = "Invalid JSON payload received. Unknown name"
        violations = [(path, f'{start} "{name}"{place}: Cannot find field.') for name in unknown]
        raise Refused(invalid_fields(violations))
    return {key: content[name] for key, name in named.items()}


def _contents(contents: object, call: Call) -> Iterator[tuple[str, object]]:
    if not contents:
        text = "contents is not specified"
        if call.vertex:
            text = "at least one contents field is required"
            raise Refused(invalid(f"Unable to submit request because {text}."))
        raise Refused(invalid(f"* GenerateContentRequest.contents: {text}\n"))
    if not isinstance(contents, list):
        contents = [contents]
    for number, content in enumerate(contents):
        if call.vertex and content.get("role") not in {"user", "model"}:
            raise Refused(invalid("Please use a valid role: user, model."))
        yield from _parts(content, f"contents[{number}]")


def _parts(content: object, path: str) -> Iterator[tuple[str, object]]:
    parts = content.get("parts") if isinstance(content, dict) else None
    for number, part in enumerate(parts if isinstance(parts, list) else []):
        yield f"{path}.parts[{number}]", part


def _document(part: dict[str, Any], path: str) -> Document | None:
    if inline := part.get("inlineData"):
        named = {camel(key): value for key, value in inline.items()}
        return Document(_media_type(named), path, data=str(named.get("data", "")))
    if file := part.get("fileData"):
        named = {camel(key): value for key, value in file.items()}
        return Document(_media_type(named), path, uri=str(named.get("fileUri", "")))
    return None


def _media_type(named: dict[str, Any]) -> str:
    media_type = named.get("mimeType")
    if not media_type:
        message = "Unable to submit request because it must have a mimeType parameter."
        raise Refused(error(400, "INVALID_ARGUMENT", message))
    return str(media_type)
