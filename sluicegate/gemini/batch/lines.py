"""Lines of input and result files, as both services have them; and what a job's JSON says. Pure.

Sources: ai.google.dev/gemini-api/docs/batch-api and /api/batch-api (October 2026);
docs.cloud.google.com, batch inference for Gemini (August 2026); result files as they were captured
in OpenRouterTeam/docs, docs/batch-research (September 2026).
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sluicegate.asking.batch_service import CallUnclear, Job, Row, State
from sluicegate.asking.response import ApiError, Reply
from sluicegate.gemini.connection import RequestTemplate
from sluicegate.gemini.error_body import read_error
from sluicegate.gemini.reply import read_response
from sluicegate.media.prepare import Part

# By the last words of JOB_STATE_… (Vertex AI) and BATCH_STATE_… (Developer API). What is not here
# is not known to have ended, and is looked at again.
_STATES: dict[str, State] = {
    "PENDING": "pending",
    "QUEUED": "pending",
    "RUNNING": "running",
    "CANCELLING": "running",
    "SUCCEEDED": "succeeded",
    "PARTIALLY_SUCCEEDED": "partial",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "EXPIRED": "expired",
}


def request_body(
    template: RequestTemplate, parts: Iterable[Part], max_output_tokens: int
) -> dict[str, Any]:
    """Return the body of a generateContent request, in which a document is named or inlined."""
    return {
        "contents": [{"role": "user", "parts": [{"text": template.prompt}, *map(_part, parts)]}],
        "generationConfig": {**template.generation_config, "maxOutputTokens": max_output_tokens},
    }


def _part(part: Part) -> dict[str, Any]:
    if part.uri:
        return {"fileData": {"mimeType": part.media_type, "fileUri": part.uri}}
    data = base64.b64encode(part.data).decode("ascii")
    return {"inlineData": {"mimeType": part.media_type, "data": data}}


def read_state(text: object) -> State:
    """Return the state of a job by its name on the wire."""
    name = str(text or "").partition("_STATE_")[2]
    return _STATES.get(name, "running")


def read_name(job: dict[str, Any]) -> str:
    """Return the name by which a job is asked for; raise CallUnclear where a reply has none."""
    name = job.get("name")
    if not isinstance(name, str) or not name:
        raise CallUnclear("a reply without a job's name")
    return name


def read_fault(job: dict[str, Any]) -> str:
    """Return what a job says of its own failure; "" where it says nothing."""
    error: dict[str, Any] = job.get("error") or {}
    code = f"{error.get('code')}: " if error.get("code") else ""
    return f"{code}{error.get('message')}" if error else ""


def read_time(text: object) -> datetime | None:
    """Return a moment; None where there is none that can be read."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def read_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Yield the rows of a result file; raise ValueError for a line that is none.

    A row's own trouble is in the row.
    """
    for line in lines:
        if line.strip():
            yield _row(json.loads(line))


def _row(line: Any) -> Row:
    if not isinstance(line, dict) or not isinstance(line.get("key"), str):
        raise ValueError("a line of the results has no key")
    served = read_time(line.get("processed_time"))
    served_at = served.isoformat() if served else ""
    response, error = line.get("response"), line.get("error")
    if response and not line.get("status"):
        return Row(line["key"], _reply(response), served_at)
    if error:
        return Row(line["key"], read_error(_status(error), {"error": error}), served_at)
    said = str(line.get("status") or "")
    return Row(line["key"], ApiError(500, {"message": said}) if said else None, served_at)


def _reply(response: Any) -> Reply | None:
    try:
        return read_response(json.dumps(response), 0)
    except (ValueError, TypeError, AttributeError):  # what no such service would send
        return None


def _status(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def count(value: object) -> int | None:
    """Return a count: numbers are sent as text, and -1 means that it is not known."""
    try:
        found = int(str(value))
    except ValueError:
        return None
    return found if found >= 0 else None


def oldest_first(jobs: Iterable[Job]) -> list[Job]:
    """Return jobs by the time of their creation."""
    return sorted(jobs, key=lambda job: (str(job.created_at or ""), job.name))
