"""The document reader of the local Gemini stand-in.

It really reads: text layers by PDFium, scans and photographs by an offline OCR, then plain rules
(labels in many languages, layouts, number and date formats) from laid-out text to fields.
It is a stand-in to run and test with. No document is recognised by its name or digest.
"""

from collections.abc import Sequence
from typing import Any

from emulators.reader import records, statements
from emulators.reader.answer import answer
from emulators.reader.facts import gather
from emulators.reader.reading import Reading
from sluicegate.evidence.reader import read_text
from sluicegate.evidence.text_layer import opened
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.pdf.document import PDFIUM

__all__ = ["Unreadable", "count_pages", "read_fields", "read_text"]


def count_pages(pdf: bytes) -> int:
    """Count the pages of a PDF; raises Unreadable if it cannot be opened or has none."""
    with PDFIUM, opened(pdf) as document:
        return len(document)


def read_fields(
    parts: Sequence[tuple[str, bytes]], schema: dict[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """Read a document and fill the object that a schema describes.

    `parts` are (media type, bytes) in page order: application/pdf, image/png, image/jpeg or
    image/webp. `schema` is a JSON schema, or the OpenAPI subset of it with upper-case types. With
    `partial` they are some pages of a longer document.
    Numbers are Decimal, dates YYYY-MM-DD, currencies ISO 4217; None stands for what is not
    found, and for everything if the document is no invoice, receipt, credit note or statement.
    Raises Unreadable if a part is empty, cut, encrypted or of another media type.
    """
    pages = read_text(parts)
    if records.wanted(schema):
        return records.read(pages, schema, _fill, partial=partial)
    return _fill(Reading(pages), schema, partial)


def _fill(reading: Reading, schema: Any, partial: bool) -> dict[str, Any]:  # noqa: FBT001
    if statements.wanted(schema):
        return statements.read(reading, schema)
    return answer(reading, gather(reading, partial=partial), schema)
