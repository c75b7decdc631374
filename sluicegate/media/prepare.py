"""Prepare: from a file's bytes to the parts of a request, or to the fault of the document."""

import re
from typing import NamedTuple

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.known import describe
from sluicegate.formats.limits import Limits
from sluicegate.media.images import prepare_image
from sluicegate.pdf.document import prepare_pdf
from sluicegate.tiff.convert import convert_tiff


class Part(NamedTuple):
    """One piece of a request: inline bytes, or a URI that the service reads itself."""

    media_type: str
    data: bytes = b""
    uri: str = ""
    warnings: tuple[str, ...] = ()  # what the row should say of how the bytes came about
    pages: int = 0  # of the document, in this part; 0 where nobody has looked
    text: str = ""  # words that go with the document, instead of bytes


def pages_of(parts: tuple[Part, ...]) -> int:
    """Return how many pages of the document the parts have; 0 where nobody has looked."""
    return sum(part.pages for part in parts)


def warnings_of(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Return what the row should say of how the bytes of the parts came about."""
    return tuple(warning for part in parts for warning in part.warnings)


# In windows of some pages: more are no document.
MOST_PAGES = 20_000
_OBJECT = re.compile(rb"\d\s+\d{1,5}\s+obj\b")


def prepare(data: bytes, limits: Limits, name: str = "", window_pages: int = 0) -> tuple[Part, ...]:
    """Return the inline parts for a file's bytes: one, or one a page for a TIFF.

    `name` is the file's, for messages. A PDF of more than `window_pages` is not sent as it is, so
    the model's limits on pages and inline bytes are those of its windows. Raises DocumentFault with
    the code of what is wrong: empty, unsupported_type, encrypted, truncated, corrupt,
    decompression_bomb, too_large, too_many_pages, several_documents, portfolio, xfa_form.
    """
    if not data:
        raise DocumentFault("empty", "the file has zero bytes")
    media_type = sniff.sniff(data[: sniff.HEAD_BYTES])
    if media_type == sniff.PDF and not data.startswith(b"%PDF-") and not _OBJECT.search(data):
        media_type = None  # a text that mentions the header
    if media_type is None:
        raise DocumentFault(
            "unsupported_type",
            f"the file is {describe(data, name)}; PDF, PNG, JPEG, WEBP, HEIC, HEIF and TIFF "
            "are taken",
        )
    if media_type == sniff.TIFF:
        return tuple(Part(*page, pages=1) for page in convert_tiff(data, limits))
    if media_type == sniff.PDF:
        _check_size(len(data), limits.pdf_bytes, "PDF")
        shown = prepare_pdf(data, MOST_PAGES if window_pages else limits.pdf_pages)
        part = Part(media_type, shown.data, warnings=shown.warnings, pages=shown.pages)
        if 0 < window_pages < shown.pages:
            return (part,)
    else:
        picture = prepare_image(data, media_type, limits)
        part = Part(picture.media_type, picture.data, warnings=picture.warnings, pages=1)
        _check_size(len(part.data), limits.inline_image_bytes, "inline image")
    _check_size(len(part.data), limits.inline_payload_bytes, "inline request")
    return (part,)


def referenced(
    uri: str, media_type: str, size_bytes: int, limits: Limits
) -> tuple[Part, ...] | None:
    """Return the part that passes a stored object by reference, or None if it must be read.

    TIFF must be read to be converted, and so must anything whose claimed type is not one that
    the model takes: its true type is in its bytes.
    """
    claim = media_type.partition(";")[0].strip().lower()
    if claim not in sniff.ACCEPTED:
        return None
    if claim == sniff.PDF:
        _check_size(size_bytes, limits.pdf_bytes, "PDF")
    else:
        _check_size(size_bytes, limits.referenced_image_bytes, "image")
    return (Part(claim, uri=uri),)


def check_readable(size_bytes: int, limits: Limits) -> None:
    """Raise DocumentFault for a size that no format could fit, before the bytes are read."""
    if size_bytes == 0:
        raise DocumentFault("empty", "the file has zero bytes")
    # A TIFF shrinks when converted; nothing else may be larger than the largest limit.
    _check_size(size_bytes, 4 * max(limits.pdf_bytes, limits.referenced_image_bytes), "file")


def _check_size(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise DocumentFault(
            "too_large",
            f"the {what} would be {size:,} bytes; the model takes {limit:,}"
            if what == "inline request"
            else f"the {what} has {size:,} bytes; at most {limit:,} are taken",
        )
