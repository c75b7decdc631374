"""What changed between two outputs: every document in one class, whoever adds up the parts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evaluation.bounded import Counts, Examples
from sluicegate.evaluation.change_report import ChangeReport, change_report
from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.difference import compare_rows
from sluicegate.evaluation.outcomes import Outcome, from_failure_line, from_row, latest
from sluicegate.evaluation.warnings import changed as warnings_changed
from sluicegate.faults import JobFault
from tests.sluicegate.evaluation.comparing import URI, failure, row

Pair = tuple[list[Outcome], list[Outcome]]


def report(*pairs: Pair, examples: int = 5) -> ChangeReport:
    """Compare documents, each what either side has of it."""
    changes = Changes(examples)
    for before, after in pairs:
        changes.add(before, after)
    return change_report(changes, "one", "other", "2026-01-01T00:00:00+00:00")


def field(found: ChangeReport, name: str) -> dict[str, Any]:
    """Return what a report says of a field."""
    return dict(next(each for each in found["fields"] if each["field"] == name))


def paths(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what differs between two rows."""
    return [(c.path, c.verdict) for c in compare_rows(before, after) if c.verdict != "same"]


def test_fields_of_lines_and_records_are_compared_where_they_belong() -> None:
    """Lines meet their counterparts before their fields are compared, whatever their order."""
    before = {
        "vendor": {"name": "ACME", "city": "Ulm"},
        "tags": ["a", "b"],
        "lines": [{"name": "bolt", "n": 1}, {"name": "nut", "n": 2}, {"name": "gone", "n": 3}],
        "document_uri": "x", "processed_at": 1, "provenance": {"run_id": "a"},
    }  # fmt: skip
    after = {
        "vendor": {"name": "Acme", "city": None},
        "tags": ["b"],
        "lines": [{"name": "nut", "n": 5}, {"name": "bolt", "n": 1}],
        "document_uri": "y", "processed_at": 2, "provenance": {"run_id": "b"},
    }  # fmt: skip
    assert paths(before, after) == [
        ("vendor.name", "spelling"),
        ("vendor.city", "lost"),
        ("tags", "lost"),
        ("lines", "changed"),
        ("lines.n", "changed"),
        ("lines", "lost"),
    ]


def test_a_column_that_one_side_lacks_is_a_column_of_nulls() -> None:
    """A document type that gained a field shows as values gained, a record or list too."""
    assert paths({"a": 1}, {"a": 1, "b": 2, "c": [3], "d": {"e": 4}}) == [
        ("b", "gained"),
        ("c", "gained"),
        ("d.e", "gained"),
    ]
    assert paths({"a": [1]}, {"a": 1}) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([row()], [row()], {"rows_same": 1, "regressions": 0}),
        ([row()], [row(total=Decimal("1.5000"))], {"rows_same": 1}),
        ([row()], [row(invoice_id="a 1")], {"rows_spelling": 1}),
        ([row()], [row(invoice_id="B")], {"rows_changed": 1, "regressions": 0}),
        ([row()], [row(lines=[{"n": 1}])], {"rows_changed": 1}),
        ([row()], [failure()], {"regressions": 1, "both_rows": 0}),
        ([failure()], [row()], {"improvements": 1, "regressions": 0}),
        ([failure()], [failure()], {"both_failures": 1, "regressions": 0}),
        ([row()], [row(warnings=["odd"])], {"regressions": 1, "rows_same": 1}),
        ([row(warnings=["odd"])], [row()], {"improvements": 1, "rows_same": 1}),
        ([row()], [], {"in_both": 0, "documents": 1, "regressions": 0}),
        ([], [failure()], {"in_both": 0, "documents": 1, "regressions": 0}),
    ],
)
def test_what_became_of_a_document(
    before: list[Outcome], after: list[Outcome], expected: dict[str, int]
) -> None:
    """Each way a document can turn is counted as what it is."""
    found = report((before, after))
    assert {name: found[name] for name in expected} == expected  # type: ignore[literal-required]


def test_codes_and_reasons_of_regressions_are_told() -> None:
    """A row that became a failure is counted by its code, and shown with its message."""
    found = report(
        ([row("a")], [failure("a", "schema_mismatch")]),
        ([failure("b", "timeout")], [failure("b", "encrypted")]),
    )
    assert found["failed"]["by_kind"] == {"schema_mismatch": 1}
    assert found["failed"]["examples"] == [
        {
            "document_uri": URI.format("a"),
            "code": "schema_mismatch",
            "message": "it is schema_mismatch",
        }
    ]
    assert found["recoded"]["by_kind"] == {"timeout > encrypted": 1}


def test_warnings_are_told_apart_by_what_they_say_not_by_its_numbers() -> None:
    """Another sum that does not add up is the same warning; a second one is new."""
    old = "line_items.total adds up to 12.30, total_amount is 15"
    same = "line_items.total adds up to 11, total_amount is 14.01"
    date = "invoice_date 2199-01-01 is not between 1990-01-01 and 2027-11-24"
    code = "currency 'don\\'t 5' is not an ISO 4217 code"
    assert warnings_changed([old], [same]) == ([], [])
    assert warnings_changed([old], [same, same, date]) == (
        [
            "invoice_date … is not between … and …",
            "line_items.total adds up to …, total_amount is …",
        ],
        [],
    )
    assert warnings_changed([code], [])[1] == ["currency … is not an ISO … code"]


