"""What is fuzzed of files: sniffing, ends of PDFs, directories of TIFFs, segments and boxes.

A target lets through the faults that are meant, and no other, and checks what is sent.
"""

from collections.abc import Callable, Iterator

from samples.generator import generate
from sluicegate.codes import CODES
from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import prepare
from sluicegate.pdf.end import look_at_end
from sluicegate.tiff.directories import find_pages
from sluicegate.tiff.page import read_layout, stored_pieces
from tests.sluicegate.media import made, pictures
from tests.sluicegate.pdf.test_end import STREAM
from tests.sluicegate.pdf.test_forms import form

_LIMITS = Limits()


def media(data: bytes) -> None:
    """Sniff and prepare any file."""
    kind = sniff.sniff(data[: sniff.HEAD_BYTES])
    assert kind is not None or sniff.describe(data[: sniff.HEAD_BYTES])
    try:
        parts = prepare(data, _LIMITS)
    except DocumentFault as fault:
        _meant(fault)
        return
    assert kind is not None
    assert parts
    assert all(part.media_type in sniff.ACCEPTED and part.data for part in parts)
    assert sum(len(part.data) for part in parts) <= _LIMITS.inline_payload_bytes


def tiff(data: bytes) -> None:
    """Prepare what begins as a TIFF does."""
    media(data if data[:4] in (b"II*\0", b"MM\0*") else b"II*\0" + data)


def pdf(data: bytes) -> None:
    """Prepare what begins as a PDF does."""
    media(data if data.startswith(b"%PDF-") else b"%PDF-1.7\n" + data)


def pdf_end(data: bytes) -> None:
    """Look for the end of a PDF: its tables, its chain of versions, another PDF behind it."""
    end = look_at_end(data)
    assert end.kind in ("whole", "cut", "unclear", "several")
    assert bool(end.reason) == (end.kind in ("cut", "several"))


def tiff_directories(data: bytes) -> None:
    """Find the pages of a TIFF and where their pixels are; none of them lies outside it."""
    try:
        for page in find_pages(data if data[:2] in (b"II", b"MM") else b"II*\0" + data, 100):
            layout = read_layout(page)
            assert layout.width > 0 < layout.height
            assert sum(map(len, stored_pieces(page, layout))) <= len(page.data)
    except DocumentFault as fault:
        _meant(fault)


def jpeg(data: bytes) -> None:
    """Prepare what begins as a JPEG does."""
    media(data if data.startswith(b"\xff\xd8\xff") else b"\xff\xd8\xff\xe0" + data)


def heif(data: bytes) -> None:
    """Prepare what begins as a HEIC does."""
    media(data if data[4:8] == b"ftyp" else b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + data)


def _meant(fault: DocumentFault) -> None:
    """Hold a message to be one that people can compare: short, and the same in every run."""
    assert fault.code in CODES
    assert 0 < len(fault.message) < 500
    assert "object at 0x" not in fault.message


def _documents(form: str) -> Iterator[bytes]:
    for index in range(4):
        yield generate(21, index, formats=(form,), small=True).data


def _tiffs() -> Iterator[bytes]:
    page, thumb = made.of_image(made.marked()), made.of_image(made.marked((24, 16)))
    yield made.tiff(thumb.tagged(t254=1), page, page.tagged(t254=4, t262=4))
    yield made.tiff(made.Page(thumb.tagged(t254=1).tags, thumb.strips, [page]), big=True)
    yield made.tiff(page.tagged(t274=6, t282=(204, 1), t283=(98, 1)), order=">", big=True)
    deep = made.deep(made.marked(), ">")
    yield made.tiff(made.stored((96, 64), deep, bits=16, samples=3, photometric=2), order=">")
    yield made.tiff(made.stored((9, 9), bytes(162), samples=2, extra=[0]))
    for compression in ("jpeg", "group4", "tiff_lzw"):
        image = made.in_mode(made.marked(), "1" if compression == "group4" else "RGB")
        yield pictures.saved(image, "TIFF", compression=compression, resolution=200)


def _jpegs() -> Iterator[bytes]:
    yield made.jpeg(made.marked(), exif=made.exif(6))
    yield made.jpeg(made.marked(), progressive=True)[:-2]
    yield made.jpeg(made.marked(), restart_marker_blocks=2, comment=b"note") + bytes(99)
    yield made.jpeg(made.marked(), dpi=(204, 98))[:-2] + bytes(9)


def _heifs() -> Iterator[bytes]:
    yield pictures.heif()
    yield pictures.heif() + b"<x:xmpmeta/>"
    item = b"\1\0\0\0\x44\0\0\1\0\1\0\0\0\0\0\1" + b"\0\0\0\x50\0\0\0\x20"
    meta = pictures.box(b"meta", bytes(4) + pictures.box(b"iloc", item))
    yield pictures.box(b"ftyp", b"heic\0\0\0\0mif1") + meta + pictures.box(b"mdat", bytes(80))


def _pdfs() -> Iterator[bytes]:
    one = made.pdf_of(made.pages())
    yield one
    yield made.with_second_page(one)
    yield made.with_second_page(one)[:-200]
    yield one + made.pdf_of(made.pages(2))
    yield STREAM
    yield form(b"INV-1", b"12.50")


FILE_TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (media, tiff, tiff_directories, jpeg, heif, pdf, pdf_end)
}
FILE_SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "media": lambda: (each for form in ("pdf", "png", "jpeg", "webp") for each in _documents(form)),
    "tiff": lambda: (each for some in (_documents("tiff"), _tiffs()) for each in some),
    "tiff_directories": _tiffs,
    "jpeg": _jpegs,
    "heif": _heifs,
    "pdf": lambda: (each for some in (_documents("pdf"), _pdfs()) for each in some),
    "pdf_end": _pdfs,
}
