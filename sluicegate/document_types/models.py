"""From the field tree to a pydantic model: validation for document types read from YAML."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from sluicegate.document_types import fields as tree
from sluicegate.document_types.scalars import BY_KIND, none_to_empty

CONFIG = ConfigDict(extra="ignore", frozen=True, serialize_by_alias=True)


def build_model(name: str, fields: tuple[tree.Field, ...]) -> type[BaseModel]:
    """Return a pydantic model that validates values against the fields.

    Its attributes are numbered, because pydantic reserves some names (`_id`, `json`).
    """
    definitions: dict[str, Any] = {}
    for number, field in enumerate(fields):
        kind: Any = _kind(f"{name}_{field.name}", field)
        options: dict[str, Any] = {"alias": field.name}
        if field.repeated:
            options |= {"min_length": field.min_items, "max_length": field.max_items}
            kind = Annotated[list[kind], BeforeValidator(none_to_empty)]
            if not field.required:
                options["default_factory"] = list
        elif not field.required:
            kind = kind | None
            options["default"] = None
        definitions[f"field_{number}"] = (kind, Field(**options))
    return create_model(name, __config__=CONFIG, **definitions)


def _kind(name: str, field: tree.Field) -> Any:
    if field.kind == "object":
        return build_model(name, field.fields)
    if field.enum:
        return Literal[field.enum]
    kind = BY_KIND[field.kind]
    bounds: dict[str, Any] = {}
    if field.minimum is not None:
        bounds["ge"] = field.minimum
    if field.maximum is not None:
        bounds["le"] = field.maximum
    if field.min_length is not None:
        bounds["min_length"] = field.min_length
    if field.max_length is not None:
        bounds["max_length"] = field.max_length
    if field.pattern is not None:
        bounds["pattern"] = field.pattern
    return Annotated[kind, Field(**bounds)] if bounds else kind
