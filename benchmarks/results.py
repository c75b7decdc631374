"""A scenario's runs as one stored result: medians, goals, and what the plots need."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine, measures
from benchmarks.peers.catalogue import PEERS, is_measured, is_ours
from benchmarks.scenario import Scenario
from benchmarks.scenarios import SCENARIOS
from benchmarks.simulated import SIMULATED
from benchmarks.trial import Result, Strain

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal, held against what was measured."""

    text: str
    met: bool


def gather(
    scenario: Scenario, runs: Sequence[Mapping[str, Result]], strains: Sequence[Strain]
) -> dict[str, Any]:
    """Return the result of one or several runs of a scenario as JSON-ready values."""
    peers = {}
    for name in runs[-1]:
        results = [run[name] for run in runs]
        figures = measures.medians([result.figures for result in results])
        peers[name] = {
            "title": PEERS[name].title,
            "command": results[-1].command,
            "error": next((result.error for result in results if result.error), ""),
            "figures": {key: _plain(value) for key, value in figures.items()},
            "runs": [
                {key: _plain(value) for key, value in result.figures.items()} for result in results
            ],
            "series": _series(results[-1].timelines),
        }
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "documents": scenario.documents,
        "server": "python -m emulators.gemini --reader canned --quota-per-project "
        + " ".join(scenario.flags),
        "measured": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "repeated": len(runs),
        "cores_busy": _plain(max(strain.cores_busy for strain in strains)),
        "waiting": _plain(max(strain.waiting for strain in strains)),
        "machine": machine.describe(),
        "contenders": peers,
    }


def _plain(value: float) -> float | None:
    """Return a number as JSON knows it: NaN is null."""
    return None if math.isnan(value) else round(value, 5)


def _series(timelines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is drawn of each timeline; calls admitted in vain are drawn as rejected."""
    found = []
    for timeline in timelines:
        admitted, rejected, failed = (
            measures.per_second(timeline, name) for name in ("admitted", "rejected", "failed")
        )
        quota = measures.quota_in_calls(timeline)
        found.append(
            {
                "at": round(timeline["epoch"] - timelines[0]["epoch"], 1),
                "admitted": [each - vain for each, vain in zip(admitted, failed, strict=True)],
                "rejected": [sum(both) for both in zip(rejected, failed, strict=True)],
                "quota": [(since, rate) for since, rate in quota if not math.isnan(rate)],
            }
        )
    return found


def store(result: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write a result to ``folder/SCENARIO.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['scenario']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def stored(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the stored results of the scenarios that exist, in their order."""
    paths = [folder / f"{name}.json" for name in (*SCENARIOS, *SIMULATED)]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def figure(result: Mapping[str, Any], peer: str, name: str) -> float:
    """Return a peer's figure, NaN where there is none."""
    value = result["contenders"].get(peer, {}).get("figures", {}).get(name)
    return math.nan if value is None else float(value)


def verdicts(result: Mapping[str, Any]) -> list[Verdict]:
    """Hold a result against the goals of its scenario, of the peers that ran."""
    found = []
    scenario = SCENARIOS.get(result["scenario"])
    for goal in scenario.goals if scenario else ():
        if goal.peer not in result["contenders"]:
            continue
        value = figure(result, goal.peer, goal.figure)
        sign = "at least" if goal.at_least else "at most"
        title = PEERS[goal.peer].title
        number = (
            f"{value:,.0f}" if goal.figure in _COUNTS and not math.isnan(value) else shown(value)
        )
        text = f"{title}: {NAMES[goal.figure]} {number}, goal {sign} {goal.bound:g}"
        found.append(Verdict(text, goal.met(value)))
    return found


def comparisons(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Compare Sluicegate with each peer that ran: how it does, and on what figures."""
    names = list(result["contenders"])
    scenario = SCENARIOS.get(result["scenario"])
    chance = scenario.chance if scenario else 0.0
    return [
        _comparison(result, our, peer, chance)
        for our in filter(is_measured, names)
        for peer in names
        if not is_ours(peer)
    ]


def _comparison(result: Mapping[str, Any], our: str, peer: str, chance: float) -> tuple[str, str]:
    speed, word, show = "goodput_later", "goodput", shown
    if not math.isnan(figure(result, our, "rate")):
        speed, word, show = "rate", "documents/s", tenths
    goodput = figure(result, our, speed), figure(result, peer, speed)
    waste = figure(result, our, "waste"), figure(result, peer, "waste")
    titles = (result["contenders"][name]["title"] for name in (our, peer))
    text = (
        f"{' beside '.join(titles)}: {word} {show(goodput[0])} to {show(goodput[1])}, "
        f"waste {shown(waste[0])} to {shown(waste[1])}"
    )
    together = figure(result, our, "together"), figure(result, peer, "together")
    if not math.isnan(together[0]):
        text += f"; while all had work {shown(together[0])} to {shown(together[1])}"
    return compared(goodput, waste, chance), text


# Figures that differ by less, of themselves, are the same: two runs of one peer differ by as much.
_SAME = 0.005
# What may be wasted beyond chance by whoever is to be ahead all the same.
_WASTE_BESIDES = 0.02


def compared(goodput: tuple[float, float], waste: tuple[float, float], chance: float = 0.0) -> str:
    """Say in a word how the first of each pair does beside the second.

    Ahead is more goodput at no more waste, or the same at less. Where ``chance`` rejects so many
    calls at any rate, waste up to a little more than that counts for no more; but beside a peer
    that wastes nothing, all waste counts.
    """
    if math.isnan(goodput[0]):
        return "not measured"
    allowed = max(waste[1], chance + _WASTE_BESIDES) if chance and waste[1] else waste[1]
    wastes = waste[0] > allowed
    # A peer that was done within the start has no goodput after it.
    more = math.isnan(goodput[1]) or goodput[0] > goodput[1]
    same = goodput[0] > (1 - _SAME) * goodput[1]
    if more:
        return "ahead, at more waste" if wastes else "ahead"
    if same and waste[0] < waste[1]:
        return "ahead"
    return "behind, at more waste" if wastes else "behind, at no more waste"


def shown(value: float | None) -> str:
    """Return a share as it is printed: three decimals, a dash for what was not measured."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def tenths(value: float | None) -> str:
    """Return a figure of some units as it is printed: one decimal."""
    return "–" if value is None or math.isnan(value) else f"{value:.1f}"


_COUNTS = {"lost", "not_done"}
NAMES = {
    "goodput_later": "goodput after 15 s",
    "goodput": "goodput",
    "together": "goodput while all had work",
    "waste": "waste",
    "waste_first": "waste in the first 75 s",
    "waste_later": "waste after 15 s",
    "lost": "documents lost",
    "not_done": "documents not done",
    "slowdown": "time, of that without rejections",
    "share": "worst share, of a fair one",
    "outage_traffic": "traffic during the outage, of normal",
}
