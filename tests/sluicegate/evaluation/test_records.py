"""Records of a document, before any of their lines: paired, found, missed, invented, lost."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.alignment.records import pair_records
from sluicegate.evaluation.change_report import ChangeReport, change_report
from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.naming import bring_together
from sluicegate.evaluation.outcomes import Outcome, from_failure_line, from_row, latest
from sluicegate.evaluation.score_report import ScoreReport, score_report
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules
from sluicegate.evaluation.truth import Truth, about_document
from sluicegate.landing.failure_lines import failure_line
from sluicegate.pages import change_page, score_page
from sluicegate.records import Failure, Place
from tests.sluicegate.evaluation.comparing import URI, failure, truth

AT = "2026-01-01T00:00:00+00:00"
Values = dict[str, Any]


def invoice(number: str, total: str, *lines: str) -> Values:
    """Return an invoice; its lines cost 1 each."""
    return {
        "invoice_id": number,
        "vendor_name": f"Vendor of {number}",
        "total_amount": Decimal(total),
        "line_items": [{"description": line, "total": Decimal(1)} for line in lines],
    }


BOLTS = invoice("A-17", "3", "bolt M3", "bolt M4", "bolt M5")
PAPER = invoice("B-2026-9", "2", "paper A4", "paper A3")
PAINT = invoice("77/C", "1", "white paint")


def rows(*records: Values, at: str = AT, failed: int = 0, name: str = "a") -> list[Outcome]:
    """Return the rows of an extraction, as they are read."""
    count = len(records) + failed
    return [
        from_row(
            {
                **values, "document_uri": URI.format(name), "processed_at": at,
                "record_index": index, "record_count": count, "record_failures": failed,
                "provenance": {
                    "run_id": at, "request_identity": "i",
                    "cost_usd": Decimal("0.25") if index == 0 else Decimal(0),
                    "prompt_tokens": 100 if index == 0 else 0,
                },
            }
        )
        for index, values in enumerate(records)
    ]  # fmt: skip


def record_failure(index: int, run_id: str, at: str) -> Outcome:
    """Return the failure of a record, as it is read from its line."""
    failed = Failure(
        URI.format("a"), "schema_mismatch", "m", place=Place(index, 1, 1), record_count=3,
        contents=None,
    )  # fmt: skip
    return from_failure_line(failure_line(failed, run_id, datetime.fromisoformat(at)))


def truths(*records: Values) -> Truth:
    """Return the truth of a document with these records, read line by line."""
    lines = [
        truth("a.pdf", **{k: _plain(v) for k, v in each.items()}, record_index=index)
        for index, each in enumerate(records)
    ]
    whole = about_document(lines)
    assert whole is not None
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [{name: _plain(each) for name, each in item.items()} for item in value]
    return str(value) if isinstance(value, Decimal) else value


def scored(wanted: Truth, *found: Values) -> ScoreReport:
    """Evaluate one document."""
    outcome, _ = latest(rows(*found)) if found else (failure(code="no_records"), 0)
    assert outcome is not None
    scores = Scores(5, Rules())
    scores.add_pair(wanted, outcome)
    return score_report(scores, "rows", "truth", AT)


def counts(report: ScoreReport) -> tuple[int, int, int, int]:
    """Return records of the truth, and those found, missed, invented."""
    records = report["records"]
    return records["truth"], records["found"], records["missed"], records["invented"]


def field(report: Any, name: str) -> dict[str, Any]:
    """Return what a report says of a field."""
    return dict(next(each for each in report["fields"] if each["field"] == name))


def test_records_in_another_order_are_all_found() -> None:
    """Each meets its own, and every value is exact."""
    report = scored(truths(BOLTS, PAPER, PAINT), PAINT, BOLTS, PAPER)
    assert counts(report) == (3, 3, 0, 0)
    assert (report["accuracy"], report["extra"], report["rows_right"]) == (1.0, 0, 1)


def test_two_merged_records_are_one_found_and_one_missed() -> None:
    """Though all five lines are there: they are not those of the record that they stand in.

    By hand: of BOLTS 3 single values and 3 lines of 2 values are exact; of PAPER 3 and 2 × 2 are
    missing, though its lines stand in the other record, where they are extra.
    """
    merged = {**BOLTS, "line_items": BOLTS["line_items"] + PAPER["line_items"]}
    report = scored(truths(BOLTS, PAPER), merged)
    assert counts(report) == (2, 1, 1, 0)
    assert (report["records"]["recall"], report["records"]["precision"]) == (0.5, 1.0)
    assert (report["exact"], report["missing"], report["extra"]) == (3 + 6, 3 + 4, 4)
    lines = field(report, "line_items")
    assert (lines["exact"], lines["missing"], lines["extra"]) == (3, 2, 2)
    assert report["rows_right"] == 0
    (wrong,) = report["wrong_documents"]
    assert wrong["message"] == "records: 1 missed, 0 invented"
    (example,) = report["records"]["examples"]
    assert example["record"] == "missed"
    assert "B-2026-9" in example["message"]


def test_a_record_split_at_a_repeated_head_is_found_and_one_invented() -> None:
    """The half with the right total is the record; by hand: 2 of 3 lines, and the id are exact."""
    first = {**BOLTS, "line_items": BOLTS["line_items"][:2]}
    rest = {**BOLTS, "total_amount": Decimal(9), "line_items": BOLTS["line_items"][2:]}
    report = scored(truths(BOLTS, PAPER), first, rest, PAPER)
    assert counts(report) == (2, 2, 0, 1)
    assert report["records"]["precision"] == pytest.approx(2 / 3, abs=1e-6)
    assert (report["exact"], report["missing"], report["extra"]) == (3 + 4 + 3 + 4, 2, 0)


def test_a_dropped_record_is_missed_and_a_further_one_invented() -> None:
    """Values of the first are missing, without a row; of the other none is counted."""
    report = scored(truths(BOLTS, PAPER), PAPER, PAINT)
    assert counts(report) == (2, 1, 1, 1)
    assert (report["exact"], report["missing"], report["no_row"], report["extra"]) == (7, 9, 9, 0)
    assert report["accuracy_of_rows"] == 1.0


def test_a_document_without_rows_misses_all_records() -> None:
    """It failed, or holds none."""
    report = scored(truths(BOLTS, PAPER))
    assert counts(report) == (2, 0, 2, 0)
    assert report["failed"]["documents"] == 1
    assert report["records"]["examples"] == []


def test_one_record_is_its_documents_whatever_is_in_it() -> None:
    """A type for one is scored as ever: a row that is all wrong is wrong, not invented."""
    report = scored(truths(BOLTS), PAINT)
    assert counts(report) == (1, 1, 0, 0)
    assert not report["records"]["several"]
    assert field(report, "invoice_id")["wrong"] == 1


def test_two_copies_of_one_form_are_two_records() -> None:
    """The second copy is not taken for the first."""
    report = scored(truths(PAINT, PAINT), PAINT, PAINT)
    assert counts(report) == (2, 2, 0, 0)
    assert counts(scored(truths(PAINT, PAINT), PAINT)) == (2, 1, 1, 0)


def test_lines_of_a_truth_about_several_records_are_one_truth() -> None:
    """By their index, in any order and twice; a contradiction or a line without one is none."""
    lines = [truth("a.pdf", invoice_id=name, record_index=n) for n, name in enumerate("xyz")]
    found = bring_together([lines[2], lines[0], lines[1], lines[0]], rows(BOLTS))
    ((whole, _),) = found.pairs
    assert [each.fields["invoice_id"] for each in whole.records] == ["x", "y", "z"]
    contradicted = truth("a.pdf", invoice_id="other", record_index=1)
    assert len(bring_together([*lines, contradicted], rows(BOLTS)).ambiguous) == 4
    assert bring_together([lines[0], truth("a.pdf", invoice_id="x")], rows(BOLTS)).ambiguous
    refused = truth("a.pdf", expect="failure", record_index=1)
    assert bring_together([lines[0], refused], rows(BOLTS)).ambiguous


def test_all_rows_of_the_newest_complete_extraction_count() -> None:
    """Of three that became two there are two; half of a newer one changes nothing."""
    three, two = rows(BOLTS, PAPER, PAINT, at="1"), rows(BOLTS, PAINT, at="2")
    found, superseded = latest([*two, *three])
    assert found is not None
    assert [each["invoice_id"] for each in found.records] == ["A-17", "77/C"]
    assert superseded == 3
    assert (found.cost_usd, found.usage.prompt_tokens) == (Decimal("0.25"), 100)
    found, superseded = latest([*three[:2], *two])
    assert found is not None
    assert (len(found.records), superseded) == (2, 2)
    newer_half, _ = latest([*rows(BOLTS, PAPER, at="1"), *rows(BOLTS, PAPER, PAINT, at="2")[:2]])
    assert newer_half is not None
    assert (newer_half.at, len(newer_half.records)) == ("1", 2)
    assert latest(three[1:]) == (None, 2)


def test_a_document_that_landed_in_part_landed() -> None:
    """Its record failures come after its rows, of the same run; a later run's failure counts."""
    landed = rows(BOLTS, PAPER, at=AT, failed=1)
    same = record_failure(2, AT, "2026-01-01T00:00:01+00:00")
    found, superseded = latest([same, *landed])
    assert found is not None
    assert (len(found.records), found.share.failures, superseded) == (2, 1, 0)
    later = [record_failure(n, "later", f"2026-01-02T00:00:0{n}+00:00") for n in range(3)]
    found, superseded = latest([*landed, same, *later])
    assert found is not None
    assert (found.records, found.code, superseded) == ((), "schema_mismatch", 3)


