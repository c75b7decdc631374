"""Document types by name: a built-in one, or one read from a YAML file, local or on GCS."""

import math
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, SchemaError

from sluicegate.document_types.bank_statement import BANK_STATEMENT
from sluicegate.document_types.checks import Check
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field as TypeField
from sluicegate.document_types.fields import read_fields
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.long import WINDOW_PAGES, Incomplete
from sluicegate.document_types.many import Records
from sluicegate.document_types.models import build_model
from sluicegate.document_types.naming import NAME, default_name
from sluicegate.document_types.receipt import RECEIPT
from sluicegate.document_types.review import ReviewRule
from sluicegate.faults import UsageFault, one_line
from sluicegate.storage import StoreError, store_for

BUILT_IN = {kind.name: kind for kind in (INVOICE, RECEIPT, BANK_STATEMENT)}
# Options that are no parameters of a call.
_OURS = {"max_output_tokens", "window_pages", "incomplete"}
_MAX_BYTES = 1 << 20
_MAX_NODES = 20_000


class Options(BaseModel):
    """The generation options of a document type, with their defaults and bounds."""

    model_config = ConfigDict(extra="forbid")

    max_output_tokens: int = Field(default=8192, ge=64, le=65536)
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    media_resolution: Literal["low", "medium", "high"] | None = "medium"
    thinking_budget: int | None = Field(default=None, ge=-1, le=32768)
    thinking_level: Literal["minimal", "low", "medium", "high"] | None = None
    window_pages: int = Field(default=WINDOW_PAGES, ge=0, le=1000)
    incomplete: Incomplete = "warn"

    @model_validator(mode="after")
    def _think_one_way(self) -> "Options":
        if self.thinking_budget is not None and self.thinking_level is not None:
            raise ValueError(
                "thinking_budget and thinking_level are both given, and the service takes one: "
                "thinking_level for models from 3 on, thinking_budget for 2.5"
            )
        return self


def options_reference() -> str:
    """Return the table of options, in Markdown."""
    rows = (
        f"| `{name}` | {'–' if info.default is None else info.default} | {_values(info)} |"
        for name, info in Options.model_fields.items()
    )
    return "\n".join(("| option | default | values |", "|---|---|---|", *rows, ""))


def _values(info: FieldInfo) -> str:
    """Say what an option takes: one of several words, or a number between two bounds."""
    kinds = get_args(info.annotation)
    literals = [info.annotation] if get_origin(info.annotation) is Literal else kinds
    words = [f"`{word}`" for kind in literals for word in get_args(kind)]
    bounds = [
        f"{bound:g}"
        for name in ("ge", "le")
        for limit in info.metadata
        if (bound := getattr(limit, name, None)) is not None
    ]
    null = ", or null" if type(None) in kinds and info.default is not None else ""
    return (", ".join(words) or " to ".join(bounds)) + null


