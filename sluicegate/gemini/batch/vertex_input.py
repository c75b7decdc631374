"""What Vertex AI's importer of batch input cannot take: it is BigQuery's, with its rules. Pure.

A line that breaks one fails the whole job, before anything is answered or paid. Source: BigQuery's
limits for nested and repeated columns (15 levels) and column names; rows that were refused, as they
were reported in OpenRouterTeam/docs, docs/batch-research (September 2026).
"""

import re
from collections.abc import Iterator
from typing import Any

MOST_LEVELS = 15
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")


def refusal(request: dict[str, Any]) -> str:
    """Return why the importer would refuse a request's line; "" where it would not."""
    levels, path = max(_levels(request, ("request",)), key=lambda found: found[0])
    if levels > MOST_LEVELS:
        place = ".".join(path)
        return (
            f"its schema is nested too deeply: {levels} levels at {place}, {MOST_LEVELS} are taken"
        )
    bad = next((name for name in _names(request) if not _NAME.fullmatch(name)), None)
    if bad is not None:
        return f"its schema has a name that is no column's: {bad!r}"
    return ""


def _levels(value: Any, path: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield how deep each value lies, and where; an array is no level of its own."""
    if isinstance(value, dict):
        yield len(path), path
        for name, inner in value.items():
            yield from _levels(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _levels(inner, path)
    else:
        yield len(path), path


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
