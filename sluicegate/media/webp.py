"""The structure of a WEBP: chunks in a RIFF container."""

import struct
from dataclasses import dataclass

from sluicegate.faults import DocumentFault
from sluicegate.tiff.directories import exif_orientation

_ALPHA, _ANIMATED = 0x10, 0x02
_MAX_CHUNKS = 10_000


@dataclass(frozen=True, slots=True)
class Webp:
    """What is known of a WEBP."""

    width: int
    height: int
    may_be_transparent: bool = False
    is_animated: bool = False
    orientation: int = 1
    lossy: bool = True


def read_webp(data: bytes) -> Webp:
    """Read the first chunk; raise DocumentFault where the file is truncated or corrupt."""
    # Some writers leave out the byte that pads the last chunk.
    if int.from_bytes(data[4:8], "little") + 8 > len(data) + 1:
        raise DocumentFault("truncated", "the WEBP is shorter than its header says")
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        flags = data[20]
        return Webp(
            width,
            height,
            may_be_transparent=bool(flags & _ALPHA),
            is_animated=bool(flags & _ANIMATED),
            orientation=_orientation(data),
            lossy=b"VP8L" not in data[30:64],
        )
    if kind == b"VP8 " and len(data) >= 30 and data[23:26] == b"\x9d\x01\x2a":
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", data, 26))
        return Webp(width, height)
    if kind == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        alpha = bool(bits >> 28 & 1)
        return Webp((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, alpha, lossy=False)
    raise DocumentFault("corrupt", "the WEBP's first block is of no known kind")


def _orientation(data: bytes) -> int:
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            return exif_orientation(data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0"))
        at += 8 + length + length % 2
    return 1