def compared(before: list[Outcome], after: list[Outcome]) -> ChangeReport:
    """Compare one document."""
    changes = Changes(5)
    changes.add(before, after)
    return change_report(changes, "one", "other", AT)


def test_records_are_paired_before_their_lines_are_compared() -> None:
    """A line that moved to another record is a line lost and one gained, not the same line."""
    shorter = {**BOLTS, "line_items": BOLTS["line_items"][:2]}
    longer = {**PAPER, "line_items": [*PAPER["line_items"], BOLTS["line_items"][2]]}
    report = compared(rows(BOLTS, PAPER), rows(longer, shorter, at="2"))
    records = report["records"]
    assert (records["changed"], records["gained"], records["lost"]) == (2, 0, 0)
    lines = field(report, "line_items")
    assert (lines["lost"], lines["gained"], lines["same"]) == (1, 1, 4)
    assert field(report, "invoice_id")["same"] == 2


def test_records_gained_and_lost_have_a_line_of_their_own() -> None:
    """Above the fields, which are those of records on both sides; a lost one is a regression."""
    report = compared(rows(BOLTS, PAPER, PAINT), rows(BOLTS, PAPER, at="2"))
    records = report["records"]
    assert (records["before"], records["after"], records["same"]) == (3, 2, 2)
    assert (records["lost"], records["gained"], records["documents"]) == (1, 0, 1)
    assert records["examples"][0]["message"] == "3 before, 2 after: 1 lost, 0 gained"
    assert field(report, "invoice_id")["compared"] == 2
    assert (report["rows_changed"], report["regressions"]) == (1, 1)
    assert (report["before"]["rows"], report["before"]["landed"]) == (3, 1)
    assert "Records gained or lost · 1 document" in change_page(report)
    gained = compared(rows(BOLTS), rows(BOLTS, PAPER, at="2"))
    assert (gained["records"]["gained"], gained["regressions"]) == (1, 0)
    same = compared(rows(BOLTS), rows(BOLTS, at="2"))
    assert "Records gained" not in change_page(same)


