"""The page of a comparison."""

from sluicegate.evaluation.change_report import ChangeReport, FieldReport, Turn
from sluicegate.evaluation.sides import SideReport
from sluicegate.pages.html import Markup, join, tag, whole_page
from sluicegate.pages.parts import (
    bar,
    documents,
    examples,
    header,
    kinds,
    legend,
    moment,
    money,
    present,
    section,
    share,
    table,
    tiles,
)

_MEANING = {
    "same": "equal, numbers as numbers",
    "spelling": "only case, space or punctuation differ",
    "changed": "another value",
    "gained": "null before, or a new line",
    "lost": "null after, or a line gone",
}


def change_page(report: ChangeReport) -> str:
    """Return a comparison as one HTML file."""
    before, after = report["before"], report["after"]
    return whole_page(
        "Sluicegate: before and after",
        header(
            "comparison",
            headline(report),
            join(tag("b", "before "), tag("bdi", before["output"])),
            join(tag("b", "after "), tag("bdi", after["output"])),
            f"finished {moment(report['finished_at'])}",
        ),
        _tiles(report),
        *(tag("p", note, class_="note") for note in report["notes"]),
        *_turns(report),
        *_records(report),
        _fields(report["fields"]),
        *_examples(report["fields"]),
        _sides(before, after),
    )


def headline(report: ChangeReport) -> str:
    """Say the comparison in one sentence."""
    regressions, improvements = report["regressions"], report["improvements"]
    turned = (
        "nothing regressed" if not regressions else
        f"{_count(regressions, 'document')} regressed"
    )  # fmt: skip
    better = f", {improvements:,} improved" if improvements else ""
    rows = report["rows_changed"] + report["rows_spelling"]
    return f"{rows:,} of {_count(report['both_rows'], 'row')} differ; {turned}{better}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tiles(report: ChangeReport) -> Markup:
    rows, failed = report["both_rows"], report["failed"]["documents"]
    recovered = report["recovered"]["documents"]
    one_sided = report["only_before"]["documents"] + report["only_after"]["documents"]
    costs = [money(report[side]["cost_usd"]) for side in ("before", "after")]
    return tiles(
        (f"{report['in_both']:,}", "documents in both", f"{one_sided:,} in one alone", ""),
        (share(report["rows_same"], rows), "of rows the same",
         f"{report['rows_same']:,} of {rows:,}", ""),
        (f"{report['rows_changed']:,}", "rows changed",
         f"{report['rows_spelling']:,} more in spelling alone", "changed"),
        (f"{report['regressions']:,}", "regressions",
         f"{failed:,} fail now, {report['new_warnings']['documents']:,} newly warned", "lost"),
        (f"{report['improvements']:,}", "improvements",
         f"{recovered:,} are rows now, {report['gone_warnings']['documents']:,} fewer warned",
         "gained"),
        (costs[1], "paid after", f"{costs[0]} before", ""),
    )  # fmt: skip


def _turns(report: ChangeReport) -> list[Markup]:
    """Return what became of documents as a whole; parts that nothing happened in are left out."""
    return present(
        _turn("Regressions: a row before, a failure after", report["failed"], "code", "message"),
        _turn("Regressions: new warnings", report["new_warnings"], "message"),
        _turn("Improvements: a failure before, a row after", report["recovered"], "code",
              "message"),
        _turn("Improvements: warnings gone", report["gone_warnings"], "message"),
        _turn("Failures with another reason", report["recoded"], "code", "message"),
        _turn("Only before", report["only_before"]),
        _turn("Only after", report["only_after"]),
    )  # fmt: skip


def has_several(report: ChangeReport) -> bool:
    """Tell whether records are worth a line: documents hold several, or not equally many."""
    records = report["records"]
    return max(records["before"], records["after"]) > report["both_rows"] or bool(
        records["documents"]
    )


