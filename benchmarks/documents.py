"""Documents by the thousand: a few small invoices, each copy with content of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from samples.bare_pdf import Picture, write_scan
from samples.generator import generate
from samples.raster import render, to_jpeg

# Different invoices to copy; making one takes a millisecond, scanning it a hundred.
_ORIGINALS, _SCANS = 40, 4
_SCAN_DPI, _SCAN_QUALITY = 150, 90


def document_name(number: int) -> str:
    """Return the file name of a document."""
    return f"document-{number:06}.pdf"


def documents(count: int, *, size_bytes: int = 0, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` PDFs, numbered from ``first``: of about 2 KB, or scans of ``size_bytes``.

    No two numbers have equal bytes: a comment after the last object, where PDF allows it, holds
    the number.
    """
    originals = [
        generate(0, number, formats=("pdf",), small=True).data
        for number in range(min(count, _SCANS if size_bytes else _ORIGINALS))
    ]
    if size_bytes:
        originals = [_scan(data, size_bytes) for data in originals]
    for number in range(first, first + count):
        data = originals[number % len(originals)]
        # The comment stands before the end marker: a file that ends otherwise counts as cut.
        place = data.rindex(b"startxref")
        yield document_name(number), data[:place] + b"%% %012d\n" % number + data[place:]


def _scan(pdf: bytes, size_bytes: int) -> bytes:
    """Return a PDF's first page as a scanner makes it, a picture of so many bytes."""
    page = render(pdf, _SCAN_DPI)[0]
    jpeg = to_jpeg(page, _SCAN_DPI, _SCAN_QUALITY)
    picture = Picture(jpeg, page.width, page.height, 1, _SCAN_DPI)
    # Readers pass over what follows a picture's end; a real page of that size has more grain.
    filling = Random(0).randbytes(max(0, size_bytes - len(write_scan([picture])) - 20))
    return write_scan([replace(picture, jpeg=jpeg + filling)])


def write_documents(folder: Path, count: int, *, size_bytes: int = 0, first: int = 0) -> None:
    """Write `documents` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents(count, size_bytes=size_bytes, first=first):
        (folder / name).write_bytes(content)