def test_a_page_says_how_many_records_were_found() -> None:
    """On a line of its own, before the fields."""
    page = score_page(scored(truths(BOLTS, PAPER), PAPER, PAINT))
    assert "Records · 1 of 2 found (50.0%), 1 missed, 1 invented" in page
    assert page.index("Records · ") < page.index("Field by field")
    assert "Records · " not in score_page(scored(truths(BOLTS), BOLTS))


def test_parts_add_up() -> None:
    """However the documents are split among workers."""
    whole, parts = Scores(5, Rules()), [Scores(5, Rules()) for _ in range(2)]
    changed, split = Changes(5), [Changes(5) for _ in range(2)]
    for number, found in enumerate(((BOLTS,), (PAPER, PAINT))):
        outcome, _ = latest(rows(*found))
        assert outcome is not None
        for scores in (whole, parts[number]):
            scores.add_pair(truths(BOLTS, PAPER), outcome)
        for changes in (changed, split[number]):
            changes.add(rows(BOLTS, PAPER), rows(*found, at="2"))
    parts[1].merge(parts[0])
    split[1].merge(split[0])
    assert score_report(parts[1], "r", "t", AT) == score_report(whole, "r", "t", AT)
    assert change_report(split[1], "b", "a", AT) == change_report(changed, "b", "a", AT)


def test_records_of_lists_alone_are_told_apart_by_these() -> None:
    """A type need not have a head."""
    one, other = {"lines": ["bolt", "nut"]}, {"lines": ["paper"]}
    assert pair_records([one, other], [other, one]).pairs == [(0, 1), (1, 0)]
