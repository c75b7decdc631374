"""Turns PDF into pictures of paper: pixels, a slightly crooked scan, and the image formats."""

from io import BytesIO
from random import Random
from typing import Literal

import pypdfium2 as pdfium
from PIL import Image

from samples.bare_pdf import Picture, write_scan

TiffCompression = Literal["group4", "lzw", "jpeg", "grey16"]
COMPRESSIONS: tuple[TiffCompression, ...] = ("group4", "lzw", "jpeg", "grey16")

_GREYS = 8


def render(data: bytes, dpi: int, *, colour: bool = False) -> list[Image.Image]:
    """Return a PDF's pages as images, 8-bit grey or RGB."""
    document = pdfium.PdfDocument(data)
    try:
        images = []
        for page in document:
            bitmap = page.render(scale=dpi / 72, grayscale=not colour)
            images.append(bitmap.to_pil().convert("RGB" if colour else "L"))
            bitmap.close()
            page.close()
        return images
    finally:
        document.close()


def crooked(image: Image.Image, rng: Random) -> Image.Image:
    """Lay a page askew on the glass, by half a degree at most, with some dust on it.

    `info["tilt"]` of the picture says by how many degrees, against the clock.
    """
    white: int | tuple[int, ...] = 255 if image.mode == "L" else (255, 255, 255)
    tilt = rng.uniform(-0.5, 0.5)
    turned = image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=white)
    turned.info["tilt"] = tilt
    for _ in range(turned.width * turned.height // 9_000):
        at = rng.randrange(turned.width), rng.randrange(turned.height)
        shade = rng.randint(120, 220)
        turned.putpixel(at, shade if image.mode == "L" else (shade, shade, shade))
    return turned


def grainy(image: Image.Image, rng: Random) -> Image.Image:
    """Add a sensor's noise, some three grey levels of it."""
    channels = len(image.getbands())
    size = image.width * image.height * channels
    noise = Image.frombytes(image.mode, image.size, rng.randbytes(size))
    return Image.blend(image, noise, 0.04)


def to_png(image: Image.Image, dpi: int) -> bytes:
    """Encode as PNG: grey with a palette of eight levels, colour as it is."""
    if image.mode != "L":
        return _save(image, "PNG", dpi=(dpi, dpi), optimize=True)
    step = 256 // _GREYS
    levels = image.point([value // step for value in range(256)])
    indexed = Image.frombytes("P", levels.size, levels.tobytes())
    indexed.putpalette([n * 255 // (_GREYS - 1) for n in range(_GREYS) for _ in range(3)])
    return _save(indexed, "PNG", dpi=(dpi, dpi), bits=4, optimize=True)


def to_jpeg(image: Image.Image, dpi: int, quality: int) -> bytes:
    """Encode as baseline JPEG."""
    return _save(image, "JPEG", dpi=(dpi, dpi), quality=quality)


def to_webp(image: Image.Image, quality: int) -> bytes:
    """Encode as lossy WebP."""
    return _save(image.convert("RGB"), "WEBP", quality=quality, method=4)


def to_tiff(images: list[Image.Image], dpi: int, compression: TiffCompression) -> bytes:
    """Encode grey pages as one TIFF: 1 bit by Group 4, 8 bit by LZW or JPEG, 16 bit by LZW."""
    if compression == "group4":
        pages, codec = [_bilevel(image) for image in images], "group4"
    elif compression == "grey16":
        pages, codec = [_deepen(image) for image in images], "tiff_lzw"
    else:
        pages, codec = images, "jpeg" if compression == "jpeg" else "tiff_lzw"
    first, *rest = pages
    return _save(
        first, "TIFF", save_all=True, append_images=rest, compression=codec, dpi=(dpi, dpi)
    )


def to_scan(images: list[Image.Image], dpi: int, quality: int) -> bytes:
    """Encode pages as a PDF of JPEGs."""
    return write_scan(
        Picture(to_jpeg(image, dpi, quality), image.width, image.height, len(image.getbands()), dpi)
        for image in images
    )


def _bilevel(image: Image.Image) -> Image.Image:
    return image.point([255 * (value > 150) for value in range(256)]).convert(
        "1", dither=Image.Dither.NONE
    )


def _deepen(image: Image.Image) -> Image.Image:
    """Spread 8 bits over 16, so that white is 65535."""
    doubled = Image.merge("LA", (image, image)).tobytes()  # each byte twice
    return Image.frombytes("I;16", image.size, doubled)


def _save(image: Image.Image, form: str, **settings: object) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **settings)
    return stream.getvalue()
