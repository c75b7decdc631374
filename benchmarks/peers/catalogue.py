"""What is measured side by side, by name: Sluicegate, and what people use today."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to extract documents: the words after ``python -m benchmarks.peers``."""

    name: str
    title: str
    arguments: tuple[str, ...]


# Sluicegate beside itself, on a project that the scenario's fault spares: its yardstick.
UNDISTURBED = "sluicegate-undisturbed"


def is_ours(name: str) -> bool:
    """Tell whether a name is one of Sluicegate's."""
    return name.startswith("sluicegate")


def is_measured(name: str) -> bool:
    """Tell whether a name is one of Sluicegate's that is held against others."""
    return is_ours(name) and name != UNDISTURBED


PEERS: Mapping[str, Peer] = {
    each.name: each
    for each in (
        Peer("sluicegate", "Sluicegate", ("sluicegate",)),
        Peer("sluicegate-known", "Sluicegate, quota given", ("sluicegate",)),
        Peer(UNDISTURBED, "Sluicegate, undisturbed", ("sluicegate",)),
        Peer("script", "script, 10 at a time", ("script",)),
        Peer("script-retries", "script, 10, SDK retries", ("script", "--retries")),
        Peer(
            "script-40-retries",
            "script, 40, SDK retries",
            ("script", "--retries", "--concurrency=40"),
        ),
        Peer("runinference", "RunInference, 16 threads", ("runinference",)),
        Peer("runinference-8", "RunInference, batches of 8", ("runinference", "--batch-size=8")),
    )
}

OURS = ("sluicegate", "sluicegate-known")
OTHERS = ("script", "script-retries", "script-40-retries", "runinference", "runinference-8")
# Those that send one document a call: what batches lose is shown once and not in each scenario.
SINGLE_OTHERS = OTHERS[:-1]
