"""The Terraform set-up: well formed, known to the provider, and no right more than is meant.

`terraform validate` needs the provider, which is downloaded; terraform_schema.json has what the
provider knows of the resources used here (`source` there says which version), so that arguments
are held against it on any machine. Where Terraform itself is there, test_template_terraform_apply
has it validate and apply the set-up by that schema.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

FOLDER = Path(__file__).parents[2] / "templates" / "terraform"
SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
SCHEMA = json.loads(Path(__file__).with_name("terraform_schema.json").read_text("utf-8"))
META = {"count", "for_each", "depends_on", "lifecycle", "provider"}
TEXT = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.tf"))}
ALL = "\n".join(TEXT.values())
NO_COMMENTS = re.sub(r"^\s*#.*$", "", ALL, flags=re.MULTILINE)


def plain(tree: Any) -> Any:
    """Return parsed HCL without the parser's own marks and quotes around names."""
    if isinstance(tree, dict):
        kept = {name: value for name, value in tree.items() if not name.startswith("__")}
        return {name.strip('"'): plain(value) for name, value in kept.items()}
    return [plain(each) for each in tree] if isinstance(tree, list) else tree


FILES = {name: plain(hcl2.loads(text)) for name, text in TEXT.items()}


def blocks(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield names and bodies of all blocks of a kind: variable, output and so on."""
    for file in FILES.values():
        for each in file.get(kind, []):
            yield from each.items()


RESOURCES = [
    (kind, name, body)
    for kind, named in blocks("resource")
    for name, body in named.items()
]  # fmt: skip


def wrong(body: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[str]:
    """Yield what the provider would refuse: unknown arguments and blocks, missing ones."""
    known = {*schema.get("required", []), *schema.get("optional", [])}
    inner = schema.get("blocks", {})
    given = {name for name in body if name != "dynamic"}
    for dynamic in body.get("dynamic", []):
        for name, described in dynamic.items():
            given.add(name)
            for content in described["content"]:
                yield from wrong(content, inner.get(name, {}), f"{where}.{name}")
    yield from (f"{where}: no {name}" for name in given - known - set(inner) - META)
    needed = {*schema.get("required", []), *(n for n, b in inner.items() if b.get("is_required"))}
    yield from (f"{where}: lacks {name}" for name in needed - given)
    for name in set(inner) & set(body):
        for each in body[name]:
            yield from wrong(each, inner[name], f"{where}.{name}")


@pytest.mark.parametrize(("kind", "name", "body"), RESOURCES)
def test_the_provider_knows_every_argument(kind: str, name: str, body: dict[str, Any]) -> None:
    """Resources, blocks and arguments exist, and none that is required is missing."""
    assert list(wrong(body, SCHEMA["resources"][kind], f"{kind}.{name}")) == []


def test_the_schema_refuses_what_the_provider_would() -> None:
    """The check above can fail, in a nested block too."""
    schema = SCHEMA["resources"]["google_storage_bucket"]
    body = {"name": "b", "colour": "red", "encryption": [{"key": "k"}]}
    assert sorted(wrong(body, schema, "bucket")) == [
        "bucket.encryption: lacks default_kms_key_name",
        "bucket.encryption: no key",
        "bucket: lacks location",
        "bucket: no colour",
    ]


def test_what_is_referred_to_exists() -> None:
    """Every variable, local and resource that is named is declared; no variable is idle."""
    variables = {name for name, _ in blocks("variable")}
    local = {name for file in FILES.values() for each in file.get("locals", []) for name in each}
    declared = {f"{kind}.{name}" for kind, name, _ in RESOURCES}
    assert set(re.findall(r"\bvar\.(\w+)", NO_COMMENTS)) == variables
    assert set(re.findall(r"\blocal\.(\w+)", NO_COMMENTS)) <= local
    assert set(re.findall(r"(?<!data\.)\b(google_\w+\.\w+)\b", NO_COMMENTS)) <= declared
    for _, described in blocks("variable"):
        assert described["description"]


def test_the_provider_is_the_one_that_was_read() -> None:
    """The versions that are allowed are those of the schema."""
    assert TEXT["versions.tf"].count('version = "~> 6.50"') == 2
    assert "hashicorp/google 6.50.0" in SCHEMA["source"]


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not on this machine")
def test_terraform_formats_it_no_other_way() -> None:
    """`terraform fmt` has nothing to change."""
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(FOLDER)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_rights_are_those_that_the_security_page_explains() -> None:
    """Each role is in the page's table and in the set-up; none is broad."""
    given = set(re.findall(r'"(roles/[\w.]+)"', NO_COMMENTS))
    explained = set(re.findall(r"^\| `(roles/[\w.]+)`", SECURITY.read_text("utf-8"), re.MULTILINE))
    assert given == explained
    broad = {"roles/owner", "roles/editor", "roles/viewer", "roles/storage.admin"}
    assert not given & broad
    assert not [role for role in given if role.lower().endswith("admin")]


def test_only_what_cannot_be_given_nearer_is_given_on_the_project() -> None:
    """Buckets, datasets, secrets and images are shared one by one."""
    with_project = [kind for kind, _, _ in RESOURCES if kind == "google_project_iam_member"]
    assert len(with_project) == TEXT["accounts.tf"].count('resource "google_project_iam_member"')
    assert set(re.findall(r'"(roles/[\w.]+)"', TEXT["accounts.tf"])) == {
        "roles/dataflow.worker", "roles/dataflow.developer",
        "roles/bigquery.jobUser", "roles/bigquery.readSessionUser", "roles/logging.logWriter",
        "roles/iam.serviceAccountUser",
    }  # fmt: skip
    assert "google_project_iam_binding" not in ALL, "a binding would take others' rights away"
    assert "google_project_iam_policy" not in ALL


def test_nothing_is_public_and_no_key_is_in_the_state() -> None:
    """Buckets refuse public access, machines have no way out, secrets have no content here."""
    bodies = {(kind, name): body for kind, name, body in RESOURCES}
    bucket = bodies["google_storage_bucket", "work"]
    assert bucket["public_access_prevention"] == '"enforced"'
    assert bucket["uniform_bucket_level_access"] is True
    assert bodies["google_compute_subnetwork", "workers"]["private_ip_google_access"] is True
    kinds = {kind for kind, _, _ in RESOURCES}
    assert not kinds & {
        "google_compute_router_nat", "google_service_account_key",
        "google_secret_manager_secret_version",
    }  # fmt: skip
    assert not re.search(r"allUsers|allAuthenticatedUsers|0\.0\.0\.0/0", ALL)


def test_one_key_encrypts_all_that_is_kept() -> None:
    """With kms_key set, bucket, dataset, images and secret take it, and services may use it."""
    with_key = {kind for kind, _, body in RESOURCES if "var.kms_key" in json.dumps(body)}
    assert with_key >= {
        "google_storage_bucket", "google_bigquery_dataset", "google_artifact_registry_repository",
        "google_secret_manager_secret", "google_kms_crypto_key_iam_member",
    }  # fmt: skip


def test_its_output_is_what_make_wants() -> None:
    """`terraform output -raw make` names variables that the commands read."""
    (make,) = [body for name, body in blocks("output") if name == "make"]
    names = set(re.findall(r'"([A-Z_]+)=', make["value"]))
    commands = (FOLDER.parent / "commands.py").read_text("utf-8")
    assert names == {name for name in names if f'"{name}"' in commands}
    assert {"PROJECT", "REGION", "BUCKET", "SERVICE_ACCOUNT", "SUBNETWORK"} <= names
