"""Runs become results: goals, comparisons, tables and what runs beside what."""

import io
import math
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.__main__ import waves
from benchmarks.peers.catalogue import PEERS
from benchmarks.report import markdown, show
from benchmarks.results import compared, comparisons, gather, store, stored, verdicts
from benchmarks.scenarios import SCENARIOS, Goal
from benchmarks.trial import Result, Strain

NAN = math.nan


def timeline() -> dict[str, Any]:
    """Return the shortest timeline there is."""
    series = {"received": [1], "admitted": [1], "rejected": [0], "tokens": [9], "busy": [0.5]}
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


def test_peers_are_compared_with_each_of_ours_and_not_with_each_other() -> None:
    """Two of ours and two peers make four comparisons."""
    found = comparisons(
        result(sluicegate=0.97, sluicegate_known=0.99, script=0.8, runinference=0.7)
    )
    assert [how for how, _ in found] == ["ahead"] * 4


def test_what_is_stored_is_what_was_gathered(tmp_path: Path) -> None:
    """A result survives its file, NaN as null included, and is found again."""
    kept = result(sluicegate=NAN, script=0.5)
    store(kept, tmp_path)
    (found,) = stored(tmp_path)
    assert found["contenders"]["sluicegate"]["figures"]["goodput_later"] is None
    assert found["contenders"]["script"]["figures"]["goodput_later"] == 0.5
    series = found["contenders"]["script"]["series"]
    assert series == [{"at": 0.0, "admitted": [1], "rejected": [0], "quota": [[0.0, 20.0]]}]


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
