"""A job on Dataflow goes on without its launcher: what is said then, and that none starts twice."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import google.auth
import pytest
from apache_beam.internal.gcp import auth as beam_auth
from apache_beam.runners.dataflow import dataflow_runner
from apache_beam.utils import retry
from google.auth import exceptions as auth
from support import write_invoices

from emulators.cloud import LocalCloud
from emulators.dataflow import RUNNING, DataflowEndpoint
from emulators.gemini import GeminiEndpoint
from emulators.patches import LocalCredentials
from pipeline import remote_job
from pipeline.command import main
from pipeline.launch import to_arguments
from sluicegate.asking.holder import Holder
from sluicegate.asking.lease import Lease, decode, encode
from sluicegate.storage import store_for
from tests.dataflow.submitting import IMAGE, Hurried

AUTOSCALING_NONE = 1  # AutoscalingAlgorithm, as the API numbers it
Command = Callable[..., int]


class Interrupted(Hurried):
    """Beam's clock between two polls: somebody presses Ctrl-C there."""

    def sleep(self, seconds: float) -> None:
        """Be interrupted."""
        raise KeyboardInterrupt


@pytest.fixture
def folder() -> str:
    """Return a prefix of this test alone."""
    return f"gs://sluicegate/journals-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def left_running(cloud: LocalCloud) -> Iterator[DataflowEndpoint]:
    """Run a jobs API whose jobs do not end by themselves."""
    assert cloud.gcs is not None
    with DataflowEndpoint(cloud.gcs, run=False) as serving:
        yield serving


@pytest.fixture
def command(
    cloud: LocalCloud,
    left_running: DataflowEndpoint,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    folder: str,
    no_key: None,
) -> Command:
    """Return the command that submits a small job; always the same journal."""
    write_invoices(tmp_path / "in", 2)
    cloud.upload("sluicegate", tmp_path / "in", f"{folder.rpartition('/')[2]}/in")

    def run(**changes: Any) -> int:
        settings = {
            "runner": "DataflowRunner",
            "project": cloud.project,
            "region": "europe-west1",
            "dataflow_endpoint": left_running.url,
            "sdk_container_image": IMAGE,
            "gemini_service": "vertex",
            "gemini_endpoint": endpoint.url,
            "input": f"{folder}/in/*",
            "output": f"{folder}/out",
            **changes,
        }
        return main(to_arguments(settings))

    return run


def link(cloud: LocalCloud, number: int = 0) -> str:
    """Return where a job is watched."""
    return (
        f"https://console.cloud.google.com/dataflow/jobs/europe-west1/{number}"
        f"?project={cloud.project}"
    )


def cancel(cloud: LocalCloud, number: int = 0) -> str:
    """Return how a job is cancelled."""
    return f"gcloud dataflow jobs cancel {number} --project={cloud.project} --region=europe-west1"


