"""The ledger of law 1: what was matched, how it ended, and what it cost. A mergeable sum."""

import hashlib
import math
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from sluicegate.codes import CODES
from sluicegate.records import CallStats, Failure, Row, Spend, Usage, Waiting, add_spends

# Latencies are counted in buckets 2**(1/8) wide: quantiles are right within 4.5 %.
_BUCKETS_PER_OCTAVE = 8


@dataclass(slots=True)
class Ledger:
    """Sums over documents. Mutable while it adds up; merging is commutative and associative.

    Beside counts it keeps a sum of URI hashes of what was matched, and one of how it ended: where
    one document is lost and another counted twice, the counts balance and the hashes do not.
    """

    matched: int = 0
    rows: int = 0
    skipped: int = 0
    excluded: int = 0  # files left out, which are not among the matched
    failures: Counter[str] = field(default_factory=Counter)  # by code
    # Documents by the fault that ended the calls: its code and sentence. One fault an engine.
    waiting_for: Counter[tuple[str, str]] = field(default_factory=Counter)
    journaled: int = 0
    paid: Usage = field(default_factory=Usage)
    cost_usd: Decimal = Decimal(0)
    by_tier: tuple[Spend, ...] = ()  # `paid`, by the tiers asked and served
    unpriced: int = 0  # documents whose cost is not known
    attempts: int = 0
    responses: int = 0  # calls of this run that were paid for, whichever attempt made them
    unusable_lines: int = 0  # of the failure files that were replayed
    stats: CallStats = field(default_factory=CallStats)
    latencies: Counter[int] = field(default_factory=Counter)  # by bucket
    hash_in: int = 0  # of matched documents
    hash_out: int = 0  # of rows, failures, skipped and waiting documents

    def add_matched(self, uri: str) -> None:
        """Add a document that was matched."""
        self.matched += 1
        self.hash_in = (self.hash_in + _hash(uri)) % 2**64

    def add_row(self, row: Row) -> None:
        """Add a row."""
        self.rows += 1
        self._add_answered(row)

    def add_failure(self, failure: Failure) -> None:
        """Add a failure."""
        self.failures[failure.code] += 1
        self._add_answered(failure)

    def add_waiting(self, waiting: Waiting) -> None:
        """Add a document that waits for a later run."""
        self.waiting_for[waiting.code, waiting.message] += 1
        self._add_outcome(waiting)

    def add_skipped(self, uri: str) -> None:
        """Add a document that is skipped: an earlier run has landed it."""
        self.skipped += 1
        self.hash_out = (self.hash_out + _hash(uri)) % 2**64

    def add_excluded(self) -> None:
        """Enter a file that was left out: it is no document, and no outcome."""
        self.excluded += 1

    def add_unusable(self, lines: int) -> None:
        """Add lines of failure files that could not be used."""
        self.unusable_lines += lines

    def add_stats(self, stats: CallStats) -> None:
        """Add what an engine did."""
        self.stats += stats

    def _add_answered(self, outcome: Row | Failure) -> None:
        self._add_outcome(outcome)
        self.journaled += outcome.journaled
        if (outcome.attempts or outcome.responses) and outcome.latency_ms > 0:
            self.latencies[math.floor(math.log2(outcome.latency_ms) * _BUCKETS_PER_OCTAVE)] += 1

    def _add_outcome(self, outcome: Row | Failure | Waiting) -> None:
        self.hash_out = (self.hash_out + _hash(outcome.document_uri)) % 2**64
        self.paid += outcome.paid
        self.attempts += outcome.attempts
        self.responses += outcome.responses
        self.by_tier = add_spends(self.by_tier, outcome.by_tier)
        if outcome.cost_usd is None:
            self.unpriced += 1
        else:
            self.cost_usd += outcome.cost_usd

    def merge(self, other: "Ledger") -> None:
        """Add another ledger to this one."""
        self.matched += other.matched
        self.rows += other.rows
        self.skipped += other.skipped
        self.excluded += other.excluded
        self.failures.update(other.failures)
        self.waiting_for.update(other.waiting_for)
        self.journaled += other.journaled
        self.paid += other.paid
        self.cost_usd += other.cost_usd
        self.unpriced += other.unpriced
        self.attempts += other.attempts
        self.responses += other.responses
        self.by_tier = add_spends(self.by_tier, other.by_tier)
        self.unusable_lines += other.unusable_lines
        self.stats += other.stats
        self.latencies.update(other.latencies)
        self.hash_in = (self.hash_in + other.hash_in) % 2**64
        self.hash_out = (self.hash_out + other.hash_out) % 2**64

    @property
    def failed(self) -> int:
        """Documents that failed, with any code."""
        return self.failures.total()

    @property
    def waiting(self) -> int:
        """Documents that wait for a later run."""
        return self.waiting_for.total()

    @property
    def fault(self) -> tuple[str, str] | None:
        """Code and sentence of the fault that ended the calls; of several, what most wait for.

        None where documents only wait for what was expected: a batch job takes its time.
        """
        faults = (each for each in self.waiting_for if not CODES[each[0]].is_expected)
        return max(faults, key=lambda fault: (self.waiting_for[fault], fault), default=None)

    @property
    def calls(self) -> int:
        """Calls that were made: those that were paid for, and those that brought no response.

        The first are counted by document, so that they are right where a part of the run was
        repeated: what a lost attempt paid for is in the journal.
        """
        return self.responses + self.stats.unanswered

    @property
    def failure_ratio(self) -> float:
        """Failures as a share of matched documents; 0 where nothing matched."""
        return self.failed / self.matched if self.matched else 0.0

    def imbalance(self) -> str:
        """Return a sentence that says what does not add up, or an empty string."""
        outcomes = self.rows + self.failed + self.skipped + self.waiting
        if self.matched != outcomes:
            return (
                f"{self.matched:,} documents were matched, but {self.rows:,} rows + "
                f"{self.failed:,} failures + {self.skipped:,} skipped + {self.waiting:,} waiting "
                f"= {outcomes:,}"
            )
        if self.hash_in != self.hash_out:
            return (
                f"the {self.matched:,} documents matched are not the {outcomes:,} accounted for: "
                "some were lost and others counted twice"
            )
        return ""

    def latency_quantile(self, share: float) -> int:
        """Return the latency in ms that this share of documents stays below; 0 without calls."""
        rank, seen = share * self.latencies.total(), 0
        for bucket, count in sorted(self.latencies.items()):
            seen += count
            if seen >= rank:
                return round(2 ** ((bucket + 0.5) / _BUCKETS_PER_OCTAVE))
        return 0


def _hash(uri: str) -> int:
    digest = hashlib.blake2b(uri.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
