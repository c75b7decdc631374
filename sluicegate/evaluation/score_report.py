"""The evaluation as JSON: what the page and the table are made from."""

from collections import Counter
from typing import Any, TypedDict

from sluicegate.alignment.lines import MAX_ASSIGNED
from sluicegate.evaluation.scores import FieldScores, Scores
from sluicegate.evaluation.scoring import Verdict
from sluicegate.evaluation.sides import SideReport


class FieldScore(TypedDict):
    """A field: its values by what they are worth.

    `accuracy` is the share of the truth's values that were found, exact or normalised; null where
    the truth has none. `extra` values, where the truth has none, are outside it.
    """

    field: str
    is_item: bool
    accuracy: float | None
    exact: int
    normalised: int
    missing: int
    wrong: int
    extra: int
    examples: list[dict[str, Any]]


class Documents(TypedDict):
    """Documents of one kind, with examples."""

    documents: int
    by_kind: dict[str, int]
    examples: list[dict[str, Any]]


class ScoreReport(TypedDict):
    """An output evaluated. `accuracy` is over all single values, whole items not counted again."""

    kind: str
    finished_at: str
    rows: SideReport
    truth: str
    truths: int
    accuracy: float | None
    values: int  # of the truth
    exact: int
    normalised: int
    missing: int
    wrong: int
    extra: int
    rows_scored: int
    rows_right: int  # all values exact or normalised, none extra
    failed: Documents  # the truth expects a row, there is a failure
    no_outcome: Documents  # the output has nothing of it
    refused: Documents  # the truth expects a failure, and there is one
    wrongly_extracted: Documents  # the truth expects a failure, there is a row
    ambiguous: Documents
    without_truth: int
    fields: list[FieldScore]
    notes: list[str]


def score_report(scores: Scores, rows: str, truth: str, finished_at: str) -> ScoreReport:
    """Return a finished evaluation as JSON; `rows` and `truth` name the inputs."""
    columns = _columns(scores.fields)
    total = Counter[Verdict]()
    for tally in columns.values():
        if not tally.is_item:
            total += tally.counts
    return {
        "kind": "evaluate",
        "finished_at": finished_at,
        "rows": scores.side.report(rows),
        "truth": truth,
        "truths": scores.truths,
        "accuracy": _accuracy(total),
        "values": total.total() - total["extra"],
        "exact": total["exact"],
        "normalised": total["normalised"],
        "missing": total["missing"],
        "wrong": total["wrong"],
        "extra": total["extra"],
        "rows_scored": scores.rows.total(),
        "rows_right": scores.rows["exact"] + scores.rows["normalised"],
        "failed": _documents(scores, "failed", scores.codes.as_dict()),
        "no_outcome": _documents(scores, "no_outcome", {}),
        "refused": _documents(scores, "refused", scores.refusals.as_dict()),
        "wrongly_extracted": _documents(scores, "wrongly_extracted", {}),
        "ambiguous": _documents(scores, "ambiguous", {}),
        "without_truth": scores.untold,
        "fields": [
            _field(path, tally)
            for path, tally in sorted(columns.items(), key=lambda item: (item[1].order, item[0]))
        ],
        "notes": _notes(scores),
    }


def _columns(fields: dict[str, FieldScores]) -> dict[str, FieldScores]:
    """Keep what is a column of the rows: the truth may say more of a document.

    Of a list that no row ever had an item of, all the truth's fields count: they are missing.
    """
    parents = {path.rpartition(".")[0] for path, tally in fields.items() if tally.is_column}
    return {
        path: tally
        for path, tally in fields.items()
        if tally.is_column
        or ((parent := path.rpartition(".")[0]) not in parents and parent in fields
            and fields[parent].is_column)
    }  # fmt: skip


def _accuracy(counts: Counter[Verdict]) -> float | None:
    asked = counts.total() - counts["extra"]
    return round((counts["exact"] + counts["normalised"]) / asked, 6) if asked else None


def _documents(scores: Scores, name: str, by_kind: dict[str, int]) -> Documents:
    return {
        "documents": scores.kinds[name],
        "by_kind": by_kind,
        "examples": list(scores.examples[name]),
    }


def _field(path: str, tally: FieldScores) -> FieldScore:
    return {
        "field": path,
        "is_item": tally.is_item,
        "accuracy": _accuracy(tally.counts),
        "exact": tally.counts["exact"],
        "normalised": tally.counts["normalised"],
        "missing": tally.counts["missing"],
        "wrong": tally.counts["wrong"],
        "extra": tally.counts["extra"],
        "examples": [
            example
            for verdict in ("wrong", "missing", "extra", "normalised")
            for example in tally.examples.get(verdict, ())
        ],
    }


def _notes(scores: Scores) -> list[str]:
    """Say what a reader should know before trusting the figures."""
    notes = []
    if scores.side.superseded:
        notes.append(
            f"{scores.side.superseded:,} further rows or failures of documents that have a later "
            "one; the latest counts"
        )
    if scores.kinds["no_outcome"]:
        notes.append(
            f"{scores.kinds['no_outcome']:,} truths are about documents that the output has "
            "nothing of: their values count as missing; give a truth of what the run was given"
        )
    if scores.kinds["ambiguous"]:
        notes.append(
            f"{scores.kinds['ambiguous']:,} truths were not scored: several documents or truths go "
            "by the same name; name documents by their full URI"
        )
    if scores.capped:
        notes.append(
            f"{scores.capped:,} documents have lists with more than {MAX_ASSIGNED} items that "
            "differ; the items past them are paired in their order"
        )
    return notes
