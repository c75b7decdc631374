"""JPEGs are read as libjpeg reads them; what lacks is told by decoding, and what lies is turned."""

import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.media.images import Picture, prepare_image
from tests.sluicegate.media import made

PAGE = made.marked((160, 120))
WAYS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "4:4:4": {"subsampling": 0},
    "progressive": {"progressive": True},
    "optimised": {"optimize": True},
    "restarts": {"restart_marker_blocks": 4},
}


def prepared(data: bytes, limits: Limits | None = None) -> Picture:
    """Prepare a JPEG."""
    return prepare_image(data, sniff.JPEG, limits or Limits())


def code(data: bytes) -> str:
    """Return "sent", or the code of what is wrong."""
    try:
        prepared(data)
    except DocumentFault as fault:
        return fault.code
    return "sent"


def opened(data: bytes) -> Image.Image:
    """Decode a picture."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def same(one: bytes, other: bytes) -> bool:
    """Compare two files pixel by pixel."""
    return ImageChops.difference(opened(one), opened(other)).getbbox() is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "behind", [b"", bytes(500), b"\0\0\0\x18ftypmp42" + bytes(90), b"\xff\x12junk"]
)
def test_the_end_marker_may_lack(way: str, behind: bytes) -> None:
    """Cameras leave it out, and put zeros or a film behind; the picture is whole, and ended."""
    if way == "optimised" and behind == bytes(500):
        pytest.skip("white at the end of a page is zeros itself then: truncated, to be safe")
    whole = made.jpeg(PAGE, **WAYS[way])
    found = prepared(whole[:-2] + behind)
    assert found.data.endswith(b"\xff\xd9")
    assert same(found.data, whole)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("behind", [b"", bytes(500)])
def test_lines_may_not_lack(way: str, behind: bytes) -> None:
    """Wherever it is cut, it passes only where every pixel is there."""
    whole = made.jpeg(PAGE, **WAYS[way])
    for end in range(3, len(whole) - 2, 3):
        cut = whole[:end] + behind
        if code(cut) == "sent" and not same(prepared(cut).data, whole):
            # Three zeros may stand in for the last bits.
            assert behind
            assert len(whole[:-2].rstrip(b"\0")) - end <= 3
    assert code(whole[: len(whole) * 2 // 3] + behind) == "truncated"


@pytest.mark.parametrize("stray", [b"\0", b"abc", b"\0\xff\0", b"\xff" * 9, bytes(range(200))])
def test_stray_bytes_between_segments_are_passed_over(stray: bytes) -> None:
    """As libjpeg does, with a warning."""
    data = made.jpeg(PAGE, comment=b"a comment")
    second = 4 + int.from_bytes(data[4:6], "big")
    for at in (2, second, data.index(b"\xff\xda")):
        spoilt = data[:at] + stray + data[at:]
        assert sniff.sniff(spoilt[: sniff.HEAD_BYTES]) == sniff.JPEG
        assert same(prepared(spoilt).data, data)


def test_a_length_that_is_too_short_leaves_strays() -> None:
    """The rest of that segment is passed over."""
    data = made.jpeg(PAGE, comment=b"a comment of some length")
    at = data.index(b"\xff\xfe")
    assert same(prepared(data[: at + 2] + struct.pack(">H", 9) + data[at + 4 :]).data, data)


def test_segments_that_do_not_add_up_are_corrupt() -> None:
    """Where libjpeg does not find the picture either."""
    data = made.jpeg(PAGE)
    at = data.index(b"\xff\xc0")
    assert code(data[: at + 2] + b"\0\x03" + data[at + 4 :]) in ("corrupt", "truncated")


def test_a_film_behind_the_picture_is_not_sent() -> None:
    """A phone's motion photo: the picture alone goes, byte for byte."""
    data = made.jpeg(PAGE)
    assert prepared(data + bytes(8 << 20)) == Picture(sniff.JPEG, data)
    assert prepared(data + b"a camera's notes").data == data + b"a camera's notes"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("noted", ["jpeg", "big-endian"])
def test_a_picture_on_its_side_is_turned(orientation: int, noted: str) -> None:
    """EXIF in either byte order; upright pictures are passed on as they are."""
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    image = PAGE.copy()
    image.getexif()[274] = undo
    from PIL import ImageOps  # noqa: PLC0415

    stored = ImageOps.exif_transpose(image)
    order = "<" if noted == "jpeg" else ">"
    exif = b"Exif\0\0" + made.tiff(made.Page({274: ("H", [orientation])}, []), order=order)
    data = made.jpeg(stored, exif=exif)
    found = prepared(data)
    if orientation == 1:
        assert found.data == data
    assert made.corners(opened(found.data)) == made.UPRIGHT
    assert opened(found.data).size == PAGE.size
    assert "exif" not in opened(found.data).info or orientation == 1


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*", b"Exif"]
)
def test_broken_exif_is_no_orientation(exif: bytes) -> None:
    """It says nothing, and spoils nothing."""
    data = made.jpeg(PAGE, exif=exif)
    assert prepared(data).data == data


def test_a_large_picture_is_turned_as_a_fine_jpeg() -> None:
    """A photograph as PNG would take seconds and megabytes."""
    photo = made.marked((1600, 1200))
    found = prepared(made.jpeg(photo.rotate(90, expand=True), exif=made.exif(6)))
    assert found.media_type == sniff.JPEG
    assert made.corners(opened(found.data)) == made.UPRIGHT


@pytest.mark.parametrize(
    ("dpi", "size"), [((204, 98), (160, 240)), ((300, 300), (160, 120)), ((72, 71), (160, 120))]
)
def test_oblong_pixels_become_square(dpi: tuple[int, int], size: tuple[int, int]) -> None:
    """A fax that was saved as JPEG with its density."""
    assert opened(prepared(made.jpeg(PAGE, dpi=dpi)).data).size == size


def test_cmyk_on_its_side_keeps_its_colours() -> None:
    """Adobe stores print colours inverted."""
    data = made.jpeg(PAGE.rotate(90, expand=True).convert("CMYK"), exif=made.exif(6), quality=95)
    assert made.corners(opened(prepared(data).data)) == made.UPRIGHT


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xfe\0\x02" * 200_000,
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0"
        + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" * 50_000,
        b"\xff\xd8" + b"\xff" * 3_000_000,
        b"\xff\xd8\xff\xe0" + bytes(3_000_000),
    ],
)  # fmt: skip
def test_hostile_segments_take_little_time(data: bytes) -> None:
    """Their number is bounded, and none is looked at twice."""
    assert code(data) in ("corrupt", "truncated", "sent")


def test_a_bomb_without_an_end_is_not_decoded() -> None:
    """The two decodings are for pictures of 50 million pixels at most."""
    whole = made.jpeg(Image.new("L", (8000, 8000)))
    assert code(whole[:-2]) == "truncated"
    assert code(whole) == "sent"


@given(
    cut=st.integers(0, 2000),
    changes=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=3))),
)
def test_any_bytes_are_sent_or_faults(cut: int, changes: list[tuple[int, bytes]]) -> None:
    """No change raises anything else."""
    data = bytearray(made.jpeg(PAGE, exif=made.exif(6)))
    for at, value in changes:
        data[at % len(data) : at % len(data) + len(value)] = value
    data[:3] = b"\xff\xd8\xff"
    assert code(bytes(data[: max(3, len(data) - cut)])) in (
        "sent",
        "truncated",
        "corrupt",
        "decompression_bomb",
    )
