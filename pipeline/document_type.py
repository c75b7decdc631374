"""The command document-type: from a pydantic model to the YAML of a document type."""

import sys

from rich.console import Console

from pipeline.command import say
from sluicegate.document_types.drafting import draft, find_model
from sluicegate.faults import UsageFault

_HELP = """\
usage: {prog} package.module:Model > my_type.yaml

Write the YAML of a document type that extracts what a pydantic model describes (or a dataclass, or
a TypedDict): its fields, descriptions and constraints, and the stub of a prompt. What a table
cannot hold is left out, and said on stderr with its path and what to do instead.

example:
  {prog} shop.models:Invoice > invoice.yaml

Exit codes: 0 everything was taken along; 1 some of it was left out; 2 there is no such model.
"""


def main(arguments: list[str], prog: str = "python -m pipeline.document_type") -> int:
    """Write the type to standard output; return 0, 1 or 2 as --help says."""
    if any(word in ("--help", "-h") for word in arguments):
        print(_HELP.format(prog=prog), end="")  # noqa: T201 - what was asked for
        return 0
    console = Console(stderr=True, highlight=False)
    if len(arguments) != 1 or arguments[0].startswith("-"):
        return say(console, f"error: give one model: {prog} package.module:Model", 2)
    # As `python -m` does: the modules of the folder one stands in.
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        drafted = draft(find_model(arguments[0]), arguments[0])
    except UsageFault as fault:
        return say(console, f"error: {fault}", 2)
    print(drafted.text, end="")  # noqa: T201 - what was asked for
    for reason in drafted.left_out:
        say(console, f"left out: {reason}", 1)
    for note in drafted.notes:
        say(console, f"note: {note}", 0)
    return 1 if drafted.left_out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
