"""Failures of single records, as earlier runs recorded them: of documents landed in part. Pure.

A run that was killed may have landed the rows of such a document and not yet its failures. It is
done once both are there: rows + record failures = records found.
"""

import json
from typing import Any

# The run that recorded it, its request's identity, which record. A plain tuple, for a shuffle.
FailedRecord = tuple[str, str, int]

_OF_A_DOCUMENT = b'"record_index": null'  # as our own writer has it: most lines need no parsing


def failed_record(line: bytes, type_name: str) -> tuple[str, FailedRecord] | None:
    """Return the document of a failure line and its failed record.

    None for the failure of a whole document, of another document type, and for what is none.
    """
    if _OF_A_DOCUMENT in line:
        return None
    try:
        found: Any = json.loads(line)
        uri, index = found["document_uri"], found["record_index"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(index, int) or found.get("document_type") != type_name:
        return None
    return str(uri), (
        str(found.get("run_id") or ""),
        str(found.get("request_identity") or ""),
        index,
    )
