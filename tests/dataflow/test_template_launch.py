"""The template's launcher: the command with its parameters as strings, most of them empty."""

import json
import uuid
from pathlib import Path

import pytest
from support import write_invoices

from emulators.cloud import LocalCloud
from emulators.dataflow import DataflowEndpoint
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from templates.metadata import PATH

PARAMETERS = [each["name"] for each in json.loads(PATH.read_text("utf-8"))["parameters"]]


def test_empty_parameters_are_defaults(
    cloud: LocalCloud,
    dataflow: DataflowEndpoint,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    no_key: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every parameter of the form is given, set or not; the job is written for Dataflow to start.

    Beside them are the flags that the launcher adds of itself.
    """
    monkeypatch.setenv("SLUICEGATE_IMAGE", "registry/template:1")
    monkeypatch.chdir(tmp_path)
    folder = f"launch-{uuid.uuid4().hex[:8]}"
    write_invoices(tmp_path / "in", 2)
    cloud.upload("sluicegate", tmp_path / "in", f"{folder}/in")
    set_ones = {
        "input": f"gs://sluicegate/{folder}/in/*",
        "output": f"{cloud.project}:tests.launched",
        "failures": f"gs://sluicegate/{folder}/failures",
        "gemini_service": "vertex",
        "gemini_endpoint": endpoint.url,
        "max_in_flight": "100",
    }
    code = main(
        [
            *(f"--{name}={set_ones.get(name, '')}" for name in PARAMETERS),
            "--runner=DataflowRunner",
            f"--project={cloud.project}",
            "--region=europe-west1",
            "--job_name=from-the-form",
            f"--template_location=gs://sluicegate/{folder}/launch/job_object",
            f"--staging_location=gs://sluicegate/{folder}/staging",
            f"--temp_location=gs://sluicegate/{folder}/temp",
            "--service_account_email=worker@my-project.iam.gserviceaccount.com",
            "--max_num_workers=2",
            "--labels={'goog-dataflow-provided-template-type': 'flex'}",
            "--experiments=use_runner_v2",
            f"--dataflow_endpoint={dataflow.url}",
        ]
    )
    said = capsys.readouterr().err
    assert code == 0, said
    assert "its summary will be at gs://sluicegate/" in said.replace("\n", "")
    assert dataflow.jobs == [], "Dataflow starts it, not the launcher"
    assert cloud.gcs is not None
    job = json.loads(cloud.gcs.get("sluicegate", f"{folder}/launch/job_object"))
    (pool,) = job["environment"]["workerPools"]
    assert job["name"] == "from-the-form"
    assert pool["workerHarnessContainerImage"] == "registry/template:1"
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 2
    assert pool["numThreadsPerWorker"] == 8
    assert job["labels"]["goog-dataflow-provided-template-type"] == "flex"
    assert job["labels"]["sluicegate-document-type"] == "invoice"
    assert "no_use_multiple_sdk_containers" in job["environment"]["experiments"]


def test_a_wrong_parameter_is_one_line_for_the_launchers_log(
    no_key: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The launcher's log has the sentence; the exit code tells Dataflow that it is over."""
    code = main(["--input=gs://b/*", "--output=p:d.t", "--failures=", "--model="])
    assert code == 2
    assert capsys.readouterr().err.strip() == (
        "error: --failures is required with a table as --output: a path prefix"
    )
