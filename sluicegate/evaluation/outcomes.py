"""What became of a document in an output: its rows or the failure record, as they were written."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sluicegate.current_rows import Share, newest_complete, share_of
from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.faults import JobFault
from sluicegate.records import Usage, document_id

_MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a document ended: as rows, of which the first has `values`, or as a failure with `code`.

    As it is read, it is one row or one line of failures; `latest` makes one of all that belong
    together.
    """

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
    identity: str = ""  # of the request
    share: Share = field(default_factory=Share)
    of_record: bool = False  # the failure is that of one record
    further: tuple[dict[str, Any], ...] = ()  # values of the document's further rows
    has_evidence: bool = False
    needs_review: bool = False
    doubtful: frozenset[str] = frozenset()  # paths of values, and of lists that lack something

    @property
    def records(self) -> tuple[dict[str, Any], ...]:
        """Values of all rows of the document, in the order of their records."""
        return () if self.values is None else (self.values, *self.further)

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
        identity=_text(origin.get("request_identity")),
        share=share_of(row),
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
        identity=_text(record.get("request_identity")),
        share=share_of(record),
        of_record=record.get("record_index") is not None,
    )


def latest(outcomes: Iterable[Outcome]) -> tuple[Outcome | None, int]:
    """Return the outcome that counts, the last one made, and how many others there were.

    It is that of the document: all rows of its newest complete extraction, or its newest failure.
    Of several made at the same instant rows count before a failure, then the greatest run id.
    """
    seen = list(outcomes)
    rows = newest_complete(
        (each for each in seen if each.values is not None), _extraction, lambda row: row.share
    )
    failures = _newest([each for each in seen if each.values is None])
    # What failed of a document that landed in part is written after its rows, by the same run.
    partly = bool(rows and failures) and failures[0].of_record and _same_run(rows, failures)
    if rows and (partly or not failures or _rank(rows[0]) > _rank(failures[0])):
        others = len(seen) - len(rows) - (len(failures) if partly else 0)
        return _together(rows, [*rows, *failures] if partly else rows), others
    if failures:
        return _together(failures, failures), len(seen) - len(failures)
    return None, len(seen)


def _extraction(row: Outcome) -> tuple[str, str, str]:
    return row.at, row.run_id, row.identity


def _newest(failures: list[Outcome]) -> list[Outcome]:
    """Return the failure of a document that counts; of several of its records all of one run."""
    last = max(failures, key=_rank, default=None)
    if last is None or not last.of_record:
        return [last] if last else []
    same = [each for each in failures if each.of_record and _same_run([each], [last])]
    by_index = {each.share.record_index: each for each in sorted(same, key=_rank)}
    return [failure for _, failure in sorted(by_index.items())]


def _same_run(one: list[Outcome], other: list[Outcome]) -> bool:
    return one[0].run_id == other[0].run_id


def _together(counting: list[Outcome], paid: list[Outcome]) -> Outcome:
    """Return several rows, or failures of records, as the one outcome of their document."""
    first, costs = counting[0], [each.cost_usd for each in paid]
    if len(paid) == 1:
        return first
    known = [cost for cost in costs if cost is not None]
    return replace(
        first,
        further=tuple(each.values for each in counting[1:] if each.values is not None),
        # What is said of the document stands on each of its rows.
        warnings=tuple(dict.fromkeys(text for each in counting for text in each.warnings)),
        usage=sum((each.usage for each in paid), start=Usage()),
        cost_usd=sum(known, start=Decimal(0)) if len(known) == len(costs) else None,
        has_evidence=any(each.has_evidence for each in counting),
        needs_review=any(each.needs_review for each in counting),
        doubtful=frozenset(path for each in counting for path in each.doubtful),
    )


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
