"""Documents by the thousand: a few small invoices, each copy with content of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.generator import generate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Different invoices to copy; making one takes a millisecond.
_ORIGINALS = 40


def document_name(number: int) -> str:
    """Return the file name of a document."""
    return f"document-{number:06}.pdf"


def documents(count: int, *, size_bytes: int = 0, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` PDFs, numbered from ``first``, of about 2 KB or of ``size_bytes`` if more.

    No two numbers have equal bytes: a comment after the last object, where PDF allows it, holds
    the number and what fills the file up.
    """
    originals = [
        generate(0, number, formats=("pdf",), small=True).data
        for number in range(min(count, _ORIGINALS))
    ]
    for number in range(first, first + count):
        data = originals[number % len(originals)]
        filling = b"0" * max(0, size_bytes - len(data) - 30)
        # The comment stands before the end marker: a file that ends otherwise counts as cut.
        place = data.rindex(b"startxref")
        content = data[:place] + b"%% %012d %s\n" % (number, filling) + data[place:]
        yield document_name(number), content


def write_documents(folder: Path, count: int, *, size_bytes: int = 0, first: int = 0) -> None:
    """Write `documents` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents(count, size_bytes=size_bytes, first=first):
        (folder / name).write_bytes(content)
