"""PNG, WEBP and HEIF: what is transparent, lies or moves is settled; the rest goes as it is."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.media.images import Picture, prepare_image
from tests.sluicegate.media import made, pictures

PAGE = made.marked()
PNG = pictures.saved(PAGE, "PNG")


def prepared(data: bytes, media_type: str = sniff.PNG) -> Picture:
    """Prepare a picture."""
    return prepare_image(data, media_type, Limits())


def code(data: bytes, media_type: str = sniff.PNG) -> str:
    """Return "sent", or the code of what is wrong."""
    try:
        prepared(data, media_type)
    except DocumentFault as fault:
        return fault.code
    return "sent"


def opened(found: Picture) -> Image.Image:
    """Decode what is sent, whose type must be what it says."""
    assert sniff.sniff(found.data) == found.media_type
    image = Image.open(io.BytesIO(found.data))
    image.load()
    return image


def with_block(kind: bytes, body: bytes, *, good: bool = True) -> bytes:
    """Put a block before the pixels of a PNG, with a right or a wrong checksum."""
    block = pictures.png_block(kind, body)
    if not good:
        block = block[:-1] + bytes([block[-1] ^ 1])
    at = PNG.index(b"IDAT") - 4
    return PNG[:at] + block + PNG[at:]


@pytest.mark.parametrize(
    "kind", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"pHYs", b"gAMA", b"iCCP", b"eXIf"]
)
def test_an_ancillary_block_may_fail_its_checksum(kind: bytes) -> None:
    """It is left out, as libpng does; the picture is the same."""
    found = prepared(with_block(kind, b"spoilt\0\0\0", good=False))
    assert kind not in found.data
    assert found.data == PNG


@pytest.mark.parametrize("kind", [b"PLTE", b"IDAT", b"IHDR", b"ABCD"])
def test_a_critical_block_may_not(kind: bytes) -> None:
    """A picture that hangs on it would be another."""
    assert code(with_block(kind, b"spoilt", good=False)) == "corrupt"


def test_the_last_block_may_fail_its_checksum() -> None:
    """It holds nothing, and is written anew."""
    assert prepared(PNG[:-1] + b"\0").data == PNG


def test_a_picture_with_a_bad_block_must_decode() -> None:
    """Else it is not taken on trust."""
    spoilt = with_block(b"tEXt", b"x", good=False)
    at = spoilt.index(b"IDAT")
    length = int.from_bytes(spoilt[at - 4 : at], "big")
    block = pictures.png_block(b"IDAT", b"\x78\x9c" + bytes(length - 2))
    broken = spoilt[: at - 4] + block + spoilt[at + 8 + length :]
    assert code(broken) in ("corrupt", "truncated")


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_white_paper(form: str, mode: str) -> None:
    """What shows through is paper, not black."""
    if (form, mode) == ("WEBP", "LA"):
        pytest.skip("WEBP has no grey")
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((10, 10, 10, 255), (10, 10, 20, 20))
    options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    data = pictures.saved(image.convert(mode), form, **options)
    found = opened(prepared(data, sniff.PNG if form == "PNG" else sniff.WEBP))
    assert found.mode in ("RGB", "L")
    grey = found.convert("L")
    assert (grey.getpixel((2, 2)), grey.getpixel((15, 15))) == (255, 10)


@pytest.mark.parametrize(
    "image", [PAGE.quantize(16), PAGE, PAGE.convert("L")], ids=["palette", "rgb", "grey"]
)
def test_a_colour_that_is_transparent_becomes_paper(image: Image.Image) -> None:
    """A tRNS block names one colour, or an alpha for each of a palette."""
    corner = image.getpixel((3, 3))
    data = pictures.saved(image, "PNG", transparency=corner)
    grey = opened(prepared(data)).convert("L")
    assert grey.getpixel((3, 3)) == 255
    assert grey.getpixel((3, 60)) != 255


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_alpha_that_hides_nothing_is_passed_on(form: str) -> None:
    """Screenshots have one: byte for byte."""
    media_type = sniff.PNG if form == "PNG" else sniff.WEBP
    data = pictures.saved(PAGE.convert("RGBA"), form)
    assert prepared(data, media_type).data == data


def test_an_alpha_of_nothing_is_no_alpha() -> None:
    """A page that would be empty is taken by its colours."""
    image = PAGE.convert("RGBA")
    image.putalpha(0)
    assert made.corners(opened(prepared(pictures.saved(image, "PNG")))) == made.UPRIGHT


def test_white_ink_on_nothing_is_seen() -> None:
    """A white logo on white paper would be lost."""
    image = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (10, 10, 20, 20))
    grey = opened(prepared(pictures.saved(image, "PNG"))).convert("L")
    assert (grey.getpixel((2, 2)), grey.getpixel((15, 15))) == (0, 255)


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_pictures_on_their_side_are_turned(form: str, orientation: int) -> None:
    """By the EXIF that PNG and WEBP may hold."""
    turn = {3: 180, 6: 90, 8: 270}[orientation]
    options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    data = pictures.saved(
        PAGE.rotate(turn, expand=True), form, exif=made.exif(orientation), **options
    )
    found = opened(prepared(data, sniff.PNG if form == "PNG" else sniff.WEBP))
    assert made.corners(found) == made.UPRIGHT
    assert found.size == PAGE.size


def test_oblong_pixels_become_square() -> None:
    """A fax that was saved as PNG, with pixels a metre."""
    image = made.in_mode(PAGE, "1")
    assert opened(prepared(pictures.saved(image, "PNG", dpi=(204, 98)))).size == (96, 128)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_the_first_picture_of_an_animation_is_sent_with_a_warning(form: str) -> None:
    """Nobody documents what a model sees of one."""
    second = Image.new("RGB", PAGE.size, "black")
    options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    data = pictures.saved(PAGE, form, save_all=True, append_images=[second], **options)
    found = prepared(data, sniff.PNG if form == "PNG" else sniff.WEBP)
    assert made.corners(opened(found)) == made.UPRIGHT
    assert getattr(opened(found), "n_frames", 1) == 1
    assert found.warnings == ("the file is an animation; its first picture alone was sent",)


def test_what_a_png_packs_does_not_trip_the_decoder() -> None:
    """A profile or text that inflates without end is not what is decoded."""
    body = b"name\0\0" + zlib.compress(bytes(64 << 20))
    image = PAGE.convert("RGBA")
    image.putalpha(Image.new("L", image.size, 128))
    data = pictures.saved(image, "PNG")
    at = data.index(b"IDAT") - 4
    for kind in (b"iCCP", b"zTXt"):
        assert code(data[:at] + pictures.png_block(kind, body) + data[at:]) == "sent"


def test_a_webp_may_lack_the_byte_that_pads_it() -> None:
    """Some writers count it and leave it out."""
    data = pictures.webp_chunk(b"VP8L", b"\x2f" + bytes(8), None)
    size = int.from_bytes(data[4:8], "little")
    odd = data[:4] + struct.pack("<I", size + 1) + data[8:]
    assert code(odd, sniff.WEBP) == "sent"
    assert code(data[:4] + struct.pack("<I", size + 2) + data[8:], sniff.WEBP) == "truncated"


def heic(*extents: tuple[int, int], version: int = 1, tail: bytes = b"") -> bytes:
    """Return a HEIF whose item locations name these bytes of the file."""
    locations = struct.pack(">B3sBBH", version, b"\0\0\0", 0x44, 0x00, len(extents))
    for number, (offset, length) in enumerate(extents):
        construction = b"\0\0" if version else b""
        locations += (
            struct.pack(">H", number + 1)
            + construction
            + struct.pack(">HHII", 0, 1, offset, length)
        )
    meta = pictures.box(b"meta", b"\0\0\0\0" + pictures.box(b"iloc", locations))
    head = pictures.box(b"ftyp", b"heic\0\0\0\0mif1")
    return head + meta + pictures.box(b"mdat", b"\1" * 100) + tail


SIZE = len(heic((0, 0)))
SIZES = [len(heic((0, 0), version=version)) for version in (0, 1)]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    "tail",
    [
        b"\n", bytes(4), bytes(200), b"<?xml version='1.0'?><x:xmpmeta/>",
        b"\x00\x00\x00\x30sefd" + b"\0" * 20, b"SEFH\x6b\0\0\0SEFT", b"\xff" * 9,
    ],
)  # fmt: skip
def test_what_follows_a_heif_is_not_its_business(tail: bytes, version: int) -> None:
    """Phones append trailers of their own; they are not sent."""
    whole = heic((SIZES[version] - 100, 100), version=version)
    for data in (whole, pictures.heif()):
        found = prepared(data + tail, sniff.HEIC)
        assert data in (found.data, found.data[: len(data)])
        assert len(found.data) <= len(data) + len(tail)


@pytest.mark.parametrize("version", [0, 1])
def test_a_heif_whose_picture_lies_behind_its_end_is_truncated(version: int) -> None:
    """Whatever the boxes look like."""
    whole = heic((SIZES[version] - 100, 100), version=version)
    assert code(whole, sniff.HEIC) == "sent"
    assert code(heic((SIZES[version] - 100, 101), version=version), sniff.HEIC) == "truncated"
    for cut in (1, 60, 108):
        assert code(whole[:-cut], sniff.HEIC) == "truncated"
    two = heic((100, 100), (300, 80), version=version) + pictures.box(b"mdat", b"\2" * 200)
    assert code(two, sniff.HEIC) == "sent"
    assert code(two[:370], sniff.HEIC) == "truncated"


@given(
    changes=st.lists(st.tuples(st.integers(0, SIZE), st.binary(min_size=1, max_size=4))),
    cut=st.integers(0, 150),
)
def test_any_heif_is_sent_or_a_fault(changes: list[tuple[int, bytes]], cut: int) -> None:
    """No counts, sizes or versions raise anything else."""
    data = bytearray(heic((SIZE - 100, 100), (SIZE - 50, 50)))
    for at, value in changes:
        data[at : at + len(value)] = value
    assert code(bytes(data[: len(data) - cut]), sniff.HEIC) in ("sent", "truncated", "corrupt")
