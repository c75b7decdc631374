"""The structure of a JPEG: whether it is whole, how large, which way up, and where it ends.

Read as libjpeg reads it: stray bytes between segments are passed over, and what follows the end
marker (a phone's film, a second picture) is not the picture's business. Pixels are not decoded,
unless the end marker lacks: then a decoder tells whether lines of the picture lack as well.

Bounds on hostile files: 100,000 segments and 1,000 scans are looked at; a picture without an end
marker is decoded up to 50 million pixels.
"""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from PIL import Image, ImageChops

from sluicegate.faults import DocumentFault
from sluicegate.tiff.directories import Densities, exif_orientation

# Frame headers that carry the size: SOF0-15 without DHT (C4), JPG (C8) and DAC (CC).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
# The byte before a marker; more of them are padding. No repetition here: it would be quadratic.
_NEXT = re.compile(rb"\xff([^\x00\xff])")
# What ends a scan: a marker that is neither a stuffed byte nor a restart.
_SCAN_END = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_BETWEEN_SCANS = frozenset({0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_ZEROS, _WHITE_END = 3, 256
_END_MARKER = b"\xff\xd9"
# What decodes to something where lines lack: bytes of all kinds, without and with the restart
# markers that may be waited for.
_MIXED = bytes((number * number * 37 + number * 11 + 90) % 251 for number in range(600))
_FILLERS = (
    b"",
    _MIXED,
    b"".join(_MIXED[n : n + 40] + bytes([0xFF, 0xD0 + n % 8]) for n in range(32)),
)
_END, _SCAN, _EXIF, _JFIF = 0xD9, 0xDA, 0xE1, 0xE0
_MAX_SEGMENTS, _MAX_SCANS, _MAX_DECODED = 100_000, 1_000, 50_000_000


class Endless(DocumentFault):
    """There are more segments than are looked at."""


@dataclass(slots=True)
class Jpeg:
    """What is known of a JPEG. Mutable while it is read."""

    width: int = 0
    height: int = 0
    orientation: int = 1
    densities: Densities = (None, None)
    end: int = 0  # behind the end marker, or behind the last scan where there is none
    ended: bool = False  # the end marker is there
    strays: bool = False  # bytes between segments that belong to none
    _frame: int = 0
    _components: set[int] = field(default_factory=set)
    _exact: dict[int, set[int]] = field(default_factory=dict)  # coefficients, by component

    def is_scanned(self) -> bool:
        """Tell whether the scans there are hold every coefficient of every component."""
        if self._frame in _PROGRESSIVE:
            return all(len(self._exact.get(each, ())) == 64 for each in self._components)
        return self._components <= self._exact.keys()

    def add_frame(self, marker: int, body: bytes) -> None:
        """Take a frame header."""
        if len(body) >= 6:
            self._frame = marker
            self.height, self.width = struct.unpack_from(">HH", body, 1)
            self._components = {body[6 + 3 * n] for n in range(body[5]) if 6 + 3 * n < len(body)}

    def add_scan(self, body: bytes) -> None:
        """Take a scan header."""
        count = body[0] if body else 0
        if len(body) < 4 + 2 * count:
            raise DocumentFault("corrupt", "a scan of the JPEG has no header")
        first, last, precision = body[1 + 2 * count : 4 + 2 * count]
        for number in range(count):
            known = self._exact.setdefault(body[1 + 2 * number], set())
            if precision & 15 == 0:
                known.update(range(first, min(63, last) + 1))


def read_jpeg(data: bytes) -> Jpeg:
    """Walk a JPEG up to its end; raise DocumentFault where it is truncated or corrupt."""
    jpeg, at, scans = Jpeg(), 2, 0
    for _ in range(_MAX_SEGMENTS):
        segment = _next_segment(jpeg, data, at)
        if segment is None:
            break
        marker, body, at = segment
        _take(jpeg, marker, body)
        if marker == _SCAN:
            scans += 1
            at, more = _scan_end(jpeg, data, at)
            if not more or scans > _MAX_SCANS:
                return jpeg
    else:
        raise Endless("corrupt", "the JPEG has no end of segments")
    if not scans:
        raise DocumentFault("truncated", "the JPEG ends before its pixels")
    return jpeg


def _next_segment(jpeg: Jpeg, data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Return the next marker, its segment's body and where that ends; None at the file's end."""
    found = _NEXT.search(data, at)
    if found is None or found[1][0] == _END:
        return None
    jpeg.strays |= bool(data[at : found.start()].strip(b"\xff"))
    marker, at = found[1][0], found.end()
    if marker in _ALONE:
        return marker, b"", at
    if at + 2 > len(data):
        return None
    length = int.from_bytes(data[at : at + 2], "big")
    if length < 2:
        raise DocumentFault("corrupt", f"JPEG segment of length {length} at byte {at - 2:,}")
    end = at + length
    return None if end > len(data) else (marker, data[at + 2 : end], end)


def _take(jpeg: Jpeg, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        jpeg.add_frame(marker, body)
    elif marker == _SCAN:
        if not jpeg.width and not jpeg.height:
            raise DocumentFault("corrupt", "the JPEG's pixels come before its size")
        jpeg.add_scan(body)
    elif marker == _EXIF and body.startswith(b"Exif\0"):
        jpeg.orientation = exif_orientation(body[6:])
    elif marker == _JFIF and body.startswith(b"JFIF\0") and len(body) >= 12:
        unit, x, y = struct.unpack_from(">BHH", body, 7)
        if unit in (1, 2) and x and y:
            jpeg.densities = (Fraction(x), Fraction(y))


def _scan_end(jpeg: Jpeg, data: bytes, at: int) -> tuple[int, bool]:
    """Return where a scan ends, and whether more segments follow."""
    found = _SCAN_END.search(data, at)
    if found is None:
        jpeg.end = len(data)
        return len(data), False
    marker = found[1][0]
    jpeg.end = found.end() if marker == _END else found.start()
    jpeg.ended = marker == _END
    return found.start(), marker in _BETWEEN_SCANS


def read_oddly(data: bytes, fault: DocumentFault) -> Jpeg:
    """Take the size from libjpeg where segments do not add up; raise the fault if it cannot."""
    if isinstance(fault, Endless) or b"\xff" * 4096 in data:
        raise fault  # Pillow would look at each of them
    with undisturbed(fault), Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        return Jpeg(*image.size, end=len(data), ended=True, strays=True)


def mended(data: bytes, jpeg: Jpeg) -> bytes:
    """Return the picture with an end marker; raise DocumentFault where lines of it lack."""
    fault = DocumentFault("truncated", "the JPEG ends without an end marker, in its picture")
    if not jpeg.is_scanned() or jpeg.width * jpeg.height > _MAX_DECODED:
        raise fault
    body = data[: jpeg.end]
    with undisturbed(fault):
        # Zeros to the end are what a copy that broke off left, and a decoder takes them for lines.
        # So few of them are believed; or some more, if not one is too many: the end of a white page
        # is zeros itself in some codings.
        few = body[: len(body.rstrip(b"\0")) + _ZEROS]
        if _is_complete(few):
            return few + _END_MARKER
        exact = 0 < len(body) - len(few) < _WHITE_END
        if exact and _is_complete(body) and not _is_complete(body[:-_ZEROS]):
            return body + _END_MARKER
    raise fault


def _is_complete(body: bytes) -> bool:
    """Tell whether a scan has every line.

    A decoder fills missing lines with grey and says nothing. So it decodes three times, with
    different bytes behind the end: if every line is there, none of them is looked at.
    """
    pictures = []
    for filler in _FILLERS:
        image = Image.open(io.BytesIO(body + filler + _END_MARKER), formats=["JPEG"])
        image.load()
        pictures.append(image)
    first, *others = pictures
    differences = (ImageChops.difference(first, other) for other in others)
    return all(each.getbbox(alpha_only=False) is None for each in differences)


def check_decodes(data: bytes) -> None:
    """Raise DocumentFault unless libjpeg reads the header behind stray bytes, and every line."""
    fault = DocumentFault("corrupt", "the JPEG's segments do not add up")
    with undisturbed(fault), Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.load()


@contextmanager
def undisturbed(fault: DocumentFault) -> Iterator[None]:
    """Raise the fault for whatever a decoder raises, and let it warn of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of EXIF data, which is read here
        try:
            yield
        except DocumentFault:
            raise
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, EOFError,
                struct.error, RuntimeError, ArithmeticError, MemoryError, AttributeError,
                Image.DecompressionBombError) as error:  # fmt: skip
            raise fault from error
