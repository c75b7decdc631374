"""An estimate, as tables that a person likes to read."""

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from sluicegate.estimate.result import Estimate, Figure

_UNITS = ("bytes", "KB", "MB", "GB", "TB")

Render = Callable[[float], str]


def show(found: Estimate, console: Console, uri: str) -> None:
    """Print the estimate."""
    console.print()
    console.print(_input(found))
    console.print()
    how = "roughly, by arithmetic alone" if found.rough else "with 95 % intervals"
    title = f"{found.document_type} with {found.model} ({found.service}), {how}"
    console.print(title, style="italic", soft_wrap=True, markup=False, emoji=False)
    console.print(_costs(found))
    console.print()
    for line in _lines(found):
        console.print(f"- {line}", soft_wrap=True, markup=False, emoji=False)
    console.print()
    for name, text in (("estimate", uri), ("rows", found.sample.rows)):
        if text:
            console.print(f"{name:<9} {text}", soft_wrap=True, markup=False, emoji=False)


def _input(found: Estimate) -> Table:
    table = Table(title=f"Input of {found.run_id}", title_justify="left", box=None)
    table.add_column("", style="dim")
    for name in ("documents", "pages", "size"):
        table.add_column(name, justify="right")
    for each in found.kinds:
        row = (
            each.kind,
            f"{each.documents:,}",
            _about(each.pages, _whole),
            _bytes(each.size_bytes),
        )
        table.add_row(*row)
    if len(found.kinds) > 1:
        pages = _about(found.pages, _whole)
        table.add_row("all", f"{found.documents:,}", pages, _bytes(found.size_bytes))
    return table


def _costs(found: Estimate) -> Table:
    table = Table(box=None)
    table.add_column("", style="dim")
    for tier in found.usd:
        table.add_column(tier, justify="right")
    table.add_row("all documents", *(_dollars(each) for each in found.usd.values()))
    if not found.rough:
        table.add_row("", *(_ends(each, _usd) for each in found.usd.values()))
        table.add_row("left to pay", *(_dollars(each) for each in found.left_usd.values()))
    per = {tier: _scaled(each, 1000 / found.documents) for tier, each in found.usd.items()}
    table.add_row("per 1,000", *(_dollars(each) for each in per.values()))
    table.add_row("tokens in", _about(found.tokens_in, _count))
    table.add_row("tokens out", _about(found.tokens_out, _count))
    if found.hours:
        table.add_row("time", _about(found.hours.hours, _time))
    return table


def _lines(found: Estimate) -> list[str]:
    sample = found.sample
    lines = [_read(found)]
    if found.rough:
        lines.append(
            "nothing was asked: the output and what the model thinks are guesses, and the true "
            "price may lie beyond both ends; --estimate=200 asks about 200 documents and knows "
            "it within some per cent"
        )
    else:
        lines.append(
            f"{sample.asked:,} documents were asked for ${float(sample.paid_usd):,.4f}"
            + (f", {sample.answered_before:,} were answered before" * bool(sample.answered_before))
            + (f", {sample.failed:,} failed" * bool(sample.failed))
            + "; their answers are kept, and the run pays for the rest only"
        )
    if found.hours:
        lines.append(f"the time is {found.hours.pace}")
    else:
        lines.append("the time: the quota is not known; give --requests_per_minute")
    lines.append("flex has the same quota, and calls take minutes; batch jobs have their own")
    return [*lines, *(f"not in it: {note}" for note in found.notes)]


def _read(found: Estimate) -> str:
    sample = found.sample
    read = f"{sample.files_read:,} files ({_bytes(sample.bytes_read)})"
    if sample.files_read >= found.documents:
        return f"pages are counted: {read} were read"
    return f"pages are estimated: {read} of {found.documents:,} were read for them"


def _dollars(figure: Figure) -> str:
    return _usd(figure.value) if figure.value is not None else _ends(figure, _usd)


def _about(figure: Figure, render: Render) -> str:
    if figure.value is None:
        return _ends(figure, render)
    if render(figure.low) == render(figure.high):
        return render(figure.value)
    return f"{render(figure.value)} ({_ends(figure, render)})"


def _ends(figure: Figure, render: Render) -> str:
    return f"{render(figure.low)} – {render(figure.high)}"


def _scaled(figure: Figure, by: float) -> Figure:
    value = None if figure.value is None else figure.value * by
    return Figure(value, figure.low * by, figure.high * by)


def _usd(value: float) -> str:
    return f"${value:,.2f}" if value >= 10 else f"${value:,.4f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _count(value: float) -> str:
    return f"{value / 1e6:,.2f}M" if value >= 1e6 else f"{value:,.0f}"


def _time(hours: float) -> str:
    return f"{hours:,.1f} h" if hours >= 2 else f"{max(1, round(60 * hours))} min"


def _bytes(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} {_UNITS[-1]}"