class TypeFile(BaseModel):
    """The content of a document type's YAML file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(default="", pattern=NAME.pattern)  # "": the schema's title, or the file's
    version: str = "1"
    prompt: str = Field(min_length=1)
    records: Records = "one"
    options: Options = Options()
    checks: tuple[Check, ...] = ()
    review: ReviewRule = ReviewRule()
    json_schema: dict[str, Any] = Field(alias="schema")


def load_document_type(
    name: str,
    records: Records | Literal[""] = "",
    incomplete: Incomplete | Literal[""] = "",
    window_pages: int | None = None,
) -> DocumentType:
    """Return the built-in type of that name, or the one in the YAML file at that path or URI.

    What else is given goes before what the type says: how many records a document may hold, what
    happens to an incomplete answer, the pages of a window.

    Raises UsageFault that says what is wrong with the file, and where.
    """
    kind = BUILT_IN.get(name) or _read(name)
    given: dict[str, Any] = {
        "records": records,
        "incomplete": incomplete,
        "window_pages": window_pages,
    }
    changes = {option: value for option, value in given.items() if value not in ("", None)}
    return replace(kind, **changes) if changes else kind


def _read(name: str) -> DocumentType:
    if not name.endswith((".yaml", ".yml")):
        raise UsageFault(
            f"document type {name!r}: neither built in ({', '.join(BUILT_IN)}) "
            "nor the path of a .yaml file"
        )
    try:
        text = store_for(name).read(name)
    except StoreError as error:
        raise UsageFault(f"document type: {error}") from error
    return parse_document_type(text, name)


def parse_document_type(text: bytes, source: str) -> DocumentType:
    """Return the document type in a YAML text; `source` names it in errors.

    Raises UsageFault.
    """
    try:
        if len(text) > _MAX_BYTES:
            raise UsageFault(f"larger than {_MAX_BYTES:,} bytes")
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
        _check_is_no_schema(content)
        file = TypeFile.model_validate(content)
        fields = read_fields(file.json_schema)
        for check in file.checks:
            _check_paths(check, fields)
        for path in file.review.ignore:
            if _field_at(path, fields) is None:
                raise UsageFault(f"review: ignore names {path!r}, and there is no such field")
        name = file.name or default_name(file.json_schema, source)
        build_model(name, fields)
        options = file.options.model_dump(exclude=_OURS, exclude_none=True)
        return DocumentType(
            name=name,
            version=file.version,
            prompt=file.prompt,
            fields=fields,
            checks=file.checks,
            parameters=tuple(sorted(options.items())),
            max_output_tokens=file.options.max_output_tokens,
            window_pages=file.options.window_pages,
            incomplete=file.options.incomplete,
            records=file.records,
            review=file.review,
        )
    except yaml.YAMLError as error:
        reason = one_line(error, limit=None)
        raise UsageFault(f"document type {source!r} is not YAML: {reason}") from error
    except UnicodeDecodeError as error:
        raise UsageFault(f"document type {source!r} is not UTF-8 text") from error
    except ValidationError as error:
        raise UsageFault(f"document type {source!r}: {describe(error)}") from error
    except UsageFault as error:
        raise UsageFault(f"document type {source!r}: {error}") from error
    except (TypeError, ValueError, AttributeError, ArithmeticError, RecursionError,
            SchemaError) as error:  # fmt: skip
        raise UsageFault(f"document type {source!r}: {one_line(error, limit=None)}") from error


def _check_is_no_schema(content: Any) -> None:
    if isinstance(content, dict) and "schema" not in content and "properties" in content:
        raise UsageFault(
            'this is a JSON Schema itself: put it under "schema:", and write a "prompt:" beside it'
        )


class _Loader(yaml.SafeLoader):
    """Safe YAML without alias bombs and without names given twice."""

    def get_single_data(self) -> Any:
        """Return the file's value; raise YAMLError if aliases make it endless or huge."""
        node = self.get_single_node()
        if node is None:
            return None
        if _expanded_size(node, {}) > _MAX_NODES:
            raise yaml.YAMLError(f"aliases are nested: over {_MAX_NODES:,} values written out")
        return self.construct_document(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Raise YAMLError for a name given twice: one of the two would be lost silently."""
        names = [str(key.value) for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise yaml.YAMLError(f"given twice: {', '.join(twice)}")
        return super().construct_mapping(node, deep)


def _expanded_size(node: Any, sizes: dict[int, float]) -> float:
    """Return how many values a node has with aliases written out; inf for one within itself."""
    size = sizes.get(id(node))
    if size is None:
        sizes[id(node)] = math.inf
        children = node.value if isinstance(node, yaml.CollectionNode) else []
        flat = [one for pair in children for one in (pair if isinstance(pair, tuple) else (pair,))]
        size = sizes[id(node)] = 1 + sum(_expanded_size(child, sizes) for child in flat)
    return size


def describe(error: ValidationError, limit: int = 5) -> str:
    """Return what pydantic found in one line: path and reason, at most `limit` of them."""
    found = error.errors(include_url=False, include_context=False)
    lines = [_one(item) for item in found[:limit]]
    more = [f"and {len(found) - limit} more"] if len(found) > limit else []
    return "; ".join(lines + more)


def _one(item: ErrorDetails) -> str:
    path = ".".join(str(step) for step in item["loc"]) or "value"
    if item["type"] == "value_error" and item["input"] is None:
        return f"{path} was not found"  # the most usual of all: the model answered null
    return f"{path}: {item['msg'].removeprefix('Value error, ')}"


def _check_paths(check: Check, fields: tuple[TypeField, ...]) -> None:
    for path, kinds in check.paths().items():
        found = _field_at(path, fields)
        if found is None or not (found.kind in kinds or (found.repeated and "list" in kinds)):
            raise UsageFault(f"checks: {check.check!r} needs a {' or '.join(kinds)} at {path!r}")


def _field_at(path: str, fields: tuple[TypeField, ...]) -> TypeField | None:
    """Return the field at a dotted path; None where there is none."""
    found = None
    for step in path.split("."):
        found = next((field for field in fields if field.name == step), None)
        fields = found.fields if found else ()
    return found
