"""Which pictures of a TIFF are pages, and that each is sent upright, square and in its colours."""

import io
import struct
import zlib
from fractions import Fraction

import pytest
from PIL import Image, ImageStat

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.tiff.convert import convert_tiff
from tests.sluicegate.media import made, pictures

LIMITS = Limits()
PAGE = made.marked()
THUMB = made.of_image(made.marked((24, 16)))
WHOLE = made.of_image(PAGE)


def sent(data: bytes, limits: Limits = LIMITS) -> list[Image.Image]:
    """Convert a TIFF and open its pages."""
    return [Image.open(io.BytesIO(page)) for _, page in convert_tiff(data, limits)]


def fault(data: bytes, limits: Limits = LIMITS) -> DocumentFault:
    """Return what is wrong with a TIFF."""
    with pytest.raises(DocumentFault) as caught:
        convert_tiff(data, limits)
    return caught.value


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    "pages",
    [
        [THUMB.tagged(t254=1), WHOLE],
        [WHOLE, THUMB.tagged(t254=1)],
        [WHOLE.tagged(t254=2), THUMB.tagged(t254=3), THUMB.tagged(t254=1)],
        [WHOLE.tagged(t255=1), THUMB.tagged(t255=2)],
        [WHOLE, made.of_image(made.in_mode(PAGE, "1")).tagged(t254=4, t262=4)],
        [WHOLE, made.of_image(made.in_mode(PAGE, "1")).tagged(t262=4)],
        [made.Page(THUMB.tagged(t254=1).tags, THUMB.strips, [WHOLE])],
        [made.Page(THUMB.tagged(t254=1).tags, THUMB.strips, [THUMB.tagged(t254=1), WHOLE])],
        [made.Page(WHOLE.tags, WHOLE.strips, [THUMB.tagged(t254=1)])],
    ],
    ids=[
        "thumbnail first", "thumbnail last", "pyramid", "old tag", "mask", "mask without type",
        "page below", "page among below", "thumbnail below",
    ],
)  # fmt: skip
def test_copies_and_masks_are_no_pages(pages: list[made.Page], big: bool, order: str) -> None:
    """One picture is sent, and it is the page; classic and big, in both byte orders."""
    (page,) = sent(made.tiff(*pages, order=order, big=big))
    assert page.size == PAGE.size
    assert made.corners(page) == made.UPRIGHT


def test_if_all_claim_to_be_copies_the_largest_are_the_pages() -> None:
    """A scanner that marks each page so has pages all the same."""
    data = made.tiff(WHOLE.tagged(t254=1), THUMB.tagged(t254=1), WHOLE.tagged(t254=1))
    assert [page.size for page in sent(data)] == [PAGE.size, PAGE.size]


def test_a_cameras_raw_picture_is_told() -> None:
    """The thumbnail before it is not sent in its place."""
    raw = made.stored((32, 32), bytes(2048), bits=16, photometric=32803)
    data = made.tiff(made.Page(THUMB.tagged(t254=1).tags, THUMB.strips, [raw]))
    assert fault(data).code == "unsupported_type"
    assert "camera" in fault(data).message


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_every_orientation_comes_out_upright(orientation: int, mode: str) -> None:
    """A page stored as its tag says is what a person sees."""
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    stored = made.in_mode(turned(PAGE, undo), mode)
    (page,) = sent(made.tiff(made.of_image(stored).tagged(t274=orientation)))
    assert page.size == PAGE.size
    expected = made.corners(made.in_mode(PAGE, mode))
    assert made.corners(page) == expected


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture by Pillow's own reading of the tag."""
    from PIL import ImageOps  # noqa: PLC0415

    image = image.copy()
    image.getexif()[274] = orientation
    return ImageOps.exif_transpose(image)


