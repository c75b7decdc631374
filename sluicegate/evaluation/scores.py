"""How well rows match the truth: a mergeable sum over documents, bounded in size."""

from collections import Counter
from dataclasses import dataclass, field

from sluicegate.alignment.values import shown
from sluicegate.evaluation.bounded import Counts, Examples
from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.scoring import Rules, Scored, Verdict, score
from sluicegate.evaluation.sides import Side
from sluicegate.evaluation.truth import Truth
from sluicegate.records import document_id

_MAX_FIELDS = 1000
# Documents, by what was expected of them and what became of them.
KINDS = ("ambiguous", "failed", "no_outcome", "refused", "wrongly_extracted")


@dataclass(slots=True)
class FieldScores:
    """What the values of one field are worth."""

    limit: int
    order: tuple[int, ...]
    is_item: bool = False
    is_column: bool = False  # a row has it: the truth may have keys that no row has
    counts: Counter[Verdict] = field(default_factory=Counter)
    examples: dict[Verdict, Examples] = field(default_factory=dict)

    def add(self, uri: str, key: str, found: Scored) -> None:
        """Enter a value."""
        self.counts[found.verdict] += 1
        self.order, self.is_item = min(self.order, found.order), self.is_item or found.is_item
        if found.verdict == "exact":
            return
        kept = self.examples.setdefault(found.verdict, Examples(self.limit))
        if kept.wants(key):
            kept.add(
                key,
                {
                    "document_uri": uri,
                    "verdict": found.verdict,
                    "truth": shown(found.truth),
                    "found": shown(found.found),
                },
            )

    def merge(self, other: "FieldScores") -> None:
        """Add what another part of the documents has of this field."""
        self.counts += other.counts
        self.order, self.is_item = min(self.order, other.order), self.is_item or other.is_item
        self.is_column = self.is_column or other.is_column
        for verdict, examples in other.examples.items():
            self.examples.setdefault(verdict, Examples(self.limit)).merge(examples)


class Scores:
    """The whole evaluation as a sum. `limit` is the number of examples of each kind."""

    def __init__(self, limit: int, rules: Rules) -> None:
        self.limit, self.rules = limit, rules
        self.side = Side()
        self.truths = self.untold = self.capped = 0
        self.rows = Counter[str]()  # documents with a row, by their worst verdict
        self.kinds = Counter[str]()
        self.codes, self.refusals = Counts(), Counts()
        self.fields: dict[str, FieldScores] = {}
        self.examples = {name: Examples(limit) for name in KINDS}

    def add_outcome(self, outcome: Outcome, superseded: int) -> None:
        """Enter what became of a document, whether or not there is a truth about it."""
        self.side.add(outcome, superseded)

    def add_pair(self, truth: Truth, outcome: Outcome) -> None:
        """Score a document against its truth."""
        self.truths += 1
        uri, key = outcome.document_uri, outcome.document_id
        if truth.expects_row:
            if outcome.values is None:
                self._kind("failed", truth, key, uri, f"{outcome.code}: {outcome.message}")
                self.codes.add(outcome.code)
            worst = self._score(truth, outcome, uri, key)
            if outcome.values is not None:
                self.rows[worst] += 1
        elif outcome.values is None:
            self._kind("refused", truth, key, uri, f"{outcome.code}: {outcome.message}")
            self.refusals.add(outcome.code)
        else:
            self._kind("wrongly_extracted", truth, key, uri, shown(outcome.values) or "")

    def add_unfound(self, truth: Truth) -> None:
        """Enter a truth about a document that the output has nothing of."""
        self.truths += 1
        key = document_id(truth.name)
        self._kind("no_outcome", truth, key, truth.name, "neither a row nor a failure")
        if truth.expects_row:
            self._score(truth, None, truth.name, key)

    def add_ambiguous(self, truth: Truth) -> None:
        """Enter a truth that may be meant for several documents, or that contradicts another."""
        self.truths += 1
        why = "several documents or truths go by this name; name it by its full URI, once"
        self._kind("ambiguous", truth, document_id(truth.name), truth.name, why)

    def add_untold(self, documents: int) -> None:
        """Count documents that there is no truth about."""
        self.untold += documents

    def _kind(self, name: str, truth: Truth, key: str, uri: str, message: str) -> None:
        self.kinds[name] += 1
        if self.examples[name].wants(key):
            entry = {"document_uri": uri, "truth": truth.name, "message": message[:300]}
            self.examples[name].add(key, entry)

    def _score(self, truth: Truth, outcome: Outcome | None, uri: str, key: str) -> str:
        row = outcome.values if outcome else None
        verdicts, capped = set[Verdict](), False
        for found in score(truth, row, self.rules):
            tally = self._field(found)
            tally.is_column = tally.is_column or found.is_column
            tally.add(uri, key, found)
            verdicts.add(found.verdict)
            capped = capped or found.capped
        self.capped += capped
        for worst in ("wrong", "missing", "extra", "normalised"):
            if worst in verdicts:
                return worst
        return "exact"

    def _field(self, found: Scored) -> FieldScores:
        if found.path not in self.fields and len(self.fields) >= _MAX_FIELDS:
            return FieldScores(0, found.order)  # past any table's columns: not kept
        return self.fields.setdefault(found.path, FieldScores(self.limit, found.order))

    def merge(self, other: "Scores") -> None:
        """Add another part of the documents."""
        self.side.merge(other.side)
        for name in ("truths", "untold", "capped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rows += other.rows
        self.kinds += other.kinds
        self.codes.merge(other.codes)
        self.refusals.merge(other.refusals)
        for path, tally in other.fields.items():
            if path not in self.fields and len(self.fields) >= _MAX_FIELDS:
                continue
            self.fields.setdefault(path, FieldScores(self.limit, tally.order)).merge(tally)
        for name, examples in other.examples.items():
            self.examples[name].merge(examples)
