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
        prompt_digest=fingerprint(document_type.prompt),
        schema=fingerprint(_object(document_type.fields, bounds=True)),
        model=model,
        parameters=document_type.generation_parameters,
    )


def gemini_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the response schema of an object with these fields, as plain JSON, as it is sent."""
    return _object(fields, bounds=False)


def _object(fields: tuple[Field, ...], *, bounds: bool) -> dict[str, Any]:
    names = [field.name for field in fields]
    return {
        "type": "OBJECT",
        "properties": {field.name: _property(field, bounds=bounds) for field in fields},
        "required": names,
        "propertyOrdering": names,
    }


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
