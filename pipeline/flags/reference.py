"""The reference of flags, as docs/flags.md has it."""

import re

from pipeline.exit_codes import explained
from pipeline.flags.command import Command
from pipeline.flags.commands import COMMANDS
from pipeline.flags.flag import Flag, by_group

_FLAG = re.compile(r"(?<!`)--\w+(?:=[\w./:-]*\w)?")


def reference(commands: tuple[Command, ...] = COMMANDS) -> str:
    """Return Markdown: a section a command, a table a group of its flags."""
    return "\n".join(_section(command) for command in commands)


def _section(command: Command) -> str:
    lines = [
        f"## `sluicegate {command.name}`",
        "",
        f"{command.description} From a clone: `{command.as_module}`.",
        "",
        explained(_prose(command.done), _prose(command.failed), command.more_codes),
        "",
    ]
    for title, flags in by_group(command.flags).items():
        lines += [
            f"### {command.name}: {title}",
            "",
            "| Flag | Default | Meaning |",
            "|---|---|---|",
            *map(_line, flags),
            "",
        ]
    return "\n".join(lines)


def _line(flag: Flag) -> str:
    value = flag.placeholder or flag.name.upper()
    shown = f"--{flag.name}[={value}]" if flag.kind.bare else f"--{flag.name}={value}"
    cells = (f"`{shown}`", _default(flag), _meaning(flag))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(flag: Flag) -> str:
    if flag.required:
        return "required"
    return f"`{flag.default_text}`" if flag.default_text else _prose(flag.otherwise) or "–"


def _meaning(flag: Flag) -> str:
    bounds = flag.kind.expects
    bounds = f" From {bounds}." if bounds and bounds not in flag.says else ""
    example = f" Example: `{flag.example}`" if flag.example else ""
    return f"{_prose(flag.says)}{bounds}{example}"


def _prose(text: str) -> str:
    """Return plain text as Markdown: flags as code, and no character that would be markup."""
    return _FLAG.sub(r"`\g<0>`", text.replace("*", r"\*"))
