"""The program `sluicegate`: one word chooses a command, the rest is that command's.

Nothing here needs Beam: its import takes seconds, and a command brings it when it is chosen.
"""

import difflib
import sys
from importlib.metadata import PackageNotFoundError, version

from pipeline.exit_codes import CODES_OF_RUN, DONE, EXIT_CODES, UNUSABLE
from pipeline.flags.commands import COMMANDS

PROGRAM = "sluicegate"


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the first word names; return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    match words:
        case []:
            print(help_text(), end="", file=sys.stderr)  # noqa: T201 - nothing was asked for
            return UNUSABLE
        case ["--help" | "-h" | "help"]:
            print(help_text(), end="")  # noqa: T201 - what was asked for
            return DONE
        case ["--version"]:
            print(f"{PROGRAM} {_version()}")  # noqa: T201 - what was asked for
            return DONE
    name, *rest = words
    for command in COMMANDS:
        if command.name == name:
            return command.run(rest, prog=f"{PROGRAM} {command.name}")
    print(f"error: {_complaint(name)}", file=sys.stderr)  # noqa: T201
    return UNUSABLE


def help_text() -> str:
    """Return what `sluicegate --help` prints."""
    briefs = {command.name: command.brief for command in COMMANDS}
    codes = {str(code): text for code, text in sorted({**EXIT_CODES, **CODES_OF_RUN}.items())}
    return f"""\
usage: {PROGRAM} COMMAND [--flag=value ...]

Documents in, rows out, at exactly the flow a Gemini quota allows.

commands:
{_listed(briefs)}

'{PROGRAM} COMMAND --help' explains a command and all of its flags; '{PROGRAM} --version' says
which version this is.

examples:
  # A folder of invoices to Avro files on this machine, through the Developer API
  export GEMINI_API_KEY=...
  {PROGRAM} run --input='invoices/**' --output=out

  # What a second run changed, and how much of it is right
  {PROGRAM} compare --before=out/summaries/A.json --after=out/summaries/B.json
  {PROGRAM} evaluate --rows=out/summaries/B.json --truth=truth.jsonl

exit codes:
{_listed(codes)}
"""


def _complaint(word: str) -> str:
    names = [command.name for command in COMMANDS]
    if word.startswith("-"):
        return f"a command comes first: {PROGRAM} {names[0]} {word.partition('=')[0]}=…"
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"unknown command {word!r}; {hint}"


def _listed(entries: dict[str, str]) -> str:
    width = max(map(len, entries))
    return "\n".join(f"  {name:<{width}}  {text}" for name, text in entries.items())


def _version() -> str:
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "(not installed)"
