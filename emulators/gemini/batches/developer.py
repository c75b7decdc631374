"""The Developer API's batches and files: paths, JSON, uploads and downloads.

Source: ai.google.dev/api/batch-api and /api/files; captures in OpenRouterTeam/docs,
docs/batch-research/google-ai-studio.md (September 2026).
"""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from emulators.gemini import refusals
from emulators.gemini.accounts import project_of
from emulators.gemini.batches.job import BatchJob, written
from emulators.gemini.batches.jobs import Answer, Jobs
from emulators.gemini.batches.lines import rows_of
from emulators.gemini.paths import Call
from emulators.gemini.refusals import Refused, Reply
from emulators.gemini.request import parse_body

_JOB = re.compile(r"/v1beta/(batches/[\w-]+)(:cancel)?")
_DOWNLOAD = re.compile(r"/download/v1beta/(files/[\w-]+):download")
_PAGE = 50


class DeveloperBatches:
    """Jobs and files by project; used by one event loop."""

    def __init__(self, jobs: Jobs, answer: Answer) -> None:
        self.jobs, self._answer = jobs, answer
        self._files: dict[str, bytes] = {}
        self._uploads = set[str]()

    async def handle(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, key: str
    ) -> Reply | None:
        """Answer a request, or return None for a path that is not one of these."""
        options = {name: values[-1] for name, values in parse_qs(query).items()}
        project = project_of(key)
        if method == "POST" and path == "/upload/v1beta/files":
            return self._upload(options, headers, body)
        if method == "GET" and (found := _DOWNLOAD.fullmatch(path)):
            return self._download(found[1])
        if method == "GET" and path == "/v1beta/batches":
            return self._list(project, options)
        if found := _JOB.fullmatch(path):
            job = self.jobs.get(found[1], project)
            if job is None:
                return refusals.error(
                    404, "NOT_FOUND", f"Requested entity {found[1]} was not found."
                )
            if method == "GET" and not found[2]:
                if "get_503" in job.faults and not job.has_ended:
                    return refusals.server_error(503)
                return Reply.of(_operation(job))
            if method == "POST" and found[2]:
                job.cancelling.set()
                return Reply.of({})
        return None

    def create(self, call: Call, body: bytes, key: str) -> Reply:
        """Create a job; raises `Refused` for a bad one, and `LostReply`."""
        batch = parse_body(body).get("batch") or {}
        given = batch.get("inputConfig") or {}
        data = self._files.get(str(given.get("fileName") or ""))
        if data is None:
            raise Refused(refusals.invalid("The input file does not exist."))
        if not batch.get("displayName"):
            raise Refused(refusals.invalid("batch.display_name is required."))
        project = project_of(key)
        faults = self.jobs.admit(
            project,
            says_full="You exceeded your current quota, please check your plan.",
            says_bad="Line 1 of the input is malformed.",
        )
        made = BatchJob(
            f"batches/{uuid.uuid4().hex[:24]}",
            str(batch["displayName"]),
            call.model,
            project,
            rows_of(data, call),
        )
        self.jobs.create(made, faults, self._answer, self._write)
        return Reply.of(_operation(made))

    async def _write(self, job: BatchJob) -> str:
        lines = []
        for row, changes in job.returned():
            line: dict[str, Any] = {"key": row.key}
            if row.response is not None:
                line["response"] = row.response
            else:
                line["error"] = row.error
            lines.append(json.dumps({**line, **changes}))
        name = f"files/batch-{job.name.rpartition('/')[2]}"
        if "results_deleted" not in job.faults:
            self._files[name] = "\n".join(lines).encode()
        return name

    def _upload(self, options: dict[str, str], headers: Mapping[str, str], body: bytes) -> Reply:
        said = {name.lower(): value for name, value in headers.items()}
        command = said.get("x-goog-upload-command", "")
        if command == "start":
            upload = uuid.uuid4().hex
            self._uploads.add(upload)
            place = f"http://{said.get('host')}/upload/v1beta/files?upload_id={upload}"
            return Reply(200, b"", headers={"X-Goog-Upload-URL": place})
        upload = options.get("upload_id", "")
        if upload not in self._uploads or "finalize" not in command:
            return refusals.invalid("There is no such upload.")
        self._uploads.discard(upload)
        name = f"files/{upload[:12]}"
        self._files[name] = body
        return Reply.of({"file": {"name": name, "sizeBytes": str(len(body)), "state": "ACTIVE"}})

    def _download(self, name: str) -> Reply:
        data = self._files.get(name)
        if data is None:
            return refusals.error(404, "NOT_FOUND", f"Requested entity {name} was not found.")
        return Reply(200, data, "application/octet-stream")

    def _list(self, project: str, options: dict[str, str]) -> Reply:
        start = int(options.get("pageToken") or 0)
        end = start + min(_PAGE, int(options.get("pageSize") or _PAGE))
        found = self.jobs.listed(project)
        body: dict[str, Any] = {"operations": [_operation(job) for job in found[start:end]]}
        if end < len(found):
            body["nextPageToken"] = str(end)
        return Reply.of(body)


def _operation(job: BatchJob) -> dict[str, Any]:
    stats = {
        "requestCount": len(job.rows),
        "successfulRequestCount": job.succeeded,
        "failedRequestCount": job.failed,
        "pendingRequestCount": len(job.rows) - job.succeeded - job.failed,
    }
    about: dict[str, Any] = {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
        "model": f"models/{job.model}",
        "displayName": job.display_name,
        "createTime": written(job.created),
        # Counts of nothing are left out, and numbers are text.
        "batchStats": {name: str(value) for name, value in stats.items() if value},
        "state": f"BATCH_STATE_{job.state}",
        "name": job.name,
    }
    if job.output:
        about["output"] = {"responsesFile": job.output}
    if job.has_ended:
        about["endTime"] = written(job.ended)
    found: dict[str, Any] = {"name": job.name, "metadata": about}
    if job.has_ended:
        found["done"] = True
    if job.error:
        found["error"] = {"code": job.error[0], "message": job.error[1]}
    return found
