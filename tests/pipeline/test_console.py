"""The program `sluicegate`: it teaches, finds commands, and starts them under its name."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipeline.console import main
from pipeline.exit_codes import EXIT_CODES
from pipeline.flags.command import Command
from pipeline.flags.commands import COMMANDS

ROOT = Path(__file__).parents[2]


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command with what it does, examples, each exit code; on standard output."""
    assert main(["--help"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for command in COMMANDS:
        assert f"  {command.name}" in printed.out
        assert command.brief in printed.out
    assert "examples:" in printed.out
    for code, text in EXIT_CODES.items():
        assert f"  {code:<3}  {text}" in printed.out
    assert max(map(len, printed.out.splitlines())) <= 100


def test_nothing_at_all_is_answered_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    """As a mistake: on standard error, with the code of one."""
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "commands:" in printed.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["evalaute", "--rows=x"], "unknown command 'evalaute'; did you mean 'evaluate'?"),
        (
            ["dance"],
            (
                "unknown command 'dance'; there are run, compare, evaluate, review, correct, "
                "document-type"
            ),
        ),
        (["--input=a/**"], "a command comes first: sluicegate run --input=…"),
    ],
)
def test_an_unknown_command_gets_a_hint(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, nothing started."""
    assert main(words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"error: {says}\n")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_goes_by_the_name_it_was_started_with(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same help either way, but for what one has to type."""
    name, as_module = command.name, command.as_module
    assert main([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: sluicegate {name} {command.usage}")
    assert printed.replace(f"sluicegate {name}", as_module) == command.help_text()
    assert command.help_text().startswith(f"usage: {as_module} {command.usage}")


def test_help_comes_at_once() -> None:
    """The help of every command is printed without Beam, whose import takes seconds."""
    program = (
        "import sys; from pipeline.console import main\n"
        "codes = [main([*words, '--help']) for words in (line.split() for line in sys.argv[1:])]\n"
        "sys.exit(any(codes) or 'apache_beam' in sys.modules)"
    )
    words = ["", *(command.name for command in COMMANDS)]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_commands_mistakes_are_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Flags go through as they are; the exit code comes back."""
    assert main(["compare", "--after=x"]) == 2
    assert capsys.readouterr().err.startswith("error: --before is required")


def test_it_is_installed_with_the_package(tmp_path: Path) -> None:
    """Pip makes the program, which says its version and its commands without Beam."""
    clone, target = tmp_path / "clone", tmp_path / "target"
    for name in ("pipeline", "sluicegate", "transforms"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, clone / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--no-build-isolation", "--no-index", f"--target={target}", str(clone)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    said = {}
    for word in ("--version", "--help", "complain"):
        done = subprocess.run(
            [target / "bin" / "sluicegate", word],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(target)},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        said[word] = (done.returncode, done.stdout, done.stderr)
    kinds = (".css", ".js", ".yaml")  # what the code reads beside itself
    files = (clone / "sluicegate").rglob("*")
    beside = {path.relative_to(clone) for path in files if path.suffix in kinds}
    assert len(beside) > 10
    assert [path for path in beside if not (target / path).is_file()] == []
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert said["--version"] == (0, f"sluicegate {version}\n", "")
    assert said["--help"][0] == 0
    assert "commands:" in said["--help"][1]
    assert said["complain"][:2] == (2, "")
    assert said["complain"][2].endswith("did you mean 'compare'?\n")