@pytest.mark.parametrize("unit", [1, 2, 3])
@pytest.mark.parametrize(
    ("x", "y", "size"),
    [
        ((204, 1), (98, 1), (96, 128)),
        ((8031, 100), (3858, 100), (96, 128)),
        ((204, 1), (391, 1), (192, 64)),
        ((204, 1), (196, 1), (96, 64)),
        ((300, 1), (200, 1), (96, 96)),
        ((300, 1), (1, 1), (96, 64)),
        ((0, 1), (98, 1), (96, 64)),
        ((204, 0), (98, 1), (96, 64)),
    ],
)
@pytest.mark.parametrize("mode", ["1", "RGB"])
def test_oblong_pixels_become_square(
    x: tuple[int, int], y: tuple[int, int], size: tuple[int, int], unit: int, mode: str
) -> None:
    """A fax of 204 x 98 has its lines doubled, whatever the unit; nonsense is passed over."""
    data = made.tiff(made.of_image(made.in_mode(PAGE, mode)).tagged(t282=x, t283=y, t296=unit))
    (page,) = sent(data)
    assert page.size == size
    assert made.corners(page) == made.corners(made.in_mode(PAGE, mode))


def test_a_fax_on_its_side_is_squared_before_it_is_turned() -> None:
    """Densities are those of the stored lines."""
    page = made.of_image(made.in_mode(PAGE, "1")).tagged(t274=6, t282=(204, 1), t283=(98, 1))
    (image,) = sent(made.tiff(page))
    assert image.size == (128, 96)
    assert image.mode == "1"


def test_squaring_keeps_within_the_pixels_that_are_taken() -> None:
    """Where doubling would be too much, the other direction is halved."""
    data = made.tiff(WHOLE.tagged(t282=(204, 1), t283=(102, 1)))
    (image,) = sent(data, Limits(image_pixels=96 * 64))
    assert image.size == (48, 64)


def test_long_documents_are_no_bombs() -> None:
    """Pages of a legitimate size do not add up: one is decoded at a time."""
    page = Image.new("1", (432, 539), 1)
    data = pictures.saved(
        page, "TIFF", compression="group4", save_all=True, append_images=[page] * 220
    )
    limits = Limits(image_pixels=432 * 539)
    assert len(convert_tiff(data, limits)) == 221


def test_what_unpacks_without_end_names_the_true_limit() -> None:
    """Many pages of few bytes: the sum is what is told, not the limit of a page."""
    page = made.stored((17_000, 10_000), b"\0", photometric=1)
    page.tags[259] = ("H", [8])
    found = fault(made.tiff(*[page] * 60))
    assert found.code == "too_many_pages"
    assert "51 of 60 pages" in found.message
    assert "8,589,934,592" in found.message


def test_one_page_too_large_is_a_bomb() -> None:
    """With the numbers that were compared."""
    page = made.stored((20_000, 10_000), b"\0")
    found = fault(made.tiff(WHOLE, page))
    assert found.code == "decompression_bomb"
    assert "page 2 is 20,000 x 10,000 pixels; at most 180,000,000" in found.message


@pytest.mark.parametrize(
    ("number", "name"),
    [(34712, "JPEG 2000"), (50001, "WebP"), (34887, "LERC"), (50002, "JPEG XL"), (34934, "JPEG XR"),
     (34933, "PNG"), (60_000, "compression number 60000")],
)  # fmt: skip
def test_compressions_that_are_not_known_are_told_by_name(number: int, name: str) -> None:
    """Nothing is broken about such a file, and scanning it again would not help."""
    page = made.of_image(PAGE)
    page.tags[259] = ("H", [number])
    found = fault(made.tiff(page))
    assert found.code == "unsupported_type"
    assert name in found.message


def test_messages_are_the_same_in_every_run() -> None:
    """No address of this process: failures are compared and counted by their messages."""
    garbled = made.of_image(PAGE)
    garbled.tags[259], garbled.strips = ("H", [5]), [b"\x80\x0b\x60\x50" * 9]
    odd = made.stored((4, 4), bytes(64), bits=9)
    for page in (garbled, odd):
        message = fault(made.tiff(page)).message
        assert message == fault(made.tiff(page)).message
        assert "0x" not in message
        assert "<" not in message


