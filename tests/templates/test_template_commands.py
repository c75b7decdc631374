"""`make template` and `make launch`: the commands they print, and that gcloud would take them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from gcloud_reference import REFERENCE, complaint

from pipeline.worker_image import python_of
from sluicegate.asking.journal_place import job_name
from templates.__main__ import main
from templates.commands import MissingVariable, Place, joined, launch, template

ROOT = Path(__file__).parents[2]
GIVEN = {
    "PROJECT": "my-project",
    "REGION": "europe-west1",
    "BUCKET": "gs://my-bucket/",
    "INPUT": "gs://my-bucket/in/**,gs://my-bucket/more/*.pdf",
    "OUTPUT": "my-project:invoices.extracted",
    "FAILURES": "gs://my-bucket/work/failures",
}
EVERYTHING = {
    **GIVEN,
    "SERVICE_ACCOUNT": "worker@my-project.iam.gserviceaccount.com",
    "SUBNETWORK": "regions/europe-west1/subnetworks/sluicegate",
    "KMS_KEY": "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k",
    "MAX_WORKERS": "2",
    "MACHINE_TYPE": "e2-standard-2",
    "NUM_WORKERS": "2",
    "EXPERIMENTS": "no_use_multiple_sdk_containers,min_cpu_platform=x",
    "LABELS": "team=finance,stage=test",
    "DISK_GB": "50",
    "OPTIONS": "number_of_worker_harness_threads=16 autoscaling_algorithm=NONE",
    "BUILD_SERVICE_ACCOUNT": "builder@my-project.iam.gserviceaccount.com",
    "PARAMETERS": "model=gemini-3.5-flash requests_per_minute=300",
}
PLACE = Place.of(GIVEN, "1")
IMAGE = "europe-west1-docker.pkg.dev/my-project/sluicegate/sluicegate:1"
ALL = {
    "cloud": template(PLACE, EVERYTHING, docker=False),
    "docker": template(PLACE, EVERYTHING, docker=True),
    "launch": launch(PLACE, EVERYTHING),
    "plain": launch(PLACE, GIVEN),
}


def make(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as in a fresh clone, without an environment of its own and without gcloud's."""
    clean = {"PATH": os.environ["PATH"], "CLOUDSDK_CONFIG": "/nonexistent", **environment}
    return subprocess.run(
        ["make", *words], cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", list(ALL))
def test_gcloud_would_take_every_command(name: str) -> None:
    """Commands, flags, types and choices are those of gcloud's reference."""
    commands = [words for words in ALL[name] if words[0] == "gcloud"]
    assert commands
    assert [complaint(words) for words in commands] == [""] * len(commands)


def test_the_reference_refuses_what_gcloud_does() -> None:
    """The check above can fail: by flag, type, choice, number of words and command."""
    run = ["gcloud", "dataflow", "flex-template", "run", "job"]
    assert "no flag --workers" in complaint([*run, "--workers=1"])
    assert "wants a number" in complaint([*run, "--max-workers=many"])
    assert "of type bool" in complaint([*run, "--disable-public-ips=true"])
    assert "too many words" in complaint([*run, "another"])
    assert "lacks" in complaint(run)
    build = ["gcloud", "dataflow", "flex-template", "build", "gs://b/t.json"]
    assert "is one of" in complaint([*build, "--sdk-language=COBOL"])
    assert "not in the reference" in complaint(["gcloud", "dataflow", "nothing"])
    assert len(REFERENCE) > 10


@pytest.mark.skipif(not shutil.which("gcloud"), reason="gcloud is not on this machine")
@pytest.mark.parametrize("name", list(ALL))
def test_gcloud_itself_takes_every_command(name: str, tmp_path: Path) -> None:
    """Its parser gets as far as asking who is there, or, told to print, to the end."""
    environment = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    }
    for words in ALL[name]:
        if words[0] != "gcloud" or words[1] == "auth":
            continue
        printing = ["--print-only"] if words[3] == "build" else []
        done = subprocess.run(
            [*words, *printing], cwd=ROOT, env=environment, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        if printing:
            assert done.returncode == 0, done.stderr
            assert IMAGE in done.stdout
            assert "requests_per_minute" in done.stdout
        else:
            assert "do not currently have an active account" in done.stderr
            assert done.returncode == 1, "2 would be a wrong call"


def test_dry_runs_print_and_run_nothing(tmp_path: Path) -> None:
    """DRY_RUN=1 needs neither gcloud nor docker, and fills in examples where nothing is given."""
    for name in ("make", "git", "sh"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    for target in ("template", "launch"):
        done = make(target, "DRY_RUN=1", PATH=str(tmp_path))
        assert done.returncode == 0, done.stderr
        lines = [shlex.split(line) for line in done.stdout.splitlines()]
        assert lines
        assert [complaint(words) for words in lines] == [""] * len(lines)
        assert "my-project" in done.stdout
    assert "gcloud is not installed" in make(
        "launch", *(f"{name}={value}" for name, value in GIVEN.items()), PATH=str(tmp_path)
    ).stderr  # fmt: skip


def test_what_is_missing_is_said_by_name() -> None:
    """One line names the variable, with an example, and nothing is run."""
    done = make("launch", "PROJECT=p", "REGION=r", "BUCKET=b")
    assert done.returncode == 2
    assert "error: INPUT is needed, as in: make … INPUT=gs://my-bucket/inbox/**" in done.stderr
    assert done.stdout == ""
    without = {name: value for name, value in GIVEN.items() if name != "FAILURES"}
    with pytest.raises(MissingVariable, match="FAILURES"):
        launch(PLACE, without)
    launch(PLACE, {**without, "OUTPUT": "gs://my-bucket/out"})
    launch(PLACE, {**without, "PARAMETERS": "failures=gs://b/f"})
    with pytest.raises(MissingVariable, match="'model' is no name=value"):
        launch(PLACE, {**GIVEN, "PARAMETERS": "model gemini"})


@pytest.mark.parametrize("target", ["template", "launch", "setup"])
def test_an_old_python_is_told_in_one_sentence(target: str, tmp_path: Path) -> None:
    """What `python3` is on some machines: else the first word of a newer Python is its error."""
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexport CODE="$2"\nexec {sys.executable} -c '
        "'import os, sys; sys.version_info = (3, 9, 1); exec(os.environ[\"CODE\"])'\n"
    )
    old.chmod(0o755)
    done = make(target, "DRY_RUN=1", f"PYTHON={old}", f"VENV={tmp_path}/venv")
    assert done.returncode == 2
    assert "Python 3.11, 3.12 or 3.13 is needed, this is 3.9; try: make PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr


def test_docker_is_used_where_it_answers() -> None:
    """BUILD says how the image is built; the same image is staged either way."""
    for build, tool in (("docker", "docker build"), ("cloud", "gcloud builds submit")):
        printed = make("template", "DRY_RUN=1", f"BUILD={build}", "TAG=1").stdout
        assert tool in printed
        assert printed.count(IMAGE) >= 2
    assert "_IMAGE=" + IMAGE in make("template", "DRY_RUN=1", "BUILD=cloud", "TAG=1").stdout


def test_an_image_of_another_python_says_so_by_its_name() -> None:
    """So a launch from a clone can tell; and the hosts that it may call are built in."""
    given = {**GIVEN, "IMAGE_PYTHON": "3.12", "GEMINI_HOSTS": "a.example,.b.example"}
    place = Place.of(given, "1")
    assert place.image == f"{IMAGE}-py3.12"
    assert python_of(place.image) == "3.12"
    _login, build, _push, _stage = template(place, given, docker=True)
    assert "--build-arg=PYTHON=3.12" in build
    assert "--build-arg=GEMINI_HOSTS=a.example,.b.example" in build
    submit, _stage = template(place, given, docker=False)
    assert (
        f"--substitutions=^~^_IMAGE={place.image}~_PYTHON=3.12~_GEMINI_HOSTS=a.example,.b.example"
    ) in submit
    assert complaint(submit) == ""


def test_tags_say_which_commit_is_in_the_image() -> None:
    """Without TAG the version and the commit name the image."""
    printed = make("template", "DRY_RUN=1", "BUILD=cloud").stdout
    version = re.escape(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
    assert re.search(rf"sluicegate:{version}(-[0-9a-f]{{7,}}(-dirty)?)?\s", printed)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"a": "1", "b": "2"}, "a=1,b=2"),
        ({"a": "1,2", "b": "3"}, "^~^a=1,2~b=3"),
        ({"a": "~,", "b": "|"}, "^;^a=~,;b=|"),
    ],
)
def test_values_keep_their_commas(parameters: dict[str, str], text: str) -> None:
    """Parameters are parted by what is in none of them, said in front as gcloud wants it."""
    assert joined(parameters) == text


