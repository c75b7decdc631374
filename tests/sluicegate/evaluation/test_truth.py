"""Rows against the truth: whose truth it is, and what every value is worth."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evaluation.naming import bring_together
from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.score_report import ScoreReport, score_report
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules, score
from sluicegate.evaluation.truth import parse_truth
from sluicegate.faults import JobFault
from tests.sluicegate.evaluation.comparing import failure, row, truth


def verdicts(wanted: dict[str, Any], found: dict[str, Any] | None, **rules: Any) -> dict[str, str]:
    """Score one document; return verdicts by path, those of several values joined."""
    result: dict[str, str] = {}
    for scored in score(truth(**wanted), found, Rules(**rules)):
        result[scored.path] = " ".join(
            part for part in (result.get(scored.path), scored.verdict) if part
        )
    return result


@pytest.mark.parametrize(
    ("wanted", "found", "verdict"),
    [
        ("A-1", "A-1", "exact"),
        ("A-1", "a 1", "normalised"),
        ("A-1", "A-2", "wrong"),
        ("A-1", None, "missing"),
        (None, "A-1", "extra"),
        ("12.50", Decimal("12.5"), "exact"),
        (12.5, Decimal("12.50"), "exact"),
        ("12.50", Decimal("12.51"), "wrong"),
        ("twelve", Decimal(12), "wrong"),
        ("007", "7", "wrong"),
    ],
)
def test_what_a_value_is_worth(wanted: Any, found: Any, verdict: str) -> None:
    """Exact, right but for its form, missing, wrong, or a value where the truth has none."""
    assert verdicts({"value": wanted}, {"value": found}) == {"value": verdict}


def test_null_on_both_sides_is_no_value() -> None:
    """What neither has is neither right nor wrong."""
    assert verdicts({"value": None}, {"value": None}) == {}


def test_tolerance_alternatives_and_signs() -> None:
    """Near numbers, further right values and the other sign are allowed where it is said."""
    assert verdicts({"n": "1.00"}, {"n": Decimal("1.05")}, tolerance=Decimal("0.05")) == {
        "n": "normalised"
    }
    assert verdicts({"total_amount": 1, "total_alternatives": [2]}, {"total_amount": 2}) == {
        "total_amount": "exact"
    }
    assert verdicts({"invoice_id": "1", "id_alternatives": ["#1"]}, {"invoice_id": "#1"}) == {
        "invoice_id": "exact"
    }
    assert verdicts({"n": 5, "sign_insensitive": True}, {"n": Decimal(-5)}) == {"n": "normalised"}
    assert verdicts({"n": 5}, {"n": Decimal(-5)}) == {"n": "wrong"}


def test_only_columns_are_scored_and_of_them_those_asked_for() -> None:
    """Keys that no row has are passed over, as are fields that the truth says not to score."""
    fields = {"a": 1, "b": 1, "pages": 3, "lines": [1], "lines_scored": False}
    assert set(verdicts(fields, {"a": 1, "b": 2, "lines": []})) == {"a", "b"}
    assert set(verdicts(fields, {"a": 1, "b": 2}, fields=("b",))) == {"b"}


def test_a_line_in_which_nothing_is_scored_says_nothing() -> None:
    """So does a review write a record of which one line alone was looked at."""
    line = '{"document": "a", "n": 1, "n_scored": false, "review": {}'
    assert parse_truth(f"{line}}}") is None
    assert parse_truth(f'{line}, "record_index": 0}}') is not None
    assert parse_truth(f'{line}, "expect": "nothing"}}') is not None
    assert parse_truth('{"document": "a"}') is not None


def test_lines_are_scored_against_their_counterparts() -> None:
    """Lines in another order are right; a line without counterpart is missing or extra whole."""
    lines = [{"name": "bolt", "n": "1", "unit": "mm"}, {"name": "nut", "n": "2", "unit": "mm"}]
    nut, rest = {"name": "Nut", "n": Decimal(2)}, {"name": "rest", "n": Decimal(7)}
    found = [nut | {"sku": "x"}, rest | {"sku": "y"}]
    assert verdicts({"lines": lines}, {"lines": found}) == {
        "lines": "normalised missing extra",
        "lines.name": "normalised missing extra",
        "lines.n": "exact missing extra",
    }


def test_without_a_row_everything_is_missing() -> None:
    """A failed document has none of the truth's values."""
    assert verdicts({"a": 1, "b": None, "lines": [{"n": 1}]}, None) == {
        "a": "missing",
        "lines": "missing",
        "lines.n": "missing",
    }


