"""The pixels of a TIFF page: grey, colour or bilevel, 8 bits a sample at most.

Common layouts are decoded by Pillow as they are. For the others (16 and 32 bits a sample, samples
beyond the colours) the page is decoded as plain bytes, under a layout that only counts bytes, and
the samples are picked out of those: all in C, and no layout is lost for want of a name.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from PIL import Image, ImageChops, ImageMath
from PIL.TiffImagePlugin import TiffImageFile

from sluicegate.faults import DocumentFault
from sluicegate.media import tiff_page as stored
from sluicegate.media.picture import on_paper, to_srgb
from sluicegate.media.tiff_directories import ICC_PROFILE, Directory
from sluicegate.media.tiff_page import Layout

_UNSIGNED = 1
_ENDLESS = 3e38
# Compressions of plain bytes: what comes out does not depend on what the samples are.
_OF_BYTES = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})
_NATIVE_BITS = {1: (1, 2, 4, 8, 12), 3: (8,), 4: (8,)}  # by number of samples


def decode(page: Directory, layout: Layout, pieces: Sequence[bytes]) -> Image.Image:
    """Return the page's picture in mode 1, L or RGB; raise DocumentFault if unknown here."""
    return to_srgb_of(page, _with_alpha(page, layout, pieces))


def to_srgb_of(page: Directory, image: Image.Image) -> Image.Image:
    """Convert by the page's own profile."""
    return to_srgb(image, page.raw(ICC_PROFILE) if image.mode in ("RGB", "CMYK") else b"")


def _with_alpha(page: Directory, layout: Layout, pieces: Sequence[bytes]) -> Image.Image:
    if _is_native(layout):
        return _plain(_native(page, layout, pieces))
    kind = layout.extra[0] if layout.samples > layout.colours and layout.extra else 0
    has_alpha = kind in (stored.ASSOCIATED, stored.UNASSOCIATED) and layout.colours in (1, 3)
    wanted = layout.colours + has_alpha
    samples = _samples(page, layout, pieces, wanted)
    image = _merged(layout, samples[: layout.colours])
    if not has_alpha:
        return image
    associated = kind == stored.ASSOCIATED
    return on_paper(to_srgb_of(page, image), samples[-1], associated=associated)


def _is_native(layout: Layout) -> bool:
    """Tell whether Pillow knows the layout as it is, and reads it right."""
    if layout.compression in (stored.JPEG, stored.OLD_JPEG) or layout.photometric == stored.YCBCR:
        return True
    if layout.sample_format != _UNSIGNED:
        return layout.samples == 1
    if layout.samples != layout.colours or layout.bits in (16, 24, 32):
        # 16-bit grey that is differenced is decoded as it is, and scaled.
        return layout.samples == 1 and layout.predictor != 1
    return layout.bits in _NATIVE_BITS.get(layout.samples, ())


def _native(page: Directory, layout: Layout, pieces: Sequence[bytes]) -> Image.Image:
    old = layout.compression == stored.OLD_JPEG
    image = stored.open_page(_pointing_at(page)) if old else _opened(page, layout, pieces)
    image.load()
    if layout.photometric == stored.WHITE_IS_ZERO and image.mode.startswith(("I", "F")):
        return ImageChops.invert(_scaled(image, layout))
    return _scaled(image, layout)


def _opened(page: Directory, layout: Layout, pieces: Sequence[bytes]) -> TiffImageFile:
    try:
        return stored.open_page(stored.write_page(page, layout, pieces))
    except SyntaxError as error:  # how Pillow says that it knows no such layout
        raise _unknown(layout) from error


def _unknown(layout: Layout) -> DocumentFault:
    return DocumentFault(
        "unsupported_type",
        f"the file is a TIFF of {layout.samples} samples of {layout.bits} bits (photometric "
        f"{layout.photometric}, compression {layout.compression}, format {layout.sample_format}), "
        "which cannot be read here",
    )


