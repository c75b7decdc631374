"""The page of an evaluation."""

from sluicegate.evaluation.score_report import Documents, FieldScore, ScoreReport
from sluicegate.pages.html import Markup, join, tag, whole_page
from sluicegate.pages.parts import (
    bar,
    documents,
    examples,
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
    "missing": "the truth has a value, the row has none",
    "wrong": "another value",
    "extra": "the truth has none, the row has one",
}


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
        *(tag("p", note, class_="note") for note in report["notes"]),
        _fields(report["fields"]),
        *_examples(report["fields"]),
        *_documents(report),
    )


def headline(report: ScoreReport) -> str:
    """Say the evaluation in one sentence."""
    if report["accuracy"] is None:
        return "Nothing could be scored"
    right = report["exact"] + report["normalised"]
    return f"{report['accuracy']:.1%} right: {right:,} of {report['values']:,} values of the truth"


def _tiles(report: ScoreReport) -> Markup:
    exact = "–" if not report["values"] else f"{report['exact'] / report['values']:.1%}"
    accuracy = "–" if report["accuracy"] is None else f"{report['accuracy']:.1%}"
    without_row = report["failed"]["documents"] + report["no_outcome"]["documents"]
    refused, taken = report["refused"]["documents"], report["wrongly_extracted"]["documents"]
    return tiles(
        (accuracy, "right", f"{exact} to the letter", "exact"),
        (f"{report['wrong']:,}", "wrong values", f"{report['missing']:,} missing", "wrong"),
        (f"{report['extra']:,}", "extra values", "where the truth has none", "extra"),
        (f"{report['rows_right']:,}", "rows all right", f"of {report['rows_scored']:,} scored", ""),
        (f"{without_row:,}", "truths without row", "their values are missing", "missing"),
        (f"{refused:,}", "rightly refused", f"{taken:,} that should have been", ""),
    )


def _counts(field: FieldScore) -> dict[str, int]:
    return {
        "exact": field["exact"],
        "normalised": field["normalised"],
        "missing": field["missing"],
        "wrong": field["wrong"],
        "extra": field["extra"],
    }


def _fields(fields: list[FieldScore]) -> Markup:
    rows = [
        [
            tag("code", field["field"] + ("[]" if field["is_item"] else "")),
            bar(_counts(field)),
            "–" if field["accuracy"] is None else f"{field['accuracy']:.1%}",
            *(f"{count:,}" for count in _counts(field).values()),
        ]
        for field in fields
    ]
    return section(
        "Field by field",
        legend(_MEANING),
        table(["field", "", "right %", *_MEANING], rows, class_="fields"),
        lead="Lines are brought together by best assignment before their fields are scored. "
        "Extra values are not in the share that is right.",
    )


def _examples(fields: list[FieldScore]) -> list[Markup]:
    shown = present(
        *(
            examples(field["field"], field["examples"], "verdict", "truth", "found")
            for field in fields
        )
    )
    lead = "The same documents every time: those with the smallest ids, which are hashes."
    return [section("Examples", *shown, lead=lead)] if shown else []


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
