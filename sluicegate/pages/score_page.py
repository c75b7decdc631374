"""The page of an evaluation."""

from typing import Any

from sluicegate.evaluation.doubts import as_sentence
from sluicegate.evaluation.score_report import (
    Documents,
    FieldScore,
    ScoreReport,
    WrongDocument,
)
from sluicegate.evaluation.shares import shown
from sluicegate.pages.html import Markup, join, tag, whole_page
from sluicegate.pages.parts import (
    bar,
    documents,
    examples,
    folded,
    header,
    kinds,
    legend,
    moment,
    present,
    section,
    table,
    tiles,
)

_MEANING = {
    "exact": "to the letter, numbers as numbers",
    "normalised": "right but for case, space, punctuation, or within the tolerance",
    "null": "the truth has a value, the row has null",
    "no row": "the truth has a value, and the document has no row: it failed, or is not there",
    "wrong": "another value",
    "extra": "the truth has none, the row has one",
}
# Examples and lists of fields are of rows: there a missing value is null.
_IN_A_ROW = {"missing": "null"}
_WRONG_KINDS = {
    "row": "row",
    "failed": "failed",
    "no_outcome": "not in the output",
    "wrongly_extracted": "should have failed",
}
# A page of more would be too long for a browser; the JSON has them all.
_MAX_LISTED = 5_000


def score_page(report: ScoreReport) -> str:
    """Return an evaluation as one HTML file."""
    return whole_page(
        "Sluicegate: rows and truth",
        header(
            "evaluation",
            headline(report),
            join(tag("b", "rows "), tag("bdi", report["rows"]["output"])),
            join(tag("b", "truth "), tag("bdi", report["truth"])),
            f"finished {moment(report['finished_at'])}",
        ),
        _tiles(report),
        *(tag("p", line, class_="note") for line in cells_and_doubt(report)),
        *(tag("p", note, class_="note") for note in report["notes"]),
        *_records(report),
        _fields(report["fields"]),
        *_examples(report["fields"]),
        *_wrong_documents(report),
        *_documents(report),
    )


def headline(report: ScoreReport) -> str:
    """Say the evaluation in one sentence."""
    if report["accuracy"] is None:
        return "Nothing could be scored"
    right = report["exact"] + report["normalised"]
    said = f"{report['accuracy']:.1%} right: {right:,} of {report['values']:,} values of the truth"
    if not report["no_row"] or report["accuracy_of_rows"] is None:
        return said
    in_rows = report["values"] - report["no_row"]
    return f"{said}; {report['accuracy_of_rows']:.1%} of the {in_rows:,} that have a row"


def cells_and_doubt(report: ScoreReport) -> list[str]:
    """Say precision, recall and what a review would do, with intervals at 95 %."""
    cells, doubt = report["cells"], report["doubt"]
    if not report["values"]:
        return []
    f1 = "–" if cells["f1"] is None else f"{cells['f1']:.3f}"
    of_values = f"precision {shown(cells['precision'])}, recall {shown(cells['recall'])}, F1 {f1}"
    said = [f"values: {of_values}; rows all right: {shown(report['rows_all_right'])}"]
    if doubt is not None:
        said.append(f"doubt: {as_sentence(doubt['values'], 'values')}")
        said.append(f"needs_review: {as_sentence(doubt['documents'], 'documents')}")
    return said


def _tiles(report: ScoreReport) -> Markup:
    exact = "–" if not report["values"] else f"{report['exact'] / report['values']:.1%}"
    accuracy = "–" if report["accuracy"] is None else f"{report['accuracy']:.1%}"
    of_rows = share_of_rows(report)
    without_row = report["failed"]["documents"] + report["no_outcome"]["documents"]
    refused, taken = report["refused"]["documents"], report["wrongly_extracted"]["documents"]
    null = report["missing"] - report["no_row"]
    no_row = f"{report['no_row']:,} values of theirs"
    return tiles(
        (accuracy, "right", f"{exact} to the letter", "exact"),
        (of_rows, "right in rows", "of the values with a row", "exact"),
        (f"{report['wrong']:,}", "wrong values", f"{null:,} null in the row", "wrong"),
        (f"{report['extra']:,}", "extra values", "where the truth has none", "extra"),
        (f"{report['rows_right']:,}", "rows all right", f"of {report['rows_scored']:,} scored", ""),
        (f"{without_row:,}", "truths without row", no_row, "no-row"),
        (f"{refused:,}", "rightly refused", f"{taken:,} that should have been", ""),
    )


