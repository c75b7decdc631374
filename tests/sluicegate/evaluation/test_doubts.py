"""What doubt is worth: wrong and flagged values, with intervals that hold."""

from typing import Any

import pytest

from sluicegate.evaluation.doubts import Doubts, as_sentence
from sluicegate.evaluation.outcomes import from_row
from sluicegate.evaluation.score_report import score_report
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules
from sluicegate.evaluation.shares import f1, share, shown, wilson
from sluicegate.evaluation.truth import Truth


def row(number: int, doubts: dict[str, str], **values: Any) -> dict[str, Any]:
    """Return a row as an output gives it, with evidence of two values and some doubts."""
    evidence = [{"field": name, "found": "exact", "doubt": None} for name in ("a", "b")]
    evidence += [{"field": name, "found": "exact", "doubt": said} for name, said in doubts.items()]
    return {
        "document_uri": f"{number}.pdf",
        "needs_review": bool(doubts),
        "evidence": evidence,
        "provenance": {},
        **values,
    }


def report_of(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> Any:
    """Return the report over rows and their truths, added up in two parts."""
    parts = Scores(5, Rules()), Scores(5, Rules())
    for number, (found, truth) in enumerate(pairs):
        scores = parts[number % 2]
        outcome = from_row(found)
        scores.add_outcome(outcome, 0)
        scores.add_pair(Truth(outcome.document_uri, truth), outcome)
    parts[0].merge(parts[1])
    return score_report(parts[0], "rows", "truth", "now")


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (300, 300, 0.9874, 1.0)],
)
def test_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    """Values of the literature: it stays within 0 and 1, and 300 of 300 is no certainty."""
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-4)


def test_shares_of_nothing_say_so() -> None:
    """Nothing is a share of none."""
    assert share(0, 0)["share"] is None
    assert shown(share(0, 0)) == "–"
    assert shown(share(1, 2)) == "50.0 % (9.5–90.5)"
    assert (f1(0.5, None), f1(0.0, 0.0), f1(0.5, 1.0)) == (None, None, 0.666667)


def test_flagged_of_what_is_wrong_and_of_everything() -> None:
    """By single values, and by whole documents; a row without evidence says nothing."""
    found = report_of(
        (row(1, {}, a="x", b="y"), {"a": "x", "b": "y"}),
        (row(2, {"a": "why"}, a="x", b="y"), {"a": "z", "b": "y"}),  # wrong and flagged
        (row(3, {}, a="x", b="y"), {"a": "x", "b": "z"}),  # wrong and not flagged
        (row(4, {"b": "why"}, a="x", b="y"), {"a": "x", "b": "y"}),  # right and flagged
        ({**row(5, {}, a="x"), "evidence": []}, {"a": "z"}),
    )
    values = found["doubt"]["values"]
    assert {name: (each["count"], each["of"]) for name, each in values.items()} == {
        "load": (2, 8), "found": (1, 2), "before": (6, 8), "after": (7, 8)
    }  # fmt: skip
    documents = found["doubt"]["documents"]
    assert (documents["load"]["count"], documents["found"]["count"]) == (2, 1)
    assert documents["before"]["share"] == 0.5
    assert found["cells"]["precision"]["of"] == found["cells"]["recall"]["of"] == 9
    assert found["cells"]["f1"] == pytest.approx(6 / 9, abs=1e-5)
    said = as_sentence(values, "values")
    assert said.startswith("review 25.0 % (7.1–59.1) of the values, and 75.0 % (40.9–92.9) right")
    assert said.endswith("flagged are 50.0 % (9.5–90.5) of the 2 wrong")


def test_a_dropped_line_is_flagged_with_its_list() -> None:
    """And a value in a line by its own place, however the lines are brought together."""
    lines = [{"c": "one", "d": "1"}, {"c": "two", "d": "9"}]
    truth = {"lines": [{"c": "nil", "d": "0"}, {"c": "one", "d": "1"}, {"c": "two", "d": "2"}]}
    flags = {"lines": "a line too few", "lines[1].d": "not printed"}
    values = report_of((row(1, flags, lines=lines), truth))["doubt"]["values"]
    assert (values["found"]["count"], values["found"]["of"]) == (3, 3)
    assert values["load"]["count"] == 3
    unneeded = report_of((row(1, {"lines": "why"}, lines=lines[:1]), {"lines": lines[:1]}))
    assert unneeded["doubt"]["values"]["load"]["count"] == 1


def test_without_evidence_there_is_no_report() -> None:
    """Scans that were not read neither help nor hurt."""
    unread = {**row(1, {}, a="x"), "evidence": [{"field": "a", "found": "unread", "doubt": None}]}
    assert report_of((unread, {"a": "x"}))["doubt"] is None
    assert Doubts().report() is None
