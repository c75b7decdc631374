"""A job on Dataflow that ends badly: all has landed, and it fails inside the job."""

import json

import pytest
from apache_beam.runners.dataflow import dataflow_runner

import pipeline
from emulators.cloud import LocalCloud
from emulators.dataflow import FAILED, DataflowEndpoint
from emulators.gemini import GeminiEndpoint
from tests.dataflow.submitting import Hurried, Submit


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Beam poll without waits."""
    monkeypatch.setattr(dataflow_runner, "time", Hurried())


def test_too_many_failures_fail_a_job_that_nobody_waits_for(
    submit: Submit, dataflow: DataflowEndpoint, endpoint: GeminiEndpoint, cloud: LocalCloud
) -> None:
    """As in a Flex Template: no launcher looks at the ratio, and the job is FAILED all the same."""
    endpoint.set_behaviour(
        faults=[
            {"fault": "finish_SAFETY"},
        ]
    )
    with pytest.raises(pipeline.RunFailed, match=r"100\.0% of the documents failed") as failed:
        submit(max_failure_ratio=0.5)
    (job,) = dataflow.jobs
    assert job.state == FAILED
    assert "too_many_failures" in job.error
    assert failed.value.summary is not None, "the launcher that did wait has it"
    assert (failed.value.summary.balanced, failed.value.summary.failures) == (True, 3)
    assert cloud.gcs is not None
    names = [name for name in cloud.gcs.names("sluicegate", "") if "/summaries/" in name]
    said = [json.loads(cloud.gcs.get("sluicegate", name)) for name in names]
    assert "too_many_failures" in {each["fault"]["code"] for each in said if each["fault"]}
