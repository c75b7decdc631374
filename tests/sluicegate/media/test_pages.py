"""Pages by a file's own count; what would fail before any call has none."""

import io
from pathlib import Path

import pytest
from PIL import Image
from support import real_documents

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.media.pages import count_pages
from sluicegate.media.prepare import prepare


def saved(name: str, pages: int) -> bytes:
    """Return a file of that format and so many pages."""
    images = [Image.new("L", (60 + page, 40), page) for page in range(pages)]
    data = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:]} if pages > 1 else {}
    images[0].save(data, name, **more)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (saved("PDF", 1), 1),
        (saved("PDF", 7), 7),
        (saved("TIFF", 5), 5),
        (saved("PNG", 1), 1),
        (saved("JPEG", 1), 1),
        (b"", 0),
        (b"no document", 0),
        (b"%PDF-1.7\nnothing", 0),
        (saved("TIFF", 2)[:8], 0),
    ],
)
def test_pages_are_those_of_the_file(data: bytes, pages: int) -> None:
    """PDF and TIFF say how many they have, other pictures are one."""
    assert count_pages(data, Limits()) == pages


def test_a_file_beyond_a_limit_costs_nothing() -> None:
    """It is never sent."""
    assert count_pages(saved("PDF", 7), Limits(pdf_pages=6)) == 0
    assert count_pages(saved("PDF", 7), Limits(pdf_bytes=100)) == 0
    assert count_pages(saved("TIFF", 4), Limits(images=3)) == 0


def test_real_files_have_the_pages_that_are_sent() -> None:
    """As many as preparing them finds, where it finds no fault."""
    compared = 0
    for path in sorted(Path(real_documents()).rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if not data or path.suffix in (".md", ".json", ".py", ".txt"):
            continue
        try:
            sent = sum(part.pages for part in prepare(data, Limits()))
        except DocumentFault:
            continue
        assert count_pages(data, Limits()) == sent, path
        compared += 1
    assert compared > 15
