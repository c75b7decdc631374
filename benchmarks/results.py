"""A scenario's runs as one stored result: medians, goals, and what the plots need."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine, measures, overload
from benchmarks.peers.catalogue import PEERS, is_ours
from benchmarks.scenarios import SCENARIOS, Scenario
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
    return [
        {
            "at": round(timeline["epoch"] - timelines[0]["epoch"], 1),
            "admitted": measures.per_second(timeline, "admitted"),
            "rejected": measures.per_second(timeline, "rejected"),
            "quota": [
                (since, rate)
                for since, rate in measures.quota_in_calls(timeline)
                if not math.isnan(rate)
            ],
        }
        for timeline in timelines
    ]


def store(result: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write a result to ``folder/SCENARIO.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['scenario']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def stored(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the stored results of the scenarios that exist, in their order."""
    paths = [folder / f"{name}.json" for name in (*SCENARIOS, overload.NAME)]
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
    titles = {name: each["title"] for name, each in result["contenders"].items()}
    names = list(titles)
    ours = [name for name in names if is_ours(name)]
    found = []
    for our in ours:
        for peer in (name for name in names if name not in ours):
            goodput = figure(result, our, "goodput_later"), figure(result, peer, "goodput_later")
            waste = figure(result, our, "waste"), figure(result, peer, "waste")
            text = (
                f"{titles[our]} beside {titles[peer]}: goodput "
                f"{shown(goodput[0])} to {shown(goodput[1])}, "
                f"waste {shown(waste[0])} to {shown(waste[1])}"
            )
            together = figure(result, our, "together"), figure(result, peer, "together")
            if not math.isnan(together[0]):
                text += f"; while all had work {shown(together[0])} to {shown(together[1])}"
            found.append((compared(goodput, waste), text))
    return found


def compared(goodput: tuple[float, float], waste: tuple[float, float]) -> str:
    """Say in a word how the first of each pair does beside the second."""
    if math.isnan(goodput[0]):
        return "not measured"
    # A peer that was done within the start has no goodput after it.
    ahead = math.isnan(goodput[1]) or goodput[0] > goodput[1]
    wastes = waste[0] > waste[1]
    if ahead:
        return "ahead, at more waste" if wastes else "ahead"
    return "behind, at more waste" if wastes else "behind, at no more waste"


def shown(value: float | None) -> str:
    """Return a share as it is printed: three decimals, a dash for what was not measured."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


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
    "share": "worst share, of a fair one",
    "outage_traffic": "traffic during the outage, of normal",
}
