"""Batch jobs of Vertex AI: batchPredictionJobs, which read from and write to Cloud Storage.

Source: aiplatform v1, projects.locations.batchPredictionJobs; the batch inference page for Gemini
(August 2026). Only requests that were completed are charged, and a job that is cancelled, or runs
out of time, returns them.
"""

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
from sluicegate.storage import StoreError, join, store_for
from sluicegate.storage.patterns import literal

_LABEL = "sluicegate-shard"


class VertexBatches:
    """A `BatchService`. Scope: one thread at a time."""

    # The service takes 200,000 requests and 1 GB. A smaller job loses less where it goes wrong, and
    # its results, which repeat the input, fit into a worker's memory.
    caps = Caps(documents=20_000, input_bytes=100 << 20, keeps_partial_results=True)

    def __init__(self, connection: Connection, template: RequestTemplate) -> None:
        self.key = connection.project
        self._rest = Rest(connection)
        self._template = template
        self._parent = f"v1/projects/{connection.project}/locations/{connection.location}"

    def request(self, parts: tuple[Part, ...], max_output_tokens: int) -> dict[str, Any]:
        """Return the body of a request."""
        return request_body(self._template, parts, max_output_tokens)

    def send_input(self, uri: str, display_name: str) -> str:  # noqa: ARG002 - of the protocol
        """Return the URI: the service reads the file where it is."""
        return uri

    def create(self, order: Order) -> str:
        """Create a job, named and labelled so that it is found again."""
        body = {
            "displayName": order.display_name,
            "model": f"publishers/google/models/{order.model}",
            "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": [order.source]}},
            "outputConfig": {
                "predictionsFormat": "jsonl",
                "gcsDestination": {"outputUriPrefix": order.destination},
            },
            "labels": {_LABEL: order.display_name},
        }
        return read_name(self._rest.json("POST", f"{self._parent}/batchPredictionJobs", body))

    def get(self, name: str) -> Job:
        """Return a job, of whichever project."""
        return _job(self._rest.json("GET", f"v1/{name}"))

    def find(self, display_name: str) -> list[Job]:
        """Return the jobs of that display name, which the service looks for."""
        query = urlencode({"filter": f'display_name="{display_name}"', "pageSize": 100})
        found = self._rest.json("GET", f"{self._parent}/batchPredictionJobs?{query}")
        jobs = map(_job, found.get("batchPredictionJobs") or [])
        return oldest_first(job for job in jobs if job.display_name == display_name)

    def cancel(self, name: str) -> None:
        """Ask for a job's end."""
        self._rest.json("POST", f"v1/{name}:cancel", {})

    def results(self, job: Job) -> Iterator[Row]:
        """Yield the lines of every file that the job wrote; their order says nothing."""
        pattern = join(literal(job.results), "predictions*.jsonl")
        try:
            for file in store_for(pattern).list(pattern):
                yield from read_rows(store_for(file.uri).read(file.uri).splitlines())
        except StoreError as error:
            raise CallUnclear(f"the results cannot be read: {error}") from error


def _job(reply: dict[str, Any]) -> Job:
    stats: dict[str, Any] = reply.get("completionStats") or {}
    written: dict[str, Any] = reply.get("outputInfo") or {}
    return Job(
        name=read_name(reply),
        display_name=str(reply.get("displayName") or ""),
        state=read_state(reply.get("state")),
        created_at=read_time(reply.get("createTime")),
        ended_at=read_time(reply.get("endTime")),
        succeeded=count(stats.get("successfulCount")),
        error=read_fault(reply),
        results=str(written.get("gcsOutputDirectory") or "").rstrip("/"),
    )
