"""From the field tree to Gemini's response schema: the OpenAPI subset both services take.

Every scalar may be null, even where a row requires it: a model that must fill a field invents,
one that may leave it out says so, and validation decides. Every name is listed as required so
that none is forgotten. Length and pattern are not sent: the API refuses them.
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
    """Return what is asked of a model: prompt and schema, as sent. Checks are no part of it."""
    return Question(
        prompt_digest=fingerprint(document_type.prompt),
        schema=fingerprint(gemini_schema(document_type.fields)),
        model=model,
        parameters=document_type.generation_parameters,
    )


def gemini_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the response schema of an object with these fields, as plain JSON."""
    names = [field.name for field in fields]
    return {
        "type": "OBJECT",
        "properties": {field.name: _property(field) for field in fields},
        "required": names,
        "propertyOrdering": names,
    }


def _property(field: Field) -> dict[str, Any]:
    value: dict[str, Any] = (
        gemini_schema(field.fields)
        if field.kind == "object"
        else {"type": _TYPES[field.kind], "nullable": not field.repeated}
    )
    if field.enum:
        value |= {"enum": list(field.enum), "format": "enum"}
    if field.kind == "object" and not field.repeated and not field.required:
        value["nullable"] = True
    description = ", ".join(
        words for words in (field.description, _FORMAT_HINTS.get(field.kind)) if words
    )
    if field.repeated:
        value = {"type": "ARRAY", "items": value}
        if field.max_items is not None:
            value["maxItems"] = field.max_items
    if description:
        value["description"] = description
    return value
