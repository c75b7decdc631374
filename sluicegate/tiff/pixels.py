"""The pixels of a TIFF page: grey, colour or bilevel, 8 bits a sample at most.

Common layouts are decoded by Pillow as they are, the others from their bytes (see `tiff_samples`).
"""

from collections.abc import Sequence
from typing import Any, cast

from PIL import Image, ImageChops, ImageMath
from PIL.TiffImagePlugin import TiffImageFile

from sluicegate.formats.picture import on_paper, to_srgb
from sluicegate.tiff import page as stored
from sluicegate.tiff.directories import ICC_PROFILE, Directory
from sluicegate.tiff.page import Layout
from sluicegate.tiff.samples import eight_bits, read_samples

_ENDLESS = 3e38
_NATIVE_BITS = {1: (1, 2, 4, 8), 3: (8,), 4: (8,)}  # by number of samples


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
    samples = read_samples(page, layout, pieces, wanted)
    image = _merged(layout, samples[: layout.colours])
    if not has_alpha:
        return image
    associated = kind == stored.ASSOCIATED
    return on_paper(to_srgb_of(page, image), samples[-1], associated=associated)


def _is_native(layout: Layout) -> bool:
    """Tell whether Pillow knows the layout as it is, and reads it right."""
    if layout.compression in (stored.JPEG, stored.OLD_JPEG) or layout.photometric == stored.YCBCR:
        return True
    if layout.sample_format != stored.UNSIGNED or layout.photometric == stored.PALETTE:
        return layout.samples == 1 or layout.photometric == stored.PALETTE
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
        raise stored.unknown(layout) from error


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
    if layout.photometric == stored.LAB:  # whose colours are signed
        signed = [sample.point([value ^ 0x80 for value in range(256)]) for sample in samples[1:]]
        return Image.merge("LAB", [samples[0], *signed]).convert("RGB")
    return Image.merge("CMYK" if layout.colours == 4 else "RGB", samples)


def _scaled(image: Image.Image, layout: Layout) -> Image.Image:
    """Scale signed, real and packed samples, which Pillow gives as wide ones, to 8 bits."""
    if image.mode in ("I;16", "I;16B") and layout.sample_format == stored.UNSIGNED:
        raw = image.tobytes()
        high = 0 if image.mode == "I;16B" else 1
        return eight_bits([[raw[high::2], raw[1 - high :: 2]]], image.size)[0]
    if image.mode == "I" and layout.sample_format == stored.UNSIGNED:
        raw = image.tobytes()  # in this machine's order: little-endian
        return eight_bits([[raw[at::4] for at in (3, 2, 1, 0)]], image.size)[0]
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
