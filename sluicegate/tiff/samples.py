"""Samples of a TIFF page, picked out of its bytes: for layouts that Pillow has no name for.

The page is decoded under a layout that only counts bytes, and each sample is a slice of what comes
out: 16, 24 and 32 bits, samples beyond the colours, several samples a byte. All of it runs in C.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from PIL import Image, ImageChops

from sluicegate.faults import DocumentFault
from sluicegate.tiff import page as stored
from sluicegate.tiff.directories import Directory
from sluicegate.tiff.page import Layout

# Compressions of plain bytes: what comes out does not depend on what the samples are.
_OF_BYTES = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})
# Slices and pictures take four times as much, for a moment.
_MOST_BYTES = 300 << 20
# Samples of which several share a byte, and how Pillow unpacks a row of them.
_PACKED = {1: ("1", "1"), 2: ("L", "L;2"), 4: ("L", "L;4"), 12: ("I;16", "I;12")}


def read_samples(
    page: Directory, layout: Layout, pieces: Sequence[bytes], wanted: int
) -> list[Image.Image]:
    """Return the first samples, each as a grey picture of 8 bits."""
    if layout.unpacked_bytes > _MOST_BYTES:
        raise DocumentFault(
            "decompression_bomb",
            f"a page of the TIFF unpacks to {layout.unpacked_bytes:,} bytes of an odd layout; "
            f"at most {_MOST_BYTES:,} are taken",
        )
    size = layout.bits // 8
    # Signed samples of 8 bits are taken as they come, as Pillow does: writers mislabel them.
    unsigned = layout.sample_format == stored.UNSIGNED or layout.photometric == stored.LAB
    unsigned = unsigned or (layout.sample_format == 2 and layout.bits == 8)
    if layout.compression not in _OF_BYTES or not unsigned:
        raise stored.unknown(layout)
    if layout.bits in _PACKED and layout.predictor == 1:
        return _packed(page, layout, pieces, wanted)
    if layout.bits % 8 or not 1 <= size <= 4:
        raise stored.unknown(layout)
    if layout.predictor == 1:
        planes = _byte_planes(page, layout, pieces, wanted)
    elif layout.predictor == 2 and size <= 2:
        planes = _differenced(page, layout, pieces, wanted)
    else:
        raise stored.unknown(layout)
    shape = (layout.width, layout.height)
    colours = planes[: layout.colours]
    if layout.photometric == stored.LAB:
        colours = [sample[:1] for sample in colours]
    return [
        *eight_bits(colours, shape),
        *(eight_bits([each], shape)[0] for each in planes[layout.colours :]),
    ]


def _byte_planes(
    page: Directory, layout: Layout, pieces: Sequence[bytes], wanted: int
) -> list[list[bytes]]:
    """Decode as bytes; return for each sample its bytes, the most significant first."""
    size = layout.bits // 8
    planes = layout.samples if layout.planar else 1
    step = size * (1 if layout.planar else layout.samples)
    each = len(pieces) // planes
    found = []
    for plane in range(wanted if layout.planar else 1):
        part = pieces[plane * each : (plane + 1) * each] if layout.planar else pieces
        raw = _bytes(page, layout, part, step)
        count = 1 if layout.planar else wanted
        for sample in range(count):
            order = range(size) if page.order == ">" else range(size - 1, -1, -1)
            found.append([raw[sample * size + at :: step] for at in order])
    return found


def _packed(
    page: Directory, layout: Layout, pieces: Sequence[bytes], wanted: int
) -> list[Image.Image]:
    """Unpack samples that are no whole bytes: the most significant bit first, rows in bytes."""
    planes = layout.samples if layout.planar else 1
    step = 1 if layout.planar else layout.samples
    mode, raw_mode = _PACKED[layout.bits]
    each = len(pieces) // planes
    found = []
    for plane in range(wanted if layout.planar else 1):
        part = pieces[plane * each : (plane + 1) * each] if layout.planar else pieces
        across = layout.width * step
        row = replace(layout, width=(across * layout.bits + 7) // 8)
        if layout.tiled:
            raise stored.unknown(layout)
        raw = _bytes(page, row, part, 1)
        wide = Image.frombytes(mode, (across, layout.height), raw, "raw", raw_mode)
        if mode != "I;16":
            wide = wide.convert("L")
        values = wide.tobytes()
        size = 2 if mode == "I;16" else 1
        for sample in range(1 if layout.planar else wanted):
            order = range(size - 1, -1, -1)
            found.append([values[sample * size + at :: step * size] for at in order])
    shape = (layout.width, layout.height)
    if size == 1:
        return [Image.frombytes("L", shape, sample[0]) for sample in found]
    return eight_bits(found, shape)


def _bytes(page: Directory, layout: Layout, pieces: Sequence[bytes], step: int) -> bytes:
    as_bytes = replace(
        layout,
        width=layout.width * step,
        photometric=stored.BLACK_IS_ZERO,
        bits=8,
        samples=1,
        extra=(),
        planar=False,
        sample_format=stored.UNSIGNED,
    )
    file = stored.write_page(page, as_bytes, pieces, tile_step=step)
    return stored.open_page(file).tobytes()


def _differenced(
    page: Directory, layout: Layout, pieces: Sequence[bytes], wanted: int
) -> list[list[bytes]]:
    """Let the decoder undo differences, which go from sample to sample of the same kind.

    It must be told how many samples there are; the layouts of that number that Pillow knows serve.
    """
    if layout.planar:
        each = len(pieces) // layout.samples
        one = replace(layout, samples=1, extra=(), planar=False, photometric=stored.BLACK_IS_ZERO)
        return [
            _differenced(page, one, pieces[plane * each : (plane + 1) * each], 1)[0]
            for plane in range(wanted)
        ]
    count = layout.samples
    alias = {1: (), 2: (stored.UNASSOCIATED,), 3: (), 4: (stored.UNASSOCIATED,)}.get(count)
    if alias is None or (count == 2 and layout.bits == 16):
        raise stored.unknown(layout)
    photometric = stored.BLACK_IS_ZERO if count < 3 else stored.RGB
    told = replace(layout, photometric=photometric, extra=alias)
    file = stored.write_page(page, told, pieces)
    if layout.bits == 8:
        image = stored.open_page(file)
        return [[image.getchannel(number).tobytes()] for number in range(wanted)]
    if count == 1:
        image = stored.open_page(file)
        raw = image.tobytes()
        first = 0 if image.mode == "I;16B" else 1
        return [[raw[first::2], raw[1 - first :: 2]]]
    high, low = _high_and_low(file)
    return [
        [high.getchannel(number).tobytes(), low.getchannel(number).tobytes()]
        for number in range(wanted)
    ]


def _high_and_low(file: bytes) -> tuple[Image.Image, Image.Image]:
    """Decode colour of 16 bits twice: Pillow keeps one byte of two, and may be told which."""
    pictures = []
    for swapped in (False, True):
        image = stored.open_page(file)
        if swapped:
            image.tile = [tile._replace(args=_swapped(tile.args)) for tile in image.tile]
        image.load()
        pictures.append(image)
    return pictures[0], pictures[1]


def _swapped(args: Any) -> tuple[Any, ...]:
    """Name the other byte in a raw mode: 16N is the decoder's own order, little-endian here."""
    args = args if isinstance(args, tuple) else (args,)
    name, after = str(args[0])[:-1], {"L": "B", "N": "B", "B": "L"}[str(args[0])[-1]]
    return (name + after, *args[1:])


def eight_bits(samples: list[list[bytes]], shape: tuple[int, int]) -> list[Image.Image]:
    """Scale samples to 8 bits over the range that they use together.

    That is as many bits as the largest value has: 4095 becomes white, and so does 65535; but 8 bits
    are taken as they are, for noise on a dark page is no picture.
    """
    size = len(samples[0])
    for at in range(size):
        pictures = [Image.frombytes("L", shape, sample[at]) for sample in samples]
        top = max(cast("tuple[int, int]", picture.getextrema())[1] for picture in pictures)
        if at == size - 1:
            return pictures
        if top:
            bits = top.bit_length()
            lower = [Image.frombytes("L", shape, sample[at + 1]) for sample in samples]
            return [
                ImageChops.add(
                    high.point([(value << (8 - bits)) & 0xFF for value in range(256)]),
                    low.point([value >> bits for value in range(256)]),
                )
                for high, low in zip(pictures, lower, strict=True)
            ]
    raise AssertionError("a sample has bytes")
