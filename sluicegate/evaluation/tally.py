"""The tally of both commands: how often each verdict was given on the values of each field.

Comparing gives verdicts such as `same` and `lost`, scoring gives `exact` and `missing`; what is
counted and kept of them is one and the same. Tallies merge in any order, and stay small.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sluicegate.alignment.lines import MAX_ASSIGNED
from sluicegate.alignment.values import shown
from sluicegate.evaluation.bounded import Examples

# A row has tens of columns; a hostile output has no more say than this over our memory.
_MAX_FIELDS = 1000


class Words(NamedTuple):
    """What a report calls the verdict and the two values of an example."""

    verdict: str
    left: str
    right: str
    plain: str  # the verdict of which no example is kept


class Judged(NamedTuple):
    """A value of a document on two sides, and the verdict on it."""

    path: str
    order: tuple[int, ...]  # the field's place in the row
    verdict: str
    left: Any
    right: Any
    is_item: bool = False  # a whole item of a list, whose fields are judged by themselves
    is_column: bool = False  # the row has such a field, filled or not
    capped: bool = False  # from a list too long to be assigned at its best
    has_row: bool = True  # False: the document has no row that could have a value
    place: str = ""  # the value's path in the row: line_items[3].total; of a lost item its list's


@dataclass(slots=True)
class FieldTally:
    """Verdicts on the values of one field."""

    order: tuple[int, ...]
    is_item: bool = False
    is_column: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    without_row: int = 0  # values of documents that have no row
    documents: int = 0  # in which at least one verdict is not the plain one
    examples: dict[str, Examples] = field(default_factory=dict)

    def examples_of(self, *verdicts: str) -> list[dict[str, Any]]:
        """Return the examples of these verdicts, in this order."""
        return [example for verdict in verdicts for example in self.examples.get(verdict, ())]


class Tally:
    """Verdicts by field. `limit` is the number of examples of each verdict on a field."""

    def __init__(self, limit: int, words: Words) -> None:
        self.limit = limit
        self.words = words
        self.fields: dict[str, FieldTally] = {}
        self.others = 0  # values of fields past the limit
        self.capped = 0  # documents with a list too long

    def add_document(self, uri: str, key: str, found: list[Judged]) -> None:
        """Enter every value of one document; `key` says which documents become examples."""
        remarkable = set()
        for judged in found:
            tally = self._of(judged.path, judged.order)
            if tally is None:
                self.others += 1
                continue
            self._add(tally, uri, key, judged)
            if judged.verdict != self.words.plain:
                remarkable.add(judged.path)
        for path in remarkable:
            self.fields[path].documents += 1
        self.capped += any(judged.capped for judged in found)

    def merge(self, other: "Tally") -> None:
        """Add another part of the documents."""
        self.others += other.others
        self.capped += other.capped
        for path, theirs in other.fields.items():
            mine = self._of(path, theirs.order)
            if mine is None:
                self.others += theirs.counts.total()
                continue
            _place(mine, theirs.order, is_item=theirs.is_item, is_column=theirs.is_column)
            mine.counts += theirs.counts
            mine.without_row += theirs.without_row
            mine.documents += theirs.documents
            for verdict, examples in theirs.examples.items():
                self._examples(mine, verdict).merge(examples)

    def in_order(self) -> list[tuple[str, FieldTally]]:
        """Return fields in the order of the rows' columns, items of lists before their fields."""
        return sorted(self.fields.items(), key=lambda each: (each[1].order, each[0]))

    def notes(self) -> list[str]:
        """Say what a reader should know of what was left out."""
        notes = []
        if self.capped:
            notes.append(
                f"{self.capped:,} documents have lists with more than {MAX_ASSIGNED} items that "
                "differ; the items past them are paired in their order"
            )
        if self.others:
            notes.append(f"{self.others:,} values of further fields are not shown")
        return notes

    def _of(self, path: str, order: tuple[int, ...]) -> FieldTally | None:
        if path not in self.fields and len(self.fields) < _MAX_FIELDS:
            self.fields[path] = FieldTally(order)
        return self.fields.get(path)

    def _add(self, tally: FieldTally, uri: str, key: str, judged: Judged) -> None:
        tally.counts[judged.verdict] += 1
        tally.without_row += not judged.has_row
        _place(tally, judged.order, is_item=judged.is_item, is_column=judged.is_column)
        # Of a document without a row no value says more than the document, which is listed.
        if judged.verdict == self.words.plain or not judged.has_row:
            return
        kept = self._examples(tally, judged.verdict)
        if kept.wants(key):
            kept.add(
                key,
                {
                    "document_uri": uri,
                    self.words.verdict: judged.verdict,
                    self.words.left: shown(judged.left),
                    self.words.right: shown(judged.right),
                },
            )

    def _examples(self, tally: FieldTally, verdict: str) -> Examples:
        return tally.examples.setdefault(verdict, Examples(self.limit))


def _place(tally: FieldTally, order: tuple[int, ...], *, is_item: bool, is_column: bool) -> None:
    tally.order = min(tally.order, order)
    tally.is_item = tally.is_item or is_item
    tally.is_column = tally.is_column or is_column
