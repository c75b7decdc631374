"""The evaluation as JSON: what the page and the table are made from."""

from collections import Counter
from typing import Any, TypedDict

from sluicegate.evaluation.doubts import DoubtReport
from sluicegate.evaluation.scores import MAX_WRONG, Scores
from sluicegate.evaluation.shares import Share, f1, share
from sluicegate.evaluation.sides import SideReport
from sluicegate.evaluation.tally import FieldTally, Tally


class FieldScore(TypedDict):
    """A field: its values by what they are worth.

    `accuracy` is the share of the truth's values that were found, exact or normalised; null where
    the truth has none. `extra` values, where the truth has none, are outside it. `no_row` of the
    `missing` values are of documents without a row; `accuracy_of_rows` leaves those out.
    """

    field: str
    is_item: bool
    accuracy: float | None
    accuracy_of_rows: float | None
    precision: float | None  # right of the values that rows have, `extra` ones among them
    recall: float | None  # right of the values that the truth has: accuracy by another name
    f1: float | None
    exact: int
    normalised: int
    missing: int
    no_row: int
    wrong: int
    extra: int
    examples: list[dict[str, Any]]


class WrongDocument(TypedDict):
    """A document that is not all right.

    `kind` is `row`, `failed`, `no_outcome` or `wrongly_extracted`; `fields` has the worst verdict
    on each field of a row that is wrong, missing or extra.
    """

    document_uri: str
    kind: str
    fields: dict[str, str]
    message: str


class Records(TypedDict):
    """Records of documents that there is a truth about, before any of their fields.

    `several` tells whether any document has more than one. `recall` is the share of the truth's
    records that were found, `precision` the share of rows that are one of them.
    """

    several: bool
    truth: int
    found: int
    missed: int
    invented: int
    recall: float | None
    precision: float | None
    examples: list[dict[str, Any]]


class Documents(TypedDict):
    """Documents of one kind, with examples."""

    documents: int
    by_kind: dict[str, int]
    examples: list[dict[str, Any]]


class Cells(TypedDict):
    """Single values, as other evaluations of extraction count them; intervals at 95 %."""

    precision: Share  # right of the values that rows have
    recall: Share  # right of the values that the truth has
    f1: float | None


class ScoreReport(TypedDict):
    """An output evaluated. `accuracy` is over all single values, whole items not counted again."""

    kind: str
    finished_at: str
    rows: SideReport
    truth: str
    truths: int
    accuracy: float | None
    accuracy_of_rows: float | None  # of the values of documents that have a row
    cells: Cells
    rows_all_right: Share  # of the documents that have a row
    doubt: DoubtReport | None  # null where no row has evidence
    values: int  # of the truth
    exact: int
    normalised: int
    missing: int  # null in the row, or no row at all
    no_row: int  # of those: of documents that failed or are not in the output
    wrong: int
    extra: int
    records: Records
    rows_scored: int  # documents with rows
    rows_right: int  # all values exact or normalised, none extra, no record missed or invented
    failed: Documents  # the truth expects a row, there is a failure
    no_outcome: Documents  # the output has nothing of it
    refused: Documents  # the truth expects a failure, and there is one
    wrongly_extracted: Documents  # the truth expects a failure, there is a row
    ambiguous: Documents
    wrong_documents: list[WrongDocument]  # all of them, in the order of their ids
    wrong_documents_total: int  # more than are listed only above 100,000
    without_truth: int
    fields: list[FieldScore]
    notes: list[str]


