"""What both pages are put together from: tiles, tables, bars, and two values side by side."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from sluicegate.pages.html import Markup, join, tag

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def header(kind: str, title: str, *lines: str) -> Markup:
    """Return the top of a page."""
    return tag(
        "header",
        tag("p", "Sluicegate · ", kind, class_="kind"),
        tag("h1", title),
        *(tag("p", line, class_="where") for line in lines),
    )


def tiles(*each: tuple[str, str, str, str]) -> Markup:
    """Return figures to see first: (figure, what it counts, a word more, tone)."""
    return tag(
        "div",
        *(
            tag(
                "div",
                tag("b", figure),
                tag("span", label),
                tag("small", more),
                class_=f"tile {tone if figure != '0' else ''}",
            )
            for figure, label, more, tone in each
        ),
        class_="tiles",
    )


def bar(counts: Mapping[str, int]) -> Markup:
    """Return a bar with one stretch for each kind that occurs; its class is the kind's name."""
    total = sum(counts.values()) or 1
    stretches = [
        tag(
            "i", class_=_class(name), style=f"flex:{count}", title=f"{name}: {count:,} of {total:,}"
        )
        for name, count in counts.items()
        if count
    ]
    return tag("div", *stretches, class_="bar")


def _class(name: str) -> str:
    return name.replace(" ", "-")


def legend(names: Mapping[str, str]) -> Markup:
    """Return what the colours mean."""
    return tag(
        "p",
        *(
            tag("span", tag("i", class_=f"dot {_class(name)}"), tag("b", name), " ", meaning)
            for name, meaning in names.items()
        ),
        class_="legend",
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, class_: str = "") -> Markup:
    """Return a table; a cell of figures is set to the right."""
    return tag(
        "div",
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", name, class_=_side(name)) for name in head))),
            tag("tbody", *(tag("tr", *map(_cell, row)) for row in rows)),
            class_=class_,
        ),
        class_="scroll",
    )


def _cell(content: str) -> Markup:
    if content == "0":
        return tag("td", tag("span", "0", class_="none"), class_="figure")
    return tag("td", content, class_=_side(content))


def _side(content: str) -> str:
    figure = not isinstance(content, Markup) and re.fullmatch(r"[-+$]?[\d,.]+ ?%?|–", content)
    return "figure" if figure else ""


def section(title: str, *content: str, lead: str = "") -> Markup:
    """Return a part of the page with its heading."""
    return tag("section", tag("h2", title), *([tag("p", lead, class_="lead")] if lead else []),
               *content)  # fmt: skip


def examples(
    field: str,
    entries: Iterable[Mapping[str, Any]],
    kind: str,
    left: str,
    right: str,
) -> Markup | None:
    """Return a field's examples, values side by side with what differs marked; None for none.

    `kind`, `left` and `right` name the entries' keys: what it is an example of, and the two values.
    What is marked is taken for removed from a `found` value, for added to one `after`.
    """
    marks = ("ins", "del") if right == "found" else ("del", "ins")
    rows = [
        tag(
            "tr",
            tag("td", tag("span", entry[kind], class_=f"chip {entry[kind]}")),
            *marked(entry[left], entry[right], *marks),
            tag("td", tag("bdi", entry["document_uri"]), class_="uri"),
        )
        for entry in entries
    ]
    if not rows:
        return None
    head = tag("tr", *(tag("th", name) for name in ("", left, right, "document")))
    many = "1 example" if len(rows) == 1 else f"{len(rows)} examples"
    return tag(
        "details",
        tag("summary", tag("code", field), " ", tag("small", many)),
        tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="examples"),
            class_="scroll"),
        open=True,
    )  # fmt: skip


def folded(title: str, *content: str) -> Markup:
    """Return a part that is shown when its title is clicked."""
    return tag("details", tag("summary", title), *content)


def marked(
    one: str | None, other: str | None, in_one: str = "del", in_other: str = "ins"
) -> tuple[Markup, Markup]:
    """Return two cells with the words marked in which the texts differ; null is said."""
    if one is None or other is None:
        return _value(one), _value(other)
    ours, theirs = _WORDS.findall(one), _WORDS.findall(other)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    left, right = [], []
    for what, i, i2, j, j2 in matcher.get_opcodes():
        before, after = "".join(ours[i:i2]), "".join(theirs[j:j2])
        left.append(before if what == "equal" else tag(in_one, before) if before else "")
        right.append(after if what == "equal" else tag(in_other, after) if after else "")
    return (
        tag("td", tag("bdi", *left), class_="value"),
        tag("td", tag("bdi", *right), class_="value"),
    )


def _value(text: str | None) -> Markup:
    shown = tag("span", "null", class_="null") if text is None else tag("bdi", text)
    return tag("td", shown, class_="value")


def documents(entries: Iterable[Mapping[str, Any]], *keys: str) -> Markup | None:
    """Return documents with what is said of them; None for none."""
    rows = [
        [join(tag("bdi", str(entry["document_uri"]))), *(tag("bdi", str(entry[k])) for k in keys)]
        for entry in entries
    ]
    return table(["document", *keys], rows, class_="documents") if rows else None


def kinds(counts: Mapping[str, int]) -> Markup | None:
    """Return counts by kind as chips; None for none."""
    chips = [
        tag("li", tag("code", name), " ", tag("b", f"{count:,}"))
        for name, count in counts.items()
        if count
    ]
    return tag("ul", *chips, class_="kinds") if chips else None


def moment(at: str) -> str:
    """Render a time in ISO 8601 and UTC for a person."""
    return f"{at[:16].replace('T', ' ')} UTC"


def share(part: int, whole: int) -> str:
    """Render a share in percent; a dash where there is nothing to have a share of."""
    return f"{part / whole:.1%}" if whole else "–"


def money(text: str) -> str:
    """Render dollars: cents for large sums, four decimals for small ones."""
    amount = Decimal(text)
    return f"${amount:,.2f}" if abs(amount) >= 100 else f"${amount:,.4f}"


def present(*parts: Markup | None) -> list[Markup]:
    """Return the parts that there are."""
    return [part for part in parts if part is not None]
