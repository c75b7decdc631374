"""The board: how all batch jobs of a journal stand, once what has ended is in the journal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from sluicegate.batch.manifest import Manifest
from sluicegate.batch.members import Members
from sluicegate.batch.register import View

# What is known of a question's first documents, which prove that it can be asked in batches:
# nothing, that they are asked for, that too few gave an answer, or that enough did.
Canary = Literal["none", "asked", "failed", "proven"]
# Of the canary's documents so many must give a valid answer.
PROVEN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps an open shard from being collected. `code` is one of a job's."""

    number: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Board:
    """Small: it goes to every worker. `view` was taken before any document was looked up."""

    view: View
    troubles: tuple[Trouble, ...] = ()
    canary: Canary = "proven"
    canary_says: str = ""

    def trouble(self, number: int) -> Trouble | None:
        """Return what is wrong with an open shard."""
        return next((each for each in self.troubles if each.number == number), None)


class OpenShards:
    """Looks identities up among the members of the open shards. Loaded once a process."""

    def __init__(self, board: Board, load: Callable[[str], Members]) -> None:
        self._shards = [(manifest, load(manifest.shard)) for manifest in board.view.open]

    def of(self, identity: str) -> Manifest | None:
        """Return the shard that asks for it."""
        return next((each for each, members in self._shards if identity in members), None)


def canary_of(
    manifests: Iterable[Manifest], question: str, *, was_answered: bool
) -> tuple[Canary, str]:
    """Return what is known of a question's canary, and a sentence about one that failed."""
    found = [each for each in manifests if each.is_canary and each.question == question]
    if any(each.is_open for each in found):
        return "asked", ""
    ended = [each for each in found if each.state == "collected"]
    if not ended:
        return ("proven" if was_answered else "none"), ""
    documents, usable = (sum(each) for each in zip(*map(_counted, ended), strict=True))
    if usable >= PROVEN_SHARE * documents:
        return "proven", ""
    return "failed", (
        f"of the first {documents:,} documents {usable:,} gave a valid answer in batch job "
        f"{ended[-1].name}; see their failures, mend the document type or the input, or say "
        "--batch_canary=0 to ask about all the same"
    )


def _counted(manifest: Manifest) -> tuple[int, int]:
    return manifest.documents, manifest.usable