def score_report(scores: Scores, rows: str, truth: str, finished_at: str) -> ScoreReport:
    """Return a finished evaluation as JSON; `rows` and `truth` name the inputs."""
    columns = _columns(scores.tally)
    total, no_row = Counter[str](), 0
    for _, tally in columns:
        if not tally.is_item:
            total += tally.counts
            no_row += tally.without_row
    return {
        "kind": "evaluate",
        "finished_at": finished_at,
        "rows": scores.side.report(rows),
        "truth": truth,
        "truths": scores.truths,
        "accuracy": _accuracy(total),
        "accuracy_of_rows": _accuracy(total, no_row),
        "cells": _cells(total),
        "rows_all_right": share(
            scores.rows["exact"] + scores.rows["normalised"], scores.rows.total()
        ),
        "doubt": scores.doubts.report(),
        "values": total.total() - total["extra"],
        "exact": total["exact"],
        "normalised": total["normalised"],
        "missing": total["missing"],
        "no_row": no_row,
        "wrong": total["wrong"],
        "extra": total["extra"],
        "records": _records(scores),
        "rows_scored": scores.rows.total(),
        "rows_right": scores.rows["exact"] + scores.rows["normalised"],
        "failed": _documents(scores, "failed", scores.codes.as_dict()),
        "no_outcome": _documents(scores, "no_outcome", {}),
        "refused": _documents(scores, "refused", scores.refusals.as_dict()),
        "wrongly_extracted": _documents(scores, "wrongly_extracted", {}),
        "ambiguous": _documents(scores, "ambiguous", {}),
        "wrong_documents": [_wrong(entry) for entry in scores.wrong],
        "wrong_documents_total": scores.wrong_documents,
        "without_truth": scores.untold,
        "fields": [_field(path, tally) for path, tally in columns],
        "notes": _notes(scores),
    }


def _records(scores: Scores) -> Records:
    found, missed, invented = (scores.records[name] for name in ("found", "missed", "invented"))
    return {
        "several": scores.several,
        "truth": found + missed,
        "found": found,
        "missed": missed,
        "invented": invented,
        "recall": share(found, found + missed)["share"],
        "precision": share(found, found + invented)["share"],
        "examples": [
            {**example, "record": name}
            for name in ("missed", "invented")
            for example in scores.examples[name]
        ],
    }


def _columns(scored: Tally) -> list[tuple[str, FieldTally]]:
    """Keep what is a column of the rows: the truth may say more of a document.

    Of a list that no row ever had an item of, all the truth's fields count: they are missing.
    """
    fields = scored.fields
    filled = {path.rpartition(".")[0] for path, tally in fields.items() if tally.is_column}

    def counts(path: str) -> bool:
        parent = path.rpartition(".")[0]
        return fields[path].is_column or (
            parent in fields and parent not in filled and fields[parent].is_column
        )

    return [(path, tally) for path, tally in scored.in_order() if counts(path)]


def _accuracy(counts: Counter[str], left_out: int = 0) -> float | None:
    asked = counts.total() - counts["extra"] - left_out
    return share(counts["exact"] + counts["normalised"], asked)["share"]


def _cells(counts: Counter[str]) -> Cells:
    right = counts["exact"] + counts["normalised"]
    precision = share(right, right + counts["wrong"] + counts["extra"])
    recall = share(right, right + counts["wrong"] + counts["missing"])
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1(precision["share"], recall["share"]),
    }


def _documents(scores: Scores, name: str, by_kind: dict[str, int]) -> Documents:
    return {
        "documents": scores.kinds[name],
        "by_kind": by_kind,
        "examples": list(scores.examples[name]),
    }


def _field(path: str, tally: FieldTally) -> FieldScore:
    cells = _cells(tally.counts)
    return {
        "field": path,
        "is_item": tally.is_item,
        "accuracy": _accuracy(tally.counts),
        "accuracy_of_rows": _accuracy(tally.counts, tally.without_row),
        "precision": cells["precision"]["share"],
        "recall": cells["recall"]["share"],
        "f1": cells["f1"],
        "exact": tally.counts["exact"],
        "normalised": tally.counts["normalised"],
        "missing": tally.counts["missing"],
        "no_row": tally.without_row,
        "wrong": tally.counts["wrong"],
        "extra": tally.counts["extra"],
        "examples": tally.examples_of("wrong", "missing", "extra", "normalised"),
    }


def _wrong(entry: dict[str, Any]) -> WrongDocument:
    return {
        "document_uri": entry["document_uri"],
        "kind": entry["kind"],
        "fields": entry["fields"],
        "message": entry["message"],
    }


def _notes(scores: Scores) -> list[str]:
    """Say what a reader should know before trusting the figures."""
    notes = []
    unscored = [name for name in scores.rules.fields if name not in scores.tally.fields]
    if unscored and scores.truths:
        notes.append(f"no value of {', '.join(unscored)} was scored: the truth has none")
    if scores.wrong_documents > MAX_WRONG:
        notes.append(f"of {scores.wrong_documents:,} wrong documents {MAX_WRONG:,} are listed")
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
    return notes + scores.tally.notes()
