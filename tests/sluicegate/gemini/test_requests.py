"""Every request that is sent, held against Google's published definitions of both services.

`definitions.json` has the fields, types and enums of the messages that a request is made of, with
where they are from.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from emulators.gemini.schema_check import estimated_states
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import BUILT_IN, load_document_type
from sluicegate.gemini.catalogue import SERVICES, load_catalogue
from sluicegate.gemini.connection import RequestTemplate
from sluicegate.gemini.response_schema import gemini_schema
from sluicegate.media.prepare import Part
from tests.sluicegate.building import type_of
from tests.sluicegate.gemini.recording import Recorder, talk

DEFINITIONS = json.loads(Path(__file__).with_name("definitions.json").read_text("utf-8"))
TYPES = Path(__file__).parents[3] / "samples" / "types"
MODELS = ("gemini-3.1-flash-lite", "gemini-2.5-flash", "gemini-of-tomorrow")
WORD: dict[str, Any] = {"type": "string"}


def nested(levels: int) -> dict[str, Any]:
    """Return lists of objects in lists of objects."""
    inner = nested(levels - 1) if levels > 1 else WORD
    return {
        "type": "array",
        "maxItems": 70,
        "minItems": 1,
        "items": {"type": "object", "properties": {"word": WORD, "more": inner}},
    }


# What people write, and what services are reported to refuse.
NASTY: dict[str, dict[str, Any]] = {
    "lists three deep": {"a": nested(3)},
    "objects five deep": {
        "a": {
            "type": "object",
            "properties": {
                "b": {"type": "object", "properties": {"c": nested(1), "d": WORD}}
            },
        }
    },
    "an enum of many long words": {"a": {**WORD, "enum": [f"word {n} " * 8 for n in range(200)]}},
    "one word alone": {"a": {**WORD, "const": "only this"}},
    "a pattern and lengths": {"a": {**WORD, "pattern": "^[A-Z]{2}$", "minLength": 2,
                                    "maxLength": 2}},
    "bounds of numbers": {
        "a": {"type": "number", "minimum": 0, "maximum": 1e9},
        "b": {"type": "integer", "minimum": -5},
    },
    "days and moments": {
        "a": {**WORD, "format": "date"},
        "b": {**WORD, "format": "date-time"},
    },
    "this or null": {"a": {"anyOf": [WORD, {"type": "null"}], "title": "A", "default": None}},
    "a list of words with bounds": {"a": {"type": "array", "items": WORD, "maxItems": 3,
                                          "minItems": 1}},
    "a list of enums": {"a": {"type": "array", "items": {**WORD, "enum": ["x", "y"]}}},
    "words of other alphabets": {"a": {**WORD, "description": 'Größe "人" \\ \n😀'}},
    "hundreds of fields": {f"field_{n}": WORD for n in range(300)},
    "every kind": {
        "a": WORD,
        "b": {"type": "number", "format": "double"},
        "c": {"type": "boolean"},
        "d": {"type": "string", "format": "decimal"},
    },
}  # fmt: skip

OPTIONS: list[dict[str, Any]] = [
    {"temperature": 0.0, "media_resolution": "medium"},
    {"temperature": 1.5, "media_resolution": "high", "thinking_level": "minimal"},
    {"media_resolution": "low", "thinking_budget": -1},
]


@cache
def document_types() -> dict[str, DocumentType]:
    """Return the types that are built in, those of the samples, and the nasty ones."""
    samples = {path.name: load_document_type(str(path)) for path in sorted(TYPES.glob("*.yaml"))}
    return {**BUILT_IN, **samples, **{name: type_of(fields) for name, fields in NASTY.items()}}


def sent(service: str, kind: DocumentType, model: str, options: dict[str, Any]) -> list[Any]:
    """Return the requests that the client makes: a document's bytes, pages, a reference."""
    taken = load_catalogue().get(model, service).takes(options)
    template = RequestTemplate(model, kind.prompt, gemini_schema(kind.fields), taken)
    recorder = Recorder()
    calls = [
        (Part("application/pdf", b"%PDF-1.7"),),
        (Part("image/png", b"1" * 70_000), Part("image/png", b"2")),
    ]
    if service == "vertex":
        calls.append((Part("application/pdf", uri="gs://b/a.pdf"),))
    talk(recorder, *calls, service=service, template=template)
    return [json.loads(body) for body in recorder.bodies]


def problems(value: Any, expected: Any, known: dict[str, Any], path: str) -> Iterator[str]:
    """Yield what of a JSON value is not as its definition says."""
    if isinstance(expected, dict) and "enum" in expected:
        if value not in expected["enum"]:
            yield f"{path}: {value!r} is none of the enum"
    elif isinstance(expected, dict):
        yield from _problems_of_many(value, expected, known, path)
    elif expected in known:
        yield from _problems_of_message(value, expected, known, path)
    elif expected != "any" and not _is(value, expected):
        yield f"{path}: {value!r} is no {expected}"


