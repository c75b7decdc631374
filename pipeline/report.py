"""The end of a run, as a table that a person likes to read."""

from rich.console import Console
from rich.table import Table

from pipeline.progress_line import clock
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.summary import Summary

_STANDARD = "standard"


def show(summary: Summary, console: Console, summary_uri: str) -> None:
    """Print the summary."""
    console.print()
    console.print(_outcomes(summary))
    for title, of, by_code in (
        ("Failures", "documents", summary.failures_by_code),
        ("Failures of records", "records", summary.record_failures_by_code),
    ):
        if by_code:
            console.print()
            console.print(_failures(title, of, by_code))
    console.print()
    for name, text in _places(summary, summary_uri):
        console.print(f"{name:<9} {text}", soft_wrap=True, markup=False, emoji=False)


def _outcomes(summary: Summary) -> Table:
    table = Table(title=f"Run {summary.run_id}", title_justify="left", show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column()
    several = summary.records != summary.landed
    spread = f"= {summary.landed:,} {'landed' if several else 'rows'}"
    spread += f" + {summary.failures:,} failures"
    if summary.skipped:
        spread += f" + {summary.skipped:,} skipped"
    if summary.waiting:
        spread += f" + {summary.waiting:,} waiting"
    journaled = f"{summary.journaled:,} from the journal, free" if summary.journaled else ""
    tokens = summary.tokens
    output = tokens["output_tokens"] + tokens["thought_tokens"]
    table.add_row("documents", f"{summary.matched:,}", spread)
    if several:
        table.add_row("records", f"{summary.records:,}", _records(summary))
    if summary.pages_set_aside:
        table.add_row("pages", f"{summary.pages:,}", _pages(summary))
    table.add_row(
        "calls",
        f"{summary.calls:,}",
        _join(
            f"{summary.calls_retried:,} retries" if summary.calls_retried else "",
            f"{summary.calls_rejected_429:,} answered 429" if summary.calls_rejected_429 else "",
            f"{summary.calls_without_capacity:,} without capacity"
            if summary.calls_without_capacity
            else "",
            journaled,
        ),
    )
    table.add_row(
        "tokens",
        f"{tokens['prompt_tokens'] + output:,}",
        f"{tokens['prompt_tokens']:,} in ({tokens['cached_tokens']:,} cached), {output:,} out",
    )
    cost, each = _cost(summary)
    table.add_row("cost", cost, each)
    for tier, answers, dollars in _tiers(summary):
        table.add_row(tier, answers, dollars)
    if summary.latency_ms.get("p50"):
        quantiles = ", ".join(f"{k} {v / 1000:,.2f} s" for k, v in summary.latency_ms.items())
        table.add_row("latency", "", quantiles)
    if summary.throttled_seconds >= 1:
        by = "for want of capacity" if summary.calls_without_capacity else "by the quota"
        table.add_row("throttled", clock(summary.throttled_seconds), f"held back {by}")
    if summary.excluded:
        table.add_row(
            "left out", f"{summary.excluded:,}", "files that are no documents (--exclude)"
        )
    if summary.unusable_lines:
        lines = f"{summary.unusable_lines:,}"
        table.add_row("passed over", lines, "lines of failure files that are no failure records")
    table.add_row("elapsed", clock(summary.elapsed_seconds), "")
    return table


def _records(summary: Summary) -> str:
    text = f"= {summary.rows:,} rows + {summary.record_failures:,} failures"
    return f"{text}; {summary.partly:,} documents landed in part" if summary.partly else text


def _pages(summary: Summary) -> str:
    reasons = ", ".join(f"{count:,} {name}" for name, count in summary.pages_set_aside.items())
    aside = sum(summary.pages_set_aside.values())
    return f"= {summary.pages_in_records:,} in records + {aside:,} set aside ({reasons})"


def _cost(summary: Summary) -> tuple[str, str]:
    if summary.cost_usd is None:
        return "unknown", "the catalogue has no price for this model"
    cost = float(summary.cost_usd)
    paid = summary.matched - summary.journaled - summary.skipped - summary.waiting
    each = f"${1000 * cost / paid:,.2f} per 1,000 documents" if paid and cost else ""
    return f"${cost:,.4f}", each


def _tiers(summary: Summary) -> list[tuple[str, str, str]]:
    """Return a line for each tier that served; none where all was standard, as ever."""
    asked = str(summary.settings.get("processing") or _STANDARD)
    lines = []
    for each in summary.tiers:
        pair = str(each["asked"] or _STANDARD), str(each["served"] or _STANDARD)
        if pair == (_STANDARD, _STANDARD) and asked == _STANDARD:
            continue
        cost = "unknown" if each["cost_usd"] is None else f"${float(each['cost_usd']):,.4f}"
        note = "" if pair == (asked, asked) else _why_another(asked, pair[0])
        lines.append((f"at {pair[1]}", f"{each['responses']:,}", _join(f"answers, {cost}", note)))
    return lines


def _why_another(processing: str, asked: str) -> str:
    if asked == processing:
        return f"although {asked} was asked for"
    late = " for what met no capacity until its deadline" if processing == "flex" else ""
    return f"asked at {asked}{late}"


def _failures(title: str, of: str, by_code: dict[str, int]) -> Table:
    table = Table(title=title, title_justify="left", box=None, header_style="dim")
    table.add_column("code")
    table.add_column(of, justify="right")
    table.add_column("meaning")
    table.add_column("what to do", style="dim")
    for code, count in by_code.items():
        entry = DOCUMENT_CODES[code]
        table.add_row(code, f"{count:,}", entry.meaning, entry.remedy)
    return table


def _places(summary: Summary, summary_uri: str) -> list[tuple[str, str]]:
    return [
        ("rows", summary.rows_uri),
        ("failures", summary.failures_uri),
        ("journal", str(summary.settings.get("journal", ""))),
        ("summary", summary_uri),
    ]


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
