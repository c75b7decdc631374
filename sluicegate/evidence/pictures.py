"""Image bytes to RGB pixels."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

from sluicegate.evidence.unreadable import Unreadable

# Beyond this a picture is not a scanned page: 100 megapixels is A4 at 850 dpi.
MAX_PIXELS = 100_000_000


def check(data: bytes) -> None:
    """Raise Unreadable if bytes do not begin as an image."""
    _open(data).close()


def decode(data: bytes) -> np.ndarray:
    """Decode an image to an array (height, width, 3) of 8-bit RGB, turned upright, on white.

    Raises Unreadable if the bytes are no image, are cut short, or hold too many pixels.
    """
    with _open(data) as image:
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith(("I", "F")):
                upright = _eight_bit(upright)
            if "A" in upright.getbands() or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                paper = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(paper, upright)
            return np.asarray(upright.convert("RGB"))
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise Unreadable(f"the image cannot be decoded: {error}") from error


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns at a lower limit than MAX_PIXELS; the check below decides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable(f"the bytes are no image: {error}") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Unreadable(f"the image has {image.width}×{image.height} pixels, more than a page has")
    return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit or floating grey to 8 bits over the range that is there."""
    grey = np.asarray(image, dtype=np.float64)
    low, high = float(grey.min()), float(grey.max())
    scaled = (grey - low) * (255.0 / (high - low)) if high > low else np.full_like(grey, 255.0)
    return Image.fromarray(scaled.astype(np.uint8))
