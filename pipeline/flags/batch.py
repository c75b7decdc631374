"""Flags of `run`: batch jobs, with --processing=batch."""

from dataclasses import dataclass
from functools import partial

from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import Choice, Duration, Names, Number, Whole

_flag = partial(flag, group="what it may cost")
_OF_BATCH = Form(parent="processing", parent_values=("batch",))


@dataclass(frozen=True, kw_only=True)
class BatchFlags:
    """What is asked in jobs, for how long they are waited for, and what is done about the rest."""

    wait: float = _flag(
        Duration(),
        "With --processing=batch on this machine: how long to wait for jobs that have not ended, "
        "and collect them. Without it, run the same command again.",
        otherwise="no wait",
        example="6h",
        form=_OF_BATCH,
    )
    waiting_exit_code: str = _flag(
        Choice({"0": "0: it ended well", "75": "75: run it again"}),
        "Exit code of a batch run that ends well while documents wait for jobs: 0, or 75 for a "
        "scheduler that runs the command again by it.",
        default="0",
        metavar="0|75",
        form=_OF_BATCH,
    )
    batch_leftovers: str = _flag(
        Choice(
            {
                "standard": "By calls, at the full price",
                "flex": "By flex calls, at half the price",
                "batch": "In another batch job",
            }
        ),
        "How documents are asked about that a batch job gave no usable answer for: 'standard' or "
        "'flex' calls, or 'batch' for another job. Cut answers and windows always take calls.",
        default="standard",
        metavar="NAME",
        form=_OF_BATCH,
    )
    # Neither service promises an end sooner than a day after it began.
    batch_deadline: float = _flag(
        Number(1, 72),
        "Hours after which a job's end is asked for: on Vertex AI what it answered by then is "
        "kept. On the Developer API only a job that has answered nothing, since all else would "
        "be lost.",
        default=26,
        metavar="HOURS",
        form=_OF_BATCH,
    )
    batch_canary: int = _flag(
        Whole(0, 10_000, "^[0-9]+$"),
        "How many documents are asked about first, where a question was never answered: the others "
        "follow once four fifths of them gave a valid answer. 0: all at once.",
        default=100,
        form=_OF_BATCH,
    )
    batch_documents: int | None = _flag(
        Whole(1, 200_000),
        "Documents of one job, at most.",
        otherwise="20,000 on Vertex AI, 1,500 on the Developer API",
        form=_OF_BATCH,
    )
    batch_forget: tuple[str, ...] = _flag(
        Names(),
        "Batch jobs to give up, by their names or numbers: what they answered is never collected, "
        "and their documents are asked about, and paid for, anew.",
        otherwise="none",
        metavar="JOBS",
        form=_OF_BATCH,
    )
