"""Runs become results: goals, comparisons, tables and what runs beside what."""

import io
import math
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.__main__ import waves
from benchmarks.peers.catalogue import PEERS, UNDISTURBED
from benchmarks.report import markdown, publish, show
from benchmarks.results import compared, comparisons, gather, store, stored, verdicts
from benchmarks.scenario import Goal
from benchmarks.scenarios import SCENARIOS
from benchmarks.trial import Result, Strain
from emulators.gemini import Behaviour, FaultRule

NAN = math.nan


def timeline() -> dict[str, Any]:
    """Return the shortest timeline there is."""
    series = {
        "received": [3],
        "admitted": [2],
        "rejected": [1],
        "failed": [1],
        "tokens": [9],
        "busy": [0.5],
    }
    return {
        "epoch": 1000.0,
        "bin_seconds": 0.1,
        "quota": [{"since": 0.0, "limits": {"requests_per_minute": 1200}}],
        "callers": {"key": {**series, "latencies": [0.5]}},
    }


def result(**goodput: float) -> dict[str, Any]:
    """Return the stored form of a run of the scenario "steady" with these goodputs."""
    figures = {"waste": 0.0, "waste_later": 0.0, "waste_first": 0.0, "lost": 0.0, "not_done": 0.0}
    run = {
        name.replace("_", "-"): Result(
            "python …", {**figures, "goodput_later": value}, [timeline()]
        )
        for name, value in goodput.items()
    }
    return gather(SCENARIOS["steady"], [run], [Strain(1.0, 0.25)])


def test_every_scenario_is_made_of_what_there_is() -> None:
    """Scenarios name peers that exist, and hold goals for peers that take part."""
    for scenario in SCENARIOS.values():
        assert set(scenario.peers) <= set(PEERS)
        assert {goal.peer for goal in scenario.goals} <= set(scenario.peers)
        assert scenario.documents % scenario.processes == 0
        assert not scenario.quota.given or "sluicegate-known" in scenario.peers
        Behaviour(faults=tuple(map(FaultRule.from_text, scenario.server.faults)))


@pytest.mark.parametrize("name", [name for name, each in SCENARIOS.items() if each.chance])
def test_chance_is_what_the_servers_fault_says(name: str) -> None:
    """Each has one fault by chance, spares whoever is the yardstick, and runs beside three peers.

    Where no quota gives goodput a denominator, there is a yardstick to hold time against.
    """
    scenario = SCENARIOS[name]
    (rule,) = map(FaultRule.from_text, scenario.server.faults)
    assert rule.chance is not None
    assert scenario.chance == rule.chance or (rule.wave and scenario.chance < rule.chance)
    assert {"script-retries", "script-40-retries", "runinference"} < set(scenario.peers)
    held = {goal.figure for goal in scenario.goals}
    assert ("slowdown" in held) == (UNDISTURBED in scenario.peers) == (not scenario.quota.flags)
    assert rule.spares == (UNDISTURBED if UNDISTURBED in scenario.peers else None)


@pytest.mark.parametrize(
    ("name", "goals"),
    [
        ("chance-20", {"goodput_later": 0.95, "waste": 0.22}),
        ("chance-waves", {"goodput": 0.92, "waste": 0.117}),
        ("chance-waves-steps", {"goodput": 0.92, "waste": 0.073}),
        ("unlimited-5", {"slowdown": 1.3, "waste": 0.07}),
        ("unavailable-30", {"slowdown": 1.714}),
        ("unavailable-50", {"slowdown": 2.4}),
        ("two-chance-5", {"together": 0.95, "share": 0.5, "waste": 0.07}),
    ],
)
def test_goals_under_chance(name: str, goals: dict[str, float]) -> None:
    """Goals follow the chance: in waves, that of the whole run; no document may be lost."""
    found = {goal.figure: goal.bound for goal in SCENARIOS[name].goals}
    assert found == {**goals, "lost": 0, "not_done": 0}


