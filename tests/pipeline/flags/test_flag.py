"""One line in a table is a flag everywhere: help, bounds, settings, template, reference."""

import argparse
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pipeline.flags.command import add_flags
from pipeline.flags.commands import COMMANDS
from pipeline.flags.flag import Flag, described, flag, flags_of, judge
from pipeline.flags.kinds import Number
from pipeline.flags.reference import reference
from pipeline.flags.run import RUN, RunFlags
from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.settings import read_settings
from sluicegate.faults import UsageFault
from templates.metadata import metadata

EVERY_FLAG = [(command.name, each) for command in COMMANDS for each in flags_of(command.flags)]


@dataclass(frozen=True, kw_only=True)
class WithOneMore(RunFlags):
    """The flags of `run`, and one that is not there yet."""

    new_rate: float = flag(
        Number(1, 2000), "How many, 100 % sure.", group="new things", default=7, metavar="SHARE"
    )


ONE_MORE = replace(RUN, flags=WithOneMore)


def judged(**given: Any) -> WithOneMore:
    """Return the values of a command line with the flag that is new."""
    texts, _ = parse_flags(to_arguments({"input": "a", "output": "b", **given}), WithOneMore)
    return judge(WithOneMore, texts)


def test_help_shows_it() -> None:
    """In a group of its own, with its default, and with what argparse would take for a format."""
    printed = " ".join(ONE_MORE.help_text().split())
    assert "new things: --new_rate SHARE How many, 100 % sure. Default: 7." in printed


def test_its_value_is_judged() -> None:
    """A number, within its bounds; empty or left out it is the default."""
    assert judged().new_rate == judged(new_rate="").new_rate == 7
    assert judged(new_rate="2.5").new_rate == 2.5
    with pytest.raises(UsageFault, match="--new_rate 'x' is not a number"):
        judged(new_rate="x")
    with pytest.raises(UsageFault, match="--new_rate 0 is not between 1 and 2,000"):
        judged(new_rate=0)
    with pytest.raises(UsageFault, match="--new_rate is given more than once"):
        judged(new_rate=[1, 2])


@pytest.mark.usefixtures("api_key")
def test_the_summarys_settings_have_it() -> None:
    """Under its name, as plain JSON, beside what was there before."""
    settings = read_settings(*parse_flags(["--input=a", "--output=b"]))
    more = replace(settings, given=judged(new_rate=9))
    assert more.describe() == {**settings.describe(), "new_rate": 9}


def test_the_template_has_it() -> None:
    """The last of the form's parameters."""
    assert metadata(WithOneMore)["parameters"] == [
        *metadata()["parameters"],
        {
            "name": "new_rate",
            "label": "New rate",
            "helpText": "How many, 100 % sure. Default: 7.",
            "groupName": "New things",
            "isOptional": True,
            "paramType": "NUMBER",
            "defaultValue": "7",
            "regexes": [r"^[0-9]+(\.[0-9]+)?$"],
        },
    ]


def test_the_reference_has_it() -> None:
    """A line of the table of its group."""
    page = reference((ONE_MORE,))
    assert "### run: new things" in page
    assert "| `--new_rate=SHARE` | `7` | How many, 100 % sure. From 1 to 2,000. |" in page


@pytest.mark.parametrize(("command", "each"), EVERY_FLAG, ids=lambda it: getattr(it, "name", it))
def test_every_line_is_whole(command: str, each: Flag) -> None:
    """Help is a sentence that does not name the default by hand; what is needed has none."""
    assert each.says.endswith("."), command
    assert "Default:" not in each.says
    assert not (each.required and (each.default_text or each.otherwise))
    assert not (each.default_text and each.otherwise)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_no_flag_is_given_twice_and_none_hides_another(command: Any) -> None:
    """A table has as many flags as fields, and argparse takes them all."""
    names = [each.name for each in flags_of(command.flags)]
    assert len(names) == len(set(names)) == len(command.flags.__dataclass_fields__)
    parser = argparse.ArgumentParser(add_help=False)
    add_flags(parser, command.flags)
    assert [action.dest for action in parser._actions] == names


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_values_of_nothing_are_the_defaults(command: Any) -> None:
    """An instance without arguments is what a command line without flags would be."""
    needed = {each.name: "x" for each in flags_of(command.flags) if each.required}
    assert judge(command.flags, needed) == command.flags(**needed)


def test_what_is_needed_is_said_with_what_it_is() -> None:
    """The first that is missing, whatever else is."""
    with pytest.raises(UsageFault, match=r"^--output is required: project:dataset\.table, or a"):
        judge(RunFlags, {"output": ""})


def test_values_are_described_as_json() -> None:
    """Lists for tuples, null for what is empty; what the settings say otherwise is left out."""
    found = described(RunFlags(input=("a", "b"), output="o", resume=False))
    assert (found["input"], found["output"], found["resume"]) == (["a", "b"], "o", False)
    assert (found["replay"], found["model"], found["requests_per_minute"]) == ([], None, None)
    assert not {"run_id", "summary", "gemini_service", "ignore_journal"} & set(found)


def test_the_reference_is_markdown() -> None:
    """Every flag has a row of three cells, and a pattern's stars are no emphasis."""
    page = reference()
    rows = re.findall(r"^\| `--.*$", page, re.MULTILINE)
    assert len(rows) == len(EVERY_FLAG)
    for row in rows:
        assert len(re.split(r"(?<!\\)\|", row)) == 5, row
        assert not re.search(r"(?<!\\)\*", re.sub(r"`[^`]*`", "", row)), row
    for command in COMMANDS:
        assert f"## `sluicegate {command.name}`" in page
