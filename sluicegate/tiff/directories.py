"""The directories of a TIFF: which pictures it holds, and which of them are pages.

A TIFF is a chain of directories of tags (TIFF 6.0; BigTIFF has the same with 64-bit offsets). Not
each is a page: scanners and cameras add thumbnails, reduced copies and masks, and mark them as such
(NewSubfileType, SubfileType). Where the first is a thumbnail, the page lies in its SubIFDs.

Bounds on hostile files: circles end, 200,000 tags and 70 numbers a strip are looked at in all; no
value is read beyond the file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from sluicegate.faults import DocumentFault

# Tags by number, as TIFF 6.0 names them.
SUBFILE_TYPE, OLD_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION = 254, 255, 256, 257, 258, 259
PHOTOMETRIC, FILL_ORDER, STRIP_OFFSETS, ORIENTATION, SAMPLES = 262, 266, 273, 274, 277
ROWS_PER_STRIP, STRIP_BYTES, X_RESOLUTION, Y_RESOLUTION, PLANAR = 278, 279, 282, 283, 284
FAX_OPTIONS, FAX4_OPTIONS, PREDICTOR, COLOUR_MAP = 292, 293, 317, 320
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES, SUB_IFDS = 322, 323, 324, 325, 330
INK_SET, EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES = 332, 338, 339, 347
YCBCR_MATRIX, YCBCR_SUBSAMPLING, YCBCR_POSITION, REFERENCE_BLACK = 529, 530, 531, 532
ICC_PROFILE = 34675

_KEPT = frozenset({
    SUBFILE_TYPE, OLD_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER,
    STRIP_OFFSETS, ORIENTATION, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, X_RESOLUTION, Y_RESOLUTION,
    PLANAR, FAX_OPTIONS, FAX4_OPTIONS, PREDICTOR, COLOUR_MAP, TILE_WIDTH, TILE_HEIGHT,
    TILE_OFFSETS, TILE_BYTES, SUB_IFDS, INK_SET, EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES,
    YCBCR_MATRIX, YCBCR_SUBSAMPLING, YCBCR_POSITION, REFERENCE_BLACK, ICC_PROFILE,
})  # fmt: skip
# Size and struct code of each field type; those of 64 bits are BigTIFF's.
_TYPES = {
    1: (1, "B"), 2: (1, "B"), 3: (2, "H"), 4: (4, "I"), 5: (8, "II"), 6: (1, "b"), 7: (1, "B"),
    8: (2, "h"), 9: (4, "i"), 10: (8, "ii"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"),
    16: (8, "Q"), 17: (8, "q"), 18: (8, "Q"),
}  # fmt: skip
_MAX_TAGS = 200_000  # in all
_MAX_VALUES = 1_000_000  # of one tag: strips of one line of a tall page
_MAX_SUBS = 64
# Pixels an inch or centimetre, across and down; None where it is not said.
Densities = tuple[Fraction | None, Fraction | None]
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_OLD_REDUCED = 2


@dataclass(slots=True)
class Directory:
    """One picture: its tags. Values are read when they are asked for."""

    data: bytes
    order: str  # "<" or ">"
    offset: int
    number: int  # in the chain, from 0; -1 for a SubIFD
    entries: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # type, count, where

    def values(self, tag: int) -> tuple[int, ...]:
        """Return a tag's whole numbers; () where it lacks. Raises DocumentFault if cut off."""
        kind, count, at = self.entries.get(tag, (0, 0, 0))
        size, code = _TYPES.get(kind, (0, ""))
        if not size or code in ("f", "d"):
            return ()
        if count > _MAX_VALUES:
            raise DocumentFault("corrupt", f"tag {tag} of the TIFF has {count:,} values")
        if at + size * count > len(self.data):
            raise DocumentFault("truncated", f"tag {tag} of the TIFF lies behind the file's end")
        if code in ("II", "ii"):
            code, count = code[0], 2 * count
        return struct.unpack_from(f"{self.order}{count}{code}", self.data, at)

    def value(self, tag: int, default: int = 0) -> int:
        """Return a tag's first number."""
        kind, count, at = self.entries.get(tag, (0, 0, 0))
        if count > 1:  # without reading all the others
            size, code = _TYPES.get(kind, (0, ""))
            if size and at + size <= len(self.data) and code in "BHIQbhiq":
                return int(struct.unpack_from(self.order + code, self.data, at)[0])
        values = self.values(tag)
        return values[0] if values else default

    def raw(self, tag: int) -> bytes:
        """Return a tag's bytes; b"" where it lacks. Raises DocumentFault if cut off."""
        kind, count, at = self.entries.get(tag, (0, 0, 0))
        size = _TYPES.get(kind, (0, ""))[0] * count
        if at + size > len(self.data):
            raise DocumentFault("truncated", f"tag {tag} of the TIFF lies behind the file's end")
        return self.data[at : at + size]

    def fraction(self, tag: int) -> Fraction | None:
        """Return a tag's first rational; None where there is none above zero."""
        kind, _, at = self.entries.get(tag, (0, 0, 0))
        if kind in (11, 12) and at + _TYPES[kind][0] <= len(self.data):
            (real,) = struct.unpack_from(self.order + _TYPES[kind][1], self.data, at)
            return Fraction(real) if 0 < real < 1e9 else None
        values = self.values(tag)
        if len(values) < 2:
            return Fraction(values[0]) if values and values[0] > 0 else None
        return Fraction(values[0], values[1]) if values[0] > 0 < values[1] else None

    @property
    def is_reduced(self) -> bool:
        """Tell whether it says of itself to be a thumbnail or a reduced copy of another."""
        kind = self.value(SUBFILE_TYPE)
        return bool(kind & _REDUCED) or self.value(OLD_SUBFILE_TYPE) == _OLD_REDUCED

    @property
    def is_mask(self) -> bool:
        """Tell whether it is a transparency mask of another."""
        return bool(self.value(SUBFILE_TYPE) & _MASK) or self.value(PHOTOMETRIC, -1) == _MASK


