"""What an answer lacks of its document: all that can be told without a model."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from sluicegate.completeness.finding import Finding
from sluicegate.completeness.records import Pages, range_of, unaccounted
from sluicegate.completeness.sums import unbalanced
from sluicegate.completeness.tables import missing, tables
from sluicegate.document_types import many
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.definition import DocumentType
from sluicegate.faults import DocumentFault
from sluicegate.pdf.lines import Line


def find(text: str, kind: DocumentType, count: int, pages: Pages) -> list[Finding]:
    """Return what the answer with this text lacks.

    `count` is the number of pages, 0 where nobody has looked; `pages` are the lines of their text
    layer, empty without one. An answer that cannot be read lacks nothing: that is another failure.
    """
    try:
        answer = parse_answer(text)
    except DocumentFault:
        return []
    if not kind.holds_many:
        return list(_of_record(answer, kind, [line for lines in pages for line in lines]))
    records = answer.get(many.RECORDS)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        return []
    found = list(unaccounted(answer, count, pages))
    read = [(range_of(record), _validated(record.get(many.VALUES), kind)) for record in records]
    for place, (own, values) in enumerate(read, 1):
        if values is not None:
            found += (
                each._replace(says=f"record {place} of {len(read)}: {each.says}", pages=tuple(own))
                for each in unbalanced(values, kind.checks, _on(own, pages))
            )
    for own, some in _beside(read):
        found += _short_lists(some, kind, _on(own, pages))
    return found


def _of_record(answer: dict[str, Any], kind: DocumentType, lines: list[Line]) -> Iterator[Finding]:
    values = _validated(answer, kind)
    if values is not None:
        yield from unbalanced(values, kind.checks, lines)
        yield from _short_lists([values], kind, lines)


def _validated(values: Any, kind: DocumentType) -> dict[str, Any] | None:
    try:
        return kind.model().model_validate(values).model_dump()
    except (ValidationError, RecursionError):
        return None


def _on(own: range, pages: Pages) -> list[Line]:
    return [line for page in own if 0 < page <= len(pages) for line in pages[page - 1]]


def _beside(
    read: Sequence[tuple[range, dict[str, Any] | None]],
) -> Iterator[tuple[range, list[dict[str, Any]]]]:
    """Yield records with their pages; those that share pages together, for their lines mix."""
    together: list[dict[str, Any]] = []
    span = range(0)
    for own, values in sorted(read, key=lambda each: each[0].start):
        if together and own.start >= span.stop:
            yield span, together
            together, span = [], range(0)
        span = range(min(span.start or own.start, own.start), max(span.stop, own.stop))
        together = [*together, *([values] if values is not None else [])]
    if together:
        yield span, together


def _short_lists(
    records: Sequence[dict[str, Any]], kind: DocumentType, lines: Sequence[Line]
) -> Iterator[Finding]:
    if lines:
        for table in tables(records, kind.fields):
            yield from missing(table, lines)


def in_words(found: Sequence[Finding], limit: int = 8) -> list[str]:
    """Return the sentences of findings, the first of them where there are many."""
    said = [each.says for each in found[:limit]]
    return said + ([f"and {len(found) - limit:,} more"] if len(found) > limit else [])
