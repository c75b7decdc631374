"""A failure record as a line of JSON, and back."""

import json
from datetime import datetime
from typing import Any

from sluicegate.codes import DOCUMENT_CODES
from sluicegate.records import Failure, document_id

# Every key of a record, and what it holds. Keys are stable: tools read them.
KEYS = {
    "document_uri": "where the document lies",
    "document_id": "32 hex digits that stand for `document_uri`, as in rows",
    "record_index": "which record of the document failed, from 0; null where the document did",
    "record_count": "records that were found in the document; null where the document failed",
    "first_page": "page of the file that the record begins on, from 1",
    "last_page": "page that it ends on",
    "document_version": "generation on GCS, modification time elsewhere",
    "stage": "how far the document came: match, read, prepare, generate, parse, validate",
    "code": "why it failed: one of the codes of [failures](failures.md)",
    "message": "the reason in words, at most 2,000 characters",
    "retryable": "true where the same command, run later, may succeed without any change",
    "attempts": "calls made for it in this run; 0 where the journal had the answer",
    "tokens": "billed in this run: `prompt_tokens`, `cached_tokens`, `output_tokens`, "
    "`thought_tokens`",
    "cost_usd": "paid for it in this run, a decimal in text; null where no price is known",
    "tier": "the tier that served `raw_answer`, and set its price; null where there is none",
    "journaled": "true where the answer that could not be used came from the journal",
    "raw_answer": "the model's answer as it was, where there was one; its first 65,536 characters",
    "raw_answer_truncated": "true where `raw_answer` was longer",
    "document_type": "name of the document type",
    "request_identity": "digest of content, document type, model, parameters, as in rows; null "
    "where the document was not found",
    "run_id": "the run that recorded it",
    "failed_at": "when it was recorded, in UTC",
}

# Characters of a raw answer: enough to read and repair it, without filling a disk.
_MAX_RAW_ANSWER = 64 << 10
_MAX_MESSAGE = 2000


def failure_line(failure: Failure, run_id: str, failed_at: datetime, type_name: str = "") -> str:
    """Return one line of JSON, without the newline; the keys are those of `KEYS`."""
    code, raw = DOCUMENT_CODES[failure.code], failure.raw_answer
    place = failure.place
    record: dict[str, Any] = {
        "document_uri": failure.document_uri,
        "document_id": document_id(failure.document_uri),
        "record_index": place.record_index if place else None,
        "record_count": failure.record_count,
        "first_page": place.first_page if place else None,
        "last_page": place.last_page if place else None,
        "document_version": failure.document_version,
        "stage": code.stage,
        "code": failure.code,
        "message": failure.message[:_MAX_MESSAGE],
        "retryable": code.retryable,
        "attempts": failure.attempts,
        "tokens": {**failure.paid._asdict()},
        "cost_usd": None if failure.cost_usd is None else f"{failure.cost_usd:f}",
        "tier": failure.tier or None,
        "journaled": failure.journaled,
        "raw_answer": raw if raw is None else raw[:_MAX_RAW_ANSWER],
        "raw_answer_truncated": raw is not None and len(raw) > _MAX_RAW_ANSWER,
        "document_type": type_name,
        "request_identity": failure.identity,
        "run_id": run_id,
        "failed_at": failed_at.isoformat(timespec="microseconds"),
    }
    # ASCII, because UTF-8 cannot encode a lone surrogate, which a hostile answer may hold.
    return json.dumps(record, ensure_ascii=True)


def reference() -> str:
    """Return the table of a record's keys, in Markdown."""
    rows = (f"| `{name}` | {meaning} |" for name, meaning in KEYS.items())
    return "\n".join(("| key | what it holds |", "|---|---|", *rows, ""))
