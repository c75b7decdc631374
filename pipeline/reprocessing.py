"""Reprocessing: what a run takes from earlier ones, and which of their failures it replays."""

import argparse
from dataclasses import dataclass, field
from typing import Any

from pipeline.values import boolean, patterns
from sluicegate.asking.journal import Use
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.faults import UsageFault
from sluicegate.sources.replay import Choice

# A truth may be given bare: --revalidate is --revalidate=true.
TRUTH: dict[str, Any] = {"nargs": "?", "const": "true", "metavar": "BOOL"}


@dataclass(frozen=True, slots=True)
class Reprocessing:
    """What a run takes from earlier ones."""

    resume: bool = True  # skip what landed
    journal_use: Use = "same request"
    replay: tuple[str, ...] = ()  # patterns of failure files
    choice: Choice = field(default_factory=Choice)  # which of their failures

    def describe(self) -> dict[str, Any]:
        """Return it as plain JSON, for the summary."""
        return {
            "resume": self.resume,
            "journal_use": self.journal_use,
            "replay": list(self.replay),
            "replay_codes": sorted(self.choice.codes),
            "replay_retryable_only": self.choice.retryable_only,
        }


def add_reprocessing_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags by which a run builds on earlier ones."""
    group = parser.add_argument_group("what earlier runs left behind")
    group.add_argument(
        "--resume",
        default="true",
        help="Skip documents whose row of the same request is in the output already. "
        "--no_resume, which is --resume=false, makes every row anew, from the journal where it "
        "can. Default: true.",
        **TRUTH,
    )
    group.add_argument(
        "--ignore_journal",
        default="false",
        help="Take no answer that an earlier run paid for: every document that is not skipped is "
        "asked about, and paid for, again. Default: false.",
        **TRUTH,
    )
    group.add_argument(
        "--revalidate",
        default="false",
        help="Where the journal has no answer for this schema, take the newest one given for "
        "another schema of the same prompt, model and document. Default: false.",
        **TRUTH,
    )
    group.add_argument(
        "--replay",
        action="append",
        metavar="PATTERN",
        help="Failure files of earlier runs, as --input is given: their documents are done again. "
        "With or without --input.",
    )
    group.add_argument(
        "--replay_codes",
        metavar="CODES",
        help="Replay failures with these codes alone, comma-separated. Default: all.",
    )
    group.add_argument(
        "--replay_retryable_only",
        default="false",
        help="Replay only failures that may succeed without any change. Default: false.",
        **TRUTH,
    )


def spell_out(arguments: list[str]) -> list[str]:
    """Return the arguments with `--no_resume` written as the flag it stands for.

    Raises UsageFault if that and `--resume` are both given.
    """
    meant = {
        "--no_resume": "--resume=false",
        "--no_resume=true": "--resume=false",
        "--no_resume=false": "--resume=true",
    }
    names = {argument.partition("=")[0] for argument in arguments}
    if {"--resume", "--no_resume"} <= names:
        raise UsageFault("--resume and --no_resume are both given; say one")
    return [meant.get(argument, argument) for argument in arguments]


def read_reprocessing(flags: dict[str, Any]) -> Reprocessing:
    """Judge the flags; raise UsageFault with one sentence for the first that is wrong."""
    ignore, revalidate = boolean(flags, "ignore_journal"), boolean(flags, "revalidate")
    if ignore and revalidate:
        raise UsageFault(
            "--ignore_journal takes nothing from the journal and --revalidate more than usual; "
            "say one"
        )
    replay = patterns(flags, "replay")
    choice = Choice(_codes(flags), boolean(flags, "replay_retryable_only"))
    if choice != Choice() and not replay:
        raise UsageFault("--replay_codes and --replay_retryable_only choose from --replay: give it")
    return Reprocessing(
        resume=boolean(flags, "resume", default=True),
        journal_use="own run" if ignore else "any schema" if revalidate else "same request",
        replay=replay,
        choice=choice,
    )


def _codes(flags: dict[str, Any]) -> frozenset[str]:
    codes = [code.strip() for code in str(flags.get("replay_codes", "")).split(",")]
    for code in filter(None, codes):
        if code not in DOCUMENT_CODES:
            raise UsageFault(
                f"--replay_codes: no failure has code {code!r}; docs/failures.md lists them"
            )
    return frozenset(filter(None, codes))
