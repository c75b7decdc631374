"""TIFF to what Gemini takes: one picture a page, upright, square, in grey or sRGB.

Pages that are stored as JPEG are handed over as they are; others become PNG, which loses nothing,
or JPEG where a PNG would be too large. Pages are decoded one at a time: memory does not add up.
What adds up is time, so all pages together may unpack to so many bytes: 3,000 fax pages do.
"""

import struct
import warnings
from dataclasses import dataclass
from fractions import Fraction

from PIL import Image

from sluicegate.faults import DocumentFault
from sluicegate.formats.encoding import encode
from sluicegate.formats.limits import Limits
from sluicegate.formats.picture import is_oblong, square, upright
from sluicegate.formats.sniff import JPEG
from sluicegate.tiff import directories as tags
from sluicegate.tiff.directories import Directory, find_pages
from sluicegate.tiff.page import OLD_JPEG, Layout, read_layout, stored_pieces
from sluicegate.tiff.pixels import decode
from sluicegate.tiff.stored_jpeg import stored_jpeg

# Bilevel: 32 billion pixels, two minutes of CPU; colour: 300 pages of A4 at 300 dpi.
_UNPACKED_BYTES = 8 << 30
# What a page of few bytes (a blank one) is still given of the room.
_LEAST_WEIGHT = 16 << 10


@dataclass(frozen=True, slots=True)
class _Page:
    directory: Directory
    layout: Layout

    @property
    def weight(self) -> int:
        """How much of the room it is given: by what it is stored in, and could be."""
        stored = min(self.layout.unpacked_bytes // 3, self.stored_bytes)
        return max(stored, _LEAST_WEIGHT)

    @property
    def stored_bytes(self) -> int:
        tag = tags.TILE_BYTES if self.layout.tiled else tags.STRIP_BYTES
        whole = len(self.directory.data)
        return min(sum(self.directory.values(tag)) or whole, whole)


def convert_tiff(data: bytes, limits: Limits) -> tuple[tuple[str, bytes], ...]:
    """Return one (media type, bytes) a page, in order; raise DocumentFault if a page fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd tags and large pages; we check both
        try:
            directories = find_pages(data, limits.images)
            pages = [_Page(each, read_layout(each)) for each in directories]
            _check_sizes(pages, limits)
            return _converted(pages, limits)
        except DocumentFault:
            raise
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, EOFError,
                struct.error) as error:  # fmt: skip
            # Pillow and libtiff report damage in many ways, some of them with addresses.
            code = "truncated" if "truncated" in str(error) else "corrupt"
            raise DocumentFault(
                code, f"a page of the TIFF cannot be decoded{_said(error)}"
            ) from error
        except (
            RuntimeError,
            ArithmeticError,
            MemoryError,
            AttributeError,
            AssertionError,
        ) as error:
            raise DocumentFault("corrupt", "the TIFF breaks its decoder") from error


def _said(error: Exception) -> str:
    """Repeat what an error says, unless it shows an object of this process."""
    text = str(error)
    return "" if not text or " object at 0x" in text or "<" in text else f": {text}"


def _check_sizes(pages: list[_Page], limits: Limits) -> None:
    unpacked = 0
    for number, page in enumerate(pages, 1):
        layout = page.layout
        if layout.width * layout.height > limits.image_pixels:
            raise DocumentFault(
                "decompression_bomb",
                f"page {number} is {layout.width:,} x {layout.height:,} pixels; "
                f"at most {limits.image_pixels:,} pixels a page are taken",
            )
        unpacked += layout.unpacked_bytes
        if layout.compression == OLD_JPEG:
            unpacked += len(page.directory.data)  # which is copied for each
        if unpacked > _UNPACKED_BYTES:
            raise DocumentFault(
                "too_many_pages",
                f"the first {number:,} of {len(pages):,} pages of the TIFF unpack to "
                f"{unpacked:,} bytes; at most {_UNPACKED_BYTES:,} are taken in all",
            )


def _converted(pages: list[_Page], limits: Limits) -> tuple[tuple[str, bytes], ...]:
    room, weight = limits.inline_payload_bytes, sum(page.weight for page in pages)
    gathered = 8 * len(pages[0].directory.data) + (1 << 20)
    done: list[tuple[str, bytes]] = []
    for number, page in enumerate(pages, 1):
        gathered -= page.stored_bytes
        if gathered < 0:
            raise DocumentFault("corrupt", "pages of the TIFF overlap")
        share = min(limits.inline_image_bytes, room * page.weight // max(1, weight))
        media_type, data = _picture(page, share, limits)
        room, weight = room - len(data), weight - page.weight
        if len(data) > limits.inline_image_bytes or room < 0:
            raise DocumentFault(
                "too_large",
                f"page {number} of {len(pages)} of the TIFF does not fit the request, even as a "
                f"poor picture ({len(data):,} bytes as {media_type})",
            )
        done.append((media_type, data))
    return tuple(done)


def _picture(page: _Page, share: int, limits: Limits) -> tuple[str, bytes]:
    directory, layout = page.directory, page.layout
    pieces = [] if layout.compression == OLD_JPEG else stored_pieces(directory, layout)
    x, y = _densities(directory)
    orientation = directory.value(tags.ORIENTATION, 1)
    if orientation == 1 and not is_oblong(x, y):
        jpeg = stored_jpeg(directory, layout, pieces)
        if jpeg and len(jpeg) <= share:
            return JPEG, jpeg
    image: Image.Image = decode(directory, layout, pieces)
    image = upright(square(image, x, y, limits.image_pixels), orientation)
    return encode(image, share, lossy=layout.is_lossy)


def _densities(page: Directory) -> tuple[Fraction | None, Fraction | None]:
    """Return pixels an inch or a centimetre: the unit says nothing about their shape."""
    return page.fraction(tags.X_RESOLUTION), page.fraction(tags.Y_RESOLUTION)
