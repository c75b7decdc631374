"""One page of a TIFF as pixels of 8 bits (or of one), upright, square, on white paper, in sRGB.

Pillow decodes; but it knows the common layouts alone, follows only the chain of directories and
carries over what it should not from page to page. So each page is handed to it as a file of its
own: the strips as they are, behind the few tags that a decoder needs, in a layout that it knows.
"""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from PIL.TiffImagePlugin import TiffImageFile

from sluicegate.faults import DocumentFault
from sluicegate.tiff import directories as tags
from sluicegate.tiff.directories import Directory

OLD_JPEG, JPEG = 6, 7
_LOSSY = frozenset({OLD_JPEG, JPEG})
_KNOWN = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32809, 32946, 34676, 34677, 34925, 50000})
_NAMES = {
    9: "JBIG", 10: "JBIG", 34661: "JBIG", 34663: "JBIG", 34712: "JPEG 2000", 33003: "JPEG 2000",
    33005: "JPEG 2000", 33004: "JPEG 2000", 34887: "LERC", 34892: "lossy DNG", 34933: "PNG",
    34934: "JPEG XR", 22610: "JPEG XR", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
    34715: "JBIG2", 34719: "MODCA", 34718: "MODCA", 34720: "MODCA", 32767: "camera raw",
    34713: "camera raw", 32895: "IT8", 32896: "IT8", 32897: "IT8", 32898: "IT8", 32766: "NeXT",
    32908: "Pixar", 32909: "Pixar", 65000: "Kodak",
}  # fmt: skip
_PHOTOMETRIC = {32803: "a camera's raw picture", 34892: "a camera's raw picture"}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
_COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3}
ASSOCIATED, UNASSOCIATED = 1, 2
UNSIGNED = 1  # the usual format of samples
# What a decoder needs, copied as it is.
_COPIED = (
    tags.FILL_ORDER, tags.FAX_OPTIONS, tags.FAX4_OPTIONS, tags.YCBCR_MATRIX,
    tags.YCBCR_SUBSAMPLING, tags.YCBCR_POSITION, tags.REFERENCE_BLACK, tags.JPEG_TABLES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pixels of a page are stored."""

    width: int
    height: int
    compression: int
    photometric: int
    bits: int  # of each sample
    samples: int
    extra: tuple[int, ...]  # kinds of the samples beyond the colours
    planar: bool  # one plane a sample
    predictor: int
    sample_format: int
    tiled: bool

    @property
    def colours(self) -> int:
        """Samples that are colours."""
        return _COLOURS.get(self.photometric, self.samples)

    @property
    def is_lossy(self) -> bool:
        """Tell whether the pixels are those of a JPEG: a fine JPEG of them loses little more."""
        return self.compression in _LOSSY

    @property
    def unpacked_bytes(self) -> int:
        """Bytes of the decoded page."""
        return (self.width * self.bits * self.samples + 7) // 8 * self.height


def read_layout(page: Directory) -> Layout:
    """Read how a page is stored; raise DocumentFault for what cannot be decoded, by its name."""
    samples = page.value(tags.SAMPLES, 1)
    bits = page.values(tags.BITS)[: max(0, samples)] if samples < 64 else ()
    photometric = page.value(tags.PHOTOMETRIC, -1)
    layout = Layout(
        width=page.value(tags.WIDTH),
        height=page.value(tags.HEIGHT),
        compression=page.value(tags.COMPRESSION, 1),
        photometric=photometric,
        bits=bits[0] if bits else 1,
        samples=samples,
        extra=page.values(tags.EXTRA_SAMPLES)[:8],
        planar=page.value(tags.PLANAR, 1) == 2 and samples > 1,
        predictor=page.value(tags.PREDICTOR, 1),
        sample_format=page.value(tags.SAMPLE_FORMAT, 1),
        tiled=tags.TILE_OFFSETS in page.entries,
    )
    if photometric < 0 and tags.INK_SET in page.entries and samples == 4:
        layout = replace(layout, photometric=CMYK)
    elif photometric < 0:
        guess = RGB if samples >= 3 else BLACK_IS_ZERO if layout.bits > 1 else WHITE_IS_ZERO
        layout = replace(layout, photometric=guess)
    if layout.width <= 0 or layout.height <= 0:
        raise DocumentFault("corrupt", "a page of the TIFF says it is 0 pixels wide or high")
    _check_known(page, layout, set(bits))
    if len(layout.extra) < layout.samples - layout.colours and not layout.extra:
        # Without the tag, one sample more is a transparency: so read Pillow and libtiff.
        missing = layout.samples - layout.colours
        one = missing == 1 and layout.photometric == RGB
        layout = replace(layout, extra=(UNASSOCIATED,) if one else (0,) * missing)
    return layout


def _check_known(page: Directory, layout: Layout, bits: set[int]) -> None:
    said = ""
    if layout.compression not in _KNOWN:
        name = _NAMES.get(layout.compression, "")
        said = f"{name} compression" if name else f"compression number {layout.compression}"
        said = f"a TIFF with {said}"
    elif layout.compression == JPEG and layout.bits != 8:
        said = f"a TIFF with JPEG compression of {layout.bits} bits"
    elif layout.photometric in _PHOTOMETRIC:
        said = f"{_PHOTOMETRIC[layout.photometric]} (DNG or alike)"
    elif layout.photometric not in _COLOURS:
        said = f"a TIFF with colours of kind {layout.photometric}"
    elif layout.photometric == YCBCR and layout.planar and _is_subsampled(page):
        said = "a TIFF of planes of YCbCr"
    elif len(bits) > 1 or not 0 < layout.samples < 32:
        said = f"a TIFF of {layout.samples} samples of {sorted(bits)[:4]} bits"
    if said:
        raise DocumentFault("unsupported_type", f"the file is {said}, which cannot be read here")
    if layout.samples < layout.colours and layout.photometric != YCBCR:
        raise DocumentFault("corrupt", "a page of the TIFF has fewer samples than colours")


def _is_subsampled(page: Directory) -> bool:
    jpeg = page.value(tags.COMPRESSION) == JPEG
    return not jpeg and page.values(tags.YCBCR_SUBSAMPLING) != (1, 1)


def unknown(layout: Layout) -> DocumentFault:
    """Return the fault of a layout that nothing here decodes, in its numbers."""
    return DocumentFault(
        "unsupported_type",
        f"the file is a TIFF of {layout.samples} samples of {layout.bits} bits (photometric "
        f"{layout.photometric}, compression {layout.compression}, format {layout.sample_format}), "
        "which cannot be read here",
    )


def stored_pieces(page: Directory, layout: Layout) -> list[bytes]:
    """Return the strips or tiles; raise DocumentFault where one lies outside the file."""
    offsets_tag, bytes_tag = tags.STRIP_OFFSETS, tags.STRIP_BYTES
    if layout.tiled:
        offsets_tag, bytes_tag = tags.TILE_OFFSETS, tags.TILE_BYTES
    offsets = page.values(offsets_tag)
    if len(offsets) < _count_pieces(page, layout):
        raise DocumentFault("corrupt", "a page of the TIFF lacks some of its strips or tiles")
    lengths = _mended_lengths(page, layout, offsets, page.values(bytes_tag))
    ends = [start + length for start, length in zip(offsets, lengths, strict=True)]
    if max(ends) > len(page.data) or min(offsets) < 0:
        raise DocumentFault("truncated", "pixels of the TIFF lie behind the end of the file")
    if sum(lengths) > len(page.data):
        raise DocumentFault("corrupt", "strips of the TIFF overlap")
    return [page.data[start:end] for start, end in zip(offsets, ends, strict=True)]


def _count_pieces(page: Directory, layout: Layout) -> int:
    """Return how many strips or tiles make the page."""
    planes = layout.samples if layout.planar else 1
    if not layout.tiled:
        rows = page.value(tags.ROWS_PER_STRIP, layout.height)
        return -(-layout.height // max(1, rows)) * planes
    across, down = page.value(tags.TILE_WIDTH), page.value(tags.TILE_HEIGHT)
    if across <= 0 or down <= 0:
        raise DocumentFault("corrupt", "a page of the TIFF has tiles of no size")
    return -(-layout.width // across) * -(-layout.height // down) * planes


def _mended_lengths(
    page: Directory, layout: Layout, offsets: Sequence[int], lengths: Sequence[int]
) -> Sequence[int]:
    """Return the length of each strip, where old writers left lengths out or made them too long."""
    if len(lengths) != len(offsets) or (len(lengths) == 1 and lengths[0] == 0):
        borders = sorted({*offsets, len(page.data)})
        after = dict(pairwise(borders))
        lengths = [after.get(start, start) - start for start in offsets]
    if layout.compression == 1 and not layout.tiled:
        rows = min(page.value(tags.ROWS_PER_STRIP, layout.height) or layout.height, layout.height)
        of_one = layout.samples if not layout.planar else 1
        needed = (layout.width * layout.bits * of_one + 7) // 8 * rows
        lengths = [min(length, needed) for length in lengths]
    return lengths


def write_page(
    page: Directory, layout: Layout, pieces: Sequence[bytes], *, tile_step: int = 1
) -> bytes:
    """Return a file of the one page, classic, in the byte order that its pixels are in.

    `tile_step`: how many samples of `layout` a pixel of the page makes.
    """
    file = _File(page.order)
    planes = layout.samples
    if layout.planar:
        # Planes beyond the colours (and their transparency) are left out.
        keep = layout.colours + bool(layout.extra and layout.extra[0] and layout.colours == 3)
        each = len(pieces) // layout.samples
        if keep < planes and each:
            planes, pieces = keep, pieces[: keep * each]
    extra = layout.extra[: planes - layout.colours]
    file.add(tags.WIDTH, "I", [layout.width])
    file.add(tags.HEIGHT, "I", [layout.height])
    file.add(tags.BITS, "H", [layout.bits] * planes)
    file.add(tags.COMPRESSION, "H", [layout.compression])
    file.add(tags.PHOTOMETRIC, "H", [layout.photometric])
    file.add(tags.SAMPLES, "H", [planes])
    file.add(tags.PLANAR, "H", [2 if layout.planar and planes > 1 else 1])
    file.add(tags.SAMPLE_FORMAT, "H", [layout.sample_format] * planes)
    if extra:
        file.add(tags.EXTRA_SAMPLES, "H", extra)
    if layout.predictor != 1:
        file.add(tags.PREDICTOR, "H", [layout.predictor])
    if palette := page.values(tags.COLOUR_MAP):
        # Of 16 bits; some writers put 8 there, and the page would be black.
        file.add(
            tags.COLOUR_MAP, "H", palette if max(palette) > 255 else [v * 257 for v in palette]
        )
    _add_pieces(file, page, layout, pieces, tile_step)
    for tag in _COPIED:
        if tag in page.entries and (raw := page.raw(tag)):
            kind, count, _ = page.entries[tag]
            file.add_raw(tag, kind, count, raw)
    return file.to_bytes()


def _add_pieces(
    file: "_File", page: Directory, layout: Layout, pieces: Sequence[bytes], tile_step: int
) -> None:
    if layout.tiled:
        width = page.value(tags.TILE_WIDTH) * tile_step
        if width >= 1 << 24:
            raise DocumentFault("corrupt", "a page of the TIFF has tiles without end")
        file.add(tags.TILE_WIDTH, "I", [width])
        file.add(tags.TILE_HEIGHT, "I", [page.value(tags.TILE_HEIGHT)])
        file.add(tags.TILE_OFFSETS, "I", file.append(pieces))
        file.add(tags.TILE_BYTES, "I", [len(piece) for piece in pieces])
    else:
        rows = page.value(tags.ROWS_PER_STRIP, layout.height) or layout.height
        file.add(tags.ROWS_PER_STRIP, "I", [min(rows, layout.height)])
        file.add(tags.STRIP_OFFSETS, "I", file.append(pieces))
        file.add(tags.STRIP_BYTES, "I", [len(piece) for piece in pieces])


def open_page(data: bytes) -> TiffImageFile:
    """Open a file of one page; raise SyntaxError for a layout that Pillow does not know.

    Not by `Image.open`, which would take bytes that are counted as pixels for a bomb; the pixels
    of the page are counted before.
    """
    return TiffImageFile(io.BytesIO(data))


class _File:
    """A classic TIFF of one directory, written from its pieces."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._body = [struct.pack(order + "HI", 42, 0)]
        self._length = 8
        self._tags: dict[int, tuple[int, int, bytes]] = {}

    def add(self, tag: int, code: str, values: Sequence[int]) -> None:
        kind = 3 if code == "H" else 4
        raw = struct.pack(f"{self._order}{len(values)}{code}", *values)
        self.add_raw(tag, kind, len(values), raw)

    def add_raw(self, tag: int, kind: int, count: int, raw: bytes) -> None:
        self._tags[tag] = (kind, count, raw)

    def append(self, pieces: Sequence[bytes]) -> list[int]:
        """Put pieces into the file and return where they begin; at even offsets."""
        offsets = []
        for piece in pieces:
            offsets.append(self._length)
            pad = b"\0" * (len(piece) % 2)
            self._body += [piece, pad]
            self._length += len(piece) + len(pad)
        return offsets

    def to_bytes(self) -> bytes:
        rows = []
        for tag in sorted(self._tags):
            kind, count, raw = self._tags[tag]
            if len(raw) <= 4:
                value = raw.ljust(4, b"\0")
            else:
                value = struct.pack(self._order + "I", *self.append([raw]))
            rows.append(struct.pack(self._order + "HHI", tag, kind, count) + value)
        directory = struct.pack(self._order + "H", len(rows)) + b"".join(rows) + b"\0" * 4
        mark = b"II" if self._order == "<" else b"MM"
        head = mark + struct.pack(self._order + "HI", 42, self._length)
        return b"".join([head, *self._body[1:], directory])
