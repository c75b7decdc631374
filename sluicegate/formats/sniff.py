"""The media type of a file by its first bytes. Names and claims lie; magic numbers rarely do.

A magic number at byte 0 is asked for before anything else. A PDF may have junk before its header,
but a ZIP, a mail or a web page that only holds or mentions one is no PDF: it may hold several.
"""

import re

from sluicegate.formats.known import describe, name_of

__all__ = ["ACCEPTED", "HEAD_BYTES", "describe", "sniff"]

HEAD_BYTES = 1024  # a PDF header may come this late (ISO 32000-1, implementation note 13)

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
HEIC = "image/heic"
HEIF = "image/heif"
TIFF = "image/tiff"

# What Gemini reads as it is; TIFF is converted first.
ACCEPTED = frozenset({PDF, PNG, JPEG, WEBP, HEIC, HEIF})

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"}
_HEIF_BRANDS = {b"mif1", b"msf1"}
# What may follow a JPEG's begin, behind a few stray bytes: tables, a frame, application data.
_FIRST_SEGMENT = re.compile(rb"\xff+[\xc0-\xc4\xdb\xdd\xe0-\xef\xfe]")
_TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def sniff(head: bytes) -> str | None:
    """Return the media type told by the first bytes, or None for anything not listed above."""
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8") and _FIRST_SEGMENT.search(head, 2, 600):
        return JPEG
    if head.startswith(_TIFF_MAGIC):
        return TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    return PDF if _is_pdf_after_junk(head[:HEAD_BYTES]) else None


def _is_pdf_after_junk(head: bytes) -> bool:
    """Tell whether a PDF begins here behind bytes that are no format of their own."""
    return b"%PDF-" in head and not name_of(head)


def _iso_media(head: bytes) -> str | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if b"avif" in brands or b"avis" in brands:
        return None
    if brands & _HEIC_BRANDS:
        return HEIC
    return HEIF if brands & _HEIF_BRANDS else None
