"""What the page is given of a document, as plain JSON: its records, its evidence, its pages.

    {"id": …, "uri": …, "type": …, "document_type": …, "note": …,
     "failure": {"code", "message"} | null,
     "pages": [{"width", "height", "words": [[x0, y0, x1, y1, "text"], …]}, …],
     "version": …, "identity": …, "run_id": …,
     "records": [{"index", "first_page", "last_page", "warnings": […], "values": {…},
                  "evidence": {path: {"found", "page", "box", "text", "candidates", "doubt"}},
                  "doubtful": [path, …]}, …]}

Boxes and words are in shares of the page, so that a picture of any size fits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sluicegate.document_types.definition import DocumentType, is_reserved
from sluicegate.document_types.fields import Field
from sluicegate.evidence.locate import locate
from sluicegate.evidence.pages import Page
from sluicegate.evidence.places import Places
from sluicegate.evidence.words import words_on
from sluicegate.review.documents import Original, Size, sizes, words_of
from sluicegate.review.plain import fields_of, plain
from sluicegate.review.queues import Row, Subject

# What a value is that a person should look at, where the rows' own rule does not say it.
_DOUBTFUL = frozenset({"similar", "absent"})
_MOST_WORDS = 4_000  # of a page; a table of figures has some 800
_FAILED = 1_000
_DIGITS = 4  # of a share: a tenth of a pixel

Evidence = Mapping[str, Any]


def shape(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return fields as the page has them."""
    return [
        {
            "name": field.name,
            "kind": field.kind,
            "repeated": field.repeated,
            "required": field.always_filled,
            "description": field.description,
            "choices": [str(choice) for choice in field.enum],
            "fields": shape(field.fields),
        }
        for field in fields
    ]


def type_of_rows(name: str, rows: Iterable[Row]) -> DocumentType:
    """Return a document type for rows whose own is not at hand: the fields that they have."""
    fields = tuple(field for field in fields_of(rows) if not is_reserved(field.name))
    first = replace(fields[0], required=True) if fields else Field("value", "string", required=True)
    return DocumentType(name or "rows", "", "", (first, *fields[1:]))


def material(
    subject: Subject, kind: DocumentType, original: Original, *, ocr: bool
) -> dict[str, Any]:
    """Return what the page shows of a document.

    Where rows have no evidence, or none was found for want of text, it is found out here.
    """
    rows = _records_of(subject, kind)
    pages = words_of(original, ocr=ocr and not _is_located(rows))
    whole = Places(pages)
    return {
        "id": subject.key,
        "uri": subject.uri,
        "type": kind.name,
        "document_type": subject.document_type or kind.name,
        "version": subject.version,
        "identity": subject.extraction.identity,
        "run_id": subject.extraction.run_id,
        "note": original.note,
        "failure": _failure(subject),
        "pages": _pages(sizes(original) if original.parts else [], pages),
        "records": [_record(row, kind, whole) for row in rows],
    }


def doubts(shown: Mapping[str, Any]) -> int:
    """Return how much there is to look at in a document's material; one without row comes first."""
    if shown["failure"] is not None:
        return _FAILED
    records = shown["records"]
    return sum(len(each["doubtful"]) + 2 * len(each["warnings"]) for each in records)


def _records_of(subject: Subject, kind: DocumentType) -> list[Row]:
    """Return rows, and records that became none, in their order; each record once."""
    found: dict[int, Row] = {}
    for row in (*subject.rows, *(row for failed in subject.failed for row in failed.rows(kind))):
        found.setdefault(int(row.get("record_index") or 0), row)
    return [row for _, row in sorted(found.items())]


def _is_located(rows: Sequence[Row]) -> bool:
    """Tell whether rows bring evidence that is of use, so that nothing has to be recognised."""
    found = [each.get("found") for row in rows for each in row.get("evidence") or ()]
    return bool(found) and "unread" not in found


def _failure(subject: Subject) -> dict[str, str] | None:
    """Return why the document has no row, where no record says it itself."""
    if subject.rows or not subject.failed:
        return None
    return {"code": subject.failed[0].code, "message": subject.failed[0].message}


def _pages(pictures: Sequence[Size], pages: Sequence[Page]) -> list[dict[str, Any]]:
    return [
        {
            "width": size.width,
            "height": size.height,
            "words": _words(pages[number]) if number < len(pages) else [],
        }
        for number, size in enumerate(pictures)
    ]


def _words(page: Page) -> list[list[Any]]:
    return [
        [*(round(share, _DIGITS) for share in box), text]
        for text, *box in words_on(page)[:_MOST_WORDS]
    ]


def _record(row: Row, kind: DocumentType, whole: Places) -> dict[str, Any]:
    values = {field.name: row.get(field.name) for field in kind.fields}
    first, last = row.get("first_page"), row.get("last_page")
    evidence = list(row.get("evidence") or ())
    if not _is_located([row]):
        own = range(int(first), int(last) + 1) if first and last else None
        found = locate(values, whole.pages, kind, own, whole) if whole.pages else ()
        evidence = [each.as_record() for each in found] or evidence
    origin = row.get("provenance")
    return {
        "index": int(row.get("record_index") or 0),
        "first_page": first,
        "last_page": last,
        "warnings": [str(each) for each in (origin or {}).get("warnings") or ()],
        "values": plain(values),
        "evidence": {str(each["field"]): _shown(each) for each in evidence},
        "doubtful": [str(each["field"]) for each in evidence if _is_doubtful(each)],
    }


def _is_doubtful(evidence: Evidence) -> bool:
    """Tell whether a person should look: as the rule of the type says, else by how it was found."""
    if evidence.get("doubt") or evidence.get("found") == "unread":
        return True
    return "doubt" not in evidence and evidence.get("found") in _DOUBTFUL


def _shown(evidence: Evidence) -> dict[str, Any]:
    corners = [evidence.get(name) for name in ("x0", "y0", "x1", "y1")]
    placed = evidence.get("page") is not None and None not in corners
    return {
        "found": str(evidence.get("found") or "unread"),
        "page": int(evidence["page"]) if placed else None,
        "box": [round(float(each), 5) for each in corners if each is not None] if placed else None,
        "text": str(evidence.get("text") or ""),
        "candidates": int(evidence.get("candidates") or 0),
        "doubt": str(evidence.get("doubt") or ""),
    }
