"""What a command is: its name, its flags, what its --help teaches, and how it is started."""

import argparse
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pipeline.exit_codes import DONE, explained
from pipeline.flags.flag import by_group

_WIDTH = 100
_OTHERS = "Every other flag is Beam's own: --runner, --project, --region, --temp_location, ...\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that is started as `sluicegate NAME`, or as a module.

    In `examples` and `notes` {prog} stands for the way it was started.
    """

    name: str
    module: str  # what `python -m` takes
    entry: str  # the function that runs it, as module:name; imported when it is called
    flags: type[Any]  # its table
    usage: str  # the flags that are always needed
    brief: str  # one line, for the list of commands
    description: str
    examples: str
    notes: str = ""
    done: str  # what exit code 0 means
    failed: str  # what exit code 1 means
    more_codes: Mapping[int, str] = field(default_factory=dict)  # exit codes of its own
    takes_beam_flags: bool = True

    @property
    def as_module(self) -> str:
        """How it is started from a clone."""
        return f"python -m {self.module}"

    def run(self, arguments: list[str], prog: str = "") -> int:
        """Run it, started as `prog`, or print its help; return an exit code as its help says.

        What runs it is imported then: it brings Beam, which takes seconds and help does not need.
        """
        if any(word in ("--help", "-h") for word in arguments):  # whatever else was given
            print(self.help_text(prog), end="")  # noqa: T201 - what was asked for
            return DONE
        module, _, function = self.entry.partition(":")
        return int(getattr(import_module(module), function)(arguments, prog))

    def help_text(self, prog: str = "") -> str:
        """Return what --help prints: the command's flags, and where to find Beam's."""
        prog = prog or self.as_module
        said = explained(self.done, self.failed, self.more_codes)
        codes = textwrap.fill(said, _WIDTH, break_on_hyphens=False)
        others = _OTHERS if self.takes_beam_flags else ""
        parts = (f"examples:\n{self.examples}", self.notes, f"{others}{codes}\n")
        parser = argparse.ArgumentParser(
            prog=prog,
            usage=f"{prog} {self.usage}" + (" [--flag=value ...]" if others else ""),
            description=self.description,
            epilog="\n".join(part for part in parts if part).replace("{prog}", prog),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        add_flags(parser, self.flags)
        return parser.format_help()


def add_flags(parser: argparse.ArgumentParser, table: type[Any]) -> None:
    """Add every flag of a table, as text: values are judged later, of templates' texts too."""
    for title, flags in by_group(table).items():
        group = parser.add_argument_group(title)
        for each in flags:
            kind = each.kind
            more: dict[str, Any] = {"action": "append"} if kind.repeated else {}
            if kind.bare:
                more |= {"nargs": "?", "const": kind.bare}
            group.add_argument(
                f"--{each.name}",
                default=each.default_text or None,
                metavar=each.placeholder,
                help=each.help.replace("%", "%%"),
                **more,
            )
