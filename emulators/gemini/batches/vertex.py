"""Vertex AI's batchPredictionJobs, on Cloud Storage.

Source: aiplatform v1, projects.locations.batchPredictionJobs; captures in OpenRouterTeam/docs,
docs/batch-research (September 2026): a failed row has a status and no response, the request is
echoed, output is not in the order of input.
"""

import json
import re
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from emulators.gemini import refusals
from emulators.gemini.batches.job import BatchJob, written
from emulators.gemini.batches.jobs import Answer, Jobs
from emulators.gemini.batches.lines import rows_of
from emulators.gemini.objects import Objects
from emulators.gemini.paths import Call
from emulators.gemini.refusals import Refused, Reply
from emulators.gemini.request import parse_body

_PATH = re.compile(
    r"/v1/(projects/([^/]+)/locations/([^/]+))/batchPredictionJobs(?:/(\d+)(:cancel)?)?"
)
_FILTER = re.compile(r'display_name="([^"]*)"')
_LINES_A_FILE = 500


class VertexBatches:
    """Jobs by project; used by one event loop."""

    def __init__(self, jobs: Jobs, answer: Answer, objects: Objects) -> None:
        self.jobs, self._answer, self._objects = jobs, answer, objects

    async def handle(self, method: str, path: str, query: str, body: bytes) -> Reply | None:
        """Answer a request, or return None for a path that is not one of these."""
        found = _PATH.fullmatch(path)
        if not found:
            return None
        parent, project, location, number, cancels = found.groups()
        if number is None:
            if method == "POST":
                return await self._create(parent, project, location, body)
            return self._list(parent, query)
        job = self.jobs.get(f"{parent}/batchPredictionJobs/{number}", project)
        if job is None:
            return refusals.error(404, "NOT_FOUND", "The BatchPredictionJob does not exist.")
        if method == "POST" and cancels:
            job.cancelling.set()
            return Reply.of({})
        if "get_503" in job.faults and not job.has_ended:
            return refusals.server_error(503)
        return Reply.of(_resource(job))

    async def _create(self, parent: str, project: str, location: str, body: bytes) -> Reply:
        given = parse_body(body)
        try:
            (source,) = given["inputConfig"]["gcsSource"]["uris"]
            destination = given["outputConfig"]["gcsDestination"]["outputUriPrefix"]
            model = given["model"].removeprefix("publishers/google/models/")
            name = given["displayName"]
        except (KeyError, TypeError, ValueError) as cause:
            raise Refused(refusals.invalid(f"The job lacks {cause}")) from cause
        faults = self.jobs.admit(
            project,
            says_full="Quota exceeded for aiplatform.googleapis.com/batch_prediction_requests",
            says_bad="The input is malformed.",
        )
        call = Call(True, "v1", model, "generateContent", project, location)  # noqa: FBT003
        try:
            rows, failed = rows_of(await self._objects.fetch(source), call), {}
        except Refused:  # the job is made, and its import fails
            rows, failed = [], {"failed": 1.0}
        job = BatchJob(
            f"{parent}/batchPredictionJobs/{uuid.uuid4().int % 10**19}",
            name,
            model,
            project,
            rows,
            faults=failed,
            destination=destination,
        )
        self.jobs.create(job, faults, self._answer, self._write)
        return Reply.of(_resource(job))

    async def _write(self, job: BatchJob) -> str:
        folder = f"{job.destination}/prediction-model-{written(job.created)}"
        lines = []
        for row, changes in job.returned():
            line: dict[str, Any] = {"key": row.key, "request": row.request, "status": ""}
            line["processed_time"] = written(time.time())
            if row.response is not None:
                line["response"] = row.response
            else:
                line["status"] = f"Bad Request: {json.dumps({'error': row.error})}"
            lines.append(json.dumps({**line, **changes}))
        if "results_deleted" not in job.faults:
            for start in range(0, max(1, len(lines)), _LINES_A_FILE):
                data = "".join(f"{line}\n" for line in lines[start : start + _LINES_A_FILE])
                name = f"predictions_{start // _LINES_A_FILE:05}.jsonl"
                await self._objects.store(f"{folder}/{name}", data.encode())
        return folder

    def _list(self, parent: str, query: str) -> Reply:
        wanted = _FILTER.search(parse_qs(query).get("filter", [""])[0])
        found = [
            _resource(job)
            for job in self.jobs.listed(parent.split("/")[1])
            if wanted is None or job.display_name == wanted[1]
        ]
        return Reply.of({"batchPredictionJobs": found} if found else {})


def _resource(job: BatchJob) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": job.name,
        "displayName": job.display_name,
        "model": f"publishers/google/models/{job.model}",
        "state": f"JOB_STATE_{job.state}",
        "createTime": written(job.created),
    }
    if job.has_ended:
        found["completionStats"] = {
            "successfulCount": str(job.succeeded),
            "failedCount": str(job.failed),
        }
        found["endTime"] = written(job.ended)
    if job.output:
        found["outputInfo"] = {"gcsOutputDirectory": job.output}
    if job.error:
        found["error"] = {"code": job.error[0], "message": job.error[1]}
    return found