def test_a_value_with_every_mark_is_refused() -> None:
    """There is nothing left to part by."""
    with pytest.raises(MissingVariable, match="leave one of them out"):
        joined({"a": ",~|;!@#"})


def test_private_workers_come_with_a_subnetwork() -> None:
    """Public addresses are off where a subnetwork is given, and Dataflow's choice without one."""
    assert "--disable-public-ips" in ALL["launch"][0]
    assert "--disable-public-ips" not in ALL["plain"][0]


def test_workers_experiments_and_disk_are_the_users() -> None:
    """What the page calls a default gives way in a launch from the template, too."""
    assert {
        "--num-workers=2",
        "--max-workers=2",
        "--additional-experiments=no_use_multiple_sdk_containers,min_cpu_platform=x",
        "--additional-user-labels=team=finance,stage=test",
    } <= set(ALL["launch"][0])
    (options,) = [word for word in ALL["launch"][0] if "pipeline-options" in word]
    assert options.partition("options=")[2].split(",") == [
        "disk_size_gb=50", "number_of_worker_harness_threads=16", "autoscaling_algorithm=NONE",
    ]  # fmt: skip
    assert not [word for word in ALL["plain"][0] if word.startswith(("--additional", "--num"))]


@pytest.mark.parametrize("arguments", [[], ["stage"], ["template", "now"]])
def test_other_words_are_a_wrong_call(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The usage is said, and the exit code is 2."""
    assert main(arguments, {}) == 2
    assert "usage:" in capsys.readouterr().err


def test_the_name_follows_from_the_journal() -> None:
    """The same as the clone's command gives, so that Dataflow refuses a second job on a journal."""
    ours = job_name("invoice", "gs://my-bucket/work/journal")
    assert named(GIVEN) == named(EVERYTHING) == ours
    other = "gs://my-bucket/elsewhere"
    assert named({**GIVEN, "PARAMETERS": f"journal={other}"}) == job_name("invoice", other)
    receipts = {**GIVEN, "PARAMETERS": "document_type=receipt"}
    assert named(receipts) == job_name("receipt", "gs://my-bucket/work/journal")
    files = {**GIVEN, "OUTPUT": "gs://my-bucket/out", "FAILURES": ""}
    assert named(files) == job_name("invoice", "gs://my-bucket/out/journal")
    assert named({**GIVEN, "JOB_NAME": "mine"}) == "mine"


def named(given: dict[str, str]) -> str:
    """Return the name of the job that is launched."""
    return launch(PLACE, given)[0][4]
