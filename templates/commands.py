"""The commands that stage the template and launch it, as lists of words. Nothing is run here.

What they need is read from the environment, where `make` puts its variables:

    make template PROJECT=my-project REGION=europe-west1 BUCKET=my-bucket
    make launch   PROJECT=… REGION=… BUCKET=… INPUT='gs://…' OUTPUT=… FAILURES=gs://…
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sluicegate.asking.journal_place import default_journal, job_name

Command = list[str]

DEFAULT_TYPE = "invoice"

# What DRY_RUN=1 prints where nothing is given.
EXAMPLES = {
    "PROJECT": "my-project",
    "REGION": "europe-west1",
    "BUCKET": "my-bucket",
    "INPUT": "gs://my-bucket/inbox/**",
    "OUTPUT": "my-project:invoices.extracted",
    "FAILURES": "gs://my-bucket/work/failures",
}
# Characters that may part parameters, where commas are part of one (`gcloud topic escaping`).
_DELIMITERS = "~|;!@#"


class MissingVariable(Exception):  # noqa: N818 - what is missing, in the words of make
    """A variable that the target needs was not given; the text says how to give it."""


@dataclass(frozen=True)
class Place:
    """Where the template lives: a project, a region, a bucket, a repository of images."""

    project: str
    region: str
    bucket: str
    repository: str
    tag: str
    python: str = ""  # of the image, where it is not the Dockerfile's own

    @classmethod
    def of(cls, given: Mapping[str, str], version: str) -> "Place":
        """Read it from variables; raise MissingVariable."""
        return cls(
            _need(given, "PROJECT"),
            _need(given, "REGION"),
            _need(given, "BUCKET").removeprefix("gs://").rstrip("/"),
            given.get("REPOSITORY") or "sluicegate",
            given.get("TAG") or version,
            given.get("IMAGE_PYTHON", ""),
        )

    @property
    def image(self) -> str:
        """The name of the image, in Artifact Registry. It says its Python: launches look there."""
        python = f"-py{self.python}" if self.python else ""
        return f"{self.registry}/{self.project}/{self.repository}/sluicegate:{self.tag}{python}"

    @property
    def registry(self) -> str:
        """The host of the repository."""
        return f"{self.region}-docker.pkg.dev"

    @property
    def specification(self) -> str:
        """Where the template's file lies, which names image and parameters."""
        return f"gs://{self.bucket}/templates/sluicegate.json"


def template(place: Place, given: Mapping[str, str], *, docker: bool) -> list[Command]:
    """Return what builds the image, here or by Cloud Build, and stages the template."""
    scope = [f"--project={place.project}"]
    stage = [
        "gcloud", "dataflow", "flex-template", "build", place.specification, *scope,
        f"--image={place.image}", "--sdk-language=PYTHON",
        "--metadata-file=templates/metadata.json",
    ]  # fmt: skip
    arguments = {"PYTHON": place.python, "GEMINI_HOSTS": given.get("GEMINI_HOSTS", "")}
    arguments = {"IMAGE": place.image, **{n: value for n, value in arguments.items() if value}}
    if docker:
        login = ["gcloud", "auth", "configure-docker", place.registry, "--quiet"]
        build = [
            "docker", "build", "--platform=linux/amd64", "--file=templates/Dockerfile",
            *(f"--build-arg={name}={value}" for name, value in arguments.items()),
            f"--tag={place.image}", ".",
        ]  # fmt: skip
        return [login, build, ["docker", "push", place.image], stage]
    submit = [
        "gcloud", "builds", "submit", ".", *scope, f"--region={place.region}",
        "--config=templates/cloudbuild.yaml", "--ignore-file=templates/.gcloudignore",
        f"--gcs-source-staging-dir=gs://{place.bucket}/build",
        "--substitutions=" + joined({f"_{name}": value for name, value in arguments.items()}),
        *_builder(given, place),
    ]  # fmt: skip
    return [submit, stage]


