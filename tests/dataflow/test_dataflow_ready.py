"""What is checked and decided before a job goes to Dataflow."""

import re
from typing import Any

import pytest
from apache_beam.options.pipeline_options import (
    DebugOptions,
    GoogleCloudOptions,
    PipelineOptions,
    WorkerOptions,
)

from pipeline import dataflow
from pipeline.dataflow import ready_for_dataflow
from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.settings import read_settings
from pipeline.worker_image import check_python, python_of
from sluicegate.asking.journal_place import job_name
from sluicegate.faults import UsageFault

GOOD = {
    "runner": "DataflowRunner",
    "project": "my-project",
    "region": "europe-west1",
    "sdk_container_image": "registry/image:1",
    "gemini_service": "vertex",
    "input": "gs://bucket/in/*",
    "output": "gs://bucket/out",
}


def ready(**changes: Any) -> PipelineOptions:
    """Judge flags as a launch does, up to what needs no service."""
    flags, options = parse_flags(to_arguments({**GOOD, **changes}))
    ready_for_dataflow(read_settings(flags, options), options)
    return options


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"region": None}, "needs --project and --region"),
        ({"input": "in/*"}, "--input 'in/\\*' is on this machine"),
        ({"input": ["gs://bucket/in/*", "@names.txt"]}, "--input 'names.txt' is on this machine"),
        ({"output": "out"}, "--output 'out' is on this machine"),
        ({"failures": "failed"}, "--failures 'failed' is on this machine"),
        ({"journal": "kept"}, "--journal 'kept' is on this machine"),
        ({"summary": "s.json"}, "--summary 's.json' is on this machine"),
        ({"temp_location": "/tmp/x"}, "--temp_location '/tmp/x': Dataflow needs"),
        ({"gemini_service": "developer"}, "give --api_key_secret"),
        ({"gemini_endpoint": "https://proxy.example/x"}, "--gemini_endpoint https://proxy.example"),
        ({"gemini_endpoint": "https://googleapis.com.example"}, "googleapis.com alone"),
        ({"sdk_container_image": "r/sluicegate/sluicegate:1-py3.9"}, "sluicegate:1-py3.9 has 3.9"),
        ({"rate_limit_service": "localhost:8081"}, "--rate_limit_service localhost:8081"),
        ({"rate_limit_service": "[::1]:8081"}, r"--rate_limit_service \[::1\]:8081"),
    ],
)
def test_what_workers_cannot_reach_is_refused(
    changes: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places of the launcher's disk and keys of its environment are said before the launch."""
    monkeypatch.setenv("GEMINI_API_KEY", "of this machine")
    with pytest.raises(UsageFault, match=says):
        ready(**changes)


def test_code_has_to_come_from_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed without a clone and without an image, workers would have nothing to run."""
    monkeypatch.delenv("SLUICEGATE_IMAGE", raising=False)
    monkeypatch.setattr(dataflow, "__file__", "/usr/lib/python3/site-packages/pipeline/dataflow.py")
    with pytest.raises(UsageFault, match="--sdk_container_image"):
        ready(sdk_container_image=None)
    assert ready().view_as(WorkerOptions).sdk_container_image == "registry/image:1"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://europe-west1-aiplatform.googleapis.com", ""),
        ("https://aiplatform.eu.rep.googleapis.com", ""),
        ("https://aiplatform-own.p.googleapis.com", ""),
        ("http://127.0.0.1:8080", ""),
        ("https://proxy.example/gemini", "other.example, Proxy.example"),
        ("https://a.proxy.example", ".proxy.example"),
    ],
)
def test_addresses_that_workers_may_send_their_credentials_to(
    url: str, hosts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's own, the local cloud's, and those that the launcher's environment allows."""
    monkeypatch.setenv("SLUICEGATE_GEMINI_HOSTS", hosts)
    ready(gemini_endpoint=url)


def test_elsewhere_any_address_is_the_users_own_choice() -> None:
    """On a person's machine the key is the person's."""
    ready(runner=None, region=None, gemini_endpoint="https://proxy.example")


@pytest.mark.parametrize(
    ("image", "python"),
    [
        ("r-docker.pkg.dev/p/sluicegate/sluicegate:0.1.0-1a2b3c", "3.11"),
        ("r-docker.pkg.dev/p/sluicegate/sluicegate:0.1.0-dirty-py3.13", "3.13"),
        ("sluicegate", "3.11"),
        ("r-docker.pkg.dev/p/others/beam-3.12:1-py3.12", ""),
        ("r-docker.pkg.dev/p/sluicegate/other:1", ""),
    ],
)
def test_our_images_say_their_python(image: str, python: str) -> None:
    """Of others nothing is known, and nothing is refused."""
    assert python_of(image) == python
    check_python(image, (3, int((python or "3.11").removeprefix("3."))))


def test_another_python_than_the_images_is_refused() -> None:
    """Before the launch, with both ways to mend it."""
    with pytest.raises(UsageFault, match=r"this is Python 3.12, and .* has 3.11: ") as refused:
        check_python("r/sluicegate:1", (3, 12))
    assert "make setup PYTHON=python3.11" in str(refused.value)
    assert "make template IMAGE_PYTHON=3.12" in str(refused.value)
    check_python("r/other:1", (3, 12))


def test_the_image_that_launches_is_not_asked_for_its_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the template's container both are one."""
    image = "r/sluicegate/sluicegate:1-py3.9"
    monkeypatch.setenv("SLUICEGATE_IMAGE", image)
    assert ready(sdk_container_image=image).view_as(WorkerOptions).sdk_container_image == image


def test_other_runners_are_left_alone() -> None:
    """Without Dataflow nothing is set and local places are good."""
    options = ready(runner=None, region=None, input="in/*", output="out")
    assert options.view_as(WorkerOptions).max_num_workers is None
    assert not options.view_as(DebugOptions).experiments
    assert options.view_as(GoogleCloudOptions).job_name is None


@pytest.mark.parametrize(
    ("megabytes", "machine"),
    [
        (1024, "e2-standard-2"),
        (5 * 1024, "e2-standard-2"),
        (5 * 1024 + 1, "e2-highmem-2"),
        (20 * 1024, "e2-highmem-4"),
        (1 << 20, "e2-highmem-8"),
    ],
)
def test_the_machine_holds_the_documents_in_flight(megabytes: int, machine: str) -> None:
    """Memory for documents, and 3 GiB beside them, fit into the machine that is chosen."""
    chosen = ready(max_megabytes_in_flight=megabytes).view_as(WorkerOptions).machine_type
    assert chosen == machine


@pytest.mark.parametrize(
    ("max_in_flight", "threads"), [(1, 8), (64, 8), (256, 16), (1000, 63), (10_000, 64)]
)
def test_threads_keep_the_calls_going(max_in_flight: int, threads: int) -> None:
    """Even bundles of one batch hold twice the documents that are in flight."""
    chosen = ready(max_in_flight=max_in_flight).view_as(DebugOptions)
    assert chosen.number_of_worker_harness_threads == threads


def name_of(**changes: Any) -> str:
    """Return the name of a job."""
    return str(ready(**changes).view_as(GoogleCloudOptions).job_name)


def test_a_jobs_name_says_which_journal_it_is_on() -> None:
    """Runs on one journal have one name, whatever else differs; one on another has another."""
    name = name_of()
    assert re.fullmatch(r"sluicegate-invoice-[0-9a-f]{10}", name)
    assert name_of(run_id="Q4_re-run.2", input="gs://bucket/other/*", model="gemini-x") == name
    assert name_of(journal="gs://bucket/out/journal/") == name, "the default, spelled otherwise"
    assert name_of(journal="gs://bucket/journal") != name
    assert name_of(document_type="receipt") == name.replace("invoice", "receipt")


@pytest.mark.parametrize(
    ("document_type", "begins"),
    [
        ("Tax_form 2", "sluicegate-tax-form-2-"),
        ("x" * 100, f"sluicegate-{'x' * 41}-"),
        ("表", "sluicegate-"),
    ],
)
def test_any_document_type_makes_a_name_that_dataflow_takes(
    document_type: str, begins: str
) -> None:
    """Small letters, digits, hyphens, a letter first and no hyphen last, 63 at most."""
    name = job_name(document_type, "gs://b/j")
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])", name)
    assert name == f"{begins}{job_name('', 'gs://b/j').rpartition('-')[2]}"


@pytest.mark.parametrize(
    ("changes", "workers", "algorithm"),
    [
        ({"requests_per_minute": 300}, 3, "NONE"),
        ({"tokens_per_minute": 300_000}, 3, "NONE"),
        ({}, None, None),
        ({"requests_per_minute": 300, "max_num_workers": 1}, None, None),
        ({"requests_per_minute": 300, "num_workers": 2}, 2, None),
        (
            {"requests_per_minute": 300, "autoscaling_algorithm": "THROUGHPUT_BASED"},
            None,
            "THROUGHPUT_BASED",
        ),
    ],
)
def test_workers_with_shares_of_a_given_quota_are_all_there_from_the_start(
    changes: dict[str, Any], workers: int | None, algorithm: str | None
) -> None:
    """A fixed number without autoscaling, unless the user says otherwise or nothing is given."""
    chosen = ready(**{"max_num_workers": 3, **changes}).view_as(WorkerOptions)
    assert (chosen.num_workers, chosen.autoscaling_algorithm) == (workers, algorithm)
