"""The pages under docs/: their commands are ones that exist, their tables are the code's."""

import re
import shlex
from pathlib import Path

import pytest
from cogapp import Cog
from gcloud_reference import complaint

from pipeline.options import parse_flags
from sluicegate import metrics

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
SHELL = re.compile(r"^ {4}(\S(?:.*\\\n)*.*)$", re.MULTILINE)
NO_COMMAND = ("calls go to", "cd ", "git clone", "terraform ", "bq ")


def commands(page: str) -> list[str]:
    """Return the commands of a page, continued lines joined."""
    found = [match.replace("\\\n", " ") for match in SHELL.findall(PAGES[page])]
    return [line for line in found if not line.startswith(NO_COMMAND)]


GCLOUD = [line for page in PAGES for line in commands(page) if line.startswith("gcloud")]


@pytest.mark.parametrize("line", GCLOUD)
def test_gcloud_knows_the_command(line: str) -> None:
    """Commands and flags are in gcloud's reference."""
    assert complaint(shlex.split(line)) == ""


def test_make_has_the_targets() -> None:
    """Every target that a page names exists."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page, text in PAGES.items():
        named = set(re.findall(r"\bmake ([a-z-]+)\b(?=[ `\n])", text))
        assert {name for name in named if f"`make {name}" in text} <= targets, page
        lines = [line for line in commands(page) if line.startswith("make ")]
        assert {line.split()[1] for line in lines} <= targets, page


@pytest.mark.parametrize("page", ["dataflow.md", "flink.md"])
def test_the_submission_from_a_clone_parses(page: str) -> None:
    """Flags of the command without the template are the product's and Beam's."""
    (line,) = [line for line in commands(page) if line.startswith(".venv/bin/python -m pipeline")]
    flags, _ = parse_flags(shlex.split(line)[3:])
    assert flags["input"]
    assert flags["gemini_service"] == "vertex"


def test_the_page_of_flags_is_current() -> None:
    """It holds what the tables make: `python -m cogapp -r docs/flags.md` makes it anew."""
    assert Cog().main(["cog", "--check", str(ROOT / "docs/flags.md")]) == 0


def test_links_lead_somewhere() -> None:
    """Files that pages link to exist."""
    for text in PAGES.values():
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
            assert (ROOT / "docs" / target).exists(), target


def test_every_counter_is_explained() -> None:
    """The table of metrics has the names of the code, all of them."""
    names = {
        value
        for name, value in vars(metrics).items()
        if name.isupper() and isinstance(value, str) and name != "NAMESPACE"
    }
    listed = PAGES["monitoring.md"].split("## Metrics")[1].split("## Alerts")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", listed, re.MULTILINE)) == names


def test_every_event_is_explained() -> None:
    """The table of events has what the code says in its log."""
    said = {
        event
        for room in ("sluicegate", "transforms")
        for path in (ROOT / room).rglob("*.py")
        for event in re.findall(r'log_event\(\s*logging\.\w+,\s*"(\w+)"', path.read_text("utf-8"))
    }
    listed = PAGES["monitoring.md"].split("## Logs")[1]
    assert set(re.findall(r"^\| `(\w+)` \|", listed, re.MULTILINE)) == said


def test_every_alert_is_explained() -> None:
    """The table of alerts has the files."""
    listed = PAGES["monitoring.md"].split("## Alerts")[1].split("## Logs")[0]
    files = {path.stem for path in (ROOT / "templates/monitoring/alerts").glob("*.json")}
    assert set(re.findall(r"^\| `([\w-]+)` \|", listed, re.MULTILINE)) == files
