"""Who contends: Sluicegate and its peers, by name."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to extract documents: the words after ``python -m benchmarks.contenders``."""

    name: str
    title: str
    arguments: tuple[str, ...]


def is_ours(name: str) -> bool:
    """Tell whether a contender is Sluicegate, by its name."""
    return name.startswith("sluicegate")


CONTENDERS: Mapping[str, Contender] = {
    each.name: each
    for each in (
        Contender("sluicegate", "Sluicegate", ("sluicegate",)),
        Contender("sluicegate-known", "Sluicegate, quota given", ("sluicegate",)),
        Contender("script", "script, 10 at a time", ("script",)),
        Contender("script-retries", "script, 10, SDK retries", ("script", "--retries")),
        Contender(
            "script-40-retries",
            "script, 40, SDK retries",
            ("script", "--retries", "--concurrency=40"),
        ),
        Contender("runinference", "RunInference, 16 threads", ("runinference",)),
        Contender(
            "runinference-8", "RunInference, batches of 8", ("runinference", "--batch-size=8")
        ),
    )
}

OURS = ("sluicegate", "sluicegate-known")
PEERS = ("script", "script-retries", "script-40-retries", "runinference", "runinference-8")
# Those that send one document a call: what batches lose is shown once and not in each scenario.
SINGLE_PEERS = PEERS[:-1]
