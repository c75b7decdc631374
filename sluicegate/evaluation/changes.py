"""What changed between two outputs: a mergeable sum over documents, bounded in size."""

from collections import Counter
from collections.abc import Iterable

from sluicegate.alignment.records import pair_records
from sluicegate.alignment.values import Change
from sluicegate.evaluation import warnings
from sluicegate.evaluation.bounded import Counts, Examples
from sluicegate.evaluation.difference import compare_rows, overall
from sluicegate.evaluation.outcomes import Outcome, latest
from sluicegate.evaluation.sides import Side
from sluicegate.evaluation.tally import Judged, Tally, Words

_MAX_MESSAGE = 200
_WORDS = Words(verdict="change", left="before", right="after", plain="same")


class Changes:
    """The whole comparison as a sum. `limit` is the number of examples of each kind."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.before, self.after = Side(), Side()
        self.states: Counter[str] = Counter()  # "row>failure" and the like
        self.rows: Counter[Change] = Counter()  # of documents with rows on both sides
        self.records: Counter[str] = Counter()  # of them: how each changed, `gained` or `lost`
        self.recounted = 0  # documents with a record gained or lost
        self.regressed = 0  # documents with rows on both sides that lost one, or are newly warned
        self.tally = Tally(limit, _WORDS)
        self.codes = {name: Counts() for name in ("failed", "recovered", "recoded")}
        self.warnings = {name: Counts() for name in ("new", "gone")}
        self.warned = {"new": 0, "gone": 0}
        self.examples = {
            name: Examples(limit)
            for name in ("failed", "recovered", "recoded", "new", "gone", "only_before",
                         "only_after", "records")
        }  # fmt: skip

    def add(self, before: Iterable[Outcome], after: Iterable[Outcome]) -> None:
        """Enter one document: everything either output has of it."""
        ours, ours_superseded = latest(before)
        theirs, theirs_superseded = latest(after)
        if ours:
            self.before.add(ours, ours_superseded)
        if theirs:
            self.after.add(theirs, theirs_superseded)
        self.states[f"{_state(ours)}>{_state(theirs)}"] += 1
        if ours and theirs:
            self._add_pair(ours, theirs)
        elif ours:
            self._example("only_before", ours)
        elif theirs:
            self._example("only_after", theirs)

    def _add_pair(self, ours: Outcome, theirs: Outcome) -> None:
        if ours.values is not None and theirs.values is not None:
            self._add_rows(ours, theirs)
        elif ours.values is not None:
            self.codes["failed"].add(theirs.code)
            self._example("failed", theirs)
        elif theirs.values is not None:
            self.codes["recovered"].add(ours.code)
            self._example("recovered", ours)
        elif ours.code != theirs.code:
            self.codes["recoded"].add(f"{ours.code} > {theirs.code}")
            self._example("recoded", theirs, was=ours.code)

    def _add_rows(self, ours: Outcome, theirs: Outcome) -> None:
        before, after = ours.records, theirs.records
        pairing = pair_records(before, after)
        pairs = [list(compare_rows(before[i], after[j])) for i, j in pairing.pairs]
        lost, gained = len(pairing.only_before), len(pairing.only_after)
        found = [judged for pair in pairs for judged in pair]
        self.tally.add_document(ours.document_uri, ours.document_id, found)
        changes = Counter(map(_change, pairs)) + Counter(gained=gained, lost=lost)
        self.records += changes
        self.rows[overall(set(changes))] += 1
        newly_warned = self._add_warnings(ours, theirs)
        self.regressed += bool(lost or newly_warned)
        if lost or gained:
            self.recounted += 1
            message = f"{len(before):,} before, {len(after):,} after"
            self._example("records", theirs, f"{message}: {lost:,} lost, {gained:,} gained")

    def _add_warnings(self, ours: Outcome, theirs: Outcome) -> bool:
        """Enter warnings that are new or gone; tell whether any is new."""
        new, gone = warnings.changed(ours.warnings, theirs.warnings)
        for name, kinds, texts in (("new", new, theirs.warnings), ("gone", gone, ours.warnings)):
            for kind in kinds:
                self.warnings[name].add(kind)
            if kinds:
                self.warned[name] += 1
                told = [text for text in texts if warnings.kind(text) in kinds]
                self._example(name, theirs, message="; ".join(told))
        return bool(new)

    def _example(self, name: str, outcome: Outcome, message: str = "", was: str = "") -> None:
        if self.examples[name].wants(outcome.document_id):
            text = message or outcome.message
            self.examples[name].add(
                outcome.document_id,
                {
                    "document_uri": outcome.document_uri,
                    "code": f"{was} > {outcome.code}" if was else outcome.code,
                    "message": text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…",
                },
            )

    def merge(self, other: "Changes") -> None:
        """Add another part of the documents."""
        self.before.merge(other.before)
        self.after.merge(other.after)
        self.states += other.states
        self.rows += other.rows
        self.records += other.records
        self.recounted += other.recounted
        self.regressed += other.regressed
        self.tally.merge(other.tally)
        for name, counts in other.codes.items():
            self.codes[name].merge(counts)
        for name, counts in other.warnings.items():
            self.warnings[name].merge(counts)
            self.warned[name] += other.warned[name]
        for name, examples in other.examples.items():
            self.examples[name].merge(examples)


def _change(pair: list[Judged]) -> Change:
    """Return how a record changed; a line of it that came or went is a change."""
    return overall(
        {each.verdict for each in pair if not each.is_item or each.verdict in ("gained", "lost")}
    )


def _state(outcome: Outcome | None) -> str:
    return "none" if outcome is None else "failure" if outcome.values is None else "row"
