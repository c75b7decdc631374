"""The media type of a file by its first bytes. Names and claims lie; magic numbers rarely do."""

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
_TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def sniff(head: bytes) -> str | None:
    """Return the media type told by the first bytes, or None for anything not listed above."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(_TIFF_MAGIC):
        return TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if b"%PDF-" in head[:HEAD_BYTES]:
        return PDF
    return None


def _iso_media(head: bytes) -> str | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if b"avif" in brands or b"avis" in brands:
        return None
    if brands & _HEIC_BRANDS:
        return HEIC
    return HEIF if brands & _HEIF_BRANDS else None


def describe(head: bytes) -> str:
    """Say in a few words what unsupported bytes look like, for an error message."""
    known = (
        (b"PK\x03\x04", "a ZIP archive or Office document"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"GIF8", "a GIF image"),
        (b"BM", "a BMP image"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"{\\rtf", "an RTF document"),
        (b"%!PS", "PostScript"),
    )
    for magic, words in known:
        if head.startswith(magic):
            return words
    start = head.lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if start.startswith(b"<?xml"):
        return "an XML file"
    if b"\x00" not in head and head.isascii():
        return "plain text"
    return "bytes of no format known here"
