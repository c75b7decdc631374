"""A failure record as a line of JSON, and back."""

import json
from datetime import datetime
from typing import Any

from sluicegate.codes import DOCUMENT_CODES
from sluicegate.records import Failure, document_id

# A raw answer is kept to be looked at and repaired, not to fill a disk.
_MAX_RAW_ANSWER = 64 << 10
_MAX_MESSAGE = 2000


def failure_line(failure: Failure, run_id: str, failed_at: datetime, type_name: str = "") -> str:
    """Return one line of JSON, without the newline; the keys are README's record reference."""
    code, raw = DOCUMENT_CODES[failure.code], failure.raw_answer
    record: dict[str, Any] = {
        "document_uri": failure.document_uri,
        "document_id": document_id(failure.document_uri),
        "document_version": failure.document_version,
        "stage": code.stage,
        "code": failure.code,
        "message": failure.message[:_MAX_MESSAGE],
        "retryable": code.retryable,
        "attempts": failure.attempts,
        "tokens": {**failure.paid._asdict()},
        "cost_usd": None if failure.cost_usd is None else f"{failure.cost_usd:f}",
        "journaled": failure.journaled,
        "raw_answer": raw if raw is None else raw[:_MAX_RAW_ANSWER],
        "raw_answer_truncated": raw is not None and len(raw) > _MAX_RAW_ANSWER,
        "document_type": type_name,
        "request_identity": failure.identity,
        "run_id": run_id,
        "failed_at": failed_at.isoformat(timespec="microseconds"),
    }
    # ASCII: a lone surrogate of a hostile answer must not stop the writer.
    return json.dumps(record, ensure_ascii=True)
