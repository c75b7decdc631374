"""TIFF to what Gemini takes: one PNG a page, or a fine JPEG where a PNG would be too large.

Bilevel pages (fax, Group 4) and grey or colour pages become PNG, which loses nothing. A page of
more than 8 bits a sample is scaled to 8 over the range it really uses, so that 12-bit scans in
16-bit files do not turn black.
"""

import io
import warnings
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from sluicegate.faults import DocumentFault
from sluicegate.media import sniff
from sluicegate.media.limits import Limits

# Differences at 95 with full-resolution colour are below what an eye sees on a page.
_JPEG_QUALITY = 95


def convert_tiff(data: bytes, limits: Limits) -> tuple[tuple[str, bytes], ...]:
    """Return one (media type, bytes) a page, in order; raise DocumentFault if a page fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd tags and large pages; we check both
        try:
            image = Image.open(io.BytesIO(data), formats=["TIFF"])
            frames = getattr(image, "n_frames", 1)
            if frames > limits.images:
                raise DocumentFault(
                    "too_many_pages", f"the TIFF has {frames:,} pages; at most {limits.images:,}"
                )
            return _pages(data, image, frames, limits)
        except DocumentFault:
            raise
        except Image.DecompressionBombError as error:
            raise DocumentFault(
                "decompression_bomb", "a page of the TIFF has far more pixels than are taken"
            ) from error
        except (UnidentifiedImageError, EOFError) as error:
            raise DocumentFault("corrupt", f"the TIFF cannot be read: {error}") from error
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError) as error:
            # Pillow and libtiff report damage in many ways.
            code = "truncated" if "truncated" in str(error) else "corrupt"
            raise DocumentFault(code, f"a page of the TIFF cannot be decoded: {error}") from error
        except (RuntimeError, ArithmeticError, MemoryError, AttributeError, AssertionError) as e:
            raise DocumentFault("corrupt", f"the TIFF breaks its decoder: {e!r}") from e


def _frame(data: bytes, image: Image.Image, number: int) -> Image.Image:
    """Go to a page, past what Pillow carries over from the one before.

    A palette stays behind, and a new one is put on the old page's pixels.
    """
    image.seek(number)
    if image.mode == "P" and number:
        image = Image.open(io.BytesIO(data), formats=["TIFF"])
        image.seek(number)
    elif image.mode != "P":
        image.palette = None
    return image


def _pages(
    data: bytes, image: Image.Image, frames: int, limits: Limits
) -> tuple[tuple[str, bytes], ...]:
    room = limits.inline_payload_bytes
    pages: list[tuple[str, bytes]] = []
    pixels = 0
    for number in range(frames):
        image = frame = _frame(data, image, number)
        pixels += frame.width * frame.height
        if pixels > 4 * limits.image_pixels or frame.width * frame.height > limits.image_pixels:
            raise DocumentFault(
                "decompression_bomb",
                f"page {len(pages) + 1} is {frame.width:,} x {frame.height:,} pixels; "
                f"at most {limits.image_pixels:,} pixels a page are taken",
            )
        share = min(limits.inline_image_bytes, room // max(1, frames - len(pages)))
        media_type, page = _encode(_eight_bit(frame), share)
        room -= len(page)
        if len(page) > limits.inline_image_bytes or room < 0:
            raise DocumentFault(
                "too_large",
                f"page {len(pages) + 1} of the TIFF does not fit an inline request "
                f"({len(page):,} bytes as {media_type})",
            )
        pages.append((media_type, page))
    if not pages:
        raise DocumentFault("corrupt", "the TIFF has no pages")
    return tuple(pages)


def _encode(page: Image.Image, share: int) -> tuple[str, bytes]:
    out = io.BytesIO()
    page.save(out, "PNG")
    if out.tell() <= share or page.mode == "1":
        return sniff.PNG, out.getvalue()
    out = io.BytesIO()
    page.convert("RGB" if page.mode in ("P", "RGBA", "LA") else page.mode).save(
        out, "JPEG", quality=_JPEG_QUALITY, subsampling=0
    )
    return sniff.JPEG, out.getvalue()


def _eight_bit(frame: Image.Image) -> Image.Image:
    page = ImageOps.exif_transpose(frame)
    if page.mode in ("I", "F") or page.mode.startswith("I;16"):
        wide = page.convert("F")
        low, high = cast("tuple[float, float]", wide.getextrema())
        floor = min(0.0, low)
        span = max(high - floor, 1e-9)
        if page.mode != "F":
            # The largest value of as many bits as are used: 4095 stays white, and so does 65535.
            span = float(max(255, (1 << int(span).bit_length()) - 1))
        scale = 255.0 / span
        return wide.point(lambda value: value * scale + (0.5 - floor * scale)).convert("L")
    if page.mode in ("1", "L", "RGB", "P"):
        return page.copy()
    if page.mode in ("RGBA", "LA"):
        colours = "RGB" if page.mode == "RGBA" else "L"
        paper = Image.new(colours, page.size, "white")
        paper.paste(page.convert(colours), mask=page.getchannel("A"))
        return paper
    return page.convert("RGB")