def test_waves_hit_as_much_as_their_scenario_says() -> None:
    """Of 20 calls/s for three minutes 300 more are sent in the second, and rejected."""
    assert SCENARIOS["chance-waves"].chance == pytest.approx(300 / (3600 + 300))
    assert SCENARIOS["chance-waves-steps"].chance == pytest.approx(120 / (3480 + 120))


def test_documents_are_what_the_quota_allows() -> None:
    """A scenario of 20, 8 and 30 calls/s has as many documents as those allow in its time."""
    assert SCENARIOS["steps"].documents == 60 * (20 + 8 + 30)
    assert SCENARIOS["steady"].documents == 20 * SCENARIOS["steady"].seconds
    assert SCENARIOS["steady"].shortened(3).documents == 60


def test_a_goal_is_not_met_by_what_was_not_measured() -> None:
    """NaN reaches no goal, neither upwards nor downwards."""
    assert Goal("sluicegate", "waste", at_least=False, bound=0.1).met(0.1)
    assert not Goal("sluicegate", "waste", at_least=False, bound=0.1).met(NAN)
    assert not Goal("sluicegate", "goodput", at_least=True, bound=0.1).met(NAN)


def test_goals_are_held_for_those_that_ran() -> None:
    """A run of one peer is judged by its own goals alone."""
    found = verdicts(result(sluicegate=0.96))
    assert [each.met for each in found] == [False, True, True, True, True]
    assert all(each.text.startswith("Sluicegate:") for each in found)


@pytest.mark.parametrize(
    ("goodput", "waste", "word"),
    [
        ((0.9, 0.8), (0.0, 0.1), "ahead"),
        ((0.9, NAN), (0.0, 0.0), "ahead"),
        ((0.9, 0.8), (0.2, 0.1), "ahead, at more waste"),
        ((0.8, 0.9), (0.0, 0.1), "behind, at no more waste"),
        ((0.9, 0.9), (0.2, 0.1), "behind, at more waste"),
        ((NAN, 0.9), (NAN, 0.1), "not measured"),
    ],
)
def test_beside_a_peer(goodput: tuple[float, float], waste: tuple[float, float], word: str) -> None:
    """Ahead is more goodput at no more waste; everything else is said as it is."""
    assert compared(goodput, waste) == word


@pytest.mark.parametrize(
    ("goodput", "waste", "word"),
    [
        ((0.97, 0.7), (0.12, 0.10), "ahead"),
        ((0.97, 0.7), (0.13, 0.10), "ahead, at more waste"),
        ((0.97, 0.7), (0.13, 0.39), "ahead"),
        ((0.97, 0.7), (0.01, 0.0), "ahead, at more waste"),
        ((0.97, 0.7), (0.0, 0.0), "ahead"),
        ((0.997, 1.0), (0.11, 0.39), "ahead"),
        ((0.99, 1.0), (0.11, 0.39), "behind, at no more waste"),
        ((0.997, 1.0), (0.11, 0.10), "behind, at no more waste"),
        ((0.997, 1.0), (0.13, 0.10), "behind, at more waste"),
    ],
)
def test_beside_a_peer_under_chance(
    goodput: tuple[float, float], waste: tuple[float, float], word: str
) -> None:
    """At a chance of .1, waste up to .12 counts for no more, but beside a peer that has none."""
    assert compared(goodput, waste, 0.1) == word


def test_peers_are_compared_with_each_of_ours_and_not_with_each_other() -> None:
    """Two of ours and two peers make four comparisons."""
    found = comparisons(
        result(sluicegate=0.97, sluicegate_known=0.99, script=0.8, runinference=0.7)
    )
    assert [how for how, _ in found] == ["ahead"] * 4


