"""The document behind a row: its bytes where they lie now, its words, its pages as pictures."""

import io
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2
from PIL import Image

from sluicegate.evidence.pages import Page
from sluicegate.evidence.pictures import decode
from sluicegate.evidence.reader import PDF, read_text
from sluicegate.evidence.text_layer import opened
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.faults import DocumentFault, one_line
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import MOST_PAGES, prepare
from sluicegate.pdf.document import PDFIUM
from sluicegate.storage import NotFound, StoreError, exists_locally, is_gcs, join, store_for

# A page of A4 at 120 dpi: print of 6 points can be read. As grey WebP it takes 35 to 60 KB and
# 28 ms of CPU; a fifth less with three times the CPU.
WIDTH = 1000
_QUALITY = 60
_LONGEST = 16_383  # what WebP can hold
# Of whatever a run takes: long PDFs in windows, large ones by reference.
_LIMITS = Limits(pdf_pages=MOST_PAGES).of_files_at_hand


class Size(NamedTuple):
    """Width and height of a picture in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Original:
    """A document that was read, as the model was given it: parts, and what to say of it."""

    parts: tuple[tuple[str, bytes], ...] = ()
    note: str = ""  # "": it is as the row had it


@dataclass(frozen=True, slots=True)
class Places:
    """Where documents lie now: under `moved_to`, if that is given, or else where the rows say.

    Under `moved_to` the longest end of a document's URI that exists is the document.
    """

    moved_to: str = ""

    def read(self, uri: str, version: str = "") -> Original:
        """Return a document; one that cannot be read comes back without parts, and says why."""
        try:
            data, note = self._bytes(uri, version)
            parts = prepare(data, _LIMITS, uri)
        except DocumentFault as fault:
            return Original(note=f"the document cannot be shown: {one_line(fault)}")
        except StoreError as error:
            return Original(note=f"the document cannot be read: {one_line(error)}")
        return Original(tuple((part.media_type, part.data) for part in parts), note)

    def _bytes(self, uri: str, version: str) -> tuple[bytes, str]:
        place = self._moved(uri) if self.moved_to else ""
        if place:
            return store_for(place).read(place), ""
        try:
            return store_for(uri).read(uri, version), ""
        except NotFound:
            if not version:
                raise
            changed = "the document has been replaced since it was extracted; this is the new one"
            return store_for(uri).read(uri), changed

    def _moved(self, uri: str) -> str:
        parts = uri.removeprefix("gs://").split("/")
        for start in range(len(parts)):
            place = join(self.moved_to, "/".join(parts[start:]))
            if _is_there(place):
                return place
        return ""


def _is_there(place: str) -> bool:
    if not is_gcs(place):
        return exists_locally(place)
    try:
        store_for(place).stat(place)
    except NotFound:
        return False
    return True


def words_of(original: Original, *, ocr: bool) -> list[Page]:
    """Return the pages with their words; none for a document that cannot be read.

    With `ocr` pages without a text layer are recognised, which takes seconds each.
    """
    try:
        return read_text(original.parts, ocr=ocr) if original.parts else []
    except (Unreadable, ImportError):  # the recogniser may be there without its models
        return []


def sizes(original: Original) -> list[Size]:
    """Return the size of every page's picture, in order, as far as they can be told."""
    found: list[Size] = []
    try:
        for media_type, data in original.parts:
            if media_type == PDF:
                with PDFIUM, opened(data) as document:
                    found += [_scaled(*document.get_page_size(n)) for n in range(len(document))]
            else:
                height, width = decode(data).shape[:2]
                found.append(_scaled(width, height))
    except (Unreadable, pypdfium2.PdfiumError):
        return found
    return found


def picture(original: Original, number: int) -> bytes:
    """Return page `number` (from 0) as a grey WebP picture.

    Raises IndexError where there is no such page, Unreadable where it cannot be drawn.
    """
    for media_type, data in original.parts:
        if media_type != PDF:
            if number == 0:
                return _encoded(Image.fromarray(decode(data)))
            number -= 1
            continue
        with PDFIUM, opened(data) as document:
            if number < len(document):
                return _encoded(_drawn(document, number))
            number -= len(document)
    raise IndexError(number)


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    try:
        page = document[number]
        try:
            width, height = page.get_size()
            scale = _scaled(width, height).width / max(width, 1.0)
            bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
            try:
                drawn: Image.Image = bitmap.to_pil().copy()
                return drawn
            finally:
                bitmap.close()
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the page cannot be drawn: {error}") from error


def _encoded(image: Image.Image) -> bytes:
    grey = image.convert("L")
    size = _scaled(*grey.size)
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    file = io.BytesIO()
    grey.save(file, "WEBP", quality=_QUALITY, method=0)
    return file.getvalue()


def _scaled(width: float, height: float) -> Size:
    """Return the size of a page's picture: of the usual width, unless it would be too long."""
    factor = min(WIDTH / max(width, 1.0), _LONGEST / max(height, 1.0))
    return Size(max(1, round(width * factor)), max(1, round(height * factor)))
