"""Pages of a PDF as a PDF of their own, and the text at their edges. Through PDFium.

The same pages of the same bytes give the same bytes: PDFium puts the time and a random identifier
into what it saves, and both are replaced.
"""

import hashlib
import io
import re

import pypdfium2

from sluicegate.faults import DocumentFault
from sluicegate.pdf.document import PDFIUM

_CREATED = re.compile(rb"/CreationDate\(D:\d{14}")
_THEN = b"/CreationDate(D:20000101000000"
_ID = re.compile(rb"/ID\[<([0-9A-F]{32})><[0-9A-F]{32}>\]>>\s+startxref\s+\d+\s+%%EOF\s*\Z")


def cut(data: bytes, first: int, last: int) -> bytes:
    """Return the pages `first` to `last` (from 1, both included) as a PDF.

    Raises DocumentFault("corrupt") where a page cannot be taken over.
    """
    with PDFIUM:
        source = pypdfium2.PdfDocument(data)
        target = pypdfium2.PdfDocument.new()
        try:
            target.import_pages(source, list(range(first - 1, last)))
            saved = io.BytesIO()
            target.save(saved)
        except pypdfium2.PdfiumError as error:
            raise DocumentFault(
                "corrupt", f"pages {first:,} to {last:,} of the PDF cannot be cut out: {error}"
            ) from error
        finally:
            target.close()
            source.close()
    return _settled(saved.getvalue())


def _settled(saved: bytes) -> bytes:
    """Return what PDFium saved without the time and the identifier of this very moment."""
    saved = _CREATED.sub(_THEN, saved, count=1)
    found = _ID.search(saved)
    if not found:
        return saved
    blank = saved[: found.start(1)] + b"0" * 32 + b"><" + b"0" * 32 + saved[found.end(1) + 34 :]
    digest = hashlib.sha256(blank).hexdigest()[:32].upper().encode("ascii")
    return blank[: found.start(1)] + digest + b"><" + digest + blank[found.start(1) + 66 :]


def last_lines(data: bytes, page: int, count: int = 6) -> tuple[str, ...]:
    """Return the last lines of text of a page (from 1); none where it has no text layer."""
    with PDFIUM:
        source = pypdfium2.PdfDocument(data)
        try:
            text = source[page - 1].get_textpage().get_text_range()
        except pypdfium2.PdfiumError:
            return ()
        finally:
            source.close()
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple([line[:200] for line in lines if line][-count:])
