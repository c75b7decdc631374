"""The structure of a HEIF or HEIC: boxes, and where the pictures lie in them.

The `iloc` box names the bytes of every item. A file is cut exactly if one of those lies behind its
end; where the box is of a form that is not known here, whole top-level boxes are counted. What
follows the last of them (phones append trailers of their own) is not the picture's business.

Nothing is decoded: no decoder of this format is at hand. Its orientation is a property of the
picture (irot, imir) that every reader of the format must apply; the EXIF tag beside it is not.
"""

import struct
from collections.abc import Iterator

from sluicegate.faults import DocumentFault

_PICTURES = frozenset({b"mdat", b"idat"})
_MAX_BOXES = 10_000
_MAX_ITEMS = 100_000
_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_")


def check_heif(data: bytes) -> int:
    """Return where the last whole box ends; raise DocumentFault if the file was cut."""
    kinds, meta, at = set[bytes](), (0, 0), 0
    for begin, kind, length, body in _boxes(data):
        whole = b"meta" in kinds and kinds & _PICTURES
        if length < body - begin:
            if whole:
                break  # bytes behind the end that are no box
            raise DocumentFault("corrupt", f"HEIF box {kind!r} of length {length}")
        if begin + length > len(data):
            if whole and kind not in (b"mdat", b"meta", b"idat", b"moov"):
                break
            if _ends_inside(data, meta):
                break
            raise DocumentFault("truncated", f"HEIF box {kind!r} goes past the end of the file")
        if kind == b"meta":
            meta = (body, begin + length)
            kinds |= {b"idat"} if _find(data, *meta, b"idat") else set()
        kinds.add(kind)
        at = begin + length
    if b"meta" not in kinds or not kinds & _PICTURES or not _ends_inside(data, meta, unknown=True):
        raise DocumentFault("truncated", "the HEIF ends before its picture")
    return at


def _boxes(data: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield (begin, kind, length, where the body begins) of the top-level boxes."""
    at = 0
    for _ in range(_MAX_BOXES):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            body = at + 16
        elif length == 0:
            length = len(data) - at
            if not _NAME.issuperset(kind):
                length = 0  # zeros behind the end are no box that reaches to it
        yield at, kind, length, body
        at += max(length, 8)


def _find(data: bytes, at: int, end: int, kind: bytes) -> tuple[int, int] | None:
    """Return the body of a box within the meta box, which begins with 4 bytes of version."""
    at += 4
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return None
        length, found = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > end:
            return None
        if found == kind:
            return at + 8, at + length
        at += length
    return None


def _ends_inside(data: bytes, meta: tuple[int, int], *, unknown: bool = False) -> bool:
    """Tell whether every extent that `iloc` names lies inside the file.

    `unknown`: what to say where that is not known.
    """
    place = _find(data, *meta, b"iloc") if meta[1] else None
    if place is None:
        return unknown
    try:
        ends = list(_extents(data[place[0] : place[1]]))
    except (struct.error, IndexError, ValueError):
        return unknown
    return all(end <= len(data) for end in ends) if ends else unknown


def _extents(box: bytes) -> Iterator[int]:
    """Yield where each extent in the file ends (ISO 14496-12, ItemLocationBox)."""
    reader = _Fields(box)
    version = reader.take(1)
    reader.take(3)
    sizes, more = reader.take(1), reader.take(1)
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, more >> 4
    index_size = more & 15 if version in (1, 2) else 0
    if version > 2 or {offset_size, length_size, base_size, index_size} - {0, 4, 8}:
        raise ValueError("a box of a later version")
    looked_at = 0
    for _ in range(reader.take(4 if version == 2 else 2)):
        reader.take(4 if version == 2 else 2)
        construction = reader.take(2) & 15 if version in (1, 2) else 0
        reader.take(2)
        base = reader.take(base_size)
        for _ in range(reader.take(2)):
            looked_at += 1
            if looked_at > _MAX_ITEMS:
                raise ValueError("too many items")
            reader.take(index_size)
            offset, length = reader.take(offset_size), reader.take(length_size)
            if construction == 0:
                yield base + offset + length


class _Fields:
    """Whole numbers one behind the other, most significant byte first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> int:
        self._at += size
        if self._at > len(self._data):
            raise IndexError("the box ends")
        return int.from_bytes(self._data[self._at - size : self._at], "big")
