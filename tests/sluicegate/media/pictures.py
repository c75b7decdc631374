"""Files made in the tests: images by Pillow, PDFs by pypdf, boxes and chunks by hand."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfWriter


def page(mode: str = "L", size: tuple[int, int] = (61, 47)) -> Image.Image:
    """Draw a page with lines, a box and a gradient, in the mode."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((5, 5, 25, 15), outline="black", fill=(200, 30, 60))
    draw.line((0, 40, 60, 20), fill=(0, 0, 128), width=2)
    for x in range(30, 60):
        draw.line((x, 25, x, 35), fill=(4 * x, 255 - 4 * x, 99))
    if mode == "P":
        return image.quantize(16)
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return the image as a file's bytes."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def png_block(kind: bytes, body: bytes) -> bytes:
    """Return one block of a PNG, with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG that says it is as large as given."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    blocks = [
        png_block(b"IHDR", head),
        png_block(b"IDAT", zlib.compress(b"\0" * 99)),
        png_block(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(blocks)


def box(kind: bytes, body: bytes) -> bytes:
    """Return one box of an ISO media file."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def heif(brand: bytes = b"heic", compatible: tuple[bytes, ...] = (b"mif1",)) -> bytes:
    """Return the skeleton of a HEIF file: brands, description, data."""
    brands = box(b"ftyp", brand + b"\0\0\0\0" + b"".join(compatible))
    return brands + box(b"meta", b"\0" * 20) + box(b"mdat", b"\1" * 50)


def webp_chunk(kind: bytes, body: bytes, claimed: int | None = None) -> bytes:
    """Return a WEBP of one chunk; `claimed` is the size its header says."""
    content = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    size = len(content) if claimed is None else claimed
    return b"RIFF" + struct.pack("<I", size) + content


def pdf(pages: int = 1, password: str = "", algorithm: str = "RC4-128", **info: str) -> bytes:
    """Return a PDF of empty pages, encrypted if a password is given."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    if info:
        writer.add_metadata({f"/{key}": value for key, value in info.items()})
    if password:
        writer.encrypt(password, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
