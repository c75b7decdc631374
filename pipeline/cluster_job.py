"""A job at a Beam job server, as of Flink: watched though the connection breaks."""

import threading

import grpc
from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    PipelineOptions,
    PortableOptions,
)
from apache_beam.runners.portability.portable_runner import PipelineResult
from apache_beam.runners.runner import PipelineState

from pipeline.remote_job import AboutJob, Lost, Say
from pipeline.run_failed import JobGoesOn
from sluicegate.faults import one_line

_LOOK_SECONDS = 5.0
# Answers of a job server that knows the job no more, or never will.
_FINAL = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED)


class ClusterJob:
    """A job that a portable runner handed over."""

    def __init__(self, result: PipelineResult, options: PipelineOptions) -> None:
        self._result = result
        server = options.view_as(PortableOptions).job_endpoint
        flink = options.view_as(FlinkRunnerOptions).flink_master
        where = f"http://{flink}" if ":" in str(flink or "") else "the cluster's dashboard"
        self.about = AboutJob(
            id=str(result._job_id),  # noqa: SLF001 - the result has no other way to it
            name="",
            watch=f"{where}{f' (job server {server})' if server else ''}",
            cancel="flink cancel JOB_ID, with the id that 'flink list' or the dashboard shows",
        )
        self._pause = threading.Event().wait

    def wait(self, say: Say) -> str:
        """Wait for its end; once Beam's stream of states has broken, ask for the state."""
        try:
            return str(self._result.wait_until_finish())
        except grpc.RpcError as broken:
            return self._ask(Lost(self.about, say, self._pause), broken)

    def _ask(self, lost: Lost, error: grpc.RpcError) -> str:
        while True:
            if _is_final(error) or not lost.again(error):
                raise JobGoesOn(f"{one_line(error)}; {self.about.goes_on}") from error
            try:
                return self._state_at_its_end(lost)
            except grpc.RpcError as another:
                error = another

    def _state_at_its_end(self, lost: Lost) -> str:
        while not PipelineState.is_terminal(state := str(self._result.state)):
            lost.seen()
            self._pause(_LOOK_SECONDS)
        return state


def _is_final(error: grpc.RpcError) -> bool:
    return isinstance(error, grpc.Call) and error.code() in _FINAL
