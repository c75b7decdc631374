"""From the text of an answer to a row: parse, validate, check, fit to the columns. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from sluicegate.asking.fallback import with_fallback_spend
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.mismatch import describe_mismatch, not_found
from sluicegate.document_types.scalars import OUT_OF_RANGE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import DocumentFault
from sluicegate.records import Answer, Row

_RANGE_ERRORS = {
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_long", "too_short",
    "string_too_long", "string_too_short", "string_pattern_mismatch", OUT_OF_RANGE,
}  # fmt: skip


def validate_answer(value: dict[str, Any], document_type: DocumentType) -> dict[str, Any]:
    """Return the type's fields as Python values; raise DocumentFault for what does not fit."""
    try:
        value = _blank_to_none(value)
    except RecursionError as error:
        raise DocumentFault("not_json", "the answer is nested without end") from error
    required = [each.name for each in document_type.fields if each.required]
    if all(value.get(name) in (None, []) for name in required):
        raise DocumentFault(
            "nothing_extracted",
            f"{not_found(required)}: blank, or no {document_type.name}",
        )
    try:
        return document_type.model().model_validate(value).model_dump()
    except ValidationError as error:
        kinds = {item["type"] for item in error.errors(include_url=False)}
        code = "value_out_of_range" if kinds <= _RANGE_ERRORS else "schema_mismatch"
        raise DocumentFault(code, describe_mismatch(error)) from error


@dataclass(frozen=True, slots=True)
class RowBuilder:
    """Builds the rows of one document type in one run."""

    document_type: DocumentType
    run_id: str
    columns: list[dict[str, Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the columns once, not for each answer."""
        object.__setattr__(self, "columns", table_schema(self.document_type.fields)["fields"])

    def build(self, answer: Answer, now: datetime) -> Row:
        """Return the row of an answer; raise DocumentFault where it gives none."""
        kind, answer = self.document_type, with_fallback_spend(answer)
        values = validate_answer(parse_answer(answer.text), kind)
        failures, warnings = kind.findings(values, now.date())
        if failures:
            raise DocumentFault("check_failed", "; ".join(failures))
        fitted, replaced = fit_columns(
            {
                **values,
                "document_uri": answer.document.uri,
                "processed_at": now.astimezone(UTC),
                "provenance": self._provenance(answer, [*answer.warnings, *warnings]),
            },
            self.columns,
        )
        fitted["provenance"]["warnings"].extend(replaced)
        return Row(
            document_uri=answer.document.uri,
            values=fitted,
            paid=answer.paid,
            cost_usd=answer.cost_usd,
            latency_ms=answer.latency_ms,
            attempts=answer.attempts,
            journaled=answer.journaled,
            responses=answer.responses,
        )

    def _provenance(self, answer: Answer, warnings: list[str]) -> dict[str, Any]:
        return {
            "document_id": answer.document.document_id,
            "document_version": answer.document.version,
            "request_identity": answer.identity,
            "run_id": self.run_id,
            "model": answer.model,
            "model_version": answer.model_version,
            "document_type": self.document_type.name,
            "document_type_version": self.document_type.version,
            **answer.usage._asdict(),
            "cost_usd": answer.cost_usd,
            "latency_ms": answer.latency_ms,
            "attempts": answer.attempts,
            "journaled": answer.journaled,
            "traffic_type": answer.traffic_type or None,
            "warnings": warnings,
        }


def _blank_to_none(value: Any) -> Any:
    """Turn blank text into null, at every depth: models answer either for what is not printed."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, dict):
        return {name: _blank_to_none(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_blank_to_none(item) for item in value]
    return value
