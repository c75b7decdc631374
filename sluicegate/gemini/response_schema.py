"""From the field tree to Gemini's response schema: the OpenAPI subset both services take.

Every scalar may be null, even where a row requires it: a model that must fill a field invents,
one that may leave it out says so, and validation decides. Every name is listed as required so
that none is forgotten. No bounds are sent, though both services' definitions have them: they cost
states of a constraint, and schemas with them are refused (`maxItems` on a list of objects: 400 "too
many states for serving" or "Request contains an invalid argument", 500 from 70 objects on;
googleapis/go-genai#336). They are held when the answer is validated.
"""

from typing import Any

from sluicegate.asking.identity import Question, fingerprint
from sluicegate.document_types import many
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field

_TYPES = {
    "string": "STRING",
    "integer": "INTEGER",
    "decimal": "NUMBER",
    "float": "NUMBER",
    "boolean": "BOOLEAN",
    "date": "STRING",
    "datetime": "STRING",
    "object": "OBJECT",
}
_FORMAT_HINTS = {"date": "as YYYY-MM-DD", "datetime": "as YYYY-MM-DDTHH:MM:SS"}


def question(document_type: DocumentType, model: str) -> Question:
    """Return what is asked of a model: prompt and schema. Checks are no part of it.

    The schema's fingerprint is that of the form with `maxItems`, which was sent until 0.1: what was
    answered then is answered, and nothing is paid for twice because a bound is no longer sent.
    """
    return Question(
        prompt_digest=fingerprint(document_type.full_prompt),
        schema=fingerprint(_answer(document_type, bounds=True)),
        model=model,
        parameters=document_type.generation_parameters,
    )


def response_schema(document_type: DocumentType) -> dict[str, Any]:
    """Return the response schema of a document type, as it is sent: of one record, or of many."""
    return _answer(document_type, bounds=False)


def gemini_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the response schema of an object with these fields, as plain JSON, as it is sent."""
    return _object(fields, bounds=False)


def _answer(document_type: DocumentType, *, bounds: bool) -> dict[str, Any]:
    record = _object(document_type.fields, bounds=bounds)
    return _many(record) if document_type.holds_many else record


def _many(record: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer with many records; its numbers may not be left out."""
    number = {"type": "INTEGER"}
    reason = {"type": "STRING", "enum": list(many.REASONS), "format": "enum"}
    found = {many.FIRST_PAGE: number, many.LAST_PAGE: number, many.VALUES: record}
    aside = {many.PAGE: number, many.REASON: reason}
    return _of_names(
        {
            many.RECORD_COUNT: number,
            many.RECORDS: {"type": "ARRAY", "items": _of_names(found)},
            many.SET_ASIDE: {"type": "ARRAY", "items": _of_names(aside)},
        }
    )


def _of_names(properties: dict[str, Any]) -> dict[str, Any]:
    names = list(properties)
    return {
        "type": "OBJECT",
        "properties": properties,
        "required": names,
        "propertyOrdering": names,
    }


def _object(fields: tuple[Field, ...], *, bounds: bool) -> dict[str, Any]:
    return _of_names({field.name: _property(field, bounds=bounds) for field in fields})


def _property(field: Field, *, bounds: bool) -> dict[str, Any]:
    value: dict[str, Any] = (
        _object(field.fields, bounds=bounds)
        if field.kind == "object"
        else {"type": _TYPES[field.kind], "nullable": not field.repeated}
    )
    if field.enum and field.kind == "string":
        value |= {"enum": list(field.enum), "format": "enum"}
    if field.kind == "object" and not field.repeated and not field.required:
        value["nullable"] = True
    hints = (field.description, _FORMAT_HINTS.get(field.kind), _numbers_of(field))
    description = ", ".join(words for words in hints if words)
    if field.repeated:
        value = {"type": "ARRAY", "items": value}
        if bounds and field.max_items is not None:
            value["maxItems"] = field.max_items
    if description:
        value["description"] = description
    return value


def _numbers_of(field: Field) -> str:
    """Say which numbers an enumeration has: the API takes one of strings only."""
    numbers = [str(value) for value in field.enum if field.kind != "string"]
    return f"one of {', '.join(numbers)}" if numbers else ""
