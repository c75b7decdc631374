"""The image: what is in it, that its parts exist, and that what it starts is the command."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from pipeline.addresses import HOSTS_VARIABLE
from pipeline.worker_image import IMAGE_PYTHON

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "templates/Dockerfile").read_text("utf-8")
ARGUMENTS = dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))
# Sources and targets of what is copied from the repository.
COPIED = re.findall(r"^COPY (?!--)(\S+) (\S+)$", DOCKERFILE, re.MULTILINE)


def test_hadolint_has_nothing_to_say() -> None:
    """Its rules hold without exceptions."""
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--no-fail", "templates/Dockerfile"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "hadolint ignore" not in DOCKERFILE


def test_versions_are_those_that_are_pinned() -> None:
    """Beam's boot program is of the Beam that is installed; Python is one that is supported."""
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    assert f"apache-beam=={ARGUMENTS['BEAM']} " in requirements
    assert ARGUMENTS["PYTHON"] == IMAGE_PYTHON
    assert "--no-deps --require-hashes --requirement /tmp/requirements.txt" in DOCKERFILE
    assert "pip check" in DOCKERFILE
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(stages) == 3
    assert not [stage for stage in stages if stage.endswith(":latest") or ":" not in stage]


def test_only_the_product_is_in_it() -> None:
    """No tests, no emulators, no OCR, no requirements of development."""
    sources = {source for source, _ in COPIED}
    assert sources == {
        "requirements.txt", "LICENSE", "pipeline", "sluicegate", "transforms",
        "pipeline/__main__.py",
    }  # fmt: skip
    assert all((ROOT / source).exists() for source in sources)
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    for name in ("rapidocr", "bqemulator", "pytest", "onnxruntime", "reportlab"):
        assert not re.search(rf"^{name}\b", requirements, re.MULTILINE)


def test_builders_are_sent_what_is_copied() -> None:
    """Both lists of what is sent let in every source, and neither lets in the rest."""
    for name in ("templates/Dockerfile.dockerignore", "templates/.gcloudignore"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        allowed = {line[1:].strip("/") for line in lines if line.startswith("!")}
        for source, _ in COPIED:
            assert source.partition("/")[0] in allowed, f"{name}: {source}"
        assert not {"tests", "emulators", "samples", "benchmarks", ".git"} & allowed
        assert any(fnmatch.fnmatch("tests", line.lstrip("/")) for line in lines if line[:1] != "!")


def test_the_entry_point_is_the_command(tmp_path: Path) -> None:
    """Laid out as in the image, main.py is `python -m pipeline`, from any folder."""
    template = tmp_path / "template"
    for source, target in COPIED:
        if source.startswith("requirements"):
            continue
        where = template / target.removeprefix("./")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, where, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            where = where if where.suffix else where / source
            where.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, where)
    assert sorted(path.name for path in template.iterdir()) == [
        "LICENSE", "main.py", "pipeline", "sluicegate", "transforms",
    ]  # fmt: skip
    keys = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    clean = {name: value for name, value in os.environ.items() if name not in keys}
    environment = {**clean, "PYTHONPATH": str(template)}
    for arguments, code, says in (
        (["--help"], 0, "--requests_per_minute"),
        (["--input=", "--output=gs://b/o", "--project=p", "--model="], 2, "--input is required"),
    ):
        done = subprocess.run(
            [sys.executable, template / "main.py", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert says in done.stdout + done.stderr


def test_the_image_knows_its_name() -> None:
    """The name that is built is the name that workers are told."""
    assert re.search(r"^ARG IMAGE$", DOCKERFILE, re.MULTILINE)
    assert "ENV SLUICEGATE_IMAGE=${IMAGE} " in DOCKERFILE
    build = yaml.safe_load((ROOT / "templates/cloudbuild.yaml").read_text("utf-8"))
    (step,) = build["steps"]
    assert "--build-arg=IMAGE=${_IMAGE}" in step["args"]
    assert "--file=templates/Dockerfile" in step["args"]
    assert build["substitutions"]["_PYTHON"] == IMAGE_PYTHON
    built = {arg.partition("=")[2].partition("=")[0] for arg in step["args"] if "build-arg" in arg}
    assert built <= {*ARGUMENTS, *re.findall(r"^ARG (\w+)$", DOCKERFILE, re.MULTILINE)}
    assert f"{HOSTS_VARIABLE}=${{GEMINI_HOSTS}}" in DOCKERFILE
    assert build["images"] == ["${_IMAGE}"]
    assert 'ENTRYPOINT ["/opt/apache/beam/boot"]' in DOCKERFILE
    assert "FLEX_TEMPLATE_PYTHON_PY_FILE=/template/main.py" in DOCKERFILE
