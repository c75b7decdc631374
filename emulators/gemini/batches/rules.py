"""What can go wrong with a batch job, and whom it hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from emulators.gemini.written_rule import checked, read_rule

# At its creation: the job is there and the reply is not; no job, as too many are open; no answer
# and no job; a job that is no job.
CREATION = frozenset({"reply_lost", "too_many", "no_job_503", "refused_400"})
# How it goes: no further than pending, or to another end than success.
COURSE = frozenset({"stuck", "expired", "cancelled", "failed", "partial", "all_failed"})
# What its results are like. Lines are shuffled, always.
RESULTS = frozenset(
    {"missing", "doubled", "contradicting", "foreign_key", "failed_rows", "results_deleted"}
)
# What its list and its own resource are like.
LOOKS = frozenset({"get_503", "finishes_when_cancelled"})
FAULTS = CREATION | COURSE | RESULTS | LOOKS


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRule:
    """One fault of jobs.

    It hits the ``next`` jobs, or all. ``share`` is how many of a job's rows it hits, of faults that
    hit rows. Raises ``ValueError`` for a fault that does not exist.
    """

    fault: str
    next: int | None = None
    share: float = 0.2

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            message = f"unknown batch fault {self.fault!r}; expected one of {sorted(FAULTS)}"
            raise ValueError(message)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Self:
        """Return the rule that a JSON object describes; raises ``ValueError``."""
        return cls(**checked(cls, given, "batch fault"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the rule of ``NAME[,next=N][,share=X]``."""
        return cls.from_mapping(read_rule(text))


class BatchPlan:
    """Rules with how often each may still strike; used by one thread."""

    def __init__(self, rules: Sequence[BatchRule]) -> None:
        self._rules = tuple(rules)
        self._left = [rule.next for rule in self._rules]

    def draw(self, among: frozenset[str]) -> dict[str, float]:
        """Return the faults of those that hit a job, with their shares, and count them."""
        found = {}
        for number, rule in enumerate(self._rules):
            left = self._left[number]
            if rule.fault not in among or left == 0:
                continue
            if left is not None:
                self._left[number] = left - 1
            found[rule.fault] = rule.share
        return found
