"""Calls admitted and rejected over time, against the quota: one small plot a peer."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_ADMITTED, _REJECTED, _QUOTA = "#2f6fb0", "#d1495b", "#222222"
# The y axis ends at so many times the quota: what a peer sends beyond is told in words.
_CEILING = 2.5
# Without a quota it ends a little above the highest.
_SPARE = 1.05


def plot(result: Mapping[str, Any], path: Path) -> None:
    """Draw a scenario's stored result as a PNG; peers without a timeline are left out."""
    shown = {name: each for name, each in result["contenders"].items() if each["series"]}
    if not shown:
        return
    columns = 2 if len(shown) > 1 else 1
    rows = math.ceil(len(shown) / columns)
    figure = Figure(figsize=(4.6 * columns, 1.55 * rows + 0.75), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    places = [place for row in grid for place in row]
    parts = [part for each in shown.values() for part in each["series"]]
    ceiling = _ceiling(parts)
    for place, each in zip(places, shown.values(), strict=False):
        _draw(place, each, ceiling)
    for place in places[len(shown) :]:
        place.set_axis_off()
    for place in grid[-1]:
        place.set_xlabel("seconds", fontsize=8)
    for row in grid:
        row[0].set_ylabel("calls/s", fontsize=8)
    figure.suptitle(result["title"], fontsize=10)
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, facecolor="white")


def _ceiling(parts: Sequence[Mapping[str, Any]]) -> float:
    """Return where the y axis ends, in calls a second."""
    rates = [rate for part in parts for _, rate in part["quota"] if not math.isnan(rate)]
    if rates:
        return float(_CEILING * max(rates))
    counts = [count for part in parts for count in _received(part)]
    return _SPARE * max(1.0, *counts)


def _received(part: Mapping[str, Any]) -> list[float]:
    return [sum(both) for both in zip(part["admitted"], part["rejected"], strict=True)]


def _draw(place: Any, peer: Mapping[str, Any], ceiling: float) -> None:
    peak = 0.0
    for number, part in enumerate(peer["series"]):
        step = part.get("step", 1)
        seconds = [part["at"] + step * number for number in range(len(part["admitted"]) + 1)]
        admitted = _closed(part["admitted"])
        received = _closed(_received(part))
        named = number == 0
        place.fill_between(
            seconds, received, step="post", color=_REJECTED, lw=0, label="rejected" * named or None
        )
        place.fill_between(
            seconds, admitted, step="post", color=_ADMITTED, lw=0, label="admitted" * named or None
        )
        peak = max([peak, *received])
        if not part["quota"]:
            continue
        times = [part["at"] + since for since, _ in part["quota"]] + [seconds[-1]]
        rates = [rate for _, rate in part["quota"]]
        place.step(
            times, [*rates, rates[-1]], where="post", color=_QUOTA, lw=1, ls="--",
            label="quota" * named or None,
        )  # fmt: skip
    place.set_ylim(0, ceiling)
    place.set_title(peer["title"], fontsize=8, loc="left", pad=2)
    place.tick_params(labelsize=7)
    for side in ("top", "right"):
        place.spines[side].set_visible(False)
    if peak > ceiling:
        place.annotate(
            f"up to {peak:,.0f}/s", (0.99, 0.95), xycoords="axes fraction", ha="right", va="top",
            fontsize=7, color=_REJECTED,
        )  # fmt: skip


def _closed(values: list[float]) -> list[float]:
    """Repeat the last value, which a step plot needs to end."""
    return [*values, values[-1]] if values else [0]
