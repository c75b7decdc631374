"""The DAGs of templates/airflow, with Airflow's and Google's real packages: `make test-airflow`.

They are in an environment of their own (templates/airflow/requirements.txt), so nothing of the
product is imported here, and the name of this file keeps it out of `make test`.
"""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httplib2
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.google.cloud.hooks.dataflow import DataflowHook
from airflow.providers.google.cloud.triggers.dataflow import TemplateJobStartTrigger
from airflow.sdk import timezone
from airflow.sdk.exceptions import TaskDeferred
from google.cloud import dataflow_v1beta3
from google.protobuf import json_format
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

ROOT = Path(__file__).parents[2]
METADATA = json.loads((ROOT / "templates/metadata.json").read_text("utf-8"))
PARAMETERS = {each["name"]: each for each in METADATA["parameters"]}
BAG = DagBag(ROOT / "templates/airflow", safe_mode=False)
STATE = dataflow_v1beta3.JobState


def task(dag: str) -> Any:
    """Return the one task of a DAG."""
    (found,) = BAG.dags[dag].tasks
    return found


def test_airflow_takes_both_files() -> None:
    """Neither fails to import, and each is one DAG of one task."""
    assert BAG.import_errors == {}
    assert set(BAG.dags) == {"sluicegate_dataflow", "sluicegate_pod"}


@pytest.mark.parametrize("dag", ["sluicegate_dataflow", "sluicegate_pod"])
def test_a_night_is_one_run_that_is_tried_again(dag: str) -> None:
    """Two nights never run at once, a missed one is not made up for, retries spread over hours."""
    assert BAG.dags[dag].max_active_runs == 1
    assert BAG.dags[dag].catchup is False
    extract = task(dag)
    assert extract.retries >= 3
    assert extract.retry_exponential_backoff
    assert extract.deferrable
    assert extract.execution_timeout


def test_the_launch_is_one_that_dataflow_knows() -> None:
    """The body parses as the API's own request; each parameter is the template's, and fits."""
    body = task("sluicegate_dataflow").body["launchParameter"]
    message = dataflow_v1beta3.LaunchFlexTemplateParameter.pb()()
    parsed = json_format.ParseDict(body, message)
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", parsed.job_name)
    assert parsed.environment.ip_configuration == 2  # WORKER_IP_PRIVATE
    for name, value in body["parameters"].items():
        assert isinstance(value, str)
        for pattern in PARAMETERS[name].get("regexes", []):
            assert re.fullmatch(pattern, value), f"{name}: {value!r} is not {pattern}"
    needed = {name for name, each in PARAMETERS.items() if not each["isOptional"]}
    assert needed <= set(body["parameters"])


def test_the_pods_flags_are_the_commands() -> None:
    """Each is a parameter of the template, or one of Beam's that the page names."""
    pod = task("sluicegate_pod")
    assert pod.cmds == ["python", "/template/main.py"]
    names = {flag.removeprefix("--").partition("=")[0] for flag in pod.arguments}
    assert names - set(PARAMETERS) == {"project", "temp_location"}
    assert pod.reattach_on_restart


class Dataflow:
    """The API's launch call on the loopback: what was asked for, and an answer of choice."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.active = ""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.bodies.append(body)
                name = body["launchParameter"]["jobName"]
                if name == api.active:
                    text = f"There is already an active job named {name}."
                    self.answer(409, {"error": {"code": 409, "message": text}})
                else:
                    api.active = name
                    self.answer(200, {"job": {"id": "job-1", "name": name}})

            def answer(self, status: int, content: dict[str, Any]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def dataflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataflow]:
    """Have the hook call the loopback, without credentials."""
    api = Dataflow()
    thread = threading.Thread(target=api.server.serve_forever)
    thread.start()
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT", "google-cloud-platform://")
    monkeypatch.setattr(
        DataflowHook,
        "get_conn",
        lambda _: build(
            "dataflow", "v1b3", http=httplib2.Http(), static_discovery=True,
            client_options={"api_endpoint": api.url},
        ),
    )  # fmt: skip
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()


class Instance:
    """A task instance as far as a launch writes to it."""

    def xcom_push(self, *_: Any, **__: Any) -> None:
        """Keep nothing."""


def launched(dag: str) -> TemplateJobStartTrigger:
    """Run the task up to its wait; return what waits."""
    with pytest.raises(TaskDeferred) as deferred:
        task(dag).execute({"ti": Instance(), "task_instance": Instance(), "ds": timezone.utcnow()})
    return deferred.value.trigger


def test_a_second_launch_on_the_journal_is_refused(dataflow: Dataflow) -> None:
    """The name stays the same, so a retry beside a running job gets its 409 and starts nothing."""
    launched("sluicegate_dataflow")
    with pytest.raises(HttpError) as refused:
        launched("sluicegate_dataflow")
    assert refused.value.resp.status == 409
    first, second = (body["launchParameter"]["jobName"] for body in dataflow.bodies)
    assert first == second == "sluicegate-invoices"


def test_a_retry_after_the_jobs_end_starts_the_next(dataflow: Dataflow) -> None:
    """Nothing of the last try is in its way."""
    launched("sluicegate_dataflow")
    dataflow.active = ""
    assert launched("sluicegate_dataflow").job_id == "job-1"


def waited(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, *states: int) -> str | None:
    """Return how a wait ends when the job goes through these states; None if it does not."""
    left = list(states)

    class Hook:
        async def get_job_status(self, **_: Any) -> Any:
            return STATE(left.pop(0) if len(left) > 1 else left[0])

    trigger = launched("sluicegate_dataflow")
    trigger.poll_sleep = 0
    monkeypatch.setattr(trigger, "_get_async_hook", Hook)

    async def first_event() -> str:
        async for event in trigger.run():
            return str(event.payload["status"])
        raise AssertionError("no event")

    try:
        return asyncio.run(asyncio.wait_for(first_event(), 1))
    except TimeoutError:
        return None


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (STATE.JOB_STATE_DONE, "success"),
        (STATE.JOB_STATE_FAILED, "error"),
        (STATE.JOB_STATE_CANCELLED, None),
    ],
)
def test_what_a_deferred_task_sees_of_the_jobs_end(
    dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, state: int, ends: str | None
) -> None:
    """Of a cancelled job nothing: hence the execution timeout, and a line in docs/airflow.md."""
    assert waited(dataflow, monkeypatch, STATE.JOB_STATE_RUNNING, state) == ends
