"""JSON Schema as people and pydantic write it, reduced to what one column needs: a single type.

    $ref, allOf of one    replaced by what they name; what stands beside them wins
    anyOf with null       the other one, `nullable`
    anyOf number, string  number: that is how pydantic writes a Decimal
    anyOf integer, number number
    enum with null        the other values, `nullable`
    enum, const           the type of their values, where none is given

Everything else that leaves a choice of types is refused with its path and what to do instead.
"""

from typing import Any
from urllib.parse import unquote

from sluicegate.faults import UsageFault

Node = dict[str, Any]

MAX_DEPTH = 10  # BigQuery allows 15 levels, and the row itself is one
MAX_FIELDS = 2000  # $ref can multiply them; BigQuery allows 10,000 columns
_MAX_STEPS = 20_000  # anyOf within $ref within anyOf can multiply without a single field

_KEYWORDS = {
    "$defs", "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "default",
    "definitions", "description", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum",
    "format", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
    "multipleOf", "nullable", "pattern", "properties", "required", "title", "type", "uniqueItems",
}  # fmt: skip
# They say nothing of the values.
_PASSED_OVER = {
    "$comment", "$id", "contentEncoding", "contentMediaType", "contentSchema", "deprecated",
    "example", "readOnly", "writeOnly",
}  # fmt: skip

_ONE_OBJECT = (
    'use one object that has the fields of all of them, and a string with an "enum" that tells '
    "them apart; or write a document type for each"
)
_KEY_AND_VALUE = "of a dict make a list of objects with a key and a value"
_INSTEAD = {
    "oneOf": _ONE_OBJECT,
    "discriminator": _ONE_OBJECT,
    "prefixItems": "of a tuple make an object with a name for each place",
    "patternProperties": _KEY_AND_VALUE,
    "propertyNames": _KEY_AND_VALUE,
}
_LEAVE_OUT = "leave it out, and say in the description what it says"


