"""`python -m templates metadata | template | launch`: what `make` runs. DRY_RUN=1 only prints."""

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from templates.commands import Command, MissingVariable, Place, launch, template

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str], given: Mapping[str, str]) -> int:
    """Run one action and return its exit code: 0, 2 for a wrong call, or what gcloud returned."""
    match arguments:
        case ["metadata"]:
            return _write_metadata()
        case ["template" | "launch" as action]:
            try:
                commands = _commands(action, given)
            except MissingVariable as missing:
                return _say(f"error: {missing}", 2)
            return run(commands, dry=bool(given.get("DRY_RUN")))
        case _:
            return _say("usage: python -m templates metadata | template | launch", 2)


def run(commands: list[Command], *, dry: bool) -> int:
    """Print each command and, unless dry, run it; stop at the first that fails."""
    if not dry and not shutil.which("gcloud"):
        return _say("error: gcloud is not installed; DRY_RUN=1 prints what it would be given", 2)
    for command in commands:
        print(shlex.join(command), flush=True)
        if not dry:
            code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603
            if code:
                return code
    return 0


def _commands(action: str, given: Mapping[str, str]) -> list[Command]:
    place = Place.of(given, _version())
    if action == "launch":
        return launch(place, given)
    return template(place, given, docker=_has_docker(given))


def _has_docker(given: Mapping[str, str]) -> bool:
    """Tell whether images are built here: BUILD=docker or BUILD=cloud, else if docker answers."""
    if given.get("BUILD"):
        return given["BUILD"] == "docker"
    docker = shutil.which("docker")
    if not docker:
        return False
    asked = [docker, "info", "--format={{.ServerVersion}}"]
    done = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def _version() -> str:
    """Return the version and the commit, so that a tag says what is in its image."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    git = shutil.which("git")
    asked = [git or "", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False) if git else None  # noqa: S603
    commit = done.stdout.strip() if done and done.returncode == 0 else ""
    return f"{project['version']}-{commit}" if commit else str(project["version"])


def _write_metadata() -> int:
    # Beam takes seconds to import, and the other actions run without any dependency.
    from templates.metadata import PATH, rendered  # noqa: PLC0415

    PATH.write_text(rendered(), "utf-8")
    return _say(f"wrote {PATH.relative_to(ROOT)}", 0)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
