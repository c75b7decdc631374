"""The structure of a PNG: blocks with checksums.

A critical block must be right. An ancillary one (text, time, resolution) with a bad checksum is
left out, as libpng does, and the picture is decoded once to see that nothing else is wrong.
"""

import struct
import zlib
from dataclasses import dataclass, field
from fractions import Fraction

from sluicegate.faults import DocumentFault
from sluicegate.tiff.directories import Densities, exif_orientation

MAGIC = b"\x89PNG\r\n\x1a\n"
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_MAX_BLOCKS = 500_000
_WITH_ALPHA = frozenset({4, 6})


@dataclass(slots=True)
class Png:
    """What is known of a PNG. Mutable while it is read."""

    width: int = 0
    height: int = 0
    colour: int = 0
    depth: int = 8
    orientation: int = 1
    densities: Densities = (None, None)
    kinds: set[bytes] = field(default_factory=set)
    blocks: list[tuple[bytes, int, int]] = field(default_factory=list)  # kind, begin, end
    frames: int = 0
    damaged: bool = False  # an ancillary block, or the last one

    @property
    def may_be_transparent(self) -> bool:
        """Tell whether it has an alpha, or colours that are transparent."""
        return self.colour in _WITH_ALPHA or b"tRNS" in self.kinds

    @property
    def is_animated(self) -> bool:
        """Tell whether there is more than one frame."""
        return b"acTL" in self.kinds

    def still(self, data: bytes) -> bytes:
        """Return the file without damaged blocks and animation, and with its last block."""
        return self._written(data, {kind for kind, _, _ in self.blocks} - _ANIMATION)

    def bare(self, data: bytes) -> bytes:
        """Return what a decoder needs: no text or profile may trip it."""
        return self._written(data, _PIXELS)

    def _written(self, data: bytes, kinds: set[bytes] | frozenset[bytes]) -> bytes:
        view = memoryview(data)
        parts = [view[begin:end] for kind, begin, end in self.blocks if kind in kinds]
        return b"".join([MAGIC, *parts, b"\0\0\0\0IEND\xaeB`\x82"])


def read_png(data: bytes) -> Png:
    """Walk the blocks; raise DocumentFault where the picture is truncated or corrupt."""
    png, at = Png(), 8
    for _ in range(_MAX_BLOCKS):
        if at + 12 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        (stored,) = struct.unpack_from(">I", data, end - 4)
        good = zlib.crc32(memoryview(data)[at + 4 : end - 4]) == stored
        ancillary = bool(kind[0] & 0x20)
        if not good and not ancillary and kind != b"IEND":
            raise DocumentFault("corrupt", f"PNG block {kind!r} fails its checksum")
        if kind == b"IEND":
            png.damaged |= not good
            return _checked(png)
        if good:
            _take(png, kind, data, at)
            png.blocks.append((kind, at, end))
            png.kinds.add(kind)
        png.damaged |= not good
        at = end
    else:
        raise DocumentFault("corrupt", "the PNG has no end of blocks")
    raise DocumentFault("truncated", "the PNG ends before its last block")


def _take(png: Png, kind: bytes, data: bytes, at: int) -> None:
    body, length = at + 8, int.from_bytes(data[at : at + 4], "big")
    if kind == b"IHDR" and length >= 13:
        png.width, png.height, png.depth, png.colour = struct.unpack_from(">IIBB", data, body)
    elif kind == b"eXIf":
        png.orientation = exif_orientation(data[body : body + length])
    elif kind == b"pHYs" and length >= 9:
        x, y, unit = struct.unpack_from(">IIB", data, body)
        if unit == 1 and x and y:
            png.densities = (Fraction(x), Fraction(y))
    elif kind == b"acTL" and length >= 8:
        (png.frames,) = struct.unpack_from(">I", data, body)


def _checked(png: Png) -> Png:
    if b"IHDR" not in png.kinds or b"IDAT" not in png.kinds:
        raise DocumentFault("corrupt", "the PNG has no header or no pixels")
    return png