def test_the_latest_of_several_rows_counts() -> None:
    """Rows of earlier runs in the same table are counted as superseded and not compared."""
    found = report(
        ([row(at="2026-01-02", invoice_id="new"), row(at="2026-01-01", invoice_id="old")],
         [row(at="2026-01-01", invoice_id="new"), failure(at="2025-01-01")])
    )  # fmt: skip
    assert found["rows_same"] == 1
    assert (found["before"]["superseded"], found["after"]["superseded"]) == (1, 1)
    assert len(found["notes"]) == 2
    assert latest([]) == (None, 0)


def test_tokens_and_cost_are_those_of_either_side() -> None:
    """What rows and failures cost is added up exactly, what is not known is counted."""
    line = (
        '{"document_uri": "u", "code": "timeout", "tokens": {"prompt_tokens": 5}, "cost_usd": %s}'
    )
    found = report(
        ([row()], [row()]),
        ([from_failure_line(line % '"0.125"')], [from_failure_line(line % "null")]),
    )
    assert found["before"]["cost_usd"] == "0.375"
    assert found["before"]["tokens"]["prompt_tokens"] == 105
    assert (found["after"]["cost_usd"], found["after"]["unpriced"]) == ("0.25", 1)


def outcomes(name: str) -> st.SearchStrategy[list[Outcome]]:
    """Return what one side may have of a document."""
    rows = st.builds(
        lambda invoice, lines, warnings: row(
            name, invoice_id=invoice, lines=[{"n": n} for n in lines], warnings=warnings
        ),
        st.sampled_from(["A", "a.", "B", None]),
        st.lists(st.integers(0, 3), max_size=3),
        st.lists(st.sampled_from(["odd 1", "odd 2", "other"]), max_size=2),
    )
    failures = st.sampled_from(["encrypted", "timeout"]).map(lambda code: failure(name, code))
    return st.lists(rows | failures, max_size=2)


@given(st.data(), st.integers(0, 3))
def test_parts_add_up_to_the_whole_in_any_order(data: st.DataObject, examples: int) -> None:
    """However documents are spread over workers, the report is the same, examples included."""
    pairs = [
        (data.draw(outcomes(f"d{i}")), data.draw(outcomes(f"d{i}")))
        for i in range(data.draw(st.integers(0, 8)))
    ]
    whole = report(*pairs, examples=examples)
    parts = [Changes(examples) for _ in range(3)]
    for before, after in data.draw(st.permutations(pairs)):
        parts[data.draw(st.integers(0, 2))].add(before, after)
    total = Changes(examples)
    for part in parts:
        total.merge(part)
    assert change_report(total, "one", "other", "2026-01-01T00:00:00+00:00") == whole
    assert whole["documents"] == len(pairs)
    assert whole["both_rows"] == sum(
        whole[name]
        for name in ("rows_same", "rows_spelling", "rows_changed")  # type: ignore[literal-required]
    )


@given(st.lists(st.tuples(st.text("abc", max_size=2), st.integers(1, 5))), st.integers(1, 4))
def test_counts_of_kept_names_are_exact(found: list[tuple[str, int]], limit: int) -> None:
    """Names past the limit are counted together; those before it as if there were no limit."""
    halves = Counts(limit), Counts(limit)
    for at, (name, count) in enumerate(found):
        halves[at % 2].add(name, count)
    halves[0].merge(halves[1])
    kept = {name: count for name, count in halves[0].as_dict().items() if name != "(others)"}
    names = sorted({name for name, _ in found})[:limit]
    assert kept == {n: sum(count for name, count in found if name == n) for n in names}
    assert halves[0].total == sum(count for _, count in found)


def test_no_examples_are_kept_where_none_are_wanted() -> None:
    """A limit of nothing keeps nothing, and asks for nothing to be made."""
    none = Examples(0)
    none.add("a", {})
    assert not list(none)
    assert not none.wants("a")


def test_long_values_do_not_fill_the_accumulator() -> None:
    """Of values of a megabyte an example keeps their beginning."""
    found = report(([row(invoice_id="x" * 10**6)], [row(invoice_id="y" * 10**6)]))
    assert len(field(found, "invoice_id")["examples"][0]["before"]) < 400


def test_capped_lists_are_noted() -> None:
    """A reader is told of documents whose lines are too many to be assigned at their best."""
    before = [row(lines=[{"name": f"b{i}"} for i in range(300)])]
    after = [row(lines=[{"name": f"a{i}"} for i in range(300)])]
    assert any("paired in their order" in note for note in report((before, after))["notes"])


def test_what_is_no_row_and_no_failure_is_refused_with_a_sentence() -> None:
    """Another table's rows, or lines that are no records, stop the job by name."""
    with pytest.raises(JobFault, match="no document_uri"):
        from_row({"id": 1})
    for line in ("", "[]", '{"code": "x"}', '{"document_uri": "u", "code": "x", "tokens": 3}'):
        with pytest.raises(JobFault, match="no failure record"):
            from_failure_line(line)


def test_rows_without_provenance_can_be_compared() -> None:
    """A table that was copied without its provenance still has values."""
    found = from_row({"document_uri": "u", "a": 1, "processed_at": None})
    assert found.values == {"a": 1}
    assert found.cost_usd is None
