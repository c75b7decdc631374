"""Structure checks of images that are passed on as they are: cheap, and no pixel is decoded.

A decoder would find more, at a hundred times the cost; what these find is what uploads and
transfers break: files that end early, blocks that do not add up, sizes made to explode.
"""

import struct
import zlib

from sluicegate.faults import DocumentFault
from sluicegate.media import sniff


def check_image(data: bytes, media_type: str, max_pixels: int) -> None:
    """Raise DocumentFault if the image is truncated, corrupt or a decompression bomb."""
    size = _CHECKS[media_type](data)
    if size and size[0] * size[1] > max_pixels:
        raise DocumentFault(
            "decompression_bomb",
            f"the image is {size[0]:,} x {size[1]:,} pixels in {len(data):,} bytes; "
            f"at most {max_pixels:,} pixels are taken",
        )
    if size and 0 in size:
        raise DocumentFault("corrupt", "the image says it is 0 pixels wide or high")


def _check_png(data: bytes) -> tuple[int, int]:
    at, size, seen_pixels = 8, None, False
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        (stored,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(memoryview(data)[at + 4 : end - 4]) != stored:
            raise DocumentFault("corrupt", f"PNG block {kind!r} fails its checksum")
        if kind == b"IHDR" and length >= 8:
            width, height = struct.unpack_from(">II", data, at + 8)
            size = (width, height)
        seen_pixels |= kind == b"IDAT"
        if kind == b"IEND":
            if size is None or not seen_pixels:
                raise DocumentFault("corrupt", "the PNG has no header or no pixels")
            return size
        at = end
    raise DocumentFault("truncated", "the PNG ends before its last block")


# Frame headers that carry the size: SOF0-15 without DHT (C4), JPG (C8) and DAC (CC).
_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _check_jpeg(data: bytes) -> tuple[int, int]:
    at, size = 2, None
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise DocumentFault("corrupt", f"JPEG marker expected at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise DocumentFault("corrupt", f"JPEG segment of length {length} at byte {at}")
        if marker in _SIZE_MARKERS and at + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        if marker == 0xDA:  # the scan: no lengths from here on, only the end marker
            if size is None:
                raise DocumentFault("corrupt", "the JPEG's pixels come before its size")
            if data.rfind(b"\xff\xd9", at) < 0:
                raise DocumentFault("truncated", "the JPEG ends without an end marker")
            return size
        at += 2 + length
    raise DocumentFault("truncated", "the JPEG ends before its pixels")


def _check_webp(data: bytes) -> tuple[int, int] | None:
    if int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise DocumentFault("truncated", "the WEBP is shorter than its header says")
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if kind == b"VP8 " and len(data) >= 30 and data[23:26] == b"\x9d\x01\x2a":
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", data, 26))
        return width, height
    if kind == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    raise DocumentFault("corrupt", "the WEBP's first block is of no known kind")


def _check_heif(data: bytes) -> None:
    """Walk the top-level boxes; the size of the picture lies too deep to be worth parsing."""
    at, kinds = 0, set[bytes]()
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.add(kind)
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
        elif length == 0:
            length = len(data) - at
        if length < 8:
            raise DocumentFault("corrupt", f"HEIF box {kind!r} of length {length}")
        if at + length > len(data):
            raise DocumentFault("truncated", f"HEIF box {kind!r} goes past the end of the file")
        at += length
    if at != len(data) or b"meta" not in kinds or not kinds & {b"mdat", b"idat"}:
        raise DocumentFault("truncated", "the HEIF ends before its picture")


_CHECKS = {
    sniff.PNG: _check_png,
    sniff.JPEG: _check_jpeg,
    sniff.WEBP: _check_webp,
    sniff.HEIC: _check_heif,
    sniff.HEIF: _check_heif,
}
