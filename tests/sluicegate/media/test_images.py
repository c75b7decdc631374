"""Images that are passed on are checked in structure: broken ones are the document's fault."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from tests.sluicegate.media import pictures
from tests.sluicegate.media.checking import check_image

PIXELS = 10_000
PAGE = pictures.page("RGB")
FILES = {
    sniff.PNG: pictures.saved(PAGE, "PNG"),
    sniff.JPEG: pictures.saved(PAGE, "JPEG"),
    sniff.WEBP: pictures.saved(PAGE, "WEBP"),
    sniff.HEIC: pictures.heif(),
    sniff.HEIF: pictures.heif(b"mif1", ()),
}
VARIANTS = [
    (sniff.PNG, pictures.saved(pictures.page("1"), "PNG")),
    (sniff.PNG, pictures.saved(pictures.page("P"), "PNG", optimize=True)),
    (sniff.JPEG, pictures.saved(PAGE, "JPEG", progressive=True, quality=30)),
    (sniff.JPEG, pictures.saved(pictures.page("L"), "JPEG", optimize=True)),
    (sniff.JPEG, pictures.saved(PAGE, "JPEG", exif=b"Exif\0\0" + b"x" * 300, comment=b"c" * 9)),
    (sniff.JPEG, FILES[sniff.JPEG] + b"trailing bytes of a camera"),
    (sniff.WEBP, pictures.saved(PAGE, "WEBP", lossless=True)),
    (sniff.WEBP, pictures.saved(pictures.page("RGBA"), "WEBP", exif=b"Exif\0\0xx")),
    (sniff.WEBP, FILES[sniff.WEBP] + b"\0"),
    (sniff.HEIC, pictures.heif() + pictures.box(b"free", b"")),
    (sniff.HEIC, pictures.heif() + b"\0\0\0\0mdat" + b"x" * 30),
    (sniff.HEIC, pictures.heif() + struct.pack(">I4sQ", 1, b"mdat", 20) + b"xxxx"),
]


def fault(data: bytes, media_type: str, pixels: int = PIXELS) -> str:
    """Return the code of what is wrong with an image."""
    with pytest.raises(DocumentFault) as caught:
        check_image(data, media_type, pixels)
    return caught.value.code


@pytest.mark.parametrize(("media_type", "data"), [*FILES.items(), *VARIANTS])
def test_whole_images_pass(media_type: str, data: bytes) -> None:
    """Every way that encoders write them."""
    check_image(data, media_type, PIXELS)


@pytest.mark.parametrize("media_type", [sniff.PNG, sniff.JPEG, sniff.WEBP])
def test_the_size_is_read(media_type: str) -> None:
    """61 x 47 pixels pass a limit of just as many, and no smaller one."""
    check_image(FILES[media_type], media_type, 61 * 47)
    assert fault(FILES[media_type], media_type, 61 * 47 - 1) == "decompression_bomb"


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0xx"}])
def test_the_size_of_every_webp_is_read(options: dict[str, object]) -> None:
    """Lossless and extended files keep it elsewhere."""
    data = pictures.saved(PAGE, "WEBP", **options)
    check_image(data, sniff.WEBP, 61 * 47)
    assert fault(data, sniff.WEBP, 61 * 47 - 1) == "decompression_bomb"


@pytest.mark.parametrize("media_type", FILES)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_files_are_truncated(media_type: str, share: float) -> None:
    """An upload that broke off is told as such."""
    data = FILES[media_type]
    assert fault(data[: int(share * len(data))], media_type) == "truncated"


@pytest.mark.parametrize("media_type", [sniff.PNG, sniff.WEBP, sniff.HEIC])
def test_every_cut_is_a_fault(media_type: str) -> None:
    """Wherever the file ends early, it does not pass."""
    data = FILES[media_type]
    shortest = {sniff.PNG: 8, sniff.WEBP: 12, sniff.HEIC: 12}[media_type]
    for end in range(shortest, len(data) - 1):
        assert fault(data[:end], media_type) in ("truncated", "corrupt")


def test_a_flipped_bit_of_a_png_is_corrupt() -> None:
    """Checksums are held against the blocks."""
    data = bytearray(FILES[sniff.PNG])
    at = data.index(b"IDAT") + 10
    data[at] ^= 1
    assert fault(bytes(data), sniff.PNG) == "corrupt"


@pytest.mark.parametrize(
    "blocks",
    [
        [(b"IEND", b"")],
        [(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0)), (b"IEND", b"")],
        [(b"IDAT", b"x"), (b"IEND", b"")],
        [(b"IHDR", b"x"), (b"IDAT", b"x"), (b"IEND", b"")],
    ],
)
def test_a_png_without_header_or_pixels_is_corrupt(blocks: list[tuple[bytes, bytes]]) -> None:
    """It ends well, and holds no picture."""
    data = b"\x89PNG\r\n\x1a\n" + b"".join(pictures.png_block(*block) for block in blocks)
    assert fault(data, sniff.PNG) == "corrupt"


@pytest.mark.parametrize("size", [(0, 9), (9, 0)])
def test_an_image_without_pixels_is_corrupt(size: tuple[int, int]) -> None:
    """Zero wide or high is no image."""
    assert fault(pictures.png_claiming(*size), sniff.PNG) == "corrupt"


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        (sniff.PNG, pictures.png_claiming(60_000, 60_000)),
        (sniff.PNG, pictures.png_claiming(2**32 - 1, 2**32 - 1)),
        (sniff.WEBP, pictures.webp_chunk(b"VP8X", b"\0\0\0\0" + b"\xff" * 6)),
        (sniff.WEBP, pictures.webp_chunk(b"VP8L", b"\x2f\xff\xff\xff\xff")),
    ],
)
def test_bombs_are_told_by_their_claim(media_type: str, data: bytes) -> None:
    """A kilobyte that unpacks to gigabytes is refused unopened."""
    assert fault(data, media_type, 180_000_000) == "decompression_bomb"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0\x00\x01xx",
        b"\xff\xd8\xff\xda\x00\x04xx\xff\xd9",
    ],
)
def test_broken_jpeg_segments_are_corrupt(data: bytes) -> None:
    """Impossible lengths, pixels before the size."""
    assert fault(data, sniff.JPEG) == "corrupt"


@pytest.mark.parametrize(
    "data",
    [
        pictures.webp_chunk(b"ABCD", b"x" * 30),
        pictures.webp_chunk(b"VP8L", b"xxxxxxx"),
        pictures.webp_chunk(b"VP8 ", b"x" * 30),
        pictures.webp_chunk(b"VP8X", b""),
        pictures.webp_chunk(b"VP8 ", b"\0\0\0\x9d\x01\x2a"),
    ],
)
def test_broken_webp_blocks_are_corrupt(data: bytes) -> None:
    """A first block of no known kind, without its signature, or too short for a size."""
    assert fault(data, sniff.WEBP) == "corrupt"


def test_heif_boxes_must_add_up() -> None:
    """A box shorter than its own header is corrupt; one past the end, or no meta, truncated."""
    start = pictures.box(b"ftyp", b"heic\0\0\0\0")
    assert fault(start + struct.pack(">I4s", 7, b"meta"), sniff.HEIC) == "corrupt"
    assert fault(start + struct.pack(">I4s", 99, b"meta"), sniff.HEIC) == "truncated"
    assert fault(start + pictures.box(b"mdat", b"x"), sniff.HEIC) == "truncated"


@given(
    media_type=st.sampled_from(list(FILES)),
    changes=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.integers(0, 400),
)
@example(media_type=sniff.WEBP, changes=[(4, 18), (5, 0)], cut=-26)
def test_mutated_images_pass_or_are_faults(
    media_type: str, changes: list[tuple[int, int]], cut: int
) -> None:
    """No change of bytes gives anything but a pass or a DocumentFault."""
    data = bytearray(FILES[media_type])
    for at, value in changes:
        data[at % len(data)] = value
    end = -cut if cut < 0 else max(12, len(data) - cut)
    code = "passed"
    try:
        check_image(bytes(data[:end]), media_type, PIXELS)
    except DocumentFault as found:
        code = found.code
    assert code in ("passed", "truncated", "corrupt", "decompression_bomb")


@given(media_type=st.sampled_from(list(FILES)), body=st.binary(max_size=60))
def test_any_bytes_pass_or_are_faults(media_type: str, body: bytes) -> None:
    """What only begins like an image is no crash."""
    for start in (12, 16, 20):
        try:
            check_image(FILES[media_type][:start] + body, media_type, PIXELS)
        except DocumentFault:
            continue