def test_strips_behind_the_end_are_truncated() -> None:
    """Whatever page they are of; and a page that names too few of them is corrupt."""
    page = made.of_image(PAGE)
    packed = zlib.compress(page.strips[0])
    page.tags[259], page.strips = ("H", [8]), [packed]
    data = made.tiff(page, page)
    at = data.rindex(struct.pack("<HHII", 279, 4, 1, len(packed))) + 8
    longer = data[:at] + struct.pack("<I", len(data)) + data[at + 4 :]
    assert fault(longer).code == "truncated"
    whole = made.of_image(PAGE)
    whole.tags[278] = ("I", [PAGE.height // 2])
    assert fault(made.tiff(whole)).code == "corrupt"


def test_pages_that_share_their_bytes_without_end_are_refused() -> None:
    """A small file must not become a large one by naming the same bytes again and again."""
    page = made.stored((400, 400), bytes(160_000))
    data = bytearray(made.tiff(page))
    first = struct.unpack_from("<I", data, 4)[0]
    (count,) = struct.unpack_from("<H", data, first)
    directory = bytes(data[first : first + 2 + 12 * count])
    at = first + 2 + 12 * count
    for _ in range(2000):
        struct.pack_into("<I", data, at, len(data))
        data += directory + bytes(4)
        at = len(data) - 4
    assert fault(bytes(data)).code in ("corrupt", "too_large", "too_many_pages")


def test_directories_in_a_circle_and_without_end() -> None:
    """Each is read once, and too many are refused."""
    many = made.tiff(*[made.of_image(Image.new("1", (1, 1)))] * 60)
    assert fault(many, Limits(images=50)).code == "too_many_pages"
    tags = struct.pack("<HHII", 65_000, 1, 1, 0) * 60_000
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", 60_000) + tags
    overlapping = head + b"".join(struct.pack("<I", 8) for _ in range(9))
    assert fault(overlapping).code == "corrupt"


def test_a_page_costs_less_than_a_second() -> None:
    """Colour, 300 dpi, A4, of noise: the dearest kind. Measured at half a second."""
    import time  # noqa: PLC0415

    noise = Image.effect_noise((1240, 1754), 60).resize((2480, 3508))
    page = Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))
    data = pictures.saved(page, "TIFF", compression="tiff_lzw")
    begun = time.thread_time()
    ((media_type, encoded),) = convert_tiff(data, LIMITS)
    assert time.thread_time() - begun < 3  # on a machine that does other things
    assert media_type == sniff.JPEG
    assert len(encoded) <= LIMITS.inline_image_bytes


@pytest.mark.parametrize("compression", ["jpeg", "tiff_lzw"])
def test_quality_steps_down_before_a_document_is_given_up(compression: str) -> None:
    """Seven colour pages in little room: each is there, in its size, with its mean colours."""
    noise = Image.effect_noise((350, 495), 40)
    page = Image.merge("RGB", (noise, noise.rotate(180), noise.rotate(90, expand=False)))
    data = pictures.saved(
        page, "TIFF", compression=compression, save_all=True, append_images=[page] * 6
    )
    for room in (625_000, 300_000, 150_000):
        limits = Limits(inline_request_bytes=room * 4 // 3 + (1 << 18))
        parts = convert_tiff(data, limits)
        assert len(parts) == 7
        assert sum(len(part) for _, part in parts) <= limits.inline_payload_bytes
        for _, part in parts:
            mean = ImageStat.Stat(Image.open(io.BytesIO(part)).convert("RGB")).mean
            assert mean == pytest.approx(ImageStat.Stat(page).mean, abs=5)


def test_a_document_that_cannot_fit_says_so() -> None:
    """Too large names the page and what the poorest picture would take."""
    noise = Image.effect_noise((900, 900), 90)
    data = pictures.saved(noise, "TIFF", save_all=True, append_images=[noise] * 7)
    found = fault(data, Limits(inline_request_bytes=(1 << 18) + 60_000))
    assert found.code == "too_large"
    assert "of 8 of the TIFF" in found.message


def test_resolutions_are_fractions() -> None:
    """Also as whole and as real numbers, which some writers use."""
    from sluicegate.tiff.directories import find_pages  # noqa: PLC0415

    page = made.of_image(PAGE)
    page.tags[282], page.tags[283] = ("f", [203.5]), ("H", [98])
    (found,) = find_pages(made.tiff(page), 9)
    assert (found.fraction(282), found.fraction(283)) == (Fraction(407, 2), Fraction(98))
