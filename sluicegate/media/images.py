"""Pictures that Gemini reads: checked in structure, and settled where nobody says who would.

Most are passed on as they are, and no pixel is decoded: a decoder would find more, at a hundred
times the cost; what the checks find is what uploads and transfers break. A picture that lies on its
side (EXIF), is transparent, has oblong pixels or moves is decoded, and sent as what a person sees:
upright, on white paper, square, its first frame. As PNG where that fits, so that nothing is lost.
"""

import io
from typing import NamedTuple

from PIL import Image

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.encoding import encode
from sluicegate.formats.limits import Limits
from sluicegate.formats.picture import is_oblong, on_paper, square, to_srgb, upright
from sluicegate.media.heif import check_heif
from sluicegate.media.jpeg import check_decodes, mended, read_jpeg, read_oddly, undisturbed
from sluicegate.media.png import read_png
from sluicegate.media.webp import read_webp
from sluicegate.tiff.directories import Densities

# What may follow a picture and is sent with it; a film is not.
_TRAILER_BYTES = 1 << 20
# A transparent picture takes some 20 bytes a pixel while it is put on paper.
_SETTLED_PIXELS = 60_000_000
_TOO_LARGE = ("the picture is too large to be turned or put on paper here; it was sent as it is",)
_MOVING = ("the file is an animation; its first picture alone was sent",)


class Picture(NamedTuple):
    """What is sent of a picture, and what the row should say."""

    media_type: str
    data: bytes
    warnings: tuple[str, ...] = ()


def prepare_image(data: bytes, media_type: str, limits: Limits) -> Picture:
    """Return the picture to send; raise DocumentFault if it is truncated, corrupt or a bomb."""
    return _WAYS[media_type](data, media_type, limits)


def _check_size(width: int, height: int, length: int, limits: Limits) -> None:
    if width * height > limits.image_pixels:
        raise DocumentFault(
            "decompression_bomb",
            f"the image is {width:,} x {height:,} pixels in {length:,} bytes; "
            f"at most {limits.image_pixels:,} pixels are taken",
        )
    if not width or not height:
        raise DocumentFault("corrupt", "the image says it is 0 pixels wide or high")


def _jpeg(data: bytes, media_type: str, limits: Limits) -> Picture:
    if data[2] != 0xFF:  # stray bytes behind the begin, which not every reader passes over
        data = data[:2] + data[max(2, data.find(b"\xff", 2)) :]
    try:
        jpeg = read_jpeg(data)
    except DocumentFault as fault:
        jpeg = read_oddly(data, fault)
    _check_size(jpeg.width, jpeg.height, len(data), limits)
    if not jpeg.ended:
        data = mended(data, jpeg)
    elif jpeg.strays:
        check_decodes(data)
    elif len(data) - jpeg.end > _TRAILER_BYTES:
        data = data[: jpeg.end]
    if jpeg.orientation == 1 and not is_oblong(*jpeg.densities):
        return Picture(media_type, data)
    if jpeg.width * jpeg.height > _SETTLED_PIXELS:
        return Picture(media_type, data, _TOO_LARGE)
    image = _decoded(data, "JPEG")
    return _settled(image, jpeg.orientation, jpeg.densities, limits, lossy=True)


def _png(data: bytes, media_type: str, limits: Limits) -> Picture:
    png = read_png(data)
    _check_size(png.width, png.height, len(data), limits)
    warnings = _MOVING if png.frames > 1 else ()
    settled = png.orientation != 1 or is_oblong(*png.densities)
    to_decode = png.damaged or settled or png.may_be_transparent
    if to_decode and png.width * png.height > _SETTLED_PIXELS:
        return Picture(media_type, png.still(data), (*warnings, *_TOO_LARGE))
    if to_decode:
        image = _decoded(png.bare(data), "PNG")
        if settled or (png.may_be_transparent and _lets_through(image)):
            found = _settled(image, png.orientation, png.densities, limits)
            return found._replace(warnings=warnings)
    if png.damaged or png.is_animated:
        data = png.still(data)
    return Picture(media_type, data, warnings)


def _webp(data: bytes, media_type: str, limits: Limits) -> Picture:
    webp = read_webp(data)
    _check_size(webp.width, webp.height, len(data), limits)
    if len(data) % 2:
        data += b"\0" * (int.from_bytes(data[4:8], "little") + 8 > len(data))
    settled = webp.orientation != 1 or webp.is_animated
    if not settled and not webp.may_be_transparent:
        return Picture(media_type, data)
    if webp.width * webp.height > _SETTLED_PIXELS:
        return Picture(media_type, data, _TOO_LARGE)
    image = _decoded(data, "WEBP")
    if not settled and not _lets_through(image):
        return Picture(media_type, data)
    found = _settled(image, webp.orientation, (None, None), limits, lossy=webp.lossy)
    moves = getattr(image, "n_frames", 1) > 1
    return found._replace(warnings=_MOVING if moves else ())


def _heif(data: bytes, media_type: str, limits: Limits) -> Picture:
    del limits  # the size of the picture lies too deep to be worth parsing
    end = check_heif(data)
    return Picture(media_type, data[:end] if end < len(data) else data)


def _decoded(data: bytes, form: str) -> Image.Image:
    with undisturbed(DocumentFault("corrupt", f"the {form} cannot be decoded")):
        image = Image.open(io.BytesIO(data), formats=[form])
        image.load()
    return image


def _lets_through(image: Image.Image) -> bool:
    """Tell whether any pixel of a decoded picture is not opaque."""
    if image.mode in ("RGBA", "LA", "PA"):
        return image.getchannel("A").getextrema()[0] < 255  # type: ignore[operator]
    return "transparency" in image.info


def _settled(
    image: Image.Image,
    orientation: int,
    densities: Densities,
    limits: Limits,
    *,
    lossy: bool = False,
) -> Picture:
    """Encode what a person sees of a picture."""
    profile = image.info.get("icc_profile") or b""
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        whole = image.convert("LA" if image.mode in ("LA", "L", "1") else "RGBA")
        image = on_paper(whole.convert(whole.mode[:-1]), whole.getchannel("A"))
    elif image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    image = to_srgb(image, profile)
    image = upright(square(image, *densities, limits.image_pixels), orientation)
    share = min(limits.inline_image_bytes, limits.inline_payload_bytes)
    return Picture(*encode(image, share, lossy=lossy))


_WAYS = {
    sniff.PNG: _png,
    sniff.JPEG: _jpeg,
    sniff.WEBP: _webp,
    sniff.HEIC: _heif,
    sniff.HEIF: _heif,
}
