"""Fault rules hit whom they say, as often as they say."""

import pytest

from emulators.gemini import faults
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.faults import FaultPlan, FaultRule, position

DOCUMENTS = [f"gs://b/{number}.pdf" for number in range(2000)]


def hits(plan: FaultPlan, documents: list[str]) -> list[str | None]:
    """Return the fault of each document, asked once."""
    return [(rule.fault if rule else None) for rule in map(plan.choose, documents)]


def test_shares_are_exact_disjoint_and_repeatable() -> None:
    """Two shares take different documents, about as many as they say, the same every time."""
    rules = [FaultRule(fault="http_503", share=0.1), FaultRule(fault="cut_json", share=0.2)]
    first = hits(FaultPlan(rules, seed=7), DOCUMENTS)
    assert first == hits(FaultPlan(rules, seed=7), DOCUMENTS)
    assert first != hits(FaultPlan(rules, seed=8), DOCUMENTS)
    assert first.count("http_503") == pytest.approx(200, abs=50)
    assert first.count("cut_json") == pytest.approx(400, abs=60)
    expected = ["http_503" if position(7, each) < 0.1 else None for each in DOCUMENTS]
    assert [each if each == "http_503" else None for each in first] == expected


def test_a_transient_fault_passes() -> None:
    """``times`` counts for each document on its own."""
    plan = FaultPlan([FaultRule(fault="http_500", times=2)])
    assert hits(plan, ["a", "a", "a", "b", "a"]) == ["http_500", "http_500", None, "http_500", None]


def test_next_hits_so_many_calls() -> None:
    """``next`` is used up by whoever comes."""
    plan = FaultPlan([FaultRule(fault="reset", next=2), FaultRule(fault="nan", match="gs://x")])
    assert hits(plan, ["a", "gs://x/1", "gs://x/1", "b"]) == ["reset", "reset", "nan", None]


def test_match_is_part_of_a_uri_or_the_start_of_a_digest() -> None:
    """Inside a digest a pattern means nothing."""
    plan = FaultPlan([FaultRule(fault="timeout", match="AB")])
    assert hits(plan, ["abcd", "cdab", "gs://x/AB.pdf"]) == ["timeout", None, "timeout"]


def test_conditions_hold_together() -> None:
    """A share of the documents that match is hit, no others."""
    plan = FaultPlan([FaultRule(fault="nan", share=0.5, match="1.pdf")])
    hit = [name for name, fault in zip(DOCUMENTS, hits(plan, DOCUMENTS), strict=True) if fault]
    assert all("1.pdf" in name for name in hit)
    assert len(hit) == pytest.approx(100, abs=30)


def test_rules_are_written_as_text() -> None:
    """The command line's short form gives the same rule."""
    assert FaultRule.from_text("http_503, share=0.05,times=1,after=2,message=no") == FaultRule(
        fault="http_503", share=0.05, times=1, after=2.0, message="no"
    )


@pytest.mark.parametrize(
    "text", ["http_599", "nan,share=2", "nan,shar=0.1", "nan,share", "nan,times=many"]
)
def test_wrong_rules_are_refused(text: str) -> None:
    """What does not exist or is out of range is an error."""
    with pytest.raises(ValueError, match=r".+"):
        FaultRule.from_text(text)


def test_behaviour_goes_through_json_and_back() -> None:
    """What GET shows, POST takes."""
    behaviour = Behaviour(
        latency=1.5, faults=(FaultRule(fault="nan", share=0.1),), models=("gemini-9",)
    )
    assert Behaviour().changed(behaviour.as_json()) == behaviour


@pytest.mark.parametrize(
    "given",
    [
        {"latencies": 1},
        {"quota_kind": "leaky"},
        {"requests_per_minute": 0},
        {"latency": -1},
        {"latency": "slow"},
        {"faults": [{"share": 0.1}]},
    ],
)
def test_wrong_behaviour_is_refused(given: dict[str, object]) -> None:
    """Settings that do not exist or make no sense are an error, not silence."""
    with pytest.raises(ValueError, match=r".+"):
        Behaviour().changed(given)


def test_every_fault_has_one_kind() -> None:
    """No fault is of two kinds, and none of none."""
    kinds = [
        faults.REJECTIONS,
        faults.HTTP_ERRORS,
        faults.BROKEN_CONNECTIONS,
        faults.FOREIGN_BODIES,
        faults.FINISH_REASONS,
        faults.SPOILED_TEXTS,
        faults.SPOILED_FRAMES,
    ]
    assert sum(map(len, kinds)) == len(faults.FAULTS)
