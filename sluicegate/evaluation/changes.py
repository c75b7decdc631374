"""What changed between two outputs: a mergeable sum over documents, bounded in size."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sluicegate.alignment.difference import Compared, compare_rows
from sluicegate.alignment.values import Change, shown
from sluicegate.evaluation import warnings
from sluicegate.evaluation.bounded import Counts, Examples
from sluicegate.evaluation.outcomes import Outcome, latest
from sluicegate.evaluation.sides import Side

# A row has tens of columns; a hostile output has no more say than this over our memory.
_MAX_FIELDS = 1000
_MAX_MESSAGE = 200


@dataclass(slots=True)
class FieldChanges:
    """What became of the values of one field."""

    limit: int
    order: tuple[int, ...]
    is_item: bool = False
    counts: Counter[Change] = field(default_factory=Counter)
    documents: int = 0  # in which at least one value is not the same
    examples: dict[Change, Examples] = field(default_factory=dict)

    def add(self, uri: str, key: str, found: Compared) -> None:
        """Enter a value."""
        self.counts[found.change] += 1
        self.order, self.is_item = min(self.order, found.order), self.is_item or found.is_item
        if found.change == "same":
            return
        kept = self.examples.setdefault(found.change, Examples(self.limit))
        if kept.wants(key):
            kept.add(
                key,
                {
                    "document_uri": uri,
                    "change": found.change,
                    "before": shown(found.before),
                    "after": shown(found.after),
                },
            )

    def merge(self, other: "FieldChanges") -> None:
        """Add what another part of the documents has of this field."""
        self.counts += other.counts
        self.documents += other.documents
        self.order, self.is_item = min(self.order, other.order), self.is_item or other.is_item
        for change, examples in other.examples.items():
            self.examples.setdefault(change, Examples(self.limit)).merge(examples)


class Changes:
    """The whole comparison as a sum. `limit` is the number of examples of each kind."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.before, self.after = Side(), Side()
        self.states: Counter[str] = Counter()  # "row>failure" and the like
        self.rows: Counter[Change] = Counter()  # of documents with two rows
        self.fields: dict[str, FieldChanges] = {}
        self.other_fields = 0
        self.capped = 0
        self.codes = {name: Counts() for name in ("failed", "recovered", "recoded")}
        self.warnings = {name: Counts() for name in ("new", "gone")}
        self.warned = {"new": 0, "gone": 0}
        self.examples = {
            name: Examples(limit)
            for name in ("failed", "recovered", "recoded", "new", "gone", "only_before",
                         "only_after")
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
        key, changed, capped = ours.document_id, dict[str, bool](), False
        seen: set[Change] = set()
        for found in compare_rows(ours.values or {}, theirs.values or {}):
            capped = capped or found.capped
            if not found.is_item or found.change in ("gained", "lost"):
                seen.add(found.change)
            tally = self._field(found)
            if tally:
                tally.add(ours.document_uri, key, found)
                changed[found.path] = changed.get(found.path, False) or found.change != "same"
        for path, differs in changed.items():
            self.fields[path].documents += differs
        self.capped += capped
        self.rows[_overall(seen)] += 1
        self._add_warnings(ours, theirs)

    def _field(self, found: Compared) -> FieldChanges | None:
        if found.path not in self.fields:
            if len(self.fields) >= _MAX_FIELDS:
                self.other_fields += 1
                return None
            self.fields[found.path] = FieldChanges(self.limit, found.order)
        return self.fields[found.path]

    def _add_warnings(self, ours: Outcome, theirs: Outcome) -> None:
        new, gone = warnings.changed(ours.warnings, theirs.warnings)
        for name, kinds, texts in (("new", new, theirs.warnings), ("gone", gone, ours.warnings)):
            for kind in kinds:
                self.warnings[name].add(kind)
            if kinds:
                self.warned[name] += 1
                told = [text for text in texts if warnings.kind(text) in kinds]
                self._example(name, theirs, message="; ".join(told))

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
        self.other_fields += other.other_fields
        self.capped += other.capped
        for path, tally in other.fields.items():
            if path in self.fields:
                self.fields[path].merge(tally)
            elif len(self.fields) < _MAX_FIELDS:
                self.fields[path] = FieldChanges(self.limit, tally.order)
                self.fields[path].merge(tally)
            else:
                self.other_fields += sum(tally.counts.values())
        for name, counts in other.codes.items():
            self.codes[name].merge(counts)
        for name, counts in other.warnings.items():
            self.warnings[name].merge(counts)
            self.warned[name] += other.warned[name]
        for name, examples in other.examples.items():
            self.examples[name].merge(examples)


def _state(outcome: Outcome | None) -> str:
    return "none" if outcome is None else "failure" if outcome.values is None else "row"


def _overall(seen: set[Change]) -> Change:
    return "same" if seen <= {"same"} else "spelling" if seen <= {"same", "spelling"} else "changed"


def sorted_fields(fields: dict[str, FieldChanges]) -> list[tuple[str, FieldChanges]]:
    """Return fields in the order of the rows' columns, items of lists before their fields."""
    return sorted(fields.items(), key=lambda item: (item[1].order, item[0]))