def evaluate(*pairs: tuple[dict[str, Any], Outcome | None]) -> ScoreReport:
    """Score documents against their truths."""
    scores = Scores(5, Rules())
    for fields, outcome in pairs:
        if outcome is None:
            scores.add_unfound(truth(**fields))
        else:
            scores.add_outcome(outcome, 0)
            scores.add_pair(truth(**fields), outcome)
    return score_report(scores, "rows", "truth", "2026-01-01T00:00:00+00:00")


def test_accuracy_is_of_the_values_that_the_truth_has() -> None:
    """Failed and absent documents count with all their values, bookkeeping keys with none."""
    fields = {"invoice_id": "A-1", "total": "1.50", "language": "de"}
    found = evaluate(
        (fields, row()),
        (fields, row(invoice_id="B")),
        (fields, failure()),
        (fields, None),
        ({"expect": "encrypted"}, failure()),
        ({"expect": "blank"}, row()),
    )
    assert (found["values"], found["exact"], found["wrong"], found["missing"]) == (8, 3, 1, 4)
    assert found["accuracy"] == 0.375
    assert [each["field"] for each in found["fields"]] == ["invoice_id", "total"]
    assert (found["rows_scored"], found["rows_right"]) == (2, 1)
    assert found["failed"]["by_kind"] == {"encrypted": 1}
    assert found["no_outcome"]["documents"] == found["refused"]["documents"] == 1
    assert found["wrongly_extracted"]["documents"] == 1


def test_no_row_at_all_is_told_from_null_in_the_row() -> None:
    """Both are missing; the share among rows leaves out what has no row."""
    fields = {"invoice_id": "A-1", "total": "1.50", "lines": [{"n": 1}]}
    found = evaluate(
        (fields, row(lines=[{"n": 1}])),
        (fields, row(total=None, lines=[])),
        (fields, failure()),
        (fields, None),
    )
    assert (found["values"], found["missing"], found["no_row"]) == (12, 8, 6)
    assert (found["accuracy"], found["accuracy_of_rows"]) == (0.333333, 0.666667)
    total = next(field for field in found["fields"] if field["field"] == "total")
    assert (total["missing"], total["no_row"]) == (3, 2)
    assert (total["accuracy"], total["accuracy_of_rows"]) == (0.25, 0.5)
    assert [example["found"] for example in total["examples"]] == [None]  # of a row


def test_all_wrong_documents_are_listed() -> None:
    """However few examples are shown: each with what is wrong of it."""
    fields = {"invoice_id": "A-1", "total": "1.50"}
    scores = Scores(1, Rules())
    for number in range(20):
        scores.add_pair(truth(**fields), row(f"wrong-{number}", invoice_id="B", total=None))
        scores.add_pair(truth(**fields), row(f"right-{number}", total=Decimal("1.5")))
    scores.add_pair(truth(**fields), failure("failed"))
    scores.add_pair(truth(expect="blank"), row("taken"))
    scores.add_pair(truth(expect="blank"), failure("refused"))
    scores.add_unfound(truth("nowhere.pdf", **fields))
    found = score_report(scores, "rows", "truth", "2026-01-01T00:00:00+00:00")
    assert found["wrong_documents_total"] == len(found["wrong_documents"]) == 23
    kinds = [each["kind"] for each in found["wrong_documents"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "row": 20, "failed": 1, "wrongly_extracted": 1, "no_outcome": 1,
    }  # fmt: skip
    wrong = next(each for each in found["wrong_documents"] if each["kind"] == "row")
    assert wrong["fields"] == {"invoice_id": "wrong", "total": "missing"}
    failed = next(each for each in found["wrong_documents"] if each["kind"] == "failed")
    assert failed["message"] == "encrypted: it is encrypted"


def test_a_field_that_the_truth_has_not_is_told() -> None:
    """Asked for by its name, and nothing of it is scored."""
    scores = Scores(1, Rules(fields=("invoice_id", "vat_id")))
    scores.add_pair(truth(invoice_id="A-1"), row())
    (note,) = score_report(scores, "rows", "truth", "2026-01-01T00:00:00+00:00")["notes"]
    assert note == "no value of vat_id was scored: the truth has none"


def test_lines_that_no_row_ever_has_count_as_missing() -> None:
    """A model that leaves all lists empty does not gain by it."""
    found = evaluate(({"invoice_id": "A-1", "lines": [{"n": 1}, {"n": 2}]}, row()))
    assert (found["exact"], found["missing"], found["accuracy"]) == (1, 2, 0.333333)


def test_nothing_to_score_is_no_accuracy() -> None:
    """Without any row that the truth knows there is no share to speak of."""
    assert evaluate()["accuracy"] is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"total": 1}', "names no document"),
        ('{"document": 5}', "names no document"),
    ],
)
def test_a_line_that_is_no_truth_stops_the_run(line: str, reason: str) -> None:
    """The sentence says which line, and what it lacks."""
    with pytest.raises(JobFault, match=reason):
        parse_truth(line)


