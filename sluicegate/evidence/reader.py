"""Parts of a document to laid-out pages: PDF and image bytes in, lines with positions out."""

from collections.abc import Iterator, Sequence

import pypdfium2

from sluicegate.evidence import ocr as recogniser
from sluicegate.evidence import pictures, text_layer
from sluicegate.evidence.pages import Page
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.pdf.document import PDFIUM

IMAGES = ("image/png", "image/jpeg", "image/webp")
PDF = "application/pdf"
# Some 600 dense pages; of a longer file the other pages count as not read. 100 MB of memory.
MAX_WORDS = 300_000

Parts = Sequence[tuple[str, bytes]]


def read_text(parts: Parts, *, ocr: bool = True) -> list[Page]:
    """Read every page's lines with positions: the text layer, and OCR where there is none.

    Without `ocr` such pages come back without lines, and say that they were not read. Raises
    Unreadable if a part cannot be opened or its media type is not one of the known ones, and
    ImportError where OCR is needed and not installed.
    """
    pages: list[Page] = []
    for media_type, data in parts:
        if _known(media_type, data) == PDF:
            pages += _read_pdf(data, len(pages), ocr=ocr)
        elif ocr:
            pages.append(recogniser.read(pictures.decode(data), len(pages)))
        else:
            pictures.check(data)
            pages.append(Page(1.0, 1.0, is_read=False))
    return pages


def _known(media_type: str, data: bytes) -> str:
    kind = media_type.partition(";")[0].strip().lower()
    if kind != PDF and kind not in IMAGES:
        raise Unreadable(f"media type {media_type!r} is not one of {', '.join((PDF, *IMAGES))}")
    if not data:
        raise Unreadable("the document is empty")
    return kind


def _read_pdf(data: bytes, first: int, *, ocr: bool) -> Iterator[Page]:
    """Yield the pages of one PDF; scanned ones are rendered under the lock and recognised after.

    The lock is let go after each page: others in the process wait for one page, not for a file.
    """
    with PDFIUM:
        opening = text_layer.opened(data)
        document = opening.__enter__()
    words = 0
    try:
        for index in range(len(document)):
            if words > MAX_WORDS:
                yield Page(1.0, 1.0, is_read=False)
                continue
            with PDFIUM:
                found = _page(document, index, first + index, ocr=ocr)
            if isinstance(found, text_layer.Scan):
                found = recogniser.read(found.image, first + index, found.scale)
            words += sum(len(line.words) for line in found.lines)
            yield found
    finally:
        with PDFIUM:
            opening.__exit__(None, None, None)


def _page(
    document: pypdfium2.PdfDocument, index: int, number: int, *, ocr: bool
) -> Page | text_layer.Scan:
    try:
        return text_layer.read_page(document, index, number, render=ocr)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"a page of the PDF cannot be read: {error}") from error
