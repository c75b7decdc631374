"""The command document-type: from a pydantic model to the YAML of a document type. Without Beam."""

import sys

from pipeline.exit_codes import DONE, FAILED, UNUSABLE
from pipeline.flags.document_type import DOCUMENT_TYPE
from sluicegate.document_types.drafting import draft, find_model
from sluicegate.faults import UsageFault


def main(arguments: list[str], prog: str = "") -> int:
    """Write the type to standard output; return an exit code as its `--help` says."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        usage = f"{prog or DOCUMENT_TYPE.as_module} {DOCUMENT_TYPE.usage}"
        return _say(f"error: one model is needed: {usage}", UNUSABLE)
    # The modules of the folder one stands in, as `python -m` finds them.
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        drafted = draft(find_model(arguments[0]), arguments[0])
    except UsageFault as fault:
        return _say(f"error: {fault}", UNUSABLE)
    print(drafted.text, end="")  # noqa: T201 - what was asked for
    for note in drafted.notes:
        _say(f"note: {note}", DONE)
    for reason in drafted.left_out:
        _say(f"left out: {reason}", FAILED)
    return FAILED if drafted.left_out else DONE


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - to a person
    return code


if __name__ == "__main__":
    sys.exit(DOCUMENT_TYPE.run(sys.argv[1:]))
