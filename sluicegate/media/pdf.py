"""Checks of PDF files before a call is paid for, through PDFium."""

import threading

import pypdfium2
from pypdfium2 import raw

from sluicegate.faults import DocumentFault

# PDFium is not thread-safe: everybody in the process holds this while using it.
PDFIUM = threading.Lock()

# Bytes that may follow the last %%EOF: signatures and mail gateways append a little.
_TRAILING_BYTES = 2048


def check_pdf(data: bytes, max_pages: int) -> int:
    """Return the number of pages; raise DocumentFault if the PDF cannot be read as it is.

    PDFium repairs a file that ends early by dropping what it cannot find. A repaired invoice may
    have lost its last page without a word, so a missing end is a fault here.
    """
    end = data.rfind(b"%%EOF")
    if end < 0 or (len(data) - end > _TRAILING_BYTES and b" obj" in data[end:]):
        raise DocumentFault("truncated", "the PDF ends without its end marker (%%EOF)")
    with PDFIUM:
        pages = _count_pages(data)
    if pages == 0:
        raise DocumentFault("corrupt", "the PDF has no pages")
    if pages > max_pages:
        raise DocumentFault(
            "too_many_pages", f"the PDF has {pages:,} pages; the model takes {max_pages:,}"
        )
    return pages


def _count_pages(data: bytes) -> int:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of an earlier file: the file itself must say it too.
        code = raw.FPDF_GetLastError()
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
            raise DocumentFault("encrypted", "the PDF needs a password") from error
        raise DocumentFault("corrupt", "the PDF's structure cannot be read") from error
    try:
        return len(document)
    finally:
        document.close()