def test_blank_lines_are_passed_over() -> None:
    """A trailing newline is no truth."""
    assert parse_truth("  ") is None


def named(names: list[str], uris: list[str]) -> tuple[list[tuple[str, str]], int, int, int]:
    """Bring together; return (truth, document) pairs, and counts of what was left."""
    found = bring_together(
        [truth(name) for name in names], [Outcome(uri, "", values={}) for uri in uris]
    )
    pairs = [(known.name, outcome.document_uri) for known, outcome in found.pairs]
    return pairs, len(found.unfound), len(found.ambiguous), found.untold


@pytest.mark.parametrize(
    ("names", "uris", "pairs", "left"),
    [
        (["a.pdf"], ["gs://b/in/a.pdf"], [("a.pdf", "gs://b/in/a.pdf")], (0, 0, 0)),
        (["gs://b/a.pdf"], ["gs://b/a.pdf"], [("gs://b/a.pdf", "gs://b/a.pdf")], (0, 0, 0)),
        # The longer end of a name is nearer.
        (["x/a.pdf", "a.pdf"], ["/x/a.pdf", "/y/a.pdf"],
         [("x/a.pdf", "/x/a.pdf"), ("a.pdf", "/y/a.pdf")], (0, 0, 0)),
        # Moved: the base name is all they share, and it is unique on both sides.
        (["gs://old/a.pdf"], ["/new/a.pdf"], [("gs://old/a.pdf", "/new/a.pdf")], (0, 0, 0)),
        (["gs://old/a.pdf"], ["/new/a.pdf", "/newer/a.pdf"], [], (0, 1, 2)),
        (["a.pdf"], ["/x/a.pdf", "/y/a.pdf"], [], (0, 1, 2)),
        (["p/a.pdf", "q/a.pdf"], ["/x/a.pdf"], [], (0, 2, 1)),
        (["a.pdf"], [], [], (1, 0, 0)),
        ([], ["/x/a.pdf"], [], (0, 0, 1)),
    ],
)  # fmt: skip
def test_whose_truth_it_is(
    names: list[str], uris: list[str], pairs: list[tuple[str, str]], left: tuple[int, int, int]
) -> None:
    """By full URI, else by the end of it, else by a base name that is unique; never by guess."""
    assert named(names, uris) == (pairs, *left)


def test_a_truth_that_contradicts_itself_is_not_scored() -> None:
    """Two truths about one document are ambiguous, unless they say the same."""
    outcome = row()
    assert bring_together([truth(a=1), truth(a=1)], [outcome]).pairs
    found = bring_together([truth(a=1), truth(a=2)], [outcome])
    assert (len(found.ambiguous), found.pairs, found.untold) == (2, [], 1)


@given(st.permutations(["/x/a.pdf", "/y/a.pdf", "/y/x/a.pdf", "x/a.pdf"]))
def test_the_order_of_documents_means_nothing(uris: list[str]) -> None:
    """A stream of documents gives the same pairs in any order."""
    pairs, *left = named(["x/a.pdf", "y/a.pdf"], uris)
    assert sorted(pairs) == [("x/a.pdf", "x/a.pdf"), ("y/a.pdf", "/y/a.pdf")]
    assert left == [0, 0, 2]


@given(st.data())
def test_parts_add_up_to_the_whole(data: st.DataObject) -> None:
    """However documents are spread over workers, the scores are the same, examples included."""
    documents = [
        (
            {"invoice_id": data.draw(st.sampled_from(["A", "a", "B", None])), "lines": [{"n": 1}]},
            data.draw(
                st.sampled_from(
                    [None, failure(f"d{i}"), row(f"d{i}", invoice_id="A", lines=[{"n": i % 2}])]
                )
            ),
        )
        for i in range(data.draw(st.integers(0, 7)))
    ]
    parts = [Scores(2, Rules()) for _ in range(3)]
    whole = Scores(2, Rules())
    for i, (fields, outcome) in enumerate(documents):
        for scores in (whole, parts[data.draw(st.integers(0, 2))]):
            if outcome is None:
                scores.add_unfound(truth(f"d{i}.pdf", **fields))
            else:
                scores.add_outcome(outcome, 0)
                scores.add_pair(truth(f"d{i}.pdf", **fields), outcome)
    total = Scores(2, Rules())
    for part in reversed(parts):
        total.merge(part)
    reports = [score_report(s, "rows", "truth", "2026-01-01T00:00:00") for s in (whole, total)]
    assert reports[0] == reports[1]
