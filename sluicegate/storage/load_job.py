"""BigQuery load jobs that can be repeated: attempt n has an id of its own, and each is looked at.

BigQuery never runs a job id twice, so whoever repeats this step (a retried bundle, another worker)
meets the attempts made before it by their ids: done, running or failed. Rows land at most once.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from requests import exceptions as transport

from sluicegate.faults import one_line
from sluicegate.storage.store import StoreError

# Reasons after which the same load may succeed. BigQuery's error table
# (https://cloud.google.com/bigquery/docs/error-messages, November 2026): backendError "you can
# safely retry the job without concerns about data consistency", internalError "retry the
# operation", jobBackendError, jobInternalError and jobRateLimitExceeded "retry the job with a new
# jobId", rateLimitExceeded "exponential backoff". quotaExceeded: a table's quota of loads refills
# all day long, about one a minute
# (https://docs.cloud.google.com/bigquery/docs/optimize-load-jobs). badGateway: with
# google-cloud-bigquery's own list.
PASSING = frozenset(
    {
        "backendError",
        "badGateway",
        "internalError",
        "jobBackendError",
        "jobInternalError",
        "jobRateLimitExceeded",
        "quotaExceeded",
        "rateLimitExceeded",
    }
)
# Jobs that one call starts. A runner repeats the step on top of that: Dataflow four times.
_ATTEMPTS = 5
_MOST = 100  # attempts of one load by all calls
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 120.0  # seconds before the next attempt: 2.5 minutes in all
_FIRST_LOOK, _LAST_LOOK = 0.5, 20.0  # seconds between looks at a running job
# How long one request is repeated while nobody answers; the client's own is 10 minutes, which is
# long for somebody at a laptop. A runner repeats the step, and meets the same load job.
_PATIENCE_SECONDS = 300.0
_RETRY = DEFAULT_RETRY.with_timeout(_PATIENCE_SECONDS)
# What of a column has to be said for values to be read into it. Descriptions, policy tags and
# defaults stay the table's.
_SAID = ("name", "type", "mode", "precision", "scale", "maxLength", "rangeElementType")


class LoadError(StoreError):
    """The load did not land. `has_ended`: it is known that no job of it is under way or will be."""

    def __init__(self, text: str, *, has_ended: bool = False) -> None:
        super().__init__(text)
        self.has_ended = has_ended


class LoadRefused(LoadError):  # noqa: N818 - what BigQuery did
    """BigQuery will not take this load; the text is its own sentence."""


class LoadFailed(LoadError):  # noqa: N818 - what became of it
    """The load failed for a reason that passes, as often as it was tried."""


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """A table, and the project that load jobs run in. Plain data.

    `table` is `project.dataset.table`.
    """

    table: str
    job_project: str


def load_avro(
    target: LoadTarget,
    job_id: str,
    uris: Sequence[str],
    *,
    sleep: Callable[[float], None],
) -> str:
    """Append Avro files to the table by one load job; return the id of the one that did it.

    Attempts are `<job_id>-0`, `<job_id>-1`, …. The table has to be there, and is read for its
    columns: what was added since the files were written is null. Nothing is said of partitions
    and clusters, which are the table's own. All rows land or none. Raises LoadRefused, LoadFailed.
    """
    try:
        with closing(bigquery.Client(project=target.job_project)) as client:
            table = client.get_table(target.table, retry=_RETRY)
            return _Load(client, table, list(uris), sleep).run(job_id)
    except (api.NotFound, api.ClientError) as error:
        passing = isinstance(error, api.TooManyRequests) or _reason(error) in PASSING
        kind = LoadFailed if passing else LoadRefused
        raise kind(f"table {target.table}: {one_line(error)}") from error
    except api.RetryError as error:
        said = f"no answer for {_PATIENCE_SECONDS:.0f} s: {one_line(error.cause)}"
        raise LoadFailed(f"table {target.table}: {said}") from error
    except (api.GoogleAPIError, auth.GoogleAuthError, transport.RequestException) as error:
        raise LoadFailed(f"table {target.table}: {one_line(error)}") from error


@dataclass(frozen=True, slots=True)
class _Load:
    client: bigquery.Client
    table: bigquery.Table
    uris: list[str]
    sleep: Callable[[float], None]

    def run(self, job_id: str) -> str:
        pause, started = _FIRST_PAUSE, 0
        for number in range(_MOST):
            job, is_ours = self._attempt(f"{job_id}-{number}")
            error = self._ended(job)
            if error is None:
                return str(job.job_id)
            said = f"load job {job.job_id}: {one_line(error.get('message', error))}"
            if error.get("reason") not in PASSING:
                raise LoadRefused(said, has_ended=True)
            started += is_ours
            if started == _ATTEMPTS:
                raise LoadFailed(f"{said} ({number + 1} load jobs)", has_ended=True)
            if is_ours:
                self.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        raise LoadFailed(f"load job {job_id}: failed {_MOST} times", has_ended=True)

    def _attempt(self, job_id: str) -> tuple[bigquery.LoadJob, bool]:
        """Start an attempt, or find the one of that id; return whether it was started here."""
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.AVRO,
            use_avro_logical_types=True,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        )
        config.schema = [_said(field.to_api_repr()) for field in self.table.schema]
        place = self.table.location
        try:
            job = self.client.load_table_from_uri(
                self.uris,
                self.table.reference,
                job_id=job_id,
                location=place,
                job_config=config,
                retry=_RETRY,
            )
        except api.Conflict:
            found = self.client.get_job(job_id, location=place, retry=_RETRY)
            return cast(bigquery.LoadJob, found), False
        return job, True

    def _ended(self, job: bigquery.LoadJob) -> dict[str, Any] | None:
        """Wait until a job has ended; return its error. BigQuery itself ends it after 6 hours."""
        pause = _FIRST_LOOK
        while job.state != "DONE":
            self.sleep(pause)
            pause = min(1.5 * pause, _LAST_LOOK)
            job.reload(retry=_RETRY)
        return dict(job.error_result) if job.error_result else None


def _said(column: dict[str, Any]) -> dict[str, Any]:
    said = {name: column[name] for name in _SAID if name in column}
    if column.get("fields"):
        said["fields"] = [_said(field) for field in column["fields"]]
    return said


def _reason(error: api.GoogleAPICallError) -> str:
    first = next(iter(error.errors or ()), None)
    return str(first.get("reason", "")) if isinstance(first, dict) else ""
