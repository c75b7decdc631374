"""The Terraform set-up in Terraform's own hands: validated, and applied to a stand-in of the cloud.

The provider's schema is the real one's (terraform_schema.json), what it makes is nothing.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gcloud_reference import complaint

from pipeline.options import parse_flags
from templates.commands import Place, launch, template
from tests.templates.terraform_provider import GoogleProvider

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(Path(__file__).with_name("terraform_schema.json").read_text("utf-8"))
TERRAFORM = shutil.which("terraform")
VARIABLES = {
    "project": "my-project",
    "bucket": "my-work",
    "input_buckets": '["my-invoices","others"]',
    "launchers": '["user:me@example.com","group:g@example.com"]',
}
KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
WAYS: dict[str, dict[str, str]] = {
    "plain": {},
    "developer api": {"developer_api": "true"},
    "narrow role": {"narrow_worker_role": "true"},
    "own key": {"kms_key": KEY, "developer_api": "true"},
    "nobody launches": {"launchers": "[]", "journal_days": "30"},
}
pytestmark = pytest.mark.skipif(not TERRAFORM, reason="terraform is not on this machine")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def provider() -> Iterator[GoogleProvider]:
    """Serve the providers."""
    with GoogleProvider(SCHEMA) as serving:
        yield serving


@pytest.fixture
def terraform(provider: GoogleProvider, tmp_path: Path) -> Run:
    """Return a function that runs Terraform on a copy of the set-up, which may be changed."""
    for name in ("terraform", "monitoring"):
        shutil.copytree(
            ROOT / "templates" / name, tmp_path / name,
            ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"),
        )  # fmt: skip

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **provider.environment}
        return subprocess.run(
            [str(TERRAFORM), f"-chdir={tmp_path / 'terraform'}", *words],
            env={**environment, "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run


def applied(terraform: Run, way: str) -> list[dict[str, Any]]:
    """Apply the set-up in that way; return the resources of its state."""
    given = {**VARIABLES, **WAYS[way]}
    variables = [f"-var={name}={value}" for name, value in given.items()]
    done = terraform("apply", "-auto-approve", "-input=false", "-no-color", *variables)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(terraform("show", "-json").stdout)["values"]["root_module"]["resources"]
    return [each for each in found if each["mode"] == "managed"]


def test_terraform_finds_the_set_up_valid(terraform: Run) -> None:
    """Names, types, references, functions and required arguments, by its own judgement."""
    done = terraform("validate", "-json")
    found = json.loads(done.stdout)
    assert (found["valid"], found["diagnostics"]) == (True, [])


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("disable_on_destroy = false", "disable_on_destroi = false", "Unsupported argument"),
        ("uniform_bucket_level_access = true", 'uniform_bucket_level_access = "maybe"', "bool"),
        ("google_service_account.worker.member", "google_service_account.worker.mail", "mail"),
        ("var.region", "var.regoin", "regoin"),
    ],
)
def test_what_is_wrong_is_found(
    terraform: Run, tmp_path: Path, good: str, bad: str, says: str
) -> None:
    """The check above can fail: by argument, type, attribute and variable."""
    for file in (tmp_path / "terraform").glob("*.tf"):
        file.write_text(file.read_text().replace(good, bad))
    done = terraform("validate", "-no-color")
    assert done.returncode == 1
    assert says in done.stdout + done.stderr


@pytest.mark.parametrize("way", list(WAYS))
def test_it_applies_in_every_way(terraform: Run, way: str) -> None:
    """Plan and apply come to an end, and what is optional is there only where it is asked for."""
    resources = applied(terraform, way)
    kinds = {each["type"] for each in resources}
    assert "google_storage_bucket" in kinds
    assert ("google_project_service_identity" in kinds) == ("api" not in way and "key" not in way)
    assert ("google_kms_crypto_key_iam_member" in kinds) == (way == "own key")


def project_roles(resources: list[dict[str, Any]], member: str) -> set[str]:
    """Return the roles that a member has on the project."""
    return {
        each["values"]["role"]
        for each in resources
        if each["type"] == "google_project_iam_member" and each["values"]["member"] == member
    }


def test_the_worker_has_no_more_rights_than_are_meant(terraform: Run) -> None:
    """By default Google's role for workers, and a role of one permission to call Gemini."""
    resources = applied(terraform, "plain")
    assert project_roles(resources, "sluicegate-worker") == {
        "roles/dataflow.worker", "roles/bigquery.jobUser", "roles/bigquery.readSessionUser",
        "sluicegatePredict",
    }  # fmt: skip
    (role,) = [e["values"] for e in resources if e["type"] == "google_project_iam_custom_role"]
    assert role["permissions"] == ["aiplatform.endpoints.predict"]


def test_a_narrow_worker_may_touch_no_bucket_of_the_project(terraform: Run) -> None:
    """Rights on buckets are those of the work bucket and the input buckets, given there."""
    resources = applied(terraform, "narrow role")
    assert "roles/dataflow.worker" not in project_roles(resources, "sluicegate-worker")
    roles = [e["values"] for e in resources if e["type"] == "google_project_iam_custom_role"]
    permissions = {permission for role in roles for permission in role["permissions"]}
    assert "dataflow.workItems.lease" in permissions
    assert not [each for each in permissions if each.startswith("storage.")]
    buckets = {
        each["values"]["bucket"]
        for each in resources
        if each["type"] == "google_storage_bucket_iam_member"
        and each["values"]["member"] == "sluicegate-worker"
    }
    assert buckets == {"my-work", "my-invoices", "others"}


def test_whatever_needs_a_service_waits_for_it(terraform: Run) -> None:
    """In a new project nothing is made before its API is enabled, through whatever it refers to."""
    resources = applied(terraform, "own key")
    state = json.loads(terraform("state", "pull").stdout)
    waits = {
        f"{each['type']}.{each['name']}": set(each["instances"][0].get("dependencies", []))
        for each in state["resources"]
        if each["mode"] == "managed" and each["instances"]
    }
    at_once = [name for name, on in waits.items() if "google_project_service.needed" not in on]
    assert at_once == ["google_project_service.needed"]
    enabled = {e["values"]["service"] for e in resources if e["type"] == "google_project_service"}
    assert enabled >= {
        "iam.googleapis.com", "cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com",
    }  # fmt: skip


@pytest.mark.parametrize("way", ["plain", "own key"])
def test_its_outputs_are_what_the_commands_take(terraform: Run, way: str) -> None:
    """`make` is put behind make template and make launch, `flags` behind the clone's command."""
    applied(terraform, way)
    words = shlex.split(terraform("output", "-raw", "make").stdout)
    given = dict(word.split("=", 1) for word in words)
    given |= {"INPUT": "gs://my-invoices/**", "OUTPUT": "my-project:invoices.extracted"}
    place = Place.of(given, "1")
    for command in (*template(place, given, docker=False), *launch(place, given)):
        assert complaint(command) == ""
    flags = shlex.split(terraform("output", "-raw", "flags").stdout)
    parsed, options = parse_flags([*flags, "--input=gs://my-invoices/**", "--output=p:d.t"])
    assert parsed["failures"] == given["FAILURES"]
    said = options.get_all_options()
    assert said["service_account_email"] == given["SERVICE_ACCOUNT"]
    assert said["subnetwork"] == given["SUBNETWORK"]
    assert said["use_public_ips"] is False
    assert (said["dataflow_kms_key"] or "") == given.get("KMS_KEY", "")
