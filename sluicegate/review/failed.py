"""What a model answered and no row came of: shown as a record, so that a person need not type it.

Failures without an answer (a file that cannot be opened, a call that was refused) are none of a
reviewer's business.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.many import FIRST_PAGE, LAST_PAGE, RECORDS, VALUES
from sluicegate.faults import DocumentFault
from sluicegate.review.plain import typed


@dataclass(frozen=True, slots=True)
class Failed:
    """The failure of a document, or of one record of it, about which there is an answer."""

    uri: str
    document_type: str
    at: str
    run_id: str
    identity: str
    version: str
    code: str
    message: str
    answer: str
    record_index: int | None = None
    pages: tuple[int | None, int | None] = (None, None)  # of a record: first and last

    @classmethod
    def parse(cls, line: str) -> "Failed | None":
        """Read a line of a failure file; None for one without an answer, or of another kind."""
        try:
            record = json.loads(line)
            uri, answer = record["document_uri"], record.get("raw_answer")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        if not isinstance(uri, str) or not isinstance(answer, str):
            return None
        index = record.get("record_index")

        def text(name: str) -> str:
            return str(record.get(name) or "")

        return cls(
            uri,
            text("document_type"),
            at=text("failed_at"),
            run_id=text("run_id"),
            identity=text("request_identity"),
            version=text("document_version"),
            code=text("code"),
            message=text("message"),
            answer=answer,
            record_index=index if isinstance(index, int) else None,
            pages=(_page(record.get(FIRST_PAGE)), _page(record.get(LAST_PAGE))),
        )

    def is_record_of(self, run_id: str, identity: str) -> bool:
        """Tell whether this is one record of an extraction whose other records became rows."""
        same = (self.run_id, self.identity) == (run_id, identity)
        return same and self.record_index is not None

    def rows(self, kind: DocumentType) -> list[dict[str, Any]]:
        """Return what can be read of the answer, as rows; none where it holds no value."""
        try:
            answer = parse_answer(self.answer)
        except DocumentFault:
            return []
        listed = answer.get(RECORDS) if kind.holds_many and self.record_index is None else None
        records = listed if isinstance(listed, list) else [self._alone(answer)]
        found = [
            self._row(record, self.record_index or number, kind)
            for number, record in enumerate(records)
            if isinstance(record, Mapping)
        ]
        return [row for row in found if any(row[field.name] for field in kind.fields)]

    def _alone(self, answer: Any) -> dict[str, Any]:
        return {VALUES: answer, FIRST_PAGE: self.pages[0], LAST_PAGE: self.pages[1]}

    def _row(self, record: Mapping[str, Any], index: int, kind: DocumentType) -> dict[str, Any]:
        values = record.get(VALUES)
        values = values if isinstance(values, Mapping) else {}
        return {
            **{field.name: _lenient(values.get(field.name), field) for field in kind.fields},
            "record_index": index,
            "first_page": _page(record.get(FIRST_PAGE)),
            "last_page": _page(record.get(LAST_PAGE)),
            "processed_at": self.at,
            "provenance": {
                "run_id": self.run_id,
                "request_identity": self.identity,
                "document_version": self.version,
                "warnings": [f"{self.code}: {self.message}"],
            },
        }


def _lenient(value: Any, field: Any) -> Any:
    try:
        return typed(value, field)
    except ValueError:
        return [] if field.repeated else None


def _page(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
