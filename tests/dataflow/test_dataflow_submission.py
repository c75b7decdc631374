"""Jobs as Beam's real DataflowRunner submits them: what arrives, and that it runs as it arrived."""

import io
import json
import tarfile

import pytest
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.dataflow import dataflow_runner
from support import KEY

import pipeline
from emulators.cloud import LocalCloud
from emulators.dataflow import DataflowEndpoint, SubmittedJob
from emulators.gcs import split_uri
from emulators.gemini import GeminiEndpoint
from emulators.secrets import SecretsEndpoint
from sluicegate.asking.journal_place import job_name
from tests.dataflow.submitting import IMAGE, Hurried, Submit

BATCH, PRIVATE = 1, 2  # JobType and WorkerIPAddressConfiguration, as the API numbers them
SECRET = "projects/my-project/secrets/gemini-key"


def staged_pipeline(cloud: LocalCloud, job: SubmittedJob) -> bytes:
    """Return the pipeline that a job staged."""
    assert cloud.gcs is not None
    return cloud.gcs.get(*split_uri(job.options["pipelineUrl"]))


def staged(cloud: LocalCloud, job: SubmittedJob, name: str) -> bytes:
    """Return another file that a job staged."""
    assert cloud.gcs is not None
    return cloud.gcs.get(*split_uri(f"{job.options['staging_location']}/{name}"))


def test_a_job_gets_the_defaults_of_this_workload(submit: Submit, cloud: LocalCloud) -> None:
    """One small worker, one process, threads and memory for the calls; and the job runs so."""
    submitted = submit(
        run_id="Nightly.1",
        output=f"{cloud.project}:tests.nightly",
        failures="gs://sluicegate/nightly/out/failures",
    )
    job = submitted.job
    environment, pool = job.body["environment"], job.pool
    assert job.body["type"] == BATCH
    assert job.body["name"] == job_name("invoice", "gs://sluicegate/nightly/out/journal")
    assert (job.project, job.region) == (cloud.project, "europe-west1")
    assert pool["autoscalingSettings"] == {"maxNumWorkers": 1}
    assert pool["machineType"] == "e2-standard-2"
    assert pool["numThreadsPerWorker"] == 25  # twice 400 calls in flight, in batches of 32
    assert "no_use_multiple_sdk_containers" in environment["experiments"]
    assert "use_multiple_sdk_containers" not in environment["experiments"]
    assert "use_runner_v2" in environment["experiments"]
    assert pool["workerHarnessContainerImage"] == IMAGE
    assert [each["containerImage"] for each in pool["sdkHarnessContainerImages"]] == [IMAGE]
    assert job.body["labels"] == {
        "sluicegate-run": "nightly-1",
        "sluicegate-document-type": "invoice",
        "sluicegate-model": "gemini-3-1-flash-lite",
    }
    assert environment["tempStoragePrefix"].startswith(
        "storage.googleapis.com/sluicegate/nightly/out/temp/"
    )
    found = beam_runner_api_pb2.Pipeline.FromString(staged_pipeline(cloud, job))
    (where,) = found.components.environments.values()
    assert where.resource_hints["beam:resources:min_ram_bytes:v1"] == str(4 << 30).encode()
    assert submitted.summary.rows == 3


def test_what_the_user_says_goes_before_the_defaults(submit: Submit) -> None:
    """Every default gives way, and Beam's other flags arrive as they are."""
    job = submit(
        max_num_workers=3,
        num_workers=2,
        machine_type="n2-standard-4",
        number_of_worker_harness_threads=5,
        experiments=["use_multiple_sdk_containers"],
        resource_hints=["min_ram=20GB"],
        job_name="mine",
        labels=["team=finance"],
        dataflow_service_options=["worker_accelerator=none"],
        service_account_email="worker@my-project.iam.gserviceaccount.com",
        dataflow_kms_key="projects/p/locations/l/keyRings/r/cryptoKeys/k",
        subnetwork="regions/europe-west1/subnetworks/private",
        temp_location="gs://sluicegate/elsewhere",
    ).job
    environment, pool = job.body["environment"], job.pool
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 3
    assert pool["numWorkers"] == 2
    assert pool["machineType"] == "n2-standard-4"
    assert pool["numThreadsPerWorker"] == 5
    assert pool["subnetwork"] == "regions/europe-west1/subnetworks/private"
    assert "no_use_multiple_sdk_containers" not in environment["experiments"]
    assert job.options["resource_hints"] == ["min_ram=20GB"]
    assert job.body["name"] == "mine"
    assert job.body["labels"]["team"] == "finance"
    assert environment["serviceOptions"] == ["worker_accelerator=none"]
    assert environment["serviceAccountEmail"] == "worker@my-project.iam.gserviceaccount.com"
    assert environment["serviceKmsKeyName"].endswith("/cryptoKeys/k")
    assert "/sluicegate/elsewhere" in environment["tempStoragePrefix"]


