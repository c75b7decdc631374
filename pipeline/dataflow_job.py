"""A job on Dataflow: watched through expired credentials and lost networks.

Beam polls in a thread that ends with the first error it cannot retry; the job goes on, and Beam
asserts that it ended. Here the same poll is begun again, with credentials that are looked up anew:
`gcloud auth application-default login` in another terminal is enough.
"""

import itertools
import threading
from typing import Any

from apache_beam.internal.gcp import auth
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from apache_beam.runners.dataflow.dataflow_runner import DataflowPipelineResult, DataflowRunner
from apache_beam.runners.dataflow.internal import apiclient
from google.api_core import exceptions as api
from google.cloud import dataflow_v1beta3

from pipeline.remote_job import AboutJob, Lost, Say
from pipeline.run_failed import JobGoesOn, JournalInUse
from sluicegate.faults import one_line
from sluicegate.storage.stores import forget_clients

_CONSOLE = "https://console.cloud.google.com/dataflow/jobs"
# Statuses of a client's error that another try, or another login, may cure.
_PASSING = frozenset({401, 408, 429})
_NEWEST_JOBS = 1000
_ACTIVE = "There is already"  # an active job of that name, say the service and Beam


class DataflowJob:
    """A job that Beam's runner submitted."""

    def __init__(self, result: DataflowPipelineResult, options: PipelineOptions) -> None:
        self._result, self._options = result, options
        cloud = options.view_as(GoogleCloudOptions)
        self.about = about(cloud, str(result.job_id()), str(cloud.job_name))

    def wait(self, say: Say) -> str:
        """Wait for its end, however often the watching breaks."""
        lost = Lost(self.about, say, threading.Event().wait)
        runner = self._result._runner  # noqa: SLF001 - the result has no way to it
        while True:
            try:
                DataflowRunner.poll_for_job_completion(runner, self._result, None)
                # It has ended: this asks nobody any more, and raises what the job failed with.
                return str(self._result.wait_until_finish())
            except api.GoogleAPICallError as error:
                if _is_final(error) or not lost.again(error):
                    raise self._gone(error) from error
            except Exception as error:
                if self._result.is_in_terminal_state():
                    raise
                if not lost.again(error):
                    raise self._gone(error) from error
            self._log_in_again(runner)

    def _gone(self, error: Exception) -> JobGoesOn:
        return JobGoesOn(f"{one_line(error)}; {self.about.goes_on}")

    def _log_in_again(self, runner: Any) -> None:
        """Look the credentials up anew, for the poll and for reading the summary after it."""
        auth._Credentials._credentials_init = False  # noqa: SLF001 - there is no other way
        runner.dataflow_client = apiclient.DataflowApplicationClient(self._options)
        forget_clients()


def about(cloud: GoogleCloudOptions, job_id: str, name: str) -> AboutJob:
    """Return how to find a job."""
    return AboutJob(
        id=job_id,
        name=name,
        watch=f"{_CONSOLE}/{cloud.region}/{job_id}?project={cloud.project}",
        cancel=f"gcloud dataflow jobs cancel {job_id} --project={cloud.project} "
        f"--region={cloud.region}",
    )


def as_journal_in_use(
    error: Exception, options: PipelineOptions, journal: str
) -> JournalInUse | None:
    """Return what a refused submission means, if it was refused for a job of the same name."""
    is_refused = isinstance(error, api.Conflict | apiclient.DataflowJobAlreadyExistsError)
    if not is_refused or _ACTIVE not in str(error):
        return None
    cloud = options.view_as(GoogleCloudOptions)
    places = f"--project={cloud.project} --region={cloud.region}"
    lists = "gcloud dataflow jobs list --status=active"
    return running_job(options, journal) or _in_use(
        str(cloud.job_name), journal, f"find it: {lists} --filter=name={cloud.job_name} {places}"
    )


def running_job(options: PipelineOptions, journal: str) -> JournalInUse | None:
    """Return what is to be said of the job of that name that runs; None where none is found."""
    cloud = options.view_as(GoogleCloudOptions)
    name = str(cloud.job_name)
    try:
        job_ids = _active(options, name)
    except Exception:  # noqa: BLE001 - the id is a help; what refuses the run is known without it
        return None
    if not job_ids:
        return None
    found = about(cloud, job_ids[0], name)
    return _in_use(name, journal, f"watch it: {found.watch}; cancel it: {found.cancel}")


def _active(options: PipelineOptions, name: str) -> list[str]:
    """Return the ids of active jobs of a name. Beam's own search does not end where there is none.

    Only the newest are looked at.
    """
    cloud = options.view_as(GoogleCloudOptions)
    request = dataflow_v1beta3.ListJobsRequest(
        project_id=cloud.project,
        location=cloud.region,
        filter=dataflow_v1beta3.ListJobsRequest.Filter.ACTIVE,
    )
    client = apiclient.DataflowApplicationClient(options)._jobs_client  # noqa: SLF001
    newest = itertools.islice(client.list_jobs(request), _NEWEST_JOBS)
    return [str(job.id) for job in newest if job.name == name]


def _in_use(name: str, journal: str, how: str) -> JournalInUse:
    return JournalInUse(
        f"a job named {name} runs, on the journal {journal} ({how}); do not start another, two on "
        "one journal pay twice: let it end, or cancel it, then run the same command again"
    )


def _is_final(error: api.GoogleAPICallError) -> bool:
    """Tell whether asking again is of no use: there is no right to see the job, or no such job."""
    status = int(error.code or 0)
    return 400 <= status < 500 and status not in _PASSING
