"""The answers of a document's windows to one answer, in the form that a single call would have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sluicegate.document_types import many
from sluicegate.document_types.answer_json import parse_answer, write_answer
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field
from sluicegate.faults import DocumentFault
from sluicegate.windows.merge import Values, folded, is_blank, merged
from sluicegate.windows.plan import Window

Piece = tuple[Window, str]  # a window, and the text of its answer


@dataclass(frozen=True, slots=True)
class Stitched:
    """One answer, and what is to be said of how it came about."""

    text: str
    notes: tuple[str, ...] = ()


def stitch(pieces: Sequence[Piece], kind: DocumentType) -> Stitched:
    """Return the answer about a whole document; `pieces` are in page order.

    Raises DocumentFault (`not_json`, `schema_mismatch`) for a piece that is no such answer.
    """
    read = [(window, _read(window, text)) for window, text in pieces]
    if kind.holds_many:
        return _many(read, kind)
    values, notes = merged([value for _, value in read], kind.fields, kind.checks)
    return Stitched(write_answer(values), tuple(notes))


def _read(window: Window, text: str) -> Values:
    try:
        return parse_answer(text)
    except DocumentFault as fault:
        raise DocumentFault(fault.code, f"{window.name}: {fault.message}") from fault


@dataclass(slots=True)
class _Record:
    """A record that is being put together: its parts, by window."""

    first: Any
    last: Any
    parts: list[Values]


def _many(read: Sequence[tuple[Window, Values]], kind: DocumentType) -> Stitched:
    records: list[_Record] = []
    aside: list[Values] = []
    count = 0
    counted = True
    for window, value in read:
        found = _records(window, value)
        said = value.get(many.RECORD_COUNT)
        counted = counted and isinstance(said, int)
        count += said if isinstance(said, int) else 0
        if records and found and _goes_on(records[-1], found[0], window, kind.fields):
            records[-1].parts += found[0].parts
            records[-1].last = found[0].last
            del found[0]
            count -= 1
        elif found and isinstance(found[0].first, int):
            # What it went on from was not returned: its pages are to be missed.
            found[0].first = max(found[0].first, window.first)
        records += found
        aside += _aside(window, value)
    notes: list[str] = []
    written = [_written(each, kind, notes) for each in records]
    text = write_answer(
        {
            many.RECORD_COUNT: count if counted else None,
            many.RECORDS: written,
            many.SET_ASIDE: aside,
        }
    )
    return Stitched(text, tuple(notes))


def _written(record: _Record, kind: DocumentType, notes: list[str]) -> Values:
    values = record.parts[0]
    if len(record.parts) > 1:
        values, said = merged(record.parts, kind.fields, kind.checks)
        notes += [f"record on pages {record.first} to {record.last}: {note}" for note in said]
    return {many.FIRST_PAGE: record.first, many.LAST_PAGE: record.last, many.VALUES: values}


def _records(window: Window, value: Values) -> list[_Record]:
    """Return a window's records, with pages of the document; the first may begin before it."""
    listed = value.get(many.RECORDS)
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise DocumentFault("schema_mismatch", f"{window.name}: the answer has no list of records")
    return [
        _Record(
            _page(window, each.get(many.FIRST_PAGE)),
            _page(window, each.get(many.LAST_PAGE)),
            [each[many.VALUES] if isinstance(each.get(many.VALUES), dict) else {}],
        )
        for each in listed
    ]


def _page(window: Window, number: Any) -> Any:
    """Return the page of the document for one of the window; what is no number stays."""
    if isinstance(number, bool) or not isinstance(number, int):
        return number
    return number + window.first - 1


def _aside(window: Window, value: Values) -> list[Values]:
    listed = value.get(many.SET_ASIDE)
    return [
        {**each, many.PAGE: _page(window, each.get(many.PAGE))}
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]


def _goes_on(before: _Record, found: _Record, window: Window, fields: Sequence[Field]) -> bool:
    """Tell whether a window's first record goes on with the last one of the window before.

    The model says so by page 0. If it does not, two parts that touch are one record where nothing
    that both have differs, and the first is not whole, or the second has nothing of its own but
    lines: the second of two copies of a form follows one that is whole.
    """
    if not isinstance(found.first, int):
        return False
    if before.last != window.first - 1 or found.first > window.first:
        return False
    if found.first < window.first:
        return True
    pairs = [
        (_first(before.parts, each.name), _first(found.parts, each.name))
        for each in fields
        if each.always_filled and not each.repeated and each.kind != "object"
    ]
    if any(None not in pair and folded(pair[0]) != folded(pair[1]) for pair in pairs):
        return False
    return any(ours is None for ours, _ in pairs) or all(its is None for _, its in pairs)


def _first(parts: Sequence[Values], name: str) -> Any:
    return next((part[name] for part in parts if not is_blank(part.get(name))), None)
