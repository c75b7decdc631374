"""The ledger of law 1: what was matched, how it ended, and what it cost. A mergeable sum.

Three equations: documents matched = landed + failed + skipped + waiting, records found = rows +
record failures, pages = pages in records + pages set aside.
"""

import hashlib
import math
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from sluicegate.records import (
    CallStats,
    Contents,
    Failure,
    Row,
    Spend,
    Usage,
    Waiting,
    add_spends,
)

# Latencies are counted in buckets 2**(1/8) wide: quantiles are right within 4.5 %.
_BUCKETS_PER_OCTAVE = 8


@dataclass(slots=True)
class Ledger:
    """Sums over documents. Mutable while it adds up; merging is commutative and associative.

    Beside counts it keeps a sum of URI hashes of what was matched, and one of how it ended: where
    one document is lost and another counted twice, the counts balance and the hashes do not. So it
    does of records: as a document's contents say, and as they come by as rows and failures.
    """

    matched: int = 0
    landed: int = 0  # documents with a row
    partly: int = 0  # of those: documents with a record that became no row
    rows: int = 0
    skipped: int = 0
    excluded: int = 0  # files left out, which are not among the matched
    failures: Counter[str] = field(default_factory=Counter)  # documents, by code
    records: int = 0  # found in documents
    record_failures: Counter[str] = field(default_factory=Counter)  # by code
    pages: int = 0  # as many as are known of
    pages_in_records: int = 0
    pages_set_aside: Counter[str] = field(default_factory=Counter)  # by reason
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
    records_in: int = 0  # hashes of records, as documents say what they hold
    records_out: int = 0  # of rows and record failures

    def add_matched(self, uri: str) -> None:
        """Add a document that was matched."""
        self.matched += 1
        self.hash_in = (self.hash_in + _hash(uri)) % 2**64

    def add_row(self, row: Row) -> None:
        """Add a row; the first of a document lands it."""
        self.rows += 1
        self._add_record(row.document_uri, row.record_index)
        if row.contents:
            self.landed += 1
            self.partly += row.contents.rows < row.contents.records
            self._add_answered(row, row.contents)

    def add_failure(self, failure: Failure) -> None:
        """Add the failure of a document, or of a record."""
        if failure.place:
            self.record_failures[failure.code] += 1
            self._add_record(failure.document_uri, failure.place.record_index)
        if failure.contents:
            self.failures[failure.code] += 1
            self._add_answered(failure, failure.contents)

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

    def _add_record(self, uri: str, index: int) -> None:
        self.records_out = (self.records_out + _record_hash(uri, index)) % 2**64

    def _add_contents(self, uri: str, contents: Contents) -> None:
        self.records += contents.records
        hashes = sum(_record_hash(uri, index) for index in range(contents.records))
        self.records_in = (self.records_in + hashes) % 2**64
        self.pages += contents.pages
        self.pages_in_records += contents.pages_in_records
        self.pages_set_aside.update(dict(contents.pages_set_aside))

    def _add_answered(self, outcome: Row | Failure, contents: Contents) -> None:
        self._add_outcome(outcome)
        self._add_contents(outcome.document_uri, contents)
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
        self.landed += other.landed
        self.partly += other.partly
        self.rows += other.rows
        self.skipped += other.skipped
        self.excluded += other.excluded
        self.failures.update(other.failures)
        self.records += other.records
        self.record_failures.update(other.record_failures)
        self.pages += other.pages
        self.pages_in_records += other.pages_in_records
        self.pages_set_aside.update(other.pages_set_aside)
        self.records_in = (self.records_in + other.records_in) % 2**64
        self.records_out = (self.records_out + other.records_out) % 2**64
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
        """Code and sentence of the fault that ended the calls; of several, what most wait for."""
        return max(
            self.waiting_for, key=lambda fault: (self.waiting_for[fault], fault), default=None
        )

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
        return self._of_documents() or self._of_records() or self._of_pages()

    def _of_documents(self) -> str:
        outcomes = self.landed + self.failed + self.skipped + self.waiting
        if self.matched != outcomes:
            return (
                f"{self.matched:,} documents were matched, but {self.landed:,} landed + "
                f"{self.failed:,} failures + {self.skipped:,} skipped + {self.waiting:,} waiting "
                f"= {outcomes:,}"
            )
        if self.hash_in != self.hash_out:
            return (
                f"the {self.matched:,} documents matched are not the {outcomes:,} accounted for: "
                "some were lost and others counted twice"
            )
        return ""

    def _of_records(self) -> str:
        outcomes = self.rows + self.record_failures.total()
        if self.records != outcomes:
            return (
                f"{self.records:,} records were found, but {self.rows:,} rows + "
                f"{self.record_failures.total():,} record failures = {outcomes:,}"
            )
        if self.records_in != self.records_out:
            return (
                f"the {self.records:,} records found are not the {outcomes:,} accounted for: "
                "some were lost and others counted twice"
            )
        return ""

    def _of_pages(self) -> str:
        outcomes = self.pages_in_records + self.pages_set_aside.total()
        if self.pages == outcomes:
            return ""
        return (
            f"the documents have {self.pages:,} pages, but {self.pages_in_records:,} in records + "
            f"{self.pages_set_aside.total():,} set aside = {outcomes:,}"
        )

    def latency_quantile(self, share: float) -> int:
        """Return the latency in ms that this share of documents stays below; 0 without calls."""
        rank, seen = share * self.latencies.total(), 0
        for bucket, count in sorted(self.latencies.items()):
            seen += count
            if seen >= rank:
                return round(2 ** ((bucket + 0.5) / _BUCKETS_PER_OCTAVE))
        return 0


def _record_hash(uri: str, index: int) -> int:
    return _hash(f"{uri}\n{index}" if index else uri)


def _hash(uri: str) -> int:
    digest = hashlib.blake2b(uri.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