def test_the_undisturbed_is_a_yardstick_and_no_competitor() -> None:
    """Without a quota documents a second are compared, and time is a goal and a column."""
    figures = {"waste": 0.11, "lost": 0.0, "not_done": 0.0}
    ours = Result("python …", {**figures, "rate": 90.0, "slowdown": 1.25})
    calm = Result("python …", {**figures, "waste": 0.0, "rate": 112.5})
    script = Result("python …", {**figures, "waste": 0.1, "rate": 52.0})
    run = {"sluicegate": ours, UNDISTURBED: calm, "script-40-retries": script}
    kept = gather(SCENARIOS["unlimited-10"], [run], [Strain(1.0, 0.25)])
    ((how, text),) = comparisons(kept)
    assert how == "ahead"
    assert text.startswith("Sluicegate beside script, 40, SDK retries: documents/s 90.0 to 52.0, ")
    assert text.endswith("waste 0.110 to 0.100")
    assert [each.met for each in verdicts(kept)] == [True] * 4
    text = markdown([kept])
    assert "| | docs/s | time | waste | lost | not done |" in text
    assert "| Sluicegate, undisturbed | 112.5 | – | 0.000 | 0 | 0 |" in text
    assert "time, of that without rejections 1.250, goal at most 1.3" in text


def test_what_is_stored_is_what_was_gathered(tmp_path: Path) -> None:
    """A result survives its file, NaN as null included, and is found again."""
    kept = result(sluicegate=NAN, script=0.5)
    store(kept, tmp_path)
    (found,) = stored(tmp_path)
    assert found["contenders"]["sluicegate"]["figures"]["goodput_later"] is None
    assert found["contenders"]["script"]["figures"]["goodput_later"] == 0.5
    series = found["contenders"]["script"]["series"]
    assert series == [{"at": 0.0, "admitted": [1], "rejected": [2], "quota": [[0.0, 20.0]]}]


def test_a_peer_that_ended_badly_is_named_with_its_reason() -> None:
    """The table has a line for it, and below stands what it said."""
    run = {"sluicegate": Result("python …", {}, [], error="unknown flag [--x]")}
    kept = gather(SCENARIOS["tokens"], [run], [Strain()])
    output = io.StringIO()
    show(kept, Console(file=output, width=200))
    assert "Sluicegate ended badly: unknown flag [--x]" in output.getvalue()
    assert "# ended badly: unknown flag [--x]" in markdown([kept])


def test_a_table_has_a_line_a_peer_and_every_command() -> None:
    """Markdown names scenario, figures, goals and commands."""
    text = markdown([result(sluicegate=0.97, script=0.8)], plots="plots")
    assert "| Sluicegate | 0.970 |" in text
    assert "| script, 10 at a time | 0.800 |" in text
    assert "1.0 of" in text
    assert "something waiting for one 25% of the time" in text
    assert "![Calls over time](plots/steady.png)" in text
    assert "BENCH_ARGS='--scenario steady'" in text
    assert "python -m emulators.gemini --reader canned" in text
    assert text.count("python …") == 2


def test_light_scenarios_run_together_and_each_runs_once() -> None:
    """No group is heavier than the machine carries, and with no capacity each is alone."""
    scenarios = list(SCENARIOS.values())
    grouped = waves(scenarios, 150)
    assert sorted(each.name for wave in grouped for each in wave) == sorted(SCENARIOS)
    assert len(grouped) < len(scenarios)
    for wave in grouped:
        assert len(wave) == 1 or sum(each.load for each in wave) <= 150
    assert [len(wave) for wave in waves(scenarios, 0)] == [1] * len(scenarios)


def test_publishing_renews_the_sections_of_what_was_measured(tmp_path: Path) -> None:
    """Those of other scenarios stay, in their places; a new one comes last."""
    page = tmp_path / "README.md"
    calm = {**result(sluicegate=0.5), "scenario": "shallow", "title": "a shallow bucket"}
    publish([calm, result(sluicegate=0.9)], page, plots="plots")
    publish([result(sluicegate=0.97)], page, plots="plots")
    text = page.read_text(encoding="utf-8")
    assert text.count("# Benchmarks\n") == text.count("python -m emulators.gemini --reader") - 1
    assert text.index("## A shallow bucket") < text.index("| Sluicegate | 0.970 |")
    assert "| Sluicegate | 0.500 |" in text
    assert "| Sluicegate | 0.900 |" not in text
    publish([{**calm, "title": "another bucket"}], page, plots="plots")
    assert page.read_text(encoding="utf-8").startswith(text[: text.index("## ")])
    assert page.read_text(encoding="utf-8").index("## Another bucket") > text.index("## 20 calls")
