"""What tests of Dataflow share: its jobs API on the loopback, and how a job is submitted."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import write_invoices

from emulators.cloud import LocalCloud
from emulators.dataflow import DataflowEndpoint
from emulators.gemini import GeminiEndpoint
from pipeline.launch import launch, prepare, to_arguments
from tests.dataflow.submitting import IMAGE, Submit, Submitted


@pytest.fixture
def dataflow(cloud: LocalCloud) -> Iterator[DataflowEndpoint]:
    """Run the jobs API; it runs what was staged."""
    assert cloud.gcs is not None
    with DataflowEndpoint(cloud.gcs) as running:
        yield running


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take API keys and the image's name out of the environment."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "SLUICEGATE_IMAGE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def submit(
    cloud: LocalCloud,
    dataflow: DataflowEndpoint,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    no_key: None,
    high_start: None,
) -> Submit:
    """Return a function that submits a small job through Beam's real DataflowRunner."""

    def run(*flags: str, **changes: Any) -> Submitted:
        folder = f"df-{uuid.uuid4().hex[:8]}"
        write_invoices(tmp_path / folder, 3)
        cloud.upload("sluicegate", tmp_path / folder, f"{folder}/in")
        settings = {
            "runner": "DataflowRunner",
            "project": cloud.project,
            "region": "europe-west1",
            "dataflow_endpoint": dataflow.url,
            "sdk_container_image": IMAGE,
            "gemini_service": "vertex",
            "gemini_endpoint": endpoint.url,
            "input": f"gs://sluicegate/{folder}/in/*",
            "output": f"gs://sluicegate/{folder}/out",
            **changes,
        }
        summary = launch(prepare([*to_arguments(settings), *flags]))
        return Submitted(dataflow.jobs[-1:], summary, f"gs://sluicegate/{folder}")

    return run
