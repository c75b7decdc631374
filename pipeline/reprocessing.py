"""Reprocessing: what a run takes from earlier ones, and which of their failures it replays."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.flags.earlier import EarlierFlags
from sluicegate.asking.journal import Use
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.faults import UsageFault
from sluicegate.sources.replay import Choice


@dataclass(frozen=True, slots=True)
class Reprocessing:
    """What a run takes from earlier ones."""

    resume: bool = True  # skip what landed
    journal_use: Use = "same request"
    replay: tuple[str, ...] = ()  # patterns of failure files
    choice: Choice = field(default_factory=Choice)  # which of their failures

    def describe(self) -> dict[str, Any]:
        """Return what its flags do not say by themselves, as plain JSON, for the summary."""
        return {"journal_use": self.journal_use, "replay_codes": sorted(self.choice.codes)}


def read_reprocessing(given: EarlierFlags) -> Reprocessing:
    """Hold the flags against each other; raise UsageFault with one sentence."""
    ignore, revalidate = given.ignore_journal, given.revalidate
    if ignore and revalidate:
        raise UsageFault(
            "--ignore_journal takes nothing from the journal and --revalidate more than usual; "
            "say one"
        )
    choice = Choice(_codes(given), given.replay_retryable_only)
    if choice != Choice() and not given.replay:
        raise UsageFault("--replay_codes and --replay_retryable_only choose from --replay: give it")
    return Reprocessing(
        resume=given.resume,
        journal_use="own run" if ignore else "any schema" if revalidate else "same request",
        replay=given.replay,
        choice=choice,
    )


def _codes(given: EarlierFlags) -> frozenset[str]:
    for code in given.replay_codes:
        if code not in DOCUMENT_CODES:
            raise UsageFault(
                f"--replay_codes: no failure has code {code!r}; docs/failures.md lists them"
            )
    return frozenset(given.replay_codes)
