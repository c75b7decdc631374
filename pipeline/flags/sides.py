"""Flags that name an output which is there: of compare, evaluate and review alike."""

from collections.abc import Callable
from typing import Any

from pipeline.flags.kinds import RUN_ID, Text


def side(add: Callable[..., Any]) -> Any:
    """Return the flag that names an output."""
    return add(
        Text(),
        "The summary of a run (a .json file, local or gs://), project:dataset.table, or files of "
        "rows (Avro, Parquet, JSON Lines): a path prefix or a pattern.",
        required="a run's summary, a table, or files of rows",
        metavar="RUN|OUTPUT",
    )


def failures_of(add: Callable[..., Any], name: str) -> Any:
    """Return the flag for failure records beside the output that flag `name` names."""
    return add(
        Text(),
        f"Failure records of --{name}: a prefix or pattern of .jsonl files.",
        otherwise="as the run's summary says, or 'failures' under a path prefix; else none",
        metavar="PREFIX",
    )


def run_id_of(add: Callable[..., Any], name: str) -> Any:
    """Return the flag that chooses one run of the output that flag `name` names."""
    return add(
        RUN_ID,
        f"Only what that run wrote into --{name}.",
        otherwise="as the summary says, else all; of several rows of a document the latest counts",
        metavar="ID",
    )
