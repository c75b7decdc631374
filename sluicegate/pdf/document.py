"""Checks of PDF files before a call is paid for, through PDFium."""

import threading
from ctypes import byref

import pypdfium2
from pypdfium2 import raw

from sluicegate.faults import DocumentFault
from sluicegate.pdf.end import look_at_end
from sluicegate.pdf.forms import Shown, show_everything

# PDFium is not thread-safe: everybody in the process holds this while using it.
PDFIUM = threading.Lock()


def prepare_pdf(data: bytes, max_pages: int) -> Shown:
    """Return the bytes to send, with warnings; raise DocumentFault if the PDF must not be sent.

    Bytes are those of the file, or of a copy with the values of form fields drawn into its pages.
    """
    end = look_at_end(data)
    if end.kind == "several":
        raise DocumentFault(
            "several_documents",
            f"the file holds several PDFs, one behind the other ({end.reason}); "
            "readers show one of them alone: split the file",
        )
    if end.kind == "cut":
        raise DocumentFault("truncated", end.reason)
    with PDFIUM:
        document = _opened(data)
        try:
            pages = _count(document, max_pages, rebuilt=end.kind == "unclear")
            return show_everything(document, data)._replace(pages=pages)
        finally:
            document.close()


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of an earlier file: the file itself must say it too.
        code = raw.FPDF_GetLastError()
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
            raise DocumentFault("encrypted", "the PDF needs a password") from error
        raise DocumentFault("corrupt", "the PDF's structure cannot be read") from error


def _count(document: pypdfium2.PdfDocument, max_pages: int, *, rebuilt: bool) -> int:
    """Return the number of pages, held against the limit, and against the pages that are there.

    PDFium believes the number in the file (/Count). Looking up a page does not draw it.
    """
    pages = len(document)
    if pages == 0:
        raise DocumentFault("corrupt", "the PDF has no pages")
    if pages > max_pages:
        if not _is_there(document, pages - 1):
            raise DocumentFault("corrupt", f"the PDF claims {pages:,} pages that are not there")
        raise DocumentFault(
            "too_many_pages", f"the PDF has {pages:,} pages; the model takes {max_pages:,}"
        )
    there = sum(_is_there(document, number) for number in range(pages))
    if there < pages:
        raise DocumentFault(
            "truncated" if rebuilt else "corrupt",
            f"the PDF claims to have {pages:,} pages; {there:,} can be found",
        )
    return pages


def _is_there(document: pypdfium2.PdfDocument, number: int) -> bool:
    return bool(raw.FPDF_GetPageSizeByIndexF(document, number, byref(raw.FS_SIZEF())))
