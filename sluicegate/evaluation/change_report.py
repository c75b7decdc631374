"""The comparison as JSON: what the page and the table are made from."""

from typing import Any, TypedDict

from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.sides import SideReport
from sluicegate.evaluation.tally import FieldTally


class FieldReport(TypedDict):
    """A field: how many values were compared, and what became of them."""

    field: str
    is_item: bool
    compared: int
    same: int
    spelling: int
    changed: int
    gained: int
    lost: int
    documents: int  # with at least one value that is not the same
    examples: list[dict[str, Any]]


class Records(TypedDict):
    """Records of documents with rows on both sides: what became of each."""

    before: int
    after: int
    same: int
    spelling: int
    changed: int
    gained: int
    lost: int
    documents: int  # in which a record was gained or lost
    examples: list[dict[str, Any]]


class Turn(TypedDict):
    """Documents whose outcome turned, by failure code or kind of warning."""

    documents: int
    by_kind: dict[str, int]
    examples: list[dict[str, Any]]


class ChangeReport(TypedDict):
    """Two outputs compared."""

    kind: str
    finished_at: str
    before: SideReport
    after: SideReport
    documents: int  # of either side
    in_both: int
    both_rows: int
    rows_same: int
    rows_spelling: int
    rows_changed: int
    both_failures: int
    records: Records
    only_before: Turn
    only_after: Turn
    failed: Turn  # a row before, a failure after
    recovered: Turn  # a failure before, a row after
    recoded: Turn  # a failure on both sides, for another reason
    new_warnings: Turn
    gone_warnings: Turn
    regressions: int  # documents that failed, lost a record, or have a new warning
    improvements: int
    fields: list[FieldReport]
    notes: list[str]


def change_report(changes: Changes, before: str, after: str, finished_at: str) -> ChangeReport:
    """Return a finished comparison as JSON; `before` and `after` name the outputs."""
    states = changes.states
    failed, recovered = states["row>failure"], states["failure>row"]
    only_before = states["row>none"] + states["failure>none"]
    only_after = states["none>row"] + states["none>failure"]
    return {
        "kind": "compare",
        "finished_at": finished_at,
        "before": changes.before.report(before),
        "after": changes.after.report(after),
        "documents": states.total(),
        "in_both": states.total() - only_before - only_after,
        "both_rows": states["row>row"],
        "rows_same": changes.rows["same"],
        "rows_spelling": changes.rows["spelling"],
        "rows_changed": changes.rows["changed"],
        "both_failures": states["failure>failure"],
        "records": _records(changes),
        "only_before": {
            "documents": only_before,
            "by_kind": {"row": states["row>none"], "failure": states["failure>none"]},
            "examples": list(changes.examples["only_before"]),
        },
        "only_after": {
            "documents": only_after,
            "by_kind": {"row": states["none>row"], "failure": states["none>failure"]},
            "examples": list(changes.examples["only_after"]),
        },
        "failed": _turn(changes, "failed", failed),
        "recovered": _turn(changes, "recovered", recovered),
        "recoded": _turn(changes, "recoded", changes.codes["recoded"].total),
        "new_warnings": _warned(changes, "new"),
        "gone_warnings": _warned(changes, "gone"),
        "regressions": failed + changes.regressed,
        "improvements": recovered + changes.warned["gone"],
        "fields": [_field(path, tally) for path, tally in changes.tally.in_order()],
        "notes": _notes(changes),
    }


def _records(changes: Changes) -> Records:
    counts = changes.records
    paired = counts["same"] + counts["spelling"] + counts["changed"]
    return {
        "before": paired + counts["lost"],
        "after": paired + counts["gained"],
        "same": counts["same"],
        "spelling": counts["spelling"],
        "changed": counts["changed"],
        "gained": counts["gained"],
        "lost": counts["lost"],
        "documents": changes.recounted,
        "examples": list(changes.examples["records"]),
    }


def _turn(changes: Changes, name: str, documents: int) -> Turn:
    return {
        "documents": documents,
        "by_kind": changes.codes[name].as_dict(),
        "examples": list(changes.examples[name]),
    }


def _warned(changes: Changes, name: str) -> Turn:
    return {
        "documents": changes.warned[name],
        "by_kind": changes.warnings[name].as_dict(),
        "examples": list(changes.examples[name]),
    }


def _field(path: str, tally: FieldTally) -> FieldReport:
    return {
        "field": path,
        "is_item": tally.is_item,
        "compared": tally.counts.total(),
        "same": tally.counts["same"],
        "spelling": tally.counts["spelling"],
        "changed": tally.counts["changed"],
        "gained": tally.counts["gained"],
        "lost": tally.counts["lost"],
        "documents": tally.documents,
        "examples": tally.examples_of("changed", "lost", "gained", "spelling"),
    }


def _notes(changes: Changes) -> list[str]:
    """Say what a reader should know before trusting the figures."""
    notes = []
    for name, side in (("before", changes.before), ("after", changes.after)):
        if side.superseded:
            notes.append(
                f"{name} has {side.superseded:,} further rows or failures of documents that have "
                "a later one; the latest counts"
            )
        if side.unpriced:
            notes.append(f"{name} has {side.unpriced:,} documents whose cost is not known")
    return notes + changes.tally.notes()
