"""What tests ask of the files that are to be sent."""

import pypdfium2

from sluicegate.formats.limits import Limits
from sluicegate.media.images import prepare_image
from sluicegate.pdf.document import PDFIUM, prepare_pdf

# What the Developer API documents: a request of 100 MB with base64 included (since 2026-01-08), in
# it a PDF of 50 MB; no limit of an image by itself.
DEVELOPER = Limits(inline_image_bytes=100_000_000, inline_request_bytes=100_000_000)


def check_image(data: bytes, media_type: str, max_pixels: int) -> None:
    """Raise DocumentFault if the image is truncated, corrupt or a decompression bomb."""
    prepare_image(data, media_type, Limits(image_pixels=max_pixels))


def check_pdf(data: bytes, max_pages: int) -> int:
    """Return the number of pages that are sent; raise DocumentFault as `prepare_pdf` does."""
    shown = prepare_pdf(data, max_pages)
    with PDFIUM:
        document = pypdfium2.PdfDocument(shown.data)
        try:
            return len(document)
        finally:
            document.close()
