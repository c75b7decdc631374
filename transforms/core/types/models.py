"""From the field tree to a pydantic model: validation for types that come as YAML."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from transforms.core.types import fields as tree
from transforms.core.types.scalars import BY_KIND

CONFIG = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=False)


def build_model(name: str, fields: tuple[tree.Field, ...]) -> type[BaseModel]:
    """Build a pydantic model that holds values against the fields."""
    definitions: dict[str, Any] = {}
    for field in fields:
        kind: Any = _kind(f"{name}_{field.name}", field)
        if field.repeated:
            sizes: dict[str, Any] = {"min_length": field.min_items, "max_length": field.max_items}
            definitions[field.name] = (
                (list[kind], Field(**sizes))
                if field.required
                else (list[kind], Field(default_factory=list, **sizes))
            )
        else:
            definitions[field.name] = (kind, ...) if field.required else (kind | None, None)
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
