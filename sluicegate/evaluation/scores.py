"""How well rows match the truth: a mergeable sum over documents, bounded in size."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from sluicegate.alignment.lines import Pairing
from sluicegate.alignment.records import pair_records
from sluicegate.alignment.values import shown
from sluicegate.evaluation.bounded import Counts, Examples
from sluicegate.evaluation.doubts import Doubts
from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.scoring import Rules, score
from sluicegate.evaluation.sides import Side
from sluicegate.evaluation.tally import Judged, Tally, Words
from sluicegate.evaluation.truth import Truth
from sluicegate.records import document_id

_WORDS = Words(verdict="verdict", left="truth", right="found", plain="exact")
# Documents, by what was expected of them and what became of them.
KINDS = ("ambiguous", "failed", "no_outcome", "refused", "wrongly_extracted")
# Some 30 MB of JSON. Of more the first are kept, in the order of their ids.
MAX_WRONG = 100_000
_BY_WEIGHT = ("wrong", "missing", "extra", "normalised", "exact")
_WRONG = frozenset({"wrong", "missing", "extra"})


class Scores:
    """The whole evaluation as a sum. `limit` is the number of examples of each kind."""

    def __init__(self, limit: int, rules: Rules) -> None:
        self.limit, self.rules = limit, rules
        self.side = Side()
        self.tally = Tally(limit, _WORDS)
        self.truths = self.untold = 0
        self.doubts = Doubts()
        self.rows = Counter[str]()  # documents with a row, by their worst verdict
        self.records = Counter[str]()  # `found`, `missed` and `invented`
        self.several = False  # whether any document, or its truth, has several records
        self.kinds = Counter[str]()
        self.codes, self.refusals = Counts(), Counts()
        self.examples = {name: Examples(limit) for name in (*KINDS, "missed", "invented")}
        self.wrong = Examples(MAX_WRONG)  # every document that is not all right
        self.wrong_documents = 0

    def add_outcome(self, outcome: Outcome, superseded: int) -> None:
        """Enter what became of a document, whether or not there is a truth about it."""
        self.side.add(outcome, superseded)

    def add_pair(self, truth: Truth, outcome: Outcome) -> None:
        """Score a document against its truth."""
        self.truths += 1
        uri, key = outcome.document_uri, outcome.document_id
        if truth.expects_row:
            found, pairing = self._score(truth, outcome, uri, key)
            if outcome.values is None:
                message = f"{outcome.code}: {outcome.message}"
                self._kind("failed", truth, key, uri, message)
                self._wrong("failed", key, uri, message)
                self.codes.add(outcome.code)
                return
            self.doubts.add(outcome, found)
            miscounted = _miscounted(pairing)
            worst = "wrong" if miscounted else _worst({each.verdict for each in found})
            self.rows[worst] += 1
            if worst in _WRONG:
                self._wrong("row", key, uri, miscounted, found)
        elif outcome.values is None:
            self._kind("refused", truth, key, uri, f"{outcome.code}: {outcome.message}")
            self.refusals.add(outcome.code)
        else:
            message = shown(outcome.values) or ""
            self.records["invented"] += len(outcome.records)
            self._kind("wrongly_extracted", truth, key, uri, message)
            self._wrong("wrongly_extracted", key, uri, message)

    def add_unfound(self, truth: Truth) -> None:
        """Enter a truth about a document that the output has nothing of."""
        self.truths += 1
        key = document_id(truth.name)
        self._kind("no_outcome", truth, key, truth.name, "neither a row nor a failure")
        if truth.expects_row:
            self._wrong("no_outcome", key, truth.name, "neither a row nor a failure")
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
        self._example(name, truth, key, uri, message)

    def _example(self, name: str, truth: Truth, key: str, uri: str, message: str) -> None:
        if self.examples[name].wants(key):
            entry = {"document_uri": uri, "truth": truth.name, "message": message[:300]}
            self.examples[name].add(key, entry)

    def _wrong(
        self, kind: str, key: str, uri: str, message: str, found: Iterable[Judged] = ()
    ) -> None:
        self.wrong_documents += 1
        if self.wrong.wants(key):
            fields: dict[str, set[str]] = {}
            for each in found:
                if each.verdict in _WRONG:
                    fields.setdefault(each.path, set()).add(each.verdict)
            worst = {path: _worst(verdicts) for path, verdicts in fields.items()}
            entry = {"document_uri": uri, "kind": kind, "fields": worst, "message": message[:300]}
            self.wrong.add(key, entry)

    def _score(
        self, truth: Truth, outcome: Outcome | None, uri: str, key: str
    ) -> tuple[list[Judged], Pairing]:
        """Score the records of a document, each against the one that it is paired with.

        Of a record that was missed all values are missing. One that was invented is counted as
        such, and its values are not.
        """
        wanted, got = truth.records, outcome.records if outcome else ()
        pairing = pair_records([each.fields for each in wanted], got)
        partner = dict(pairing.pairs)
        found = [
            judged
            for i, one in enumerate(wanted)
            for judged in score(one, got[partner[i]] if i in partner else None, self.rules)
        ]
        self.tally.add_document(uri, key, found)
        self.several = self.several or max(len(wanted), len(got)) > 1
        self.records["found"] += len(partner)
        self.records["missed"] += len(pairing.only_before)
        self.records["invented"] += len(pairing.only_after)
        if got:  # else the document is listed, and says more than its records
            for i in pairing.only_before:
                self._example("missed", truth, key, uri, shown(wanted[i].fields) or "")
            for j in pairing.only_after:
                self._example("invented", truth, key, uri, shown(got[j]) or "")
        return found, pairing

    def merge(self, other: "Scores") -> None:
        """Add another part of the documents."""
        self.side.merge(other.side)
        self.doubts.merge(other.doubts)
        for name in ("truths", "untold", "wrong_documents"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rows += other.rows
        self.kinds += other.kinds
        self.records += other.records
        self.several = self.several or other.several
        self.codes.merge(other.codes)
        self.refusals.merge(other.refusals)
        self.tally.merge(other.tally)
        self.wrong.merge(other.wrong)
        for name, examples in other.examples.items():
            self.examples[name].merge(examples)


def _miscounted(pairing: Pairing) -> str:
    """Say how many records were missed or invented; "" for none."""
    missed, invented = len(pairing.only_before), len(pairing.only_after)
    return f"records: {missed} missed, {invented} invented" if missed or invented else ""


def _worst(verdicts: AbstractSet[str]) -> str:
    """Return the worst of the verdicts on a document's values; exact where there are none."""
    return next((each for each in _BY_WEIGHT if each in verdicts), "exact")
