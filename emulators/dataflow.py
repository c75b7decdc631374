"""A stand-in for Dataflow's jobs API: takes the jobs that Beam's DataflowRunner submits.

    with DataflowEndpoint(gcs) as dataflow:
        ...  --runner=DataflowRunner --dataflow_endpoint=<dataflow.url>

A job is run at once, from the very pipeline that was staged in the bucket, by Beam's in-process
runner: what was submitted is what runs, but here, not in the image that the job names. It knows
nothing of machines, autoscaling or IAM; what a job asks for is in `jobs`, for tests to read.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.pipeline_context import PipelineContext
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.transforms.environments import EmbeddedPythonEnvironment

from emulators.gcs import GcsEmulator, split_uri
from emulators.json_server import JsonServer

DONE, FAILED, RUNNING = "JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_RUNNING"


@dataclass
class SubmittedJob:
    """One job as it arrived, and what became of it."""

    body: dict[str, Any]
    project: str
    region: str
    state: str = RUNNING
    error: str = ""
    requested: list[str] = field(default_factory=list)  # states asked for later: cancelled, …

    @property
    def options(self) -> dict[str, Any]:
        """The pipeline options that workers get."""
        found: dict[str, Any] = self.body["environment"]["sdkPipelineOptions"]["options"]
        return found

    @property
    def pool(self) -> dict[str, Any]:
        """The pool of workers that the job asks for."""
        found: dict[str, Any] = self.body["environment"]["workerPools"][0]
        return found


class ActiveJob(Exception):  # noqa: N818 - what is in the way
    """A job of that name is active, in the service's words."""

    def __str__(self) -> str:
        """Render them."""
        return (
            "(5f9d1bd0d0f2a6c1): The workflow could not be created. Causes: (5f9d1bd0d0f2a8e3): "
            f"There is already an active job named {self.args[0]}. If you want to submit a second "
            "job, try again by setting a different name."
        )


class DataflowEndpoint(JsonServer):
    """Serves the jobs API on the loopback; use as a context manager.

    ``gcs`` is where pipelines are staged. With ``run`` false a job is taken and left running.
    With ``failing`` every job is first reported as running, then as failed with that text.
    """

    def __init__(self, gcs: GcsEmulator, *, run: bool = True, failing: str = "") -> None:
        super().__init__()
        self.gcs, self.jobs = gcs, list[SubmittedJob]()
        self._run, self._failing = run, failing

    @property
    def url(self) -> str:
        """The base URL; Beam speaks plain REST only to a host that is called localhost."""
        return f"http://localhost:{self.port}"

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request of the API: 404 for what there is not."""
        try:
            return 200, self._served(method, path, json.loads(body or b"{}"))
        except ActiveJob as active:
            said = {"code": 409, "status": "ALREADY_EXISTS", "message": str(active)}
            return 409, {"error": said}
        except (LookupError, ValueError) as error:
            return 404, {"error": {"code": 404, "message": str(error)}}

    def _served(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        # v1b3 / projects / P / locations / R / jobs [/ ID [/ messages]]
        words = path.strip("/").split("/")
        if len(words) < 6 or words[0] != "v1b3" or words[5] != "jobs":
            raise LookupError(path)
        if method == "POST" and len(words) == 6:
            return self._take(SubmittedJob(body, words[2], words[4]))
        if method == "GET" and len(words) == 6:
            active = [job for job in self.jobs if job.state == RUNNING]  # the filter that is used
            return {"jobs": [self._described(job) for job in active]}
        job = self.jobs[int(words[6])]
        if words[7:] == ["messages"]:
            return {"jobMessages": [_message(job.error)] if job.error else []}
        if words[7:]:
            return {}
        if method == "PUT":
            job.requested.append(body["requestedState"])
            job.state = body["requestedState"]
        elif self._failing:
            job.state, job.error = FAILED, self._failing
        return self._described(job)

    def _take(self, job: SubmittedJob) -> dict[str, Any]:
        active = [each.body["name"] for each in self.jobs if each.state == RUNNING]
        if job.body["name"] in active:
            raise ActiveJob(job.body["name"])
        self.jobs.append(job)
        if self._run and not self._failing:
            try:
                run_staged(self.gcs, job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the job failed by it
                job.state, job.error = FAILED, str(error)
            else:
                job.state = DONE
        return self._described(job)

    def _described(self, job: SubmittedJob) -> dict[str, Any]:
        return {
            "id": str(self.jobs.index(job)),
            "name": job.body["name"],
            "projectId": job.project,
            "location": job.region,
            "clientRequestId": job.body.get("clientRequestId", ""),
            "currentState": job.state,
        }


def run_staged(gcs: GcsEmulator, job: SubmittedJob) -> None:
    """Run the pipeline that a job staged, in this process; raises what its steps raise."""
    staged = gcs.get(*split_uri(job.options["pipelineUrl"]))
    pipeline = beam_runner_api_pb2.Pipeline.FromString(staged)
    here = EmbeddedPythonEnvironment.default().to_runner_api(PipelineContext())
    for environment in pipeline.components.environments.values():
        environment.CopyFrom(here)
    result = fn_runner.FnApiRunner().run_via_runner_api(pipeline, PipelineOptions([]))
    result.wait_until_finish()


def _message(text: str) -> dict[str, str]:
    return {
        "id": "1",
        "time": "2026-01-01T00:00:00Z",
        "messageText": text,
        "messageImportance": "JOB_MESSAGE_ERROR",
    }