def _problems_of_many(value: Any, expected: Any, known: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list if "list" in expected else dict):
        yield f"{path}: {value!r} is of the wrong type"
        return
    inner = expected.get("list") or expected["map"]
    for name, entry in enumerate(value) if isinstance(value, list) else value.items():
        yield from problems(entry, inner, known, f"{path}[{name}]")


def _problems_of_message(value: Any, expected: str, known: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {expected}"
        return
    for name, entry in value.items():
        field = _camel(name)
        if field in known[expected]:
            yield from problems(entry, known[expected][field], known, f"{path}.{field}")
        else:
            yield f"{path}.{field}: {expected} has no such field"


def _camel(name: str) -> str:
    """Return a field's JSON name: services take the name of the protobuf too."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _is(value: Any, expected: str) -> bool:
    kinds: dict[str, Any] = {
        "string": str, "bytes": str, "boolean": bool, "integer": int, "number": (int, float),
    }  # fmt: skip
    return isinstance(value, kinds[expected]) and (
        expected == "boolean" or not isinstance(value, bool)
    )


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(("name", "kind"), document_types().items())
def test_every_request_is_as_the_service_defines_it(
    service: str, name: str, kind: DocumentType
) -> None:
    """Fields, types and enums, for each way to send a document and each option."""
    for number, options in enumerate(OPTIONS):
        model = MODELS[number]
        requests = sent(service, kind, model, options)
        assert len(requests) >= 2
        for request in requests:
            found = list(
                problems(request, "GenerateContentRequest", DEFINITIONS[service], "request")
            )
            assert found == [], name


@pytest.mark.parametrize(("name", "kind"), document_types().items())
def test_no_bounds_are_sent(name: str, kind: DocumentType) -> None:
    """Of lists, texts and numbers: services refuse schemas for them."""
    text = json.dumps(_keywords(gemini_schema(kind.fields)))
    for keyword in ("maxItems", "minItems", "maxLength", "minLength", "pattern", "minimum"):
        assert keyword not in text, name


def _keywords(schema: dict[str, Any]) -> list[Any]:
    inner = [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    return [sorted(schema), *map(_keywords, inner)]


def test_a_schema_costs_the_service_as_little_as_its_words() -> None:
    """No array limit multiplies it: receipt.yaml had 10,628 estimated states with one of 500."""
    for name, kind in document_types().items():
        with_words = len(kind.fields) < 250 and "long words" not in name
        assert not with_words or estimated_states(gemini_schema(kind.fields)) < 1_000, name


def test_the_check_finds_what_is_wrong() -> None:
    """A name, a type and an enum that the definition does not have."""
    request = {
        "contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": 3}}]}],
        "generationConfig": {
            "maxOutputTokens": True,
            "mediaResolution": "LOW",
            "responseSchema": {"properties": {"a": {"type": "string"}}},
        },
        "extra": 1,
    }
    found = list(problems(request, "GenerateContentRequest", DEFINITIONS["vertex"], "r"))
    assert [problem.partition(":")[0] for problem in found] == [
        "r.contents[0].parts[0].inlineData.mimeType",
        "r.generationConfig.maxOutputTokens",
        "r.generationConfig.mediaResolution",
        "r.generationConfig.responseSchema.properties[a].type",
        "r.extra",
    ]


@pytest.mark.parametrize(
    ("model", "options", "config"),
    [
        ("gemini-3.1-flash-lite", {"temperature": 0.0}, {}),
        ("gemini-3.8-flash", {"temperature": 1.0, "thinking_level": "low"},
         {"thinkingConfig": {"thinkingLevel": "LOW"}}),
        ("gemini-2.5-flash", {"temperature": 0.0, "thinking_budget": 0},
         {"temperature": 0.0, "thinkingConfig": {"thinkingBudget": 0}}),
        ("gemini-2.5-flash", {"thinking_level": "low"}, {}),
        ("gemini-of-tomorrow", {"temperature": 0.5, "thinking_level": "low"},
         {"temperature": 0.5, "thinkingConfig": {"thinkingLevel": "LOW"}}),
    ],
)  # fmt: skip
def test_sampling_and_thinking_follow_the_model(
    model: str, options: dict[str, Any], config: dict[str, Any]
) -> None:
    """What a model ignores or refuses is not sent to it."""
    request = sent("developer", BUILT_IN["invoice"], model, options)[0]
    found = request["generationConfig"]
    for name in ("responseMimeType", "responseSchema", "maxOutputTokens"):
        del found[name]
    assert found == config
