"""Encode a picture within the bytes that it may have: PNG, else JPEG, else JPEG of less quality.

A page that is bilevel, or that fits as PNG, loses nothing. What does not fit is stepped down in
quality, then in size, before it is given up. Each step is tried on a tenth of the page first, so
that a page costs one or two full encodings, not seven. Measured on 8.7 million pixels of colour:
see docs/files.md.
"""

import io

from PIL import Image

from sluicegate.formats import sniff

# JPEG quality, chroma subsampling (0: none, 2: 4:2:0) and scale. Differences at 95 with
# full-resolution colour are below what an eye sees on a page; text of 10 points at 300 dpi is
# still read at half the size.
_STEPS = (
    (95, 0, 1.0), (90, 0, 1.0), (85, 2, 1.0), (75, 2, 1.0), (60, 2, 1.0), (45, 2, 1.0),
    (60, 2, 0.7), (45, 2, 0.5),
)  # fmt: skip
# A larger PNG is not worth being lossless: it takes seconds of CPU and most of a request.
_LOSSLESS_BYTES = 7 << 20
_PNG_LEVEL = 4
_BANDS, _BAND_ROWS = 6, 48  # what is tried
_SLACK = 1.15  # how far an estimate may be off
_SMALL = 1 << 20  # pixels; pictures of fewer are encoded without a try


def encode(image: Image.Image, share: int, *, lossy: bool = False) -> tuple[str, bytes]:
    """Return (media type, bytes): within `share` bytes where a step reaches that.

    The smallest there is, if none does. `lossy`: the pixels come from a JPEG, so PNG would only
    store its noise. Modes 1, L and RGB.
    """
    if image.mode == "1":
        data = _png(image)
        if len(data) <= share:
            return sniff.PNG, data
        smaller = encode(image.convert("L"), share, lossy=True)
        return smaller if len(smaller[1]) < len(data) else (sniff.PNG, data)
    most = min(share, _LOSSLESS_BYTES)
    worth_it = not lossy or image.width * image.height <= _SMALL
    if worth_it and _estimate(image, None) <= most * _SLACK:
        data = _png(image)
        if len(data) <= most:
            return sniff.PNG, data
    return sniff.JPEG, _stepped(image, share)


def _stepped(image: Image.Image, share: int) -> bytes:
    data = b""
    for step in _STEPS:
        if step != _STEPS[-1] and _estimate(image, step) > share * _SLACK:
            continue
        data = _jpeg(image, step)
        if len(data) <= share:
            break
    return data


def _estimate(image: Image.Image, step: tuple[int, int, float] | None) -> float:
    """Estimate the size of an encoding by that of some bands of the page."""
    if image.width * image.height <= _SMALL or image.height < 2 * _BANDS * _BAND_ROWS:
        return 0
    sample = Image.new(image.mode, (image.width, _BANDS * _BAND_ROWS))
    for number in range(_BANDS):
        top = round((number + 0.5) * image.height / _BANDS) - _BAND_ROWS // 2
        band = image.crop((0, top, image.width, top + _BAND_ROWS))
        sample.paste(band, (0, number * _BAND_ROWS))
    size = len(_png(sample) if step is None else _jpeg(sample, step))
    return size * image.height / sample.height


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", icc_profile=None, compress_level=_PNG_LEVEL)
    return out.getvalue()


def _jpeg(image: Image.Image, step: tuple[int, int, float]) -> bytes:
    quality, subsampling, scale = step
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", icc_profile=None, quality=quality, subsampling=subsampling)
    return out.getvalue()