def records_said(report: ChangeReport) -> str:
    """Say what became of the records of documents, in one line."""
    records = report["records"]
    return (
        f"{records['same']:,} same, {records['spelling']:,} spelling, "
        f"{records['changed']:,} changed, {records['gained']:,} gained, {records['lost']:,} lost"
    )


def _records(report: ChangeReport) -> list[Markup]:
    if not has_several(report):
        return []
    records = report["records"]
    lead = f"{records['before']:,} before, {records['after']:,} after: {records_said(report)}. "
    about = "Records are brought together before their fields and lines are compared."
    shown = documents(records["examples"], "message")
    title = f"Records gained or lost · {_count(records['documents'], 'document')}"
    return [section(title, *present(shown), lead=lead + about)]


def _turn(title: str, turn: Turn, *keys: str) -> Markup | None:
    if not turn["documents"]:
        return None
    shown = documents(turn["examples"], *keys)
    return section(f"{title} · {turn['documents']:,}", *present(kinds(turn["by_kind"]), shown))


def _counts(field: FieldReport) -> dict[str, int]:
    return {
        "same": field["same"],
        "spelling": field["spelling"],
        "changed": field["changed"],
        "gained": field["gained"],
        "lost": field["lost"],
    }


def _fields(fields: list[FieldReport]) -> Markup:
    rows = [
        [
            tag("code", field["field"] + ("[]" if field["is_item"] else "")),
            bar(_counts(field)),
            share(field["same"], field["compared"]),
            *(f"{count:,}" for count in _counts(field).values()),
            f"{field['documents']:,}",
        ]
        for field in fields
    ]
    head = ["field", "", "same %", *_MEANING, "documents"]
    return section(
        "Field by field",
        legend(_MEANING),
        table(head, rows, class_="fields"),
        lead="Values of documents that have a row on both sides. Lines are brought together by "
        "best assignment before their fields are compared.",
    )


def _examples(fields: list[FieldReport]) -> list[Markup]:
    shown = present(
        *(
            examples(field["field"], field["examples"], "change", "before", "after")
            for field in fields
        )
    )
    lead = "The same documents every time: those with the smallest ids, which are hashes."
    return [section("Examples", *shown, lead=lead)] if shown else []


def _sides(before: SideReport, after: SideReport) -> Markup:
    def row(name: str, *values: str) -> list[str]:
        return [name, *values]

    sides = (before, after)
    return section(
        "The two sides",
        table(
            ["", "before", "after"],
            [
                row("output", *(tag("bdi", side["output"]) for side in sides)),
                row("run", *(_names(side["runs"]) for side in sides)),
                row("model", *(_names(side["models"]) for side in sides)),
                row("document type", *(_names(side["document_types"]) for side in sides)),
                row("documents", *(f"{side['documents']:,}" for side in sides)),
                row("rows", *(f"{side['rows']:,}" for side in sides)),
                row("rows with warnings", *(f"{side['with_warnings']:,}" for side in sides)),
                row("failures", *(f"{side['failures']:,}" for side in sides)),
                row("records that failed", *(f"{side['record_failures']:,}" for side in sides)),
                row("tokens in", *(f"{side['tokens']['prompt_tokens']:,}" for side in sides)),
                row("tokens out", *(f"{_out(side):,}" for side in sides)),
                row("from the journal", *(f"{side['journaled']:,}" for side in sides)),
                row("cost", *(money(side["cost_usd"]) for side in sides)),
            ],
            class_="sides",
        ),
        lead="Tokens are those behind the answers, cost is what was paid in the run: "
        "an answer from the journal is free.",
    )


def _out(side: SideReport) -> int:
    return side["tokens"]["output_tokens"] + side["tokens"]["thought_tokens"]


def _names(counts: dict[str, int]) -> Markup:
    if len(counts) == 1:
        return tag("bdi", next(iter(counts)))
    return join(*(tag("div", tag("bdi", name), f" {count:,}") for name, count in counts.items()))
