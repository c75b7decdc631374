"""Batch jobs of the Gemini Developer API: input files are uploaded, results downloaded.

Source: ai.google.dev/api/batch-api and /api/files (October 2026). A job that expires, or is
cancelled, returns nothing, whatever was answered by then.
"""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from sluicegate.asking.batch_service import CallUnclear, Caps, Job, Order, Row
from sluicegate.gemini.batch.lines import (
    count,
    oldest_first,
    read_fault,
    read_name,
    read_rows,
    read_state,
    read_time,
    request_body,
)
from sluicegate.gemini.batch.rest import Rest
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.media.prepare import Part
from sluicegate.storage import StoreError, store_for

_PAGE = 100
_PAGES = 10_000  # of a list that must be read to its end
_KEY_DIGITS = 8


class DeveloperBatches:
    """A `BatchService`. Scope: one thread at a time."""

    # The service takes files of 2 GB. What bounds a job are the tokens that may be queued, in the
    # first tier 3 million: 1,500 invoices are half of that.
    caps = Caps(documents=1_500, input_bytes=100 << 20, keeps_partial_results=False)

    def __init__(self, connection: Connection, template: RequestTemplate, api_key: str) -> None:
        # Enough to tell two keys apart, and nothing to find one by.
        digest = hashlib.sha256(f"sluicegate {api_key}".encode()).hexdigest()
        self.key = f"key {digest[:_KEY_DIGITS]}"
        self._rest = Rest(connection, api_key)
        self._template = template

    def request(self, parts: tuple[Part, ...], max_output_tokens: int) -> dict[str, Any]:
        """Return the body of a request."""
        return request_body(self._template, parts, max_output_tokens)

    def send_input(self, uri: str, display_name: str) -> str:
        """Upload the file, in two requests; it is kept there for 48 hours."""
        try:
            data = store_for(uri).read(uri)
        except StoreError as error:
            raise CallUnclear(f"the input cannot be read: {error}") from error
        begun = self._rest.send(
            "POST",
            "upload/v1beta/files",
            {"file": {"displayName": display_name, "mimeType": "application/jsonl"}},
            headers={
                "X-Goog-Upload-Protocol": "resumable",
                "X-Goog-Upload-Command": "start",
                "X-Goog-Upload-Header-Content-Length": str(len(data)),
                "X-Goog-Upload-Header-Content-Type": "application/jsonl",
            },
        )
        place = begun.headers.get("X-Goog-Upload-URL")
        if not place:
            raise CallUnclear("a reply without a place to upload to")
        sent = self._rest.send(
            "POST",
            place,
            data=data,
            headers={"X-Goog-Upload-Offset": "0", "X-Goog-Upload-Command": "upload, finalize"},
        )
        try:
            return str(sent.json()["file"]["name"])
        except (ValueError, KeyError, TypeError) as error:
            raise CallUnclear("a reply without a file's name") from error

    def create(self, order: Order) -> str:
        """Create a job on an uploaded file."""
        batch = {"displayName": order.display_name, "inputConfig": {"fileName": order.source}}
        url = f"v1beta/models/{order.model}:batchGenerateContent"
        return read_name(self._rest.json("POST", url, {"batch": batch}))

    def get(self, name: str) -> Job:
        """Return a job of the key's project."""
        return _job(self._rest.json("GET", f"v1beta/{name}"))

    def find(self, display_name: str) -> list[Job]:
        """Return the jobs of that display name: the whole list is read, which has no filter."""
        found, page = list[Job](), ""
        for _ in range(_PAGES):
            query = urlencode({"pageSize": _PAGE, **({"pageToken": page} if page else {})})
            listed = self._rest.json("GET", f"v1beta/batches?{query}")
            found += map(_job, listed.get("operations") or [])
            page = str(listed.get("nextPageToken") or "")
            if not page:
                return oldest_first(job for job in found if job.display_name == display_name)
        raise CallUnclear("a list of jobs without an end")

    def cancel(self, name: str) -> None:
        """Ask for a job's end."""
        self._rest.json("POST", f"v1beta/{name}:cancel", {})

    def results(self, job: Job) -> Iterator[Row]:
        """Yield the lines of the result file, which repeats no request; their order says nothing.

        Its name says that lines come in the order of the requests; they were seen shuffled
        (googleapis/python-genai#1909).
        """
        reply = self._rest.send("GET", f"download/v1beta/{job.results}:download?alt=media")
        yield from read_rows(reply.content.splitlines())


def _job(reply: dict[str, Any]) -> Job:
    about: dict[str, Any] = reply.get("metadata") or {}
    stats: dict[str, Any] = about.get("batchStats") or {}
    output: dict[str, Any] = about.get("output") or {}
    return Job(
        name=read_name(reply),
        display_name=str(about.get("displayName") or ""),
        state=read_state(about.get("state")),
        created_at=read_time(about.get("createTime")),
        ended_at=read_time(about.get("endTime")),
        # Counts of nothing are left out.
        succeeded=count(stats.get("successfulRequestCount", "0")) if stats else None,
        error=read_fault(reply),
        results=str(output.get("responsesFile") or ""),
    )
