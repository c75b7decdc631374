"""What became of a document in an output: the row or the failure record, as it was written."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.faults import JobFault
from sluicegate.records import Usage, document_id

_MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one document ended: as a row with `values`, or as a failure with `code`."""

    document_uri: str
    at: str  # when the row was made or the failure recorded, ISO 8601
    run_id: str = ""
    values: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    model: str = ""
    document_type: str = ""
    code: str = ""
    message: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: Decimal | None = Decimal(0)  # paid in that run; None where no price is known
    journaled: bool = False
    has_evidence: bool = False
    needs_review: bool = False
    doubtful: frozenset[str] = frozenset()  # paths of values, and of lists that lack something

    @property
    def document_id(self) -> str:
        """32 hex digits that stand for the URI."""
        return document_id(self.document_uri)


def from_row(row: dict[str, Any]) -> Outcome:
    """Read a row of an output; raise JobFault for one that is none of this job's."""
    uri, origin = row.get("document_uri"), row.get("provenance")
    if not isinstance(uri, str) or not uri:
        raise JobFault(
            "rows_unusable", "a row has no document_uri: these are not rows that this job wrote"
        )
    origin = origin if isinstance(origin, dict) else {}
    return Outcome(
        document_uri=uri,
        at=_instant(row.get("processed_at")),
        run_id=_text(origin.get("run_id")),
        values={name: value for name, value in row.items() if name not in RESERVED_NAMES},
        warnings=tuple(map(str, origin.get("warnings") or ())),
        model=_text(origin.get("model")),
        document_type=_join(origin.get("document_type"), origin.get("document_type_version")),
        usage=Usage(*(int(origin.get(name) or 0) for name in Usage._fields)),
        cost_usd=_money(origin.get("cost_usd")),
        journaled=bool(origin.get("journaled")),
        **_review(row),
    )


def _review(row: dict[str, Any]) -> dict[str, Any]:
    evidence = [each for each in row.get("evidence") or () if isinstance(each, dict)]
    return {
        # Values that nothing could be searched for say nothing of doubt.
        "has_evidence": any(each.get("found") != "unread" for each in evidence),
        "needs_review": bool(row.get("needs_review")),
        "doubtful": frozenset(str(each.get("field")) for each in evidence if each.get("doubt")),
    }


def from_failure_line(line: str) -> Outcome:
    """Read a line of a failure file; raise JobFault for one that is no failure record."""
    try:
        record = json.loads(line)
        uri, code = record["document_uri"], record["code"]
        tokens = record.get("tokens") or {}
        usage = Usage(*(int(tokens.get(name) or 0) for name in Usage._fields))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise JobFault(
            "failures_unusable",
            f"a line is no failure record ({type(error).__name__}): {line[:120]!r}",
        ) from error
    return Outcome(
        document_uri=str(uri),
        at=_instant(record.get("failed_at")),
        run_id=_text(record.get("run_id")),
        code=str(code)[:100],
        message=_text(record.get("message"))[:_MAX_MESSAGE],
        usage=usage,
        cost_usd=_money(record.get("cost_usd")),
        journaled=bool(record.get("journaled")),
    )


def latest(outcomes: Iterable[Outcome]) -> tuple[Outcome | None, int]:
    """Return the outcome that counts, the last one made, and how many others there were.

    Of several made at the same instant a row counts before a failure, then the greatest run id.
    """
    chosen, seen = None, 0
    for outcome in outcomes:
        seen += 1
        if chosen is None or _rank(outcome) > _rank(chosen):
            chosen = outcome
    return chosen, max(0, seen - 1)


def _rank(outcome: Outcome) -> tuple[str, bool, str]:
    return outcome.at, outcome.values is not None, outcome.run_id


def _instant(value: Any) -> str:
    """Return a time as text that sorts as the times do: both writers use UTC."""
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else _text(value)


def _money(value: Any) -> Decimal | None:
    try:
        found = None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _join(*parts: Any) -> str:
    return " ".join(_text(part) for part in parts if part)