class Source:
    """The whole schema, for $ref, and how much of it may still be read.

    With `refused`, what cannot be held is collected there, and its field is left out.
    """

    def __init__(self, schema: Node, refused: list[UsageFault] | None = None) -> None:
        self.schema, self.refused = schema, refused
        self._fields, self._steps = MAX_FIELDS, _MAX_STEPS

    def count_field(self, path: str) -> None:
        """Count one field; raise UsageFault when there are too many."""
        self._fields -= 1
        if self._fields < 0:
            raise UsageFault(f"{path}: more than {MAX_FIELDS:,} fields in all; leave some out")

    def count_step(self, path: str) -> None:
        """Count one node; raise UsageFault when there are too many."""
        self._steps -= 1
        if self._steps < 0:
            raise UsageFault(f"{path}: $ref and anyOf multiply to over {_MAX_STEPS:,} schemas")

    def refuse(self, fault: UsageFault) -> None:
        """Raise the fault, or collect it where that is wanted."""
        if self.refused is None:
            raise fault
        self.refused.append(fault)

    def pointed(self, reference: Any) -> Any:
        """Return what a $ref names; None for nothing."""
        node: Any = self.schema
        for step in unquote(str(reference)).removeprefix("#").removeprefix("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if name:
                node = node.get(name) if isinstance(node, dict) else None
        return node


def reduced(node: Any, source: Source, path: str, depth: int = 0) -> Node:
    """Return a node with a single type, `nullable` where null is an alternative.

    Raises UsageFault with the path for what leaves a choice of types.
    """
    source.count_step(path)
    for _ in range(MAX_DEPTH):
        if not isinstance(node, dict):
            raise UsageFault(f"{path}: a schema is a mapping, not {node!r}")
        check_keywords(node, path)
        if "$ref" in node:
            node = _replaced(node, "$ref", source.pointed(node["$ref"]))
        elif "allOf" in node:
            node = _replaced(node, "allOf", _only(node["allOf"], path))
        elif "anyOf" in node:
            if depth >= MAX_DEPTH:
                break
            node = _replaced(node, "anyOf", _alternative(node["anyOf"], source, path, depth))
        else:
            return _typed(_without_null(node, path), path)
    raise UsageFault(f"{path}: $ref goes in circles; write out what is meant")


def check_keywords(node: Node, path: str) -> None:
    """Raise UsageFault for keywords that say what no column can."""
    unknown = sorted(
        str(key)
        for key in node
        if key not in _KEYWORDS and key not in _PASSED_OVER and not str(key).startswith("x-")
    )
    if unknown:
        instead = next((_INSTEAD[key] for key in unknown if key in _INSTEAD), _LEAVE_OUT)
        words = ", ".join(unknown)
        raise UsageFault(f"{path}: unsupported JSON Schema keyword: {words}; {instead}")


def _replaced(node: Node, keyword: str, target: Any) -> Any:
    """Return what a keyword stands for, with what stands beside it; null in either stays."""
    if not isinstance(target, dict):
        return target
    rest = {key: value for key, value in node.items() if key != keyword}
    nullable = bool(target.get("nullable") or rest.get("nullable"))
    return {**target, **rest} | ({"nullable": True} if nullable else {})


def _only(options: Any, path: str) -> Any:
    if isinstance(options, list) and len(options) == 1:
        return options[0]
    raise UsageFault(
        f'{path}: "allOf" may hold one schema, as a $ref with something beside it; '
        "write several as one, with the keywords of all"
    )


def _alternative(options: Any, source: Source, path: str, depth: int) -> Node:
    """Return the one alternative beside null; raise UsageFault where several remain."""
    if not isinstance(options, list):
        raise UsageFault(f'{path}: "anyOf" is a list of schemas, not {options!r}')
    kinds: list[Node] = []
    nullable = False
    for option in options:
        if isinstance(option, dict) and option.get("type") == "null":
            nullable = True
            continue
        one = reduced(option, source, path, depth + 1)
        nullable = nullable or bool(one.get("nullable"))
        if one not in kinds:
            kinds.append(one)
    kinds = _merged(kinds)
    if len(kinds) != 1:
        raise UsageFault(f'{path}: "anyOf" may only say "this or null": {_of_several(kinds)}')
    return kinds[0] | ({"nullable": True} if nullable else {})


def _merged(kinds: list[Node]) -> list[Node]:
    """Leave out what a number covers: the text of a Decimal, and plain integers."""
    numbers = [kind for kind in kinds if kind.get("type") == "number"]
    if len(numbers) != 1:
        return kinds
    return [kind for kind in kinds if not _covered(kind)]


def _covered(kind: Node) -> bool:
    said = kind.keys() - {"title", "description", "nullable"}
    if kind.get("type") == "string":
        return said <= {"type", "pattern"}  # the pattern is of the digits
    return kind.get("type") == "integer" and said <= {"type"}


def _of_several(kinds: list[Node]) -> str:
    if not kinds:
        return "there is nothing but null; leave the field out"
    if all(kind.get("type") == "object" for kind in kinds):
        return f"a column has one shape, not several; {_ONE_OBJECT}"
    names = dict.fromkeys(str(kind.get("format") or kind.get("type")) for kind in kinds)
    return (
        f"a column has one type, not {' or '.join(names)}; choose one of them, or use string and "
        "say in the description what may be in it"
    )


def _without_null(node: Node, path: str) -> Node:
    """Turn null among the types or among the values of an enum into `nullable`."""
    if isinstance(node.get("type"), list):
        kinds = [kind for kind in node["type"] if kind != "null"]
        if len(kinds) != 1:
            raise UsageFault(
                f'{path}: "type" may be one type, or one and "null": a column has one type; '
                "choose one"
            )
        node = {**node, "type": kinds[0]} | (
            {"nullable": True} if len(kinds) < len(node["type"]) else {}
        )
    values = node.get("enum")
    if isinstance(values, list) and None in values:
        node = {**node, "enum": [v for v in values if v is not None], "nullable": True}
    return node


def _typed(node: Node, path: str) -> Node:
    """Give a node without a type that of its values."""
    if node.get("type") is not None:
        return node
    values = node.get("enum", [node["const"]] if "const" in node else None)
    if not isinstance(values, list) or not values:
        return node
    names = {_JSON_NAMES.get(type(value), "object") for value in values}
    if names == {"integer", "number"}:
        names = {"number"}
    if len(names) != 1:
        raise UsageFault(
            f'{path}: "enum" has values of several types: {", ".join(sorted(names))}; '
            "use strings alone"
        )
    return {**node, "type": names.pop()}


_JSON_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number"}