def launch(place: Place, given: Mapping[str, str]) -> list[Command]:
    """Return what launches a job from the staged template, under the name of its journal.

    Dataflow refuses a second active job of a name, and so a second one on a journal. Workers get no
    public addresses when SUBNETWORK is given: it needs Private Google Access.
    """
    parameters = {
        "input": _need(given, "INPUT"),
        "output": _need(given, "OUTPUT"),
        **_optional("failures", given.get("FAILURES")),
        **_pairs(given.get("PARAMETERS", "")),
    }
    if not parameters["output"].startswith("gs://") and "failures" not in parameters:
        parameters["failures"] = _need(given, "FAILURES")
    flags = {
        "service-account-email": given.get("SERVICE_ACCOUNT"),
        "subnetwork": given.get("SUBNETWORK"),
        "dataflow-kms-key": given.get("KMS_KEY"),
        "num-workers": given.get("NUM_WORKERS"),
        "max-workers": given.get("MAX_WORKERS"),
        "worker-machine-type": given.get("MACHINE_TYPE"),
        "additional-experiments": given.get("EXPERIMENTS"),
        "additional-user-labels": given.get("LABELS"),
        "additional-pipeline-options": _options(given),
    }
    return [
        [
            "gcloud", "dataflow", "flex-template", "run",
            given.get("JOB_NAME") or _job_name(parameters),
            f"--project={place.project}", f"--region={place.region}",
            f"--template-file-gcs-location={place.specification}",
            f"--staging-location=gs://{place.bucket}/staging",
            f"--temp-location=gs://{place.bucket}/temp",
            *(f"--{name}={value}" for name, value in flags.items() if value),
            *(["--disable-public-ips"] if given.get("SUBNETWORK") else []),
            f"--parameters={joined(parameters)}",
        ]
    ]  # fmt: skip


def _job_name(parameters: Mapping[str, str]) -> str:
    failures = parameters.get("failures", "")
    journal = parameters.get("journal") or default_journal(parameters["output"], failures)
    # A type of one's own is named in its file, which is not read here: by the file's name.
    kind = parameters.get("document_type", DEFAULT_TYPE)
    return job_name(kind.rpartition("/")[2].partition(".")[0], journal)


def joined(parameters: Mapping[str, str]) -> str:
    """Return parameters as gcloud takes them: parted by commas, or by what no value has in it."""
    texts = [f"{name}={value}" for name, value in parameters.items()]
    if not any("," in text for text in texts):
        return ",".join(texts)
    free = [mark for mark in _DELIMITERS if not any(mark in text for text in texts)]
    if not free:
        raise MissingVariable(f"a value has each of {_DELIMITERS} in it; leave one of them out")
    return f"^{free[0]}^{free[0].join(texts)}"


def _builder(given: Mapping[str, str], place: Place) -> Command:
    account = given.get("BUILD_SERVICE_ACCOUNT")
    if not account:
        return []
    return [f"--service-account=projects/{place.project}/serviceAccounts/{account}"]


def _need(given: Mapping[str, str], name: str) -> str:
    value = given.get(name) or (EXAMPLES[name] if given.get("DRY_RUN") else "")
    if not value:
        raise MissingVariable(f"{name} is needed, as in: make … {name}={EXAMPLES[name]}")
    return value


def _optional(name: str, value: str | None) -> dict[str, str]:
    return {name: value} if value else {}


def _options(given: Mapping[str, str]) -> str:
    """Return Beam's own options, which are no parameters of the template: gcloud refuses those.

    The disk is one of them, since gcloud has no flag for it.
    """
    disk = given.get("DISK_GB", "")
    options = given.get("OPTIONS", "").replace(",", " ").split()
    return ",".join([*([f"disk_size_gb={disk}"] if disk else []), *options])


def _pairs(text: str) -> dict[str, str]:
    """Return the pairs of PARAMETERS='model=gemini-3.5-flash requests_per_minute=300'."""
    pairs = [word.partition("=") for word in text.split()]
    wrong = [name for name, equals, _ in pairs if not equals or not re.fullmatch(r"\w+", name)]
    if wrong:
        raise MissingVariable(f"PARAMETERS: {wrong[0]!r} is no name=value; part them by spaces")
    return {name: value for name, _, value in pairs}
