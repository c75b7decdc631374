"""Parts of a document to laid-out pages: PDF and image bytes in, lines with positions out."""

from collections.abc import Sequence

import pypdfium2

from emulators.reader import pictures
from sluicegate.evidence import ocr, text_layer
from sluicegate.evidence.pages import Page
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.pdf.document import PDFIUM

IMAGES = ("image/png", "image/jpeg", "image/webp")
PDF = "application/pdf"

Parts = Sequence[tuple[str, bytes]]


def count_pages(parts: Parts) -> int:
    """Count the pages: those of each PDF, and one for each image.

    Raises Unreadable if a part cannot be opened or its media type is not one of the known ones.
    """
    return sum(_count(media_type, data) for media_type, data in parts)


def read_text(parts: Parts) -> list[Page]:
    """Read every page's lines with positions, from the text layer or by OCR where there is none.

    Raises Unreadable if a part cannot be opened or its media type is not one of the known ones.
    """
    pages: list[Page] = []
    for media_type, data in parts:
        if _known(media_type, data) == PDF:
            pages += _read_pdf(data, len(pages))
        else:
            pages.append(ocr.read(pictures.decode(data), len(pages)))
    return pages


def _count(media_type: str, data: bytes) -> int:
    if _known(media_type, data) != PDF:
        return pictures.check(data)
    with PDFIUM, text_layer.opened(data) as document:
        return len(document)


def _known(media_type: str, data: bytes) -> str:
    kind = media_type.partition(";")[0].strip().lower()
    if kind != PDF and kind not in IMAGES:
        raise Unreadable(f"media type {media_type!r} is not one of {', '.join((PDF, *IMAGES))}")
    if not data:
        raise Unreadable("the document is empty")
    return kind


def _read_pdf(data: bytes, first: int) -> list[Page]:
    """Read the pages of one PDF; scanned ones are rendered under the lock and recognised after."""
    found: list[Page | text_layer.Scan] = []
    with PDFIUM, text_layer.opened(data) as document:
        try:
            found += [text_layer.read_page(document, i, first + i) for i in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise Unreadable(f"a page of the PDF cannot be read: {error}") from error
    return [
        page if isinstance(page, Page) else ocr.read(page.image, first + index, page.scale)
        for index, page in enumerate(found)
    ]