def _pointing_at(page: Directory) -> bytes:
    """Return the file with its header pointing at a page: tables of old JPEGs lie anywhere."""
    data, big = page.data, 43 in page.data[2:4]
    where = page.offset.to_bytes(8 if big else 4, "little" if page.order == "<" else "big")
    return data[:8] + where + data[16:] if big else data[:4] + where + data[8:]


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("1", "L", "RGB", "CMYK"):
        return image
    if image.mode in ("PA", "LA", "RGBA"):
        colours = image.convert("RGBA")
        return on_paper(colours.convert("RGB"), colours.getchannel("A"))
    return image.convert("RGB")


def _merged(layout: Layout, samples: list[Image.Image]) -> Image.Image:
    if layout.colours == 1:
        (grey,) = samples
        return ImageChops.invert(grey) if layout.photometric == stored.WHITE_IS_ZERO else grey
    if layout.photometric == stored.LAB:
        raise _unknown(layout)
    return Image.merge("CMYK" if layout.colours == 4 else "RGB", samples)


def _samples(
    page: Directory, layout: Layout, pieces: Sequence[bytes], wanted: int
) -> list[Image.Image]:
    """Return the first samples, each as a grey picture of 8 bits."""
    if layout.photometric == stored.PALETTE:
        dropped = replace(layout, extra=(0,) * len(layout.extra))
        image = _opened(page, dropped, pieces)
        return [image.convert("RGB").convert("L")] if wanted == 1 else [image]
    size = layout.bits // 8
    if layout.bits % 8 or not 1 <= size <= 4 or layout.compression not in _OF_BYTES:
        raise _unknown(layout)
    if layout.predictor == 1:
        planes = _byte_planes(page, layout, pieces, wanted)
    elif layout.predictor == 2 and size <= 2:
        planes = _differenced(page, layout, pieces, wanted)
    else:
        raise _unknown(layout)
    shape = (layout.width, layout.height)
    colours = planes[: layout.colours]
    return [
        *_eight_bits(colours, shape),
        *(_eight_bits([each], shape)[0] for each in planes[layout.colours :]),
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


def _bytes(page: Directory, layout: Layout, pieces: Sequence[bytes], step: int) -> bytes:
    as_bytes = replace(
        layout,
        width=layout.width * step,
        photometric=stored.BLACK_IS_ZERO,
        bits=8,
        samples=1,
        extra=(),
        planar=False,
        sample_format=_UNSIGNED,
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
        raise _unknown(layout)
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


def _eight_bits(samples: list[list[bytes]], shape: tuple[int, int]) -> list[Image.Image]:
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


def _scaled(image: Image.Image, layout: Layout) -> Image.Image:
    """Scale signed, real and packed samples, which Pillow gives as wide ones, to 8 bits."""
    if image.mode in ("I;16", "I;16B") and layout.sample_format == _UNSIGNED:
        raw = image.tobytes()
        high = 0 if image.mode == "I;16B" else 1
        return _eight_bits([[raw[high::2], raw[1 - high :: 2]]], image.size)[0]
    if image.mode == "I" and layout.sample_format == _UNSIGNED:
        raw = image.tobytes()  # in this machine's order: little-endian
        return _eight_bits([[raw[at::4] for at in (3, 2, 1, 0)]], image.size)[0]
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return image
    wide = _finite(image.convert("F"))
    low, high_value = cast("tuple[float, float]", wide.getextrema())
    floor = min(0.0, low)
    span = max(high_value - floor, 1e-9)
    if image.mode != "F":
        span = float(max(255, (1 << int(span).bit_length()) - 1))
    scale = 255.0 / span
    return wide.point(lambda value: value * scale + (0.5 - floor * scale)).convert("L")


def _finite(wide: Image.Image) -> Image.Image:
    """Take what is no number, or endless, as 0."""

    def clean(of: dict[str, Any]) -> Any:
        # A comparison with what is no number is false, so it becomes the limit.
        bounded = of["min"](of["max"](of["image"], -_ENDLESS), _ENDLESS)
        return bounded * (abs(bounded) < _ENDLESS)

    found: Image.Image = ImageMath.lambda_eval(clean, image=wide)
    return found
