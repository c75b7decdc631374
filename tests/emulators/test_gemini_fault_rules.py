"""Fault rules hit whom they say, as often as they say."""

import pytest

from emulators.gemini import faults
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.fault_plan import FaultPlan, position
from emulators.gemini.faults import FaultRule
from emulators.gemini.lies import LIES

DOCUMENTS = [f"gs://b/{number}.pdf" for number in range(2000)]


def hits(plan: FaultPlan, documents: list[str]) -> list[str | None]:
    """Return the fault of each document, asked once."""
    found = (plan.choose(plan.target(document)) for document in documents)
    return [(rule.fault if rule else None) for rule in found]


def early(plan: FaultPlan, document: str, *, project: str = "", seconds: float = 0.0) -> bool:
    """Call once, and return whether the call is turned away before the quotas are asked."""
    target = plan.target(document, project=project, seconds=seconds)
    return plan.choose(target, before_quota=True) is not None


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
    assert FaultRule.from_text("http_429,chance=0.2,wave=60,spares=calm") == FaultRule(
        fault="http_429", chance=0.2, wave=60.0, spares="calm"
    )


def test_a_chance_is_of_calls_and_retries_meet_it_again() -> None:
    """About as many calls as it says, other ones of each document, and the same in every run."""
    rule = FaultRule(fault="http_503", chance=0.1)
    first, again = (FaultPlan([rule], seed=7) for _ in range(2))
    rounds = [hits(first, DOCUMENTS) for _ in range(3)]
    for found in rounds:
        assert found.count("http_503") == pytest.approx(200, abs=50)
    assert rounds[0] != rounds[1] != rounds[2] != rounds[0]
    assert rounds == [hits(again, DOCUMENTS) for _ in range(3)]
    assert rounds[0] != hits(FaultPlan([rule], seed=8), DOCUMENTS)
    twice = sum(both == ("http_503",) * 2 for both in zip(*rounds[:2], strict=True))
    assert twice == pytest.approx(20, abs=15)


def test_chances_lie_side_by_side() -> None:
    """Two rules take different calls, each as many as it says: 20 % and 30 % leave half."""
    rules = [FaultRule(fault="http_503", chance=0.2), FaultRule(fault="http_500", chance=0.3)]
    found = hits(FaultPlan(rules), DOCUMENTS)
    assert found.count("http_503") == pytest.approx(400, abs=60)
    assert found.count("http_500") == pytest.approx(600, abs=70)
    assert found.count(None) == pytest.approx(1000, abs=70)


def test_a_429_by_chance_strikes_before_the_quotas_and_nothing_else_does() -> None:
    """Asked before the quotas only such a rule hits, asked after them only the others do."""
    plan = FaultPlan(
        [
            FaultRule(fault="http_429", chance=0.3),
            FaultRule(fault="http_503", chance=0.3),
            FaultRule(fault="http_429", share=1.0),
        ]
    )
    targets = [plan.target(document) for document in DOCUMENTS]
    before = [plan.choose(target, before_quota=True) for target in targets]
    after = [plan.choose(target) for target in targets]
    assert sum(rule is not None for rule in before) == pytest.approx(600, abs=70)
    assert all(rule is None or rule.chance == 0.3 for rule in before)
    late = [rule for rule in after if rule is not None]
    assert len(late) == len(DOCUMENTS)
    assert sum(rule.fault == "http_503" for rule in late) == pytest.approx(600, abs=70)
    assert all(rule.share == 1.0 for rule in late if rule.fault == "http_429")


def test_projects_that_send_the_same_documents_meet_the_same_chances() -> None:
    """A call's draw depends on how often its own project has asked for the document."""
    plan = FaultPlan([FaultRule(fault="http_429", chance=0.3)])
    ours = [early(plan, document, project="a") for document in DOCUMENTS for _ in range(3)]
    theirs = [early(plan, document, project="b") for document in DOCUMENTS for _ in range(3)]
    assert ours == theirs


def test_a_wave_strikes_in_every_second_span() -> None:
    """The first minute is free, the second not, the third is."""
    plan = FaultPlan([FaultRule(fault="http_429", chance=1.0, wave=60)])
    moments = [0, 59.9, 60, 119.9, 120, 179.9, 180]
    found = [early(plan, "a", seconds=seconds) for seconds in moments]
    assert found == [False, False, True, True, False, False, True]


def test_a_project_can_be_spared() -> None:
    """Whoever is to be compared with has the same server without the fault."""
    plan = FaultPlan([FaultRule(fault="http_429", chance=1.0, spares="calm")])
    assert [early(plan, "a", project=name) for name in ("calm", "calmer", "")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "http_599",
        "nan,share=2",
        "nan,shar=0.1",
        "nan,share",
        "nan,times=many",
        "http_429,chance=1.5",
        "http_429,chance=-0.1",
        "http_429,chance=some",
        "http_429,wave=0",
        "http_429,wave=nan",
    ],
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
        frozenset(LIES),
    ]
    assert sum(map(len, kinds)) == len(faults.FAULTS)
