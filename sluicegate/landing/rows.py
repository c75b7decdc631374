"""From the text of an answer to its rows: parse, validate, check, fit to the columns. Pure."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import ValidationError

from sluicegate.asking.fallback import with_fallback_spend
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.mismatch import describe_mismatch, not_found
from sluicegate.document_types.scalars import OUT_OF_RANGE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import DocumentFault
from sluicegate.landing.found import Found, Holding, holding_many, holding_one
from sluicegate.records import NOTHING_PAID, Answer, Failure, Row, Usage

_RANGE_ERRORS = {
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_long", "too_short",
    "string_too_long", "string_too_short", "string_pattern_mismatch", OUT_OF_RANGE,
}  # fmt: skip
# In the provenance of a document's further rows.
_NOT_CALLED = {
    **Usage()._asdict(), "cost_usd": Decimal(0), "attempts": 0, "latency_ms": None,
}  # fmt: skip


def validate_answer(value: Any, document_type: DocumentType) -> dict[str, Any]:
    """Return the type's fields as Python values; raise DocumentFault for what does not fit."""
    if not isinstance(value, dict):
        raise DocumentFault("schema_mismatch", f"a record should be an object, not {value!r:.60}")
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


def has_record(text: str, document_type: DocumentType) -> bool:
    """Return whether an answer has a record whose values are of the document type."""
    try:
        parsed = parse_answer(text)
        many = document_type.holds_many
        found = (holding_many(parsed, 0) if many else holding_one(parsed, 0)).found
    except DocumentFault:
        return False
    return any(_is_valid(each.values, document_type) for each in found)


def _is_valid(value: Any, document_type: DocumentType) -> bool:
    try:
        validate_answer(value, document_type)
    except DocumentFault:
        return False
    return True


class Built(NamedTuple):
    """What became of an answer.

    With rows, the failures are those of further records. Without, there is one: the document's.
    """

    rows: tuple[Row, ...] = ()
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class RowBuilder:
    """Builds the rows of one document type in one run."""

    document_type: DocumentType
    run_id: str
    columns: list[dict[str, Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the columns once, not for each answer."""
        object.__setattr__(self, "columns", table_schema(self.document_type.fields)["fields"])

    def build(self, answer: Answer, now: datetime) -> Built:
        """Return the rows of an answer, and the failures of records or of the document."""
        try:
            holding = self._holding(answer)
        except DocumentFault as fault:
            return Built(failed=(Failure.after(answer, fault.code, fault.message),))
        rows: list[Row] = []
        failed: list[Failure] = []
        paid = with_fallback_spend(answer)
        for found in holding.found:
            try:
                values = self._values(paid, found, holding.warnings, now)
            except DocumentFault as fault:
                failed.append(_record_failure(answer, found, fault, len(holding.found)))
            else:
                rows.append(_row(paid, found, values, is_first=not rows))
        if not rows:
            return Built(failed=(self._failed(answer, holding, failed),))
        for row in rows:
            row.values["record_count"] = len(holding.found)
            row.values["record_failures"] = len(failed)
        rows[0] = replace(rows[0], contents=holding.contents(len(rows)))
        return Built(tuple(rows), tuple(failed))

    def _holding(self, answer: Answer) -> Holding:
        parsed = parse_answer(answer.text)
        if self.document_type.holds_many:
            return holding_many(parsed, answer.pages)
        return holding_one(parsed, answer.pages)

    def _values(
        self, answer: Answer, found: Found, of_document: tuple[str, ...], now: datetime
    ) -> dict[str, Any]:
        """Return a record as its columns take it; raise DocumentFault where they do not."""
        kind = self.document_type
        values = validate_answer(found.values, kind)
        failures, warnings = kind.findings(values, now.date())
        if failures:
            raise DocumentFault("check_failed", "; ".join(failures))
        fitted, replaced = fit_columns(
            {
                **values,
                "needs_review": kind.review.warnings and bool(of_document or warnings),
                "document_uri": answer.document.uri,
                "record_index": found.place.record_index,
                "first_page": found.place.first_page,
                "last_page": found.place.last_page,
                "processed_at": now.astimezone(UTC),
                "provenance": self._provenance(answer, [*answer.warnings, *of_document, *warnings]),
            },
            self.columns,
        )
        fitted["provenance"]["warnings"].extend(replaced)
        return fitted

    def _failed(self, answer: Answer, holding: Holding, failed: list[Failure]) -> Failure:
        """Return the failure of a document of which no record became a row."""
        if not self.document_type.holds_many:
            return Failure.after(answer, failed[0].code, failed[0].message)
        if failed:
            among = f"none of {len(failed)} records became a row, of the first: "
            code, message = failed[0].code, f"{among}{failed[0].message}"
        else:
            code, message = "no_records", f"the document holds no {self.document_type.name}"
        return replace(
            Failure.after(answer, code, message),
            contents=holding.contents(0),
            of_records=tuple(failed),
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
            "tier": answer.tier or None,
            "warnings": warnings,
        }


def _row(answer: Answer, found: Found, values: dict[str, Any], *, is_first: bool) -> Row:
    """Return a row; what a document has cost is on its first."""
    if not is_first:
        values["provenance"] |= _NOT_CALLED
        answer = replace(answer, **NOTHING_PAID)
    return Row(
        document_uri=answer.document.uri,
        values=values,
        paid=answer.paid,
        cost_usd=answer.cost_usd,
        latency_ms=answer.latency_ms,
        attempts=answer.attempts,
        journaled=answer.journaled,
        responses=answer.responses,
        by_tier=answer.by_tier,
        record_index=found.place.record_index,
        contents=None,
    )


def _record_failure(answer: Answer, found: Found, fault: DocumentFault, records: int) -> Failure:
    """Return the failure of one of a document's records; the document's cost is elsewhere."""
    return Failure(
        document_uri=answer.document.uri,
        document_version=answer.document.version,
        code=fault.code,
        message=fault.message,
        identity=answer.identity,
        raw_answer=json.dumps(found.values, default=str),
        tier=answer.tier,
        journaled=answer.journaled,
        place=found.place,
        record_count=records,
        contents=None,
    )


def _blank_to_none(value: Any) -> Any:
    """Turn blank text into null, at every depth: models answer either for what is not printed."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, dict):
        return {name: _blank_to_none(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_blank_to_none(item) for item in value]
    return value
