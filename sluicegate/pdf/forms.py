"""PDFs whose pages do not show what they hold: forms, shells, portfolios. All through PDFium.

A reader of pages sees neither the values of form fields that have no picture yet, nor a form that
Adobe Reader alone can build (XFA), nor the files that a portfolio wraps. Callers hold `PDFIUM`.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from sluicegate.faults import DocumentFault

# Attached files that are documents of their own; an e-invoice's XML is not, nor are notes.
_DOCUMENTS = frozenset({
    ".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".heic", ".webp", ".gif", ".bmp", ".zip",
    ".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".rtf", ".eml", ".msg", ".htm", ".html",
})  # fmt: skip
_WITH_VALUES = frozenset({
    raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX,
    raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON,
})  # fmt: skip
_MAX_ATTACHMENTS = 1000  # looked at
_MAX_FIELDS = 20_000  # looked at
_SHELL = re.compile(r"please wait|not eventually replaced|adobe\.com/go/reader", re.IGNORECASE)
_ROOT = re.compile(rb"/Root\s+(\d+)\s+(\d+)\s+R")


class Shown(NamedTuple):
    """The bytes whose pages show everything, and what is left to say."""

    data: bytes
    warnings: tuple[str, ...] = ()
    pages: int = 0


def show_everything(document: pypdfium2.PdfDocument, data: bytes) -> Shown:
    """Return bytes whose pages show the values of form fields; raise DocumentFault for a shell.

    Codes: xfa_form, portfolio. The form environment must be there before any page is loaded.
    """
    attached = _attached_documents(document)
    if attached and _is_portfolio(document):
        raise DocumentFault(
            "portfolio",
            f"the PDF is a portfolio: a cover around {_named(attached)}; save those as files",
        )
    warnings = (f"attached to the PDF and not read: {_named(attached)}",) if attached else ()
    kind = raw.FPDF_GetFormType(document)
    if kind == raw.FORMTYPE_NONE:
        return Shown(data, warnings)
    with _form(document) as form:
        filled = _look_at_fields(document, form, kind)
        flat = _flattened(document, form, filled) if filled else data
    if flat is None:
        return Shown(
            data, (*warnings, "the values of the PDF's form fields may not have been seen")
        )
    return Shown(flat, warnings)


@contextmanager
def _form(document: pypdfium2.PdfDocument) -> Iterator[Any]:
    """Have PDFium make the pictures of fields that have none yet."""
    # The wrapper's own way logs a paragraph on XFA for each such file.
    callbacks = raw.FPDF_FORMFILLINFO(version=2)
    form = raw.FPDFDOC_InitFormFillEnvironment(document, callbacks)
    try:
        yield form
    finally:
        raw.FPDFDOC_ExitFormFillEnvironment(form)
        del callbacks  # PDFium has used them until here


@contextmanager
def _page(document: pypdfium2.PdfDocument, form: Any, number: int) -> Iterator[Any]:
    page = raw.FPDF_LoadPage(document, number)
    if not page:  # its dictionary is there, but is no page's
        raise DocumentFault("corrupt", f"page {number + 1:,} of the PDF cannot be read")
    raw.FORM_OnAfterLoadPage(page, form)
    try:
        yield page
    finally:
        raw.FORM_OnBeforeClosePage(page, form)
        raw.FPDF_ClosePage(page)


def _look_at_fields(document: pypdfium2.PdfDocument, form: Any, kind: int) -> list[int]:
    """Return the numbers of the pages with filled fields; raise DocumentFault for an XFA shell."""
    xfa = kind in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
    filled, fields = [], 0
    for number in range(len(document)):
        with _page(document, form, number) as page:
            has_value, widgets = _widgets(page, form, _MAX_FIELDS - fields)
        fields += widgets
        if has_value:
            filled.append(number)
        if fields >= _MAX_FIELDS:
            break
    # A dynamic form has no fields on its pages: those say "Please wait". One that was printed into
    # its pages may still carry the form along.
    if xfa and not fields and (kind == raw.FORMTYPE_XFA_FULL or _says_wait(document)):
        raise DocumentFault(
            "xfa_form",
            'the PDF is the shell of an XFA form: its page says "Please wait", and only Adobe '
            "Reader shows the form; print it to a PDF there",
        )
    return filled


def _says_wait(document: pypdfium2.PdfDocument) -> bool:
    page = document[0]
    try:
        text = page.get_textpage()
        return bool(_SHELL.search(text.get_text_range(0, min(2000, text.count_chars()))))
    finally:
        page.close()


def _widgets(page: Any, form: Any, most: int) -> tuple[bool, int]:
    """Tell whether a page has a filled field, and how many fields it has."""
    has_value, widgets = False, 0
    for at in range(min(most, raw.FPDFPage_GetAnnotCount(page))):
        annotation = raw.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
            widgets += 1
            has_value = has_value or _has_value(form, annotation)
        raw.FPDFPage_CloseAnnot(annotation)
    return has_value, widgets


def _has_value(form: Any, annotation: Any) -> bool:
    if raw.FPDFAnnot_GetFormFieldType(form, annotation) not in _WITH_VALUES:
        return False
    # Length in bytes with the two of the end, in UTF-16: 2 for nothing.
    return int(raw.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)) > 2


def _flattened(document: pypdfium2.PdfDocument, form: Any, filled: list[int]) -> bytes | None:
    """Draw the fields into the pages; None where PDFium does not."""
    for number in filled:
        with _page(document, form, number) as page:
            if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
                return None
    return _saved(document)


def _saved(document: pypdfium2.PdfDocument) -> bytes | None:
    out = io.BytesIO()
    try:
        document.save(out, flags=raw.FPDF_REMOVE_SECURITY)
    except pypdfium2.PdfiumError:
        return None
    return out.getvalue()


def _attached_documents(document: pypdfium2.PdfDocument) -> list[str]:
    count = min(_MAX_ATTACHMENTS, raw.FPDFDoc_GetAttachmentCount(document))
    names = (_attachment_name(document, number) for number in range(count))
    return [name for name in names if PurePosixPath(name.lower()).suffix in _DOCUMENTS]


def _attachment_name(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        return str(document.get_attachment(number).get_name())
    except (pypdfium2.PdfiumError, ValueError, UnicodeError):
        return ""


def _is_portfolio(document: pypdfium2.PdfDocument) -> bool:
    """Tell whether the catalogue has a /Collection.

    PDFium does not say, and objects may lie packed in streams; a copy that it writes has each of
    them in the open. Only PDFs with attached documents come here.
    """
    copy = _saved(document) or b""
    roots = _ROOT.findall(copy)
    if not roots:
        return False
    start = copy.rfind(b"\n%b %b obj" % roots[-1])
    return b"/Collection" in copy[start : copy.find(b"endobj", start)] if start >= 0 else False


def _named(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    return f"{shown} and {len(names) - 3:,} more files" if len(names) > 3 else shown
