"""A document type: prompt, fields, checks, options, and what is derived from them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from sluicegate.document_types import many
from sluicegate.document_types.checks import Check
from sluicegate.document_types.fields import Field
from sluicegate.document_types.long import WINDOW_PAGES, Incomplete
from sluicegate.document_types.models import build_model
from sluicegate.document_types.review import ReviewRule
from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.faults import UsageFault

# BigQuery allows no column whose name begins with one of these.
_RESERVED_PREFIXES = (
    "_table_",
    "_file_",
    "_partition",
    "_row_timestamp",
    "__root__",
    "_colidentifier",
)

_REVIEW = ReviewRule()


@dataclass(frozen=True)
class DocumentType:
    """What to extract from one kind of document. Plain data: it is pickled for the workers."""

    name: str
    version: str
    prompt: str
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()
    parameters: tuple[tuple[str, Any], ...] = ()  # generation parameters, sorted by name
    max_output_tokens: int = 8192
    window_pages: int = WINDOW_PAGES  # longer documents are asked about in windows; 0: never
    incomplete: Incomplete = "warn"
    review: ReviewRule = _REVIEW  # which facts call a person
    python_model: type[BaseModel] | None = None  # built-in types only: classes pickle by name
    records: many.Records = "one"  # how many a document may hold; `fields` are those of one

    def __post_init__(self) -> None:
        """Raise UsageFault for reserved field names, and where no field is required."""
        for field in self.fields:
            if is_reserved(field.name):
                raise UsageFault(
                    f"document type {self.name!r}: schema.{field.name}: the field name "
                    f"{field.name!r} is reserved; rename the field"
                )
        if not any(field.required for field in self.fields):
            raise UsageFault(
                f"document type {self.name!r}: at least one field must be required; "
                'else a blank page would become a row; name under "required" what no such '
                "document lacks"
            )

    @property
    def holds_many(self) -> bool:
        """Whether a document may hold several records."""
        return self.records == "many"

    @property
    def full_prompt(self) -> str:
        """The prompt as it is sent: the author's, and what a type for many records adds."""
        return self.prompt + many.PROMPT if self.holds_many else self.prompt

    @property
    def generation_parameters(self) -> dict[str, Any]:
        """Generation parameters that are part of the request's identity.

        `max_output_tokens` is not among them: an answer that was not cut does not depend on it, and
        raising it for the few that were must not pay for all the others again.
        """
        return dict(self.parameters)

    def model(self) -> type[BaseModel]:
        """Return the pydantic model that validates answers, built once in a process."""
        return self.python_model or _model(self.name, self.fields)

    def findings(self, values: dict[str, Any], today: date) -> tuple[list[str], list[str]]:
        """Run the checks; return (failures, warnings), each a sentence."""
        failures: list[str] = []
        warnings: list[str] = []
        for check in self.checks:
            found = check.find(values, today)
            if found:
                (failures if check.on_fail == "fail" else warnings).append(found)
        return failures, warnings


def is_reserved(name: str) -> bool:
    """Tell whether a column of that name belongs to the product or to BigQuery."""
    lowered = name.lower()
    return lowered in RESERVED_NAMES or lowered.startswith(_RESERVED_PREFIXES)


@lru_cache(maxsize=64)
def _model(name: str, fields: tuple[Field, ...]) -> type[BaseModel]:
    return build_model(name, fields)
