"""Files that are broken or are no invoice, each in a way of its own."""

import struct
import zipfile
import zlib
from functools import lru_cache
from io import BytesIO
from random import Random

from samples import bare_pdf
from samples.sheet import A4

# Which format each flaw belongs to; the ones of "" need no format at all.
FLAWS = {
    "empty": "",
    "text": "",
    "zip": "",
    "html": "",
    "docx": "",
    "truncated": "pdf",
    "encrypted": "pdf",
    "blank_page": "pdf",
    "no_pages": "pdf",
    "purchase_order": "pdf",
    "corrupt_png": "png",
    "png_bomb": "png",
    "misnamed": "png",
    "tiff_bomb": "tiff",
}

# The outcome that each one should have: a row, or a failure of this sort.
EXPECTED = {
    "empty": "empty",
    "text": "unsupported",
    "zip": "unsupported",
    "html": "unsupported",
    "docx": "unsupported",
    "truncated": "truncated",
    "encrypted": "encrypted",
    "blank_page": "not_an_invoice",
    "no_pages": "empty",
    "purchase_order": "not_an_invoice",
    "corrupt_png": "corrupt",
    "png_bomb": "too_large",
    "misnamed": "row",
    "tiff_bomb": "too_large",
}


def truncate(pdf: bytes, rng: Random) -> bytes:
    """Cut a PDF in its first part, where not even a repairing reader finds its pages."""
    return pdf[: int(len(pdf) * rng.uniform(0.25, 0.6))]


def corrupt(png: bytes) -> bytes:
    """Overwrite some of a PNG's pixel data and leave its header alone.

    The damage is where the first block says how it is coded: 11, which deflate reserves (RFC 1951,
    3.2.3). Further on, many a decoder reads garbage as if it were data.
    """
    start = png.index(b"IDAT") + 4 + 2
    return png[:start] + b"\xff" * 64 + png[start + 64 :]


def blank_page(note: str) -> bytes:
    """Return a valid PDF with nothing on its page."""
    return bare_pdf.write_blank(1, A4, note)


def no_pages(note: str) -> bytes:
    """Return a valid PDF without pages."""
    return bare_pdf.write_blank(0, A4, note)


def text(note: str) -> bytes:
    """Return plain text."""
    return f"Minutes of a meeting, item {note}: nothing was decided.\n".encode()


def html(note: str) -> bytes:
    """Return a web page, as a failed download leaves one behind."""
    page = f"<h1>404 Not Found</h1><p>Document {note} does not exist.</p>"
    return f"<!DOCTYPE html><html><body>{page}</body></html>\n".encode()


def archive(note: str) -> bytes:
    """Return a zip file."""
    return _zip({"readme.txt": f"Archive {note}\n"})


def docx(note: str) -> bytes:
    """Return a word processor's document."""
    space = "http://schemas.openxmlformats.org"
    types = f'<Types xmlns="{space}/package/2006/content-types"/>'
    body = f"<w:body><w:p><w:r><w:t>Document {note}</w:t></w:r></w:p></w:body>"
    word = f'<w:document xmlns:w="{space}/wordprocessingml/2006/main">{body}</w:document>'
    return _zip({"[Content_Types].xml": types, "word/document.xml": word})


def _zip(members: dict[str, str]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in members.items():
            target.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def png_bomb(note: str, side: int = 30_000) -> bytes:
    """Return a black one-bit PNG of side x side pixels; 30,000 take 0.1 MB, and 112 MB unpacked."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"tEXt", b"Comment\0" + note.encode("latin-1")),
        (b"IDAT", _zero_rows(side)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@lru_cache(maxsize=2)
def _zero_rows(side: int) -> bytes:
    row = bytes(1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(row) for _ in range(side)) + packer.flush()


def tiff_bomb(note: str, side: int = 60_000) -> bytes:
    """Return a white Group 4 TIFF of side x side pixels: 60,000 take 8 KB, and 450 MB unpacked.

    A row like the one before it takes a single 1 bit in that coding (ITU-T T.6).
    """
    comment = note.encode("latin-1") + b"\0\0\0\0\0"  # longer than fits a tag's own value
    bits = "1" * side + "000000000001" * 2
    bits += "0" * (-len(bits) % 8)
    strip = int(bits, 2).to_bytes(len(bits) // 8, "big")
    count = 10
    directory_end = 8 + 2 + 12 * count + 4
    long, short = 4, 3
    tags = (
        (256, long, 1, side),
        (257, long, 1, side),
        (258, short, 1, 1),
        (259, short, 1, 4),
        (262, short, 1, 0),
        (270, 2, len(comment), directory_end),
        (273, long, 1, directory_end + len(comment)),
        (277, short, 1, 1),
        (278, long, 1, side),
        (279, long, 1, len(strip)),
    )
    directory = struct.pack("<H", count) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + comment + strip
