"""The command line: the product's flags by their tables, all others by Beam's options."""

import argparse
from typing import Any, NoReturn

from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

from pipeline.flags.command import add_flags
from pipeline.flags.flag import flags_of
from pipeline.flags.run import RunFlags
from sluicegate.faults import UsageFault
from sluicegate.storage import is_text


class SluicegateOptions(PipelineOptions):
    """The flags of `run`, as Beam sees them."""

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        add_flags(parser, RunFlags)


class _Parser(_BeamArgumentParser):
    """An argument parser that raises instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageFault(message)


def parse_flags(
    arguments: list[str], table: type[Any] = RunFlags
) -> tuple[dict[str, Any], PipelineOptions]:
    """Return a command's own flags as texts by name, and all of them as Beam's options.

    Raises UsageFault for a flag that neither the product nor Beam knows, for a stray word, and
    for a value that Beam's own flags refuse.
    """
    for argument in arguments:
        if not is_text(argument):
            shown = argument.encode("utf-8", "backslashreplace").decode()
            raise UsageFault(f"{shown!r} is not UTF-8 text; rename the file, or name its folder")
    arguments = _spelled_out(arguments, table)
    _refuse_repeats(arguments, table)
    ours = _Parser(allow_abbrev=False, add_help=False)
    add_flags(ours, table)
    known, rest = ours.parse_known_args(arguments)
    _refuse_unknown(rest)
    return vars(known), PipelineOptions(arguments if table is RunFlags else rest)


def _spelled_out(arguments: list[str], table: type[Any]) -> list[str]:
    """Return the arguments with `--no_NAME`, of what is true by default, as `--NAME=false`.

    Raises UsageFault if both forms of a flag are given.
    """
    names = {argument.partition("=")[0] for argument in arguments}
    for flag in flags_of(table):
        if flag.default is not True:
            continue
        yes, no = f"--{flag.name}", f"--no_{flag.name}"
        if {yes, no} <= names:
            raise UsageFault(f"{yes} and {no} are both given; say one")
        meant = {no: f"{yes}=false", f"{no}=true": f"{yes}=false", f"{no}=false": f"{yes}=true"}
        arguments = [meant.get(argument, argument) for argument in arguments]
    return arguments


def _refuse_repeats(arguments: list[str], table: type[Any]) -> None:
    """Refuse a flag given twice: argparse would take the last and forget the other."""
    single = {f"--{flag.name}" for flag in flags_of(table) if not flag.kind.repeated}
    names = [argument.partition("=")[0] for argument in arguments]
    for name in names:
        if name in single and names.count(name) > 1:
            raise UsageFault(f"{name} is given more than once")


def _refuse_unknown(arguments: list[str]) -> None:
    """Refuse what is none of Beam's flags either."""
    beams = _Parser(allow_abbrev=False, add_help=False, conflict_handler="resolve")
    for options in {cls.__name__: cls for cls in _all_options()}.values():
        if options is SluicegateOptions:
            continue  # the flags of `run` are no other command's
        options._add_argparse_args(beams)  # noqa: SLF001 - Beam has no public way
    _, unknown = beams.parse_known_args(arguments)
    if not unknown:
        return
    word = unknown[0]
    hint = (
        "see --help"
        if word.startswith("-")
        else "flags are given as --name=value, and patterns in quotes"
    )
    raise UsageFault(f"unknown flag {word.partition('=')[0]!r}; {hint}")


def _all_options() -> list[type[PipelineOptions]]:
    found, queue = [], list(PipelineOptions.__subclasses__())
    while queue:
        cls = queue.pop()
        found.append(cls)
        queue.extend(cls.__subclasses__())
    return found
