"""Flags of `run`: what earlier runs left behind."""

from dataclasses import dataclass
from functools import partial

from pipeline.flags.flag import flag
from pipeline.flags.kinds import Boolean, Names, Patterns

_flag = partial(flag, group="what earlier runs left behind")


@dataclass(frozen=True, kw_only=True)
class EarlierFlags:
    """What a run takes from earlier ones, and which of their failures it replays."""

    resume: bool = _flag(
        Boolean(),
        "Skip documents whose row of the same request is in the output already. --no_resume, "
        "which is --resume=false, makes every row anew, from the journal where it can.",
        default=True,
    )
    ignore_journal: bool = _flag(
        Boolean(),
        "Take no answer that an earlier run paid for: every document that is not skipped is asked "
        "about, and paid for, again.",
        default=False,
        in_summary=False,  # journal_use says it
    )
    revalidate: bool = _flag(
        Boolean(),
        "Where the journal has no answer for this schema, take the newest one given for another "
        "schema of the same prompt, model and document.",
        default=False,
        in_summary=False,  # journal_use says it
    )
    replay: tuple[str, ...] = _flag(
        Patterns(),
        "Failure files of earlier runs, as --input is given: their documents are done again. With "
        "or without --input.",
    )
    replay_codes: tuple[str, ...] = _flag(
        Names(),
        "Replay failures with these codes alone, comma-separated.",
        otherwise="all",
        metavar="CODES",
    )
    replay_retryable_only: bool = _flag(
        Boolean(),
        "Replay only failures that may succeed without any change.",
        default=False,
    )