def test_control_c_leaves_the_job_and_a_second_one_is_refused(
    command: Command,
    left_running: DataflowEndpoint,
    cloud: LocalCloud,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Id, link and how to cancel are said at submission, after Ctrl-C, and to whoever starts again.

    Code 130 after Ctrl-C, 3 for the second, which Dataflow itself refuses by the job's name.
    """
    monkeypatch.setattr(dataflow_runner, "time", Interrupted())
    assert command(run_id="first") == 130
    lines = capsys.readouterr().err.splitlines()
    (job,) = left_running.jobs
    name = job.body["name"]
    assert lines[1:4] == [
        f"Created job with id: [0], named {name}",
        f"  watch it: {link(cloud)}",
        f"  cancel it: {cancel(cloud)}",
    ]
    assert lines[-1] == (
        f"job 0 goes on without this command. Watch it: {link(cloud)}. Cancel it: "
        f"{cancel(cloud)}. Do not run the same command again before it has ended"
    )
    assert (job.state, job.requested) == (RUNNING, [])

    assert command(run_id="second", input=f"{folder}/in/*.pdf") == 3
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        f"not started: a job named {name} runs, on the journal {folder}/out/journal (watch it: "
        f"{link(cloud)}; cancel it: {cancel(cloud)}); do not start another, two on one journal "
        "pay twice: let it end, or cancel it, then run the same command again"
    )
    assert left_running.jobs == [job]

    job.state = "JOB_STATE_CANCELLED"
    assert command(run_id="third") == 130
    assert [each.body["name"] for each in left_running.jobs] == [name, name]


def test_a_job_whose_worker_has_the_lease_is_named(
    command: Command,
    left_running: DataflowEndpoint,
    cloud: LocalCloud,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where its lease is seen before Dataflow is asked, the job's link is said all the same."""
    monkeypatch.setattr(dataflow_runner, "time", Interrupted())
    assert command(run_id="first") == 130
    held = encode(Lease(Holder("first", "a-worker"), "token", "noon", "noon"))
    store_for(folder).write(f"{folder}/out/journal/lease.json", held)
    capsys.readouterr()
    assert command(run_id="second") == 3
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("not started: a job named sluicegate-invoice-")
    assert f"(watch it: {link(cloud)}; cancel it: {cancel(cloud)})" in last
    assert len(left_running.jobs) == 1


def test_a_run_elsewhere_on_the_journal_refuses_a_job(
    command: Command,
    left_running: DataflowEndpoint,
    folder: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its lease is looked at before the launch, which takes nothing."""
    uri = f"{folder}/out/journal/lease.json"
    other = encode(Lease(Holder("another", "a-laptop"), "token", "noon", "noon"))
    store_for(uri).write(uri, other)
    assert command() == 3
    assert "not started: run another on a-laptop" in capsys.readouterr().err
    assert left_running.jobs == []
    assert store_for(uri).read(uri) == other


def test_a_job_has_the_lease_from_its_first_call_to_its_end(
    command: Command, dataflow: DataflowEndpoint, folder: str
) -> None:
    """So a run elsewhere is refused meanwhile, also beside a job of another name."""
    assert command(dataflow_endpoint=dataflow.url, run_id="whole", job_name="mine") == 0
    uri = f"{folder}/out/journal/lease.json"
    lease = decode(store_for(uri).read(uri))
    assert lease
    assert (lease.holder.run_id, lease.holder.process, lease.released) == ("whole", "", True)


class Ending(LocalCredentials):
    """Credentials that end with the submission, as a company's do after a day, until a login."""

    def __init__(self, api: DataflowEndpoint, refusals: list[str]) -> None:
        super().__init__("token")
        self._api, self._refusals = api, refusals
        self._is_of_a_new_login = len(refusals) >= _REFUSALS

    def before_request(self, *_: Any, **__: Any) -> None:
        """Refuse, once there is a job and no new login."""
        if self._api.jobs and not self._is_of_a_new_login:
            self._refusals.append("refused")
            if len(self._refusals) == _REFUSALS:  # somebody logs in, and meanwhile the job ends
                self._api.jobs[0].state = "JOB_STATE_CANCELLED"
            raise auth.RefreshError("Reauthentication is needed. Please run `gcloud auth login`")


_REFUSALS = 9  # Beam asks eight times before it gives up


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Beam, and us, look for the job again without waits."""
    monkeypatch.setattr(dataflow_runner, "time", Hurried())
    monkeypatch.setattr(retry, "time", Hurried())
    monkeypatch.setattr(remote_job, "_FIRST_PAUSE_SECONDS", 0.01)


@pytest.mark.usefixtures("hurried")
def test_a_poll_goes_on_with_the_credentials_of_a_new_login(
    command: Command,
    left_running: DataflowEndpoint,
    cloud: LocalCloud,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The trouble is said once, with link and how to cancel; then the job's end is seen."""
    refusals: list[str] = []

    def default(*_: object, **__: object) -> tuple[Ending, str]:
        return Ending(left_running, refusals), cloud.project

    monkeypatch.setattr(google.auth, "default", default)
    monkeypatch.setattr(beam_auth._Credentials, "_credentials_init", False)
    assert command() == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(refusals) >= _REFUSALS
    (said,) = [line for line in lines if line.startswith("the job cannot be seen now")]
    assert "Reauthentication is needed" in said
    assert f"Watch it: {link(cloud)}. Cancel it: {cancel(cloud)}. Do not run" in said
    assert lines[-1] == "the run failed: the job ended in state CANCELLED; see the runner's log"
    assert "Traceback" not in "".join(lines)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("status", "patience"), [(403, 1e9), (404, 1e9), (503, -1.0)])
def test_a_job_that_nobody_can_see_has_an_exit_code_of_its_own(
    status: int,
    patience: float,
    command: Command,
    left_running: DataflowEndpoint,
    cloud: LocalCloud,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No right to see it, or no answer for longer than the patience: 4, for it may be running."""
    monkeypatch.setattr(remote_job, "PATIENCE_SECONDS", patience)
    answer = left_running.answer

    def blind(method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if method == "GET":
            return status, {"error": {"code": status, "message": "nothing to see"}}
        return answer(method, path, body)

    monkeypatch.setattr(left_running, "answer", blind)
    assert command() == 4
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("lost sight of the job: ")
    assert "nothing to see" in last
    assert f"Cancel it: {cancel(cloud)}. Do not run the same command again" in last
    assert left_running.jobs[0].state == RUNNING


def test_all_workers_of_a_given_quota_are_asked_for(
    command: Command, dataflow: DataflowEndpoint
) -> None:
    """As the API takes it: a number, and no autoscaling."""
    quota = {"requests_per_minute": 600, "max_num_workers": 2}
    assert command(dataflow_endpoint=dataflow.url, **quota) == 0
    pool = dataflow.jobs[0].pool
    assert pool["numWorkers"] == 2
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 2
    assert pool["autoscalingSettings"]["algorithm"] == AUTOSCALING_NONE