def test_workers_without_public_addresses(submit: Submit) -> None:
    """Beam's own switch reaches the pool."""
    assert submit("--no_use_public_ips").job.pool["ipConfiguration"] == PRIVATE


def test_from_a_clone_the_code_travels_as_a_package(submit: Submit, cloud: LocalCloud) -> None:
    """Without an image the clone's setup.py is built and staged, data files and all."""
    submitted = submit(sdk_container_image=None)
    job = submitted.job
    assert job.options["setup_file"].endswith("setup.py")
    assert "beam_python3" in job.pool["workerHarnessContainerImage"]
    with tarfile.open(fileobj=io.BytesIO(staged(cloud, job, "workflow.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "pipeline/dataflow.py",
        "sluicegate/gemini/models.yaml",
        "transforms/generate.py",
    } <= names
    assert not [name for name in names if name.startswith(("emulators", "samples"))]
    packages = [each["name"] for each in job.pool["packages"]]
    assert "workflow.tar.gz" in packages
    assert submitted.summary.rows == 3


def test_the_image_that_launches_is_the_image_that_works(
    submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the template's container the workers' image is its own, and nothing is built."""
    monkeypatch.setenv("SLUICEGATE_IMAGE", "registry/own:1")
    job = submit(sdk_container_image=None).job
    assert job.pool["workerHarnessContainerImage"] == "registry/own:1"
    assert "setup_file" not in job.options


def test_the_key_is_read_on_the_worker_and_nowhere_else(
    submit: Submit, cloud: LocalCloud, endpoint: GeminiEndpoint
) -> None:
    """The secret's name travels, its content does not; the worker's calls carry it."""
    version = f"{SECRET}/versions/latest"
    with SecretsEndpoint({version: f"{KEY}\n".encode()}) as secrets, secrets.patch():
        submitted = submit(gemini_service="developer", api_key_secret=SECRET)
        assert secrets.read == [version]
    assert submitted.summary.rows == 3
    sent = endpoint.requests()[-1]["headers"]
    assert {name.lower(): value for name, value in sent.items()}["x-goog-api-key"] == KEY
    assert SECRET in json.dumps(submitted.job.body)
    assert KEY not in json.dumps(submitted.job.body)
    assert KEY.encode() not in staged_pipeline(cloud, submitted.job)
    assert cloud.gcs is not None
    for name in cloud.gcs.names("sluicegate", split_uri(submitted.folder)[1]):
        assert KEY.encode() not in cloud.gcs.get("sluicegate", name)


def test_a_job_that_fails_says_why(
    cloud: LocalCloud, endpoint: GeminiEndpoint, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker raised comes back as the one sentence that it is."""
    from sluicegate.faults import JobFault  # noqa: PLC0415

    monkeypatch.setattr(dataflow_runner, "time", Hurried())
    text = f"Traceback …\nRuntimeError: {JobFault('unknown_model', 'there is no such model')} […]"
    assert cloud.gcs is not None
    with DataflowEndpoint(cloud.gcs, failing=text) as failing:
        with pytest.raises(pipeline.RunFailed) as failed:
            submit(dataflow_endpoint=failing.url)
        assert len(failing.jobs) == 1
    assert str(failed.value) == "there is no such model (unknown_model)"


def test_a_template_is_written_down_and_not_waited_for(
    submit: Submit, cloud: LocalCloud, dataflow: DataflowEndpoint
) -> None:
    """As the template's launcher calls it: the job goes to a file, and the launch is at its end."""
    submitted = submit(template_location="gs://sluicegate/launches/1/job_object")
    assert submitted.summary is None
    assert dataflow.jobs == []
    assert cloud.gcs is not None
    written = json.loads(cloud.gcs.get("sluicegate", "launches/1/job_object"))
    assert written["environment"]["workerPools"][0]["workerHarnessContainerImage"] == IMAGE


def test_step_names_are_the_same_every_time(submit: Submit, cloud: LocalCloud) -> None:
    """No run id, time or chance is in a step's name: metrics and updates find their steps."""

    def names(job: SubmittedJob) -> set[str]:
        found = beam_runner_api_pb2.Pipeline.FromString(staged_pipeline(cloud, job))
        return {each.unique_name for each in found.components.transforms.values()}

    first, second = names(submit(run_id="one").job), names(submit(run_id="two").job)
    assert first == second
    top = {name for name in first if "/" not in name}
    assert {"Match", "Batch", "Generate", "Validate", "Write failures"} <= top
