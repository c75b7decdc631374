"""From the field tree to a pydantic model: validation for document types read from YAML."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from sluicegate.document_types import fields as tree
from sluicegate.document_types.scalars import (
    BY_KIND,
    MultipleOf,
    OneOf,
    blank_to_none,
    none_to_empty,
    without_doubles,
)

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
            if field.unique:
                kind = Annotated[kind, AfterValidator(without_doubles)]
            if not field.always_filled:
                options["default_factory"] = list
        elif not field.always_filled:
            kind = kind | None
            if any(child.always_filled for child in field.fields):
                kind = Annotated[kind, BeforeValidator(blank_to_none)]
            options["default"] = None
        definitions[f"field_{number}"] = (kind, Field(**options))
    return create_model(name, __config__=CONFIG, **definitions)


def _kind(name: str, field: tree.Field) -> Any:
    if field.kind == "object":
        return build_model(name, field.fields)
    kind = BY_KIND[field.kind]
    if field.enum:
        return _one_of(kind, field.enum)
    rules: list[Any] = [
        Field(**{name: limit}) for name, limit in _limits(field).items() if limit is not None
    ]
    if field.multiple_of is not None:
        rules.append(AfterValidator(MultipleOf(field.multiple_of)))
    for rule in rules:
        kind = Annotated[kind, rule]
    return kind


def _one_of(kind: Any, allowed: tuple[Any, ...]) -> Any:
    if all(isinstance(value, str) for value in allowed):
        return Literal[allowed]
    return Annotated[kind, AfterValidator(OneOf(allowed))]


def _limits(field: tree.Field) -> dict[str, Any]:
    return {
        "ge": field.minimum,
        "le": field.maximum,
        "gt": field.above,
        "lt": field.below,
        "min_length": field.min_length,
        "max_length": field.max_length,
        "pattern": field.pattern,
    }