def records_said(report: ScoreReport) -> str:
    """Say how many records were found, before anything is said of their fields."""
    records = report["records"]
    recall, precision = (
        "–" if share is None else f"{share:.1%}"
        for share in (records["recall"], records["precision"])
    )
    return (
        f"{records['found']:,} of {records['truth']:,} found ({recall}), "
        f"{records['missed']:,} missed, {records['invented']:,} invented "
        f"({precision} of the rows are records of the truth)"
    )


def _records(report: ScoreReport) -> list[Markup]:
    if not report["records"]["several"]:
        return []
    shown = documents(report["records"]["examples"], "record", "message")
    lead = "Records are brought together before their lines: by their single values."
    return [section(f"Records · {records_said(report)}", *present(shown), lead=lead)]


def share_of_rows(report: ScoreReport | FieldScore) -> str:
    """Render the share that is right among the values of documents with a row."""
    share = report["accuracy_of_rows"]
    return "–" if share is None else f"{share:.1%}"


def _counts(field: FieldScore) -> dict[str, int]:
    return {
        "exact": field["exact"],
        "normalised": field["normalised"],
        "null": field["missing"] - field["no_row"],
        "no row": field["no_row"],
        "wrong": field["wrong"],
        "extra": field["extra"],
    }


def _fields(fields: list[FieldScore]) -> Markup:
    rows = [
        [
            tag("code", field["field"] + ("[]" if field["is_item"] else "")),
            bar(_counts(field)),
            "–" if field["accuracy"] is None else f"{field['accuracy']:.1%}",
            share_of_rows(field),
            *(f"{count:,}" for count in _counts(field).values()),
        ]
        for field in fields
    ]
    return section(
        "Field by field",
        legend(_MEANING),
        table(["field", "", "right %", "in rows %", *_MEANING], rows, class_="fields"),
        lead="Lines are brought together by best assignment before their fields are scored. "
        "Extra values are not in the share that is right; values without a row are not in that "
        "of rows.",
    )


def _examples(fields: list[FieldScore]) -> list[Markup]:
    shown = present(
        *(
            examples(field["field"], map(as_shown, field["examples"]), "verdict", "truth", "found")
            for field in fields
        )
    )
    lead = "The same documents every time: those with the smallest ids, which are hashes."
    return [section("Examples", *shown, lead=lead)] if shown else []


def _wrong_documents(report: ScoreReport) -> list[Markup]:
    total, listed = report["wrong_documents_total"], report["wrong_documents"]
    if not listed:
        return []
    rows = [
        [
            tag("bdi", entry["document_uri"]),
            _WRONG_KINDS[entry["kind"]],
            join(*_fields_of(entry), tag("bdi", entry["message"])),
        ]
        for entry in listed[:_MAX_LISTED]
    ]
    more = f"The first {_MAX_LISTED:,}; the JSON has more." if len(listed) > _MAX_LISTED else ""
    shown = folded(
        f"All {total:,}" if not more else f"{_MAX_LISTED:,} of {total:,}",
        table(["document", "", "what is wrong"], rows, class_="documents wrongs"),
    )
    return [section(f"Not all right · {total:,}", shown, lead=more)]


def _fields_of(entry: WrongDocument) -> list[Markup]:
    return [
        tag("span", tag("code", path), " ", shown, class_=f"chip {shown}")
        for path, verdict in entry["fields"].items()
        for shown in (_IN_A_ROW.get(verdict, verdict),)
    ]


def as_shown(example: dict[str, Any]) -> dict[str, Any]:
    """Return an example with the word for its verdict that people read."""
    verdict = example["verdict"]
    return {**example, "verdict": _IN_A_ROW.get(verdict, verdict)}


def _documents(report: ScoreReport) -> list[Markup]:
    return present(
        _group("Should be rows, failed", report["failed"]),
        _group("Should be rows, not in the output", report["no_outcome"]),
        _group("Should have failed, became rows", report["wrongly_extracted"]),
        _group("Rightly refused", report["refused"]),
        _group("Not scored: the name is ambiguous", report["ambiguous"]),
    )


def _group(title: str, group: Documents) -> Markup | None:
    if not group["documents"]:
        return None
    shown = documents(group["examples"], "message")
    return section(f"{title} · {group['documents']:,}", *present(kinds(group["by_kind"]), shown))
