"""Results as tables: on the terminal, and as Markdown."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.results import comparisons, figure, shown, tenths, verdicts


def _count(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _seconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f} s"


_COLUMNS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("goodput", "goodput_later", shown),
    ("whole run", "goodput", shown),
    ("docs/s", "rate", tenths),
    ("time", "slowdown", shown),
    ("waste", "waste", shown),
    ("first 75 s", "waste_first", shown),
    ("after 15 s", "waste_later", shown),
    ("while all had work", "together", shown),
    ("worst share", "share", shown),
    ("in outage", "outage_traffic", shown),
    ("p50", "p50", _seconds),
    ("p99", "p99", _seconds),
    ("lost", "lost", _count),
    ("not done", "not_done", _count),
    ("CPU ms/doc", "cpu_ms", tenths),
    ("peak MiB", "peak_mib", _count),
)


LEGEND = """\
Goodput is what was used of the quota over what it allowed, after the first 15 s and over the whole
run, as long as calls came; what a bucket had saved up is not counted as allowed. Several processes
have equal parts of the documents and, where the quota is given, of the quota; whoever is served
less has work left when the others have none: "while all had work" is their goodput after 15 s and
until then. Without a quota there is no goodput: documents a second are those answered, over the
whole run, and "time" is that of Sluicegate over that of another Sluicegate on the same server,
beside it, that nothing rejects. Waste is the share of calls that were answered with 429 or 503: of
all, in the first 75 s, and after the first 15 s. By chance calls are rejected at whatever rate they
are sent: that is nobody's fault, and ahead is who has more goodput at a waste of no more than
chance and .02, or the same goodput at less; beside a peer that wastes nothing, at none. p50 and p99
are of a document's time from its first call's arrival at the server to its answer. Lost are
documents that ended without an answer of their own; not done are those nothing had become of when
the peer was stopped. CPU is of the client's process without its start, per document answered. In
the scenario with an outage, goodput, waste and latency are of the time before it, and "in outage"
is the calls a second while the server was dead, over those before. Where something waits for a core
most of the time, the machine is the limit and figures say little of the peers.

Sections are of the day that stands in them."""


def _columns(result: Mapping[str, Any]) -> list[tuple[str, str, Callable[[float], str]]]:
    """Return the columns that say something about this scenario."""
    names = result["contenders"]
    return [
        column
        for column in _COLUMNS
        if any(not math.isnan(figure(result, name, column[1])) for name in names)
    ]


def show(result: Mapping[str, Any], console: Console) -> None:
    """Print a result with its goals and commands."""
    table = Table(title=_title(result), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading, _, _ in _columns(result):
        table.add_column(heading, justify="right")
    for name, peer in result["contenders"].items():
        table.add_row(peer["title"], *_cells(result, name))
    console.print()
    console.print(table)
    for peer in result["contenders"].values():
        if peer["error"]:
            console.print(f"  {peer['title']} ended badly: {peer['error']}", markup=False)
    for verdict in verdicts(result):
        console.print(("  met     " if verdict.met else "  NOT MET ") + verdict.text, markup=False)
    for how, text in comparisons(result):
        console.print(f"  {how}: {text}", markup=False)


def _title(result: Mapping[str, Any]) -> str:
    runs = f", median of {result['repeated']} runs" if result["repeated"] > 1 else ""
    if not result["documents"]:
        return f"{result['scenario']}: {result['title']}; in virtual time"
    strain = f"{result['cores_busy'] or math.nan:.1f} of {result['machine']['cores']} cores busy"
    if result["waiting"] is not None:
        strain += f", something waiting for one {result['waiting']:.0%} of the time"
    return (
        f"{result['scenario']}: {result['title']}; {result['documents']:,} documents{runs} "
        f"({strain})"
    )


def _cells(result: Mapping[str, Any], name: str) -> list[str]:
    return [say(figure(result, name, key)) for _, key, say in _columns(result)]


def markdown(results: Sequence[Mapping[str, Any]], *, plots: str = "") -> str:
    """Return all results as one Markdown text; ``plots`` is where their PNGs lie."""
    lines = ["# Benchmarks", "", LEGEND, ""]
    if results:
        machine = results[-1]["machine"]
        described = ", ".join(
            f"{name} {value}"
            for name, value in machine.items()
            if name not in {"cores", "memory_gib"}
        )
        lines += [
            (
                f"Measured with {machine['cores']} cores and {machine['memory_gib']} GiB for "
                f"clients and server together ({described}). Machines differ and so do minutes: "
                "compare the lines of one table."
            ),
            "",
        ]
    for result in results:
        lines += _section(result, plots)
    return "\n".join(lines)


def _section(result: Mapping[str, Any], plots: str) -> list[str]:
    headings = [heading for heading, _, _ in _columns(result)]
    lines = [
        f"## {result['title'][:1].upper()}{result['title'][1:]}",
        "",
        (
            f"`make bench BENCH_ARGS='--scenario {result['scenario']}'`, measured "
            f"{result['measured'][:10]}, {_title(result).partition('; ')[2]}."
        ),
        "",
        "| | " + " | ".join(headings) + " |",
        "|---|" + "---:|" * len(headings),
    ]
    lines += [
        f"| {peer['title']} | {' | '.join(_cells(result, name))} |"
        for name, peer in result["contenders"].items()
    ]
    if plots:
        lines += ["", f"![Calls over time]({plots}/{result['scenario']}.png)"]
    lines += [""]
    lines += [f"- {'met' if each.met else '**not met**'}: {each.text}" for each in verdicts(result)]
    lines += [f"- {how}: {text}" for how, text in comparisons(result)]
    lines += ["", "<details><summary>Commands</summary>", "", "```", result["server"]]
    for peer in result["contenders"].values():
        lines.append(peer["command"])
        if peer["error"]:
            lines.append(f"# ended badly: {peer['error']}")
    return [*lines, "```", "", "</details>", ""]


def write(results: Sequence[Mapping[str, Any]], path: Path, *, plots: str = "") -> None:
    """Write the Markdown of results to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(results, plots=plots) + "\n", encoding="utf-8")


def publish(results: Sequence[Mapping[str, Any]], path: Path, *, plots: str) -> None:
    """Put the sections of results into a page; those of other scenarios stay as they are."""
    head, *sections = _parts(markdown(results, plots=plots))
    kept = _parts(path.read_text(encoding="utf-8"))[1:] if path.exists() else []
    new = {_heading(section): section for section in sections}
    merged = [new.pop(_heading(section), section) for section in kept]
    path.write_text("\n".join([head, *merged, *new.values()]) + "\n", encoding="utf-8")


def _parts(page: str) -> list[str]:
    """Return what is before the first heading of a section, then the sections."""
    return [part.strip("\n") + "\n" for part in re.split(r"^(?=## )", page, flags=re.MULTILINE)]


def _heading(section: str) -> str:
    return section.partition("\n")[0]