def exif_orientation(exif: bytes) -> int:
    """Return the orientation (1 to 8) in EXIF data, which is a TIFF; 1 where there is none."""
    try:
        first = next(_Walk(exif).chain(1), None) if exif[:2] in (b"II", b"MM") else None
        orientation = first.value(ORIENTATION, 1) if first else 1
    except DocumentFault:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def find_pages(data: bytes, most: int) -> list[Directory]:
    """Return the directories of the pages, in order; raise DocumentFault beyond `most`."""
    chain = list(_Walk(data).chain(2 * most + 100))
    if not chain:
        raise DocumentFault("corrupt", "the TIFF has no pages")
    pages = [page for directory in chain for page in _of_chain(directory)]
    if not pages:
        # Each claims to be a copy of another that is not there: the largest are the pages.
        pictures = [directory for directory in chain if not directory.is_mask] or chain
        area = max(map(_area, pictures))
        pages = [directory for directory in pictures if _area(directory) == area]
    if len(pages) > most:
        raise DocumentFault(
            "too_many_pages", f"the TIFF has {len(pages):,} pages; at most {most:,}"
        )
    return pages


def _of_chain(directory: Directory) -> list[Directory]:
    if directory.is_mask:
        return []
    if not directory.is_reduced:
        return [directory]
    walk = _Walk(directory.data)
    subs = (walk.read(offset, -1) for offset in directory.values(SUB_IFDS)[:_MAX_SUBS])
    return [sub for sub in subs if sub and not sub.is_reduced and not sub.is_mask]


def _area(directory: Directory) -> int:
    return directory.value(WIDTH) * directory.value(HEIGHT)


class _Walk:
    """Reads directories, classic and big, in either byte order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<" if data[:2] == b"II" else ">"
        self._big = 43 in data[2:4]
        self._tags = 0
        self._next = 0

    def chain(self, most: int) -> Iterator[Directory]:
        """Yield the directories of the chain, each once."""
        at, seen = self._unpack("Q", 8) if self._big else self._unpack("I", 4), set[int]()
        while at and at not in seen:
            if len(seen) == most:
                raise DocumentFault("too_many_pages", f"the TIFF has more than {most:,} pictures")
            seen.add(at)
            directory = self.read(at, len(seen) - 1)
            if directory is None:
                if len(seen) == 1:
                    raise DocumentFault("corrupt", "the TIFF has no directory of its pages")
                raise DocumentFault("truncated", "the TIFF ends before its last page")
            yield directory
            at = self._next

    def read(self, at: int, number: int) -> Directory | None:
        """Read the directory at an offset; None where it lies outside the file."""
        counted, entry, form = (8, 20, "HHQ") if self._big else (2, 12, "HHI")
        inline = 8 if self._big else 4
        if at + counted > len(self._data):
            return None
        count = self._unpack("Q" if self._big else "H", at)
        end = at + counted + count * entry
        if end > len(self._data):
            return None
        self._tags += count
        if self._tags > _MAX_TAGS:
            raise DocumentFault("corrupt", "the TIFF has far more tags than pages")
        directory = Directory(self._data, self._order, at, number)
        for start in range(at + counted, end, entry):
            tag, kind, length = struct.unpack_from(self._order + form, self._data, start)
            if tag in _KEPT and tag not in directory.entries:
                where = start + entry - inline
                if _TYPES.get(kind, (0, ""))[0] * length > inline:
                    where = self._unpack("Q" if self._big else "I", where)
                directory.entries[tag] = (kind, length, where)
        fits = end + inline <= len(self._data)
        self._next = self._unpack("Q" if self._big else "I", end) if fits else 0
        return directory

    def _unpack(self, code: str, at: int) -> int:
        try:
            return int(struct.unpack_from(self._order + code, self._data, at)[0])
        except struct.error:
            return 0
