"""One record from what several windows say of it.

field           which value is taken
list            all of them, in page order; a line that was torn at a page's end is joined
object          field by field
total, closing  the last: earlier ones are sums carried from page to page
other           the one that most pages say, and of those the first
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sluicegate.document_types.checks import Check
from sluicegate.document_types.fields import Field

Values = dict[str, Any]


def merged(
    parts: Sequence[Values], fields: Iterable[Field], checks: Sequence[Check] = ()
) -> tuple[Values, list[str]]:
    """Return one record from the values of its parts, in page order, and what they disagree on."""
    at_end = frozenset(path for check in checks for path in check.at_end)
    notes: list[str] = []
    return _object(parts, fields, at_end, "", notes), notes


def _object(
    parts: Sequence[Values],
    fields: Iterable[Field],
    at_end: frozenset[str],
    above: str,
    notes: list[str],
) -> Values:
    values: Values = {}
    for field in fields:
        path = f"{above}{field.name}"
        found = [part.get(field.name) for part in parts]
        if field.repeated:
            values[field.name] = _list([v for v in found if isinstance(v, list)], field)
        elif field.kind == "object" and any(isinstance(v, dict) for v in found):
            inner = [v for v in found if isinstance(v, dict)]
            values[field.name] = _object(inner, field.fields, at_end, f"{path}.", notes)
        else:
            told = [v for v in found if not is_blank(v)]
            # Names are written in several ways, and that is no contradiction.
            heard = [] if field.kind == "string" else notes
            values[field.name] = _chosen(told, path, at_end, heard)
    return values


def _chosen(found: list[Any], path: str, at_end: frozenset[str], notes: list[str]) -> Any:
    if not found:
        return None
    told = Counter(map(folded, found))
    chosen = found[-1]
    if path not in at_end:
        most = max(told.values())
        chosen = next(v for v in found if told[folded(v)] == most)
        if len(told) > 1:
            others = ", ".join(sorted(k[:40] for k in told if k != folded(chosen))[:3])
            notes.append(f"{path}: pages disagree, {folded(chosen)[:40]} was taken, not {others}")
    return chosen


def _list(lists: Sequence[list[Any]], field: Field) -> list[Any]:
    lines: list[Any] = []
    for each in lists:
        more = list(each)
        if lines and more and (whole := _joined(lines[-1], more[0], field)) is not None:
            lines[-1] = whole
            del more[0]
        lines += more
    return lines


def _joined(last: Any, first: Any, field: Field) -> Any:
    """Return the one line of which the two are parts, torn by a page's end; None if they are two.

    Parts have no field in common, and each lacks some: of two lines of a table both have amounts.
    """
    if not (isinstance(last, dict) and isinstance(first, dict)) or len(field.fields) < 2:
        return None
    here, there = (
        {f.name for f in field.fields if not is_blank(part.get(f.name))} for part in (last, first)
    )
    if not here or not there or here & there:
        return None
    return {**first, **{name: last[name] for name in last if name in here}}


def is_blank(value: Any) -> bool:
    """Tell whether a model says by a value that there is none."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def folded(value: Any) -> str:
    """Return a scalar as text in which two ways to write it are the same."""
    return " ".join(str(value).split()).casefold()
