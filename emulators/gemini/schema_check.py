"""Whether the API takes a response schema: what it refuses, in its words."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from emulators.gemini.refusals import Refused, invalid, invalid_fields, too_many_states

# The fields of the API's Schema message, as camelCase; protobuf JSON takes snake_case too.
_FIELDS = frozenset(
    {
        "anyOf",
        "default",
        "description",
        "enum",
        "example",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "nullable",
        "pattern",
        "properties",
        "propertyOrdering",
        "required",
        "title",
        "type",
    }
)
_VERTEX_FIELDS = _FIELDS | {"additionalProperties", "defs", "ref"}
_TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
_ROOT = "generation_config.response_schema"
_UNKNOWN = "Invalid JSON payload received. Unknown name"


def check_schema(
    schema: dict[str, Any], *, json_schema: bool, vertex: bool, most_states: int | None
) -> None:
    """Refuse what the API refuses in a schema, JSON Schema or its own; raises `Refused`."""
    if json_schema:
        if lost := unresolved_references(schema, schema):
            message = f"response_json_schema refers to what it does not define: {lost}"
            raise Refused(invalid(message))
    elif unfit := unfit_fields(schema, vertex=vertex):
        raise Refused(invalid_fields(unfit))
    elif nonsense := senseless(schema):
        raise Refused(invalid("\n".join(nonsense) + "\n"))
    if most_states is not None and estimated_states(schema) > most_states:
        raise Refused(too_many_states())


@lru_cache(maxsize=4096)
def camel(name: str) -> str:
    """Return a protobuf field's JSON name: ``max_items`` becomes ``maxItems``."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def unfit_fields(schema: object, *, vertex: bool) -> list[tuple[str, str]]:
    """Return what in a ``responseSchema`` does not parse: field paths with descriptions."""
    return list(_unfit(schema, _ROOT, _VERTEX_FIELDS if vertex else _FIELDS))


def _unfit(schema: object, path: str, fields: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict):
        yield path, f"Invalid value at '{path}' (type.googleapis.com/google.protobuf.Schema)"
        return
    for name, value in schema.items():
        known = camel(name)
        if known not in fields:
            yield (
                path,
                f"{_UNKNOWN} \"{name}\" at '{path}': Cannot find field.",
            )
        elif known == "type":
            yield from _unfit_type(value, f"{path}.type")
        elif known == "items":
            yield from _unfit(value, f"{path}.items", fields)
        elif known == "properties" and isinstance(value, dict):
            for number, each in enumerate(value.values()):
                yield from _unfit(each, f"{path}.properties[{number}].value", fields)
        elif known == "anyOf" and isinstance(value, list):
            for number, each in enumerate(value):
                yield from _unfit(each, f"{path}.any_of[{number}]", fields)


def _unfit_type(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        parent = path.rpartition(".")[0]
        text = "Proto field is not repeating, cannot start list."
        yield path, f"{_UNKNOWN} \"type\" at '{parent}': {text}"
    elif not isinstance(value, str) or value.upper() not in _TYPES:
        kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.Type"
        yield path, f"Invalid value at '{path}' ({kind}), \"{value}\""


def senseless(schema: dict[str, Any]) -> list[str]:
    """Return what in a schema that parses makes no sense, in the API's words."""
    return list(_senseless(schema, _ROOT))


def _senseless(schema: dict[str, Any], path: str) -> Iterator[str]:
    start = f"* GenerateContentRequest.{path}"
    named = {camel(name): value for name, value in schema.items()}
    kind = str(named.get("type", "")).upper()
    properties = named.get("properties") or {}
    if kind == "OBJECT":
        if not properties and not named.get("additionalProperties"):
            yield f"{start}.properties: should be non-empty for OBJECT type"
        for number, name in enumerate(named.get("required") or []):
            if properties and name not in properties:
                yield f"{start}.required[{number}]: property is not defined"
    if kind == "ARRAY" and "items" not in named:
        yield f"{start}.items: missing field."
    if named.get("enum") and kind not in {"", "STRING"}:
        yield f"{start}.enum: only allowed for STRING type"
    for name, each in properties.items():
        yield from _senseless(each, f"{path}.properties[{name}]")
    if isinstance(named.get("items"), dict):
        yield from _senseless(named["items"], f"{path}.items")
    for number, each in enumerate(named.get("anyOf") or []):
        yield from _senseless(each, f"{path}.any_of[{number}]")


def unresolved_references(schema: object, root: dict[str, Any]) -> list[str]:
    """Return the ``$ref`` of a JSON schema that point nowhere inside it."""
    found: list[str] = []
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and resolve(reference, root) is None:
            found.append(reference)
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            found += unresolved_references(each, root)
    return found


def resolve(reference: str, root: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a local ``$ref`` points at, or None."""
    if not reference.startswith("#"):
        return None
    place: object = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        if name:
            unescaped = name.replace("~1", "/").replace("~0", "~")
            place = place.get(unescaped) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else None


def estimated_states(schema: object) -> int:
    """Estimate a schema's size as a constraint: its text, repeated by array limits.

    The service's own measure is not published; this only grows where its message says that it
    does: with long names and enumerations, and with array limits, above all nested ones.
    """
    if isinstance(schema, list):
        return sum(estimated_states(each) for each in schema)
    if not isinstance(schema, dict):
        return 0
    total = 1
    for name, value in schema.items():
        if camel(name) == "properties" and isinstance(value, dict):
            total += sum(len(key) + estimated_states(each) for key, each in value.items())
        elif camel(name) == "enum" and isinstance(value, list):
            total += sum(len(str(each)) for each in value)
        elif camel(name) == "items":
            limit = schema.get("maxItems", schema.get("max_items"))
            total += estimated_states(value) * int(limit or 1)
        elif isinstance(value, dict | list) and camel(name) not in {"required", "example"}:
            total += estimated_states(list(value.values()) if isinstance(value, dict) else value)
    return total
