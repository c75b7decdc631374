"""README and docs: no link is dead, every page is in the index, the commands exist."""

import functools
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from gcloud_reference import complaint

from pipeline.flags.commands import COMMANDS
from pipeline.options import parse_flags
from sluicegate.document_types.load import parse_document_type

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS]
README_CHARACTERS = 9_000
COMMAND = re.compile(r"^ {4}(\S(?:.*\\\n)*.*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Lines of a shell that are nobody's flags here, and lines that a log or a configuration has.
PLAIN = (
    "bq ", "cat ", "cd ", "export ", "git clone", "pip install", "terraform ", "calls go to",
    "restart-strategy", "stopped; ", "the run failed: ",
)  # fmt: skip


def one_model(words: list[str]) -> None:
    """Hold the words of a command that takes a model and no flags: package.module:Model > FILE."""
    model, *rest = words
    assert re.fullmatch(r"[\w.]+:[\w.]+", model)
    assert [len(rest), *rest[:1]] == [2, ">"]


PRODUCT: dict[str, Callable[[list[str]], Any]] = {
    f"{start} ": (
        functools.partial(parse_flags, table=command.flags)
        if command.takes_beam_flags
        else one_model
    )
    for command in COMMANDS
    for start in (f"sluicegate {command.name}", f".venv/bin/{command.as_module}")
}


def text(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCED.sub("", page.read_text("utf-8"))


def commands() -> Iterator[str]:
    """Yield every command of every page, continued lines joined."""
    for page in PAGES:
        for found in COMMAND.findall(text(page)):
            yield found.replace("\\\n", " ").partition("  # ")[0]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page."""
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)}


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the file and the anchor of each link of a page that leads into this repository."""
    for target in re.findall(r"\]\((?!https?://)([^)]+)\)", text(page)):
        file, _, anchor = target.partition("#")
        yield file, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    """Files that pages link to exist, and so do the headings."""
    dead = []
    for file, anchor in links(page):
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(f"{file}#{anchor}")
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    """A path in the words of a page, as `pipeline/command.py`, is a file of this repository."""
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|yaml|json))`", text(page))
    roots = (ROOT, ROOT / "sluicegate")
    missing = {name for name in named if not any((root / name).exists() for root in roots)}
    assert not missing


def test_every_page_is_in_the_index() -> None:
    """Somebody who reads the index finds every page."""
    listed = {file for file, _ in links(ROOT / "docs/index.md")}
    assert {page.name for page in DOCS} - {"index.md"} <= listed


def test_the_readme_is_short() -> None:
    """What is longer is a page of its own."""
    assert len((ROOT / "README.md").read_text("utf-8")) <= README_CHARACTERS


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("gcloud")])
def test_gcloud_knows_the_command(line: str) -> None:
    """Commands and flags are in gcloud's reference."""
    assert complaint(shlex.split(line)) == ""


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith(tuple(PRODUCT))])
def test_the_command_parses(line: str) -> None:
    """The flags of our commands are the product's and Beam's."""
    name = next(name for name in PRODUCT if line.startswith(name))
    PRODUCT[name](shlex.split(line.removeprefix(name)))


def test_make_has_the_targets() -> None:
    """Every target that a page names exists."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {line.split()[1] for line in commands() if line.startswith("make ")}
    for page in PAGES:
        named |= set(re.findall(r"`make ([a-z-]+)[ `]", text(page)))
    assert named <= targets


def test_every_command_is_one_that_is_looked_at() -> None:
    """A page shows no command of a kind that none of the tests above knows."""
    known = (*PRODUCT, *PLAIN, "gcloud ", "make ")
    assert [line for line in commands() if not line.startswith(known)] == []


def test_the_examples_of_document_types_are_some() -> None:
    """They are read as files of that content would be: of one record, and of many."""
    page = (ROOT / "docs/document-types.md").read_text("utf-8")
    examples = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    one, many = (parse_document_type(each.encode(), "delivery_note.yaml") for each in examples)
    assert one.name == many.name == yaml.safe_load(examples[0])["name"]
    assert [check.on_fail for check in one.checks] == ["warn", "fail"]
    assert (one.records, many.records) == ("one", "many")


def test_every_alert_is_explained() -> None:
    """The table of alerts has the files."""
    page = (ROOT / "docs/monitoring.md").read_text("utf-8")
    listed = page.split("## Alerts")[1].split("## Logs")[0]
    files = {path.stem for path in (ROOT / "templates/monitoring/alerts").glob("*.json")}
    assert set(re.findall(r"^\| `([\w-]+)` \|", listed, re.MULTILINE)) == files
