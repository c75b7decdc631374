"""What is done to the pixels of any picture before it is sent: upright, square, on paper, in sRGB.

No service documents what it does with an orientation tag, a resolution that differs by direction,
a transparency or a profile of print colours; so nothing is left for it to do.
"""

import io
from fractions import Fraction

from PIL import Image, ImageChops, ImageCms

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pixels count as square up to here: faxes of 204 x 196 dpi are read as they are.
_SQUARE = Fraction(6, 5)
# Beyond it, the resolution is an error: no scanner has such pixels.
_ABSURD = 4
# A whole factor that is this close is taken: it doubles lines (204 x 98 dpi) and blurs nothing.
_NEAR = Fraction(1, 10)
_BLANK = 250  # of 255
_MAX_PROFILE = 16 << 20  # bytes


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture as its orientation tag (1 to 8) says."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def is_oblong(x: Fraction | None, y: Fraction | None) -> bool:
    """Tell whether pixels of these densities are to be scaled to squares."""
    if not x or not y:
        return False
    ratio = max(x / y, y / x)
    return _SQUARE < ratio <= _ABSURD


def square(image: Image.Image, x: Fraction | None, y: Fraction | None, most: int) -> Image.Image:
    """Scale a picture of x by y pixels an inch (or cm) so that both are as dense.

    The thinner direction is stretched, so that nothing is lost; the other is shrunk where the
    picture would have more than `most` pixels.
    """
    if x is None or y is None or not is_oblong(x, y):
        return image
    ratio = max(x / y, y / x)
    whole = Fraction(round(ratio))
    if abs(whole - ratio) <= _NEAR * ratio:
        ratio = whole
    width, height = image.size
    if width * height * ratio > most:
        width, height = (width, int(height / ratio)) if y > x else (int(width / ratio), height)
    else:
        width, height = (int(width * ratio), height) if y > x else (width, int(height * ratio))
    size = (max(1, width), max(1, height))
    if image.mode == "1":
        if ratio.denominator == 1 and size > image.size:
            return image.resize(size, Image.Resampling.NEAREST)
        image = image.convert("L")
    return image.resize(size, Image.Resampling.BICUBIC)


def on_paper(colours: Image.Image, alpha: Image.Image, *, associated: bool = False) -> Image.Image:
    """Put a transparent picture on white paper.

    An alpha that is 0 all over says nothing: the colours are taken (scanners write such, and
    infrared channels). So are they where white paper would show nothing. White ink is put on black.
    `associated`: the colours are multiplied by the alpha already.
    """
    least, most = alpha.getextrema()
    if least == 255 or most == 0:
        return colours
    for paper in ("white", "black"):
        result = _laid(colours, alpha, paper, associated=associated)
        if not _is_blank(result, paper):
            return result
        if paper == "white" and not _is_flat(colours):
            return colours
    return colours


def _laid(colours: Image.Image, alpha: Image.Image, paper: str, *, associated: bool) -> Image.Image:
    if not associated:
        sheet = Image.new(colours.mode, colours.size, paper)
        sheet.paste(colours, mask=alpha)
        return sheet
    if paper == "black":
        return colours
    lack = ImageChops.invert(alpha)
    whole = lack if colours.mode == "L" else Image.merge("RGB", (lack, lack, lack))
    return ImageChops.add(colours, whole)


def _bands(image: Image.Image) -> list[tuple[int, int]]:
    found = image.getextrema()
    return [found] if len(image.getbands()) == 1 else list(found)  # type: ignore[list-item, arg-type]


def _is_blank(image: Image.Image, paper: str) -> bool:
    if paper == "white":
        return all(least >= _BLANK for least, _ in _bands(image))
    return all(most <= 255 - _BLANK for _, most in _bands(image))


def _is_flat(image: Image.Image) -> bool:
    return all(most - least <= 255 - _BLANK for least, most in _bands(image))


def to_srgb(image: Image.Image, profile: bytes = b"") -> Image.Image:
    """Return a picture in grey or sRGB, by its own profile where that is one of its colours.

    The profile is not kept: the pixels are no longer in it.
    """
    if image.mode in ("1", "L"):
        return image
    known = _profile(profile) if image.mode in ("RGB", "CMYK") else None
    if known is not None and str(known.profile.xcolor_space).strip() == image.mode:
        try:
            converted = ImageCms.profileToProfile(
                image, known, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    if not 128 < len(profile) <= _MAX_PROFILE or b"sRGB" in profile[:4096]:
        return None
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
