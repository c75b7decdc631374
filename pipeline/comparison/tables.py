"""Reports as tables that a person likes to read."""

from rich.console import Console
from rich.table import Table

from sluicegate.evaluation.change_report import ChangeReport, Turn
from sluicegate.evaluation.score_report import ScoreReport
from sluicegate.pages.change_page import has_several, records_said
from sluicegate.pages.change_page import headline as changes_headline
from sluicegate.pages.parts import money, share
from sluicegate.pages.score_page import as_shown, cells_and_doubt, share_of_rows
from sluicegate.pages.score_page import headline as scores_headline
from sluicegate.pages.score_page import records_said as scored_records


def show_changes(report: ChangeReport, console: Console, prefix: str) -> None:
    """Print a comparison."""
    before, after = report["before"], report["after"]
    console.print()
    console.print(changes_headline(report), markup=False)
    sides = _table("", "before", "after", right=("before", "after"))
    sides.add_row("output", before["output"], after["output"])
    for name in ("documents", "rows", "failures", "with_warnings", "journaled"):
        sides.add_row(name.replace("_", " "), *(f"{side[name]:,}" for side in (before, after)))
    if before["record_failures"] or after["record_failures"]:
        failed = (f"{side['record_failures']:,}" for side in (before, after))
        sides.add_row("records that failed", *failed)
    for name in ("prompt_tokens", "output_tokens"):
        sides.add_row(
            name.replace("_", " "), *(f"{side['tokens'][name]:,}" for side in (before, after))
        )
    sides.add_row("cost", money(before["cost_usd"]), money(after["cost_usd"]))
    console.print()
    console.print(sides)
    turns = _table("outcomes", "documents", "", right=("documents",))
    turns.add_row("row, the same", f"{report['rows_same']:,}", "")
    turns.add_row("row, spelled otherwise", f"{report['rows_spelling']:,}", "")
    turns.add_row("row, changed", f"{report['rows_changed']:,}", "")
    turns.add_row("failure on both sides", f"{report['both_failures']:,}", "")
    for name, turn in (
        ("regressed: row, now a failure", report["failed"]),
        ("regressed: new warnings", report["new_warnings"]),
        ("improved: failure, now a row", report["recovered"]),
        ("improved: warnings gone", report["gone_warnings"]),
        ("failure for another reason", report["recoded"]),
        ("only before", report["only_before"]),
        ("only after", report["only_after"]),
    ):
        if turn["documents"]:
            turns.add_row(name, f"{turn['documents']:,}", _kinds(turn))
    if has_several(report):
        gone = report["records"]["gained"] + report["records"]["lost"]
        turns.add_row("records gained or lost", f"{gone:,}", records_said(report))
    console.print()
    console.print(turns)
    _show_fields(report, console)
    _show_end(console, report["notes"], prefix)


def _show_fields(report: ChangeReport, console: Console) -> None:
    if not report["fields"]:
        return
    figures = ("same %", "same", "spelling", "changed", "gained", "lost", "documents")
    fields = _table("field", *figures, right=figures)
    for field in report["fields"]:
        fields.add_row(
            field["field"] + ("[]" if field["is_item"] else ""),
            share(field["same"], field["compared"]),
            f"{field['same']:,}",
            *(_seen(field[name]) for name in ("spelling", "changed", "gained", "lost")),
            _seen(field["documents"]),
        )
    console.print()
    console.print(fields)
    shown = _table("example", "document", "before", "after", right=())
    for field in report["fields"]:
        if not field["is_item"]:
            for example in field["examples"][:1]:
                shown.add_row(
                    field["field"],
                    _file(example["document_uri"]),
                    _short(example["before"]),
                    _short(example["after"]),
                )
    if shown.row_count:
        console.print()
        console.print(shown)


def show_scores(report: ScoreReport, console: Console, prefix: str) -> None:
    """Print an evaluation."""
    console.print()
    console.print(scores_headline(report), markup=False)
    documents = _table("truths", "documents", "", right=("documents",))
    documents.add_row(
        "rows scored",
        f"{report['rows_scored']:,}",
        f"{report['rows_right']:,} of them all right",
    )
    for name, group in (
        ("failed, should be rows", report["failed"]),
        ("not in the output", report["no_outcome"]),
        ("rightly refused", report["refused"]),
        ("rows, should have failed", report["wrongly_extracted"]),
        ("ambiguous, not scored", report["ambiguous"]),
    ):
        if group["documents"]:
            kinds = ", ".join(f"{name} {count:,}" for name, count in group["by_kind"].items())
            documents.add_row(name, f"{group['documents']:,}", kinds)
    if report["without_truth"]:
        documents.add_row("documents without truth", f"{report['without_truth']:,}", "")
    console.print()
    console.print(documents)
    _show_records(report, console)
    console.print()
    for line in cells_and_doubt(report):
        console.print(line, soft_wrap=True, markup=False)
    without_row = bool(report["no_row"])
    of_rows = ("in rows %",) if without_row else ()
    no_row = ("no row",) if without_row else ()
    figures = ("right %", *of_rows, "exact", "normalised", "null", *no_row, "wrong", "extra")
    fields = _table("field", *figures, right=figures)
    for field in report["fields"]:
        fields.add_row(
            field["field"] + ("[]" if field["is_item"] else ""),
            "–" if field["accuracy"] is None else f"{field['accuracy']:.1%}",
            *((share_of_rows(field),) if without_row else ()),
            f"{field['exact']:,}",
            _seen(field["normalised"]),
            _seen(field["missing"] - field["no_row"]),
            *((_seen(field["no_row"]),) if without_row else ()),
            _seen(field["wrong"]),
            _seen(field["extra"]),
        )
    console.print()
    console.print(fields)
    shown = _table("example", "", "document", "truth", "found", right=())
    for scored in report["fields"]:
        if not scored["is_item"]:
            for example in scored["examples"][:1]:
                shown.add_row(
                    scored["field"],
                    as_shown(example)["verdict"],
                    _file(example["document_uri"]),
                    _short(example["truth"]),
                    _short(example["found"]),
                )
    if shown.row_count:
        console.print()
        console.print(shown)
    _show_end(console, report["notes"], prefix)


def _show_records(report: ScoreReport, console: Console) -> None:
    if report["records"]["several"]:
        console.print()
        console.print(f"records   {scored_records(report)}", soft_wrap=True, markup=False)


def _table(*names: str, right: tuple[str, ...]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def _kinds(turn: Turn) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in turn["by_kind"].items() if count)


def _seen(count: int) -> str:
    return f"{count:,}" if count else "·"


def _file(uri: str) -> str:
    return uri.rpartition("/")[2] or uri


def _short(text: str | None) -> str:
    return "null" if text is None else text if len(text) <= 60 else f"{text[:60]}…"


def _show_end(console: Console, notes: list[str], prefix: str) -> None:
    if notes:
        console.print()
    for note in notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)
    if prefix:
        console.print()
        console.print(f"page      {prefix}.html", soft_wrap=True, markup=False, emoji=False)
        console.print(f"JSON      {prefix}.json", soft_wrap=True, markup=False, emoji=False)
