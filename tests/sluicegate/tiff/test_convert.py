"""TIFF becomes PNG, a page each, and loses nothing that can be kept."""

import io
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.tiff.convert import convert_tiff
from tests.sluicegate.media import pictures

LIMITS = Limits()


def convert(data: bytes, limits: Limits = LIMITS) -> list[Image.Image]:
    """Convert a TIFF and open its pages, whose types must be what they say."""
    opened = list[Image.Image]()
    for media_type, page in convert_tiff(data, limits):
        assert sniff.sniff(page) == media_type
        image = Image.open(io.BytesIO(page))
        image.load()
        opened.append(image)
    return opened


def converted(image: Image.Image, **options: Any) -> Image.Image:
    """Save an image as TIFF and convert it."""
    (page,) = convert(pictures.saved(image, "TIFF", **options))
    return page


def same(one: Image.Image, other: Image.Image) -> bool:
    """Compare pixels, whatever the modes."""
    return one.size == other.size and (
        ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None
    )


@pytest.mark.parametrize("compression", [None, "group3", "group4", "tiff_lzw", "packbits"])
def test_bilevel_pages_stay_bilevel(compression: str | None) -> None:
    """Fax pages come out with one bit a pixel, every pixel as it was."""
    page = pictures.page("1")
    result = converted(page, compression=compression)
    assert result.mode == "1"
    assert result.format == "PNG"
    assert same(result, page)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits"])
def test_lossless_pages_keep_every_pixel(mode: str, compression: str | None) -> None:
    """Grey, colour and palette pages, in all lossless compressions."""
    page = pictures.page(mode)
    assert same(converted(page, compression=compression), page)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_pages_are_decoded(mode: str) -> None:
    """A JPEG inside a TIFF gives the pixels that its decoder gives."""
    data = pictures.saved(pictures.page(mode), "TIFF", compression="jpeg", quality=95)
    (page,) = convert(data)
    assert same(page, Image.open(io.BytesIO(data)))


def test_cmyk_becomes_rgb() -> None:
    """Print colours are turned into screen colours."""
    page = pictures.page("CMYK")
    assert same(converted(page), page.convert("RGB"))


def test_transparency_becomes_white_paper() -> None:
    """What is transparent is paper, not black."""
    page = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    page.paste((10, 20, 30, 255), (5, 5, 10, 10))
    result = converted(page).convert("RGB")
    assert result.getpixel((0, 0)) == (255, 255, 255)
    assert result.getpixel((7, 7)) == (10, 20, 30)


def test_transparent_grey_becomes_white_paper_too() -> None:
    """Black text on a transparent grey page stays legible."""
    page = Image.new("LA", (20, 20), (0, 0))
    page.paste((0, 255), (5, 5, 10, 10))
    result = converted(page).convert("L")
    assert result.getpixel((0, 0)) == 255
    assert result.getpixel((7, 7)) == 0


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
@pytest.mark.parametrize("top", [255, 1023, 4095, 65535])
def test_deep_grey_is_scaled_over_the_range_it_uses(mode: str, top: int) -> None:
    """A 12-bit scan in a 16-bit file does not turn black: white is white, grey is grey."""
    page = Image.new(mode, (4, 1))
    for x, share in enumerate((0, 0.25, 0.5, 1)):
        page.putpixel((x, 0), round(share * top))
    result = converted(page)
    assert result.mode == "L"
    shades = [result.getpixel((x, 0)) for x in range(4)]
    assert shades == pytest.approx([0, 63.75, 127.5, 255], abs=1.5)


def test_white_stays_white() -> None:
    """The top of a deep range is 255."""
    assert converted(Image.new("I;16", (3, 3), 65535)).getpixel((1, 1)) == 255


def test_a_dark_deep_page_is_not_stretched_beyond_eight_bits() -> None:
    """Noise on a black page is no picture: 0 to 255 are taken as they are."""
    page = Image.new("I;16", (2, 1), 3)
    page.putpixel((1, 0), 100)
    result = converted(page)
    assert [result.getpixel((x, 0)) for x in range(2)] == pytest.approx([3, 100], abs=1)


def test_floating_point_pages_are_scaled() -> None:
    """From black to the largest value, also where negative values occur."""
    page = Image.new("F", (3, 1), 0.0)
    page.putpixel((1, 0), 0.5)
    page.putpixel((2, 0), 1.0)
    shades = [converted(page).getpixel((x, 0)) for x in range(3)]
    assert shades == pytest.approx([0, 127.5, 255], abs=1)
    page.putpixel((0, 0), -1.0)
    page.putpixel((1, 0), 0.0)
    shades = [converted(page).getpixel((x, 0)) for x in range(3)]
    assert shades == pytest.approx([0, 127.5, 255], abs=1)


def test_pages_come_in_order() -> None:
    """Ten pages of different sizes and modes, each at its place."""
    modes = ["1", "L", "RGB", "L", "1", "RGBA", "RGB", "CMYK", "L", "1"]
    pages = [pictures.page(mode, (40 + n, 47)) for n, mode in enumerate(modes)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    result = convert(data)
    assert [page.width for page in result] == [40 + n for n in range(10)]
    assert all(same(mine, its) for mine, its in zip(result, pages, strict=True))


@pytest.mark.parametrize("first", ["1", "L", "RGB", "P", "CMYK", "I;16"])
@pytest.mark.parametrize("second", ["1", "L", "RGB", "P", "CMYK", "I;16"])
def test_every_kind_of_page_may_follow_every_other(first: str, second: str) -> None:
    """A palette page after a colour page is as good as alone."""
    pages = [pictures.page(first), pictures.page(second)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    alone = converted(pages[1])
    assert same(convert(data)[1], alone)


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, None),
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_270),
        (8, Image.Transpose.ROTATE_90),
    ],
)
@pytest.mark.parametrize("mode", ["1", "RGB"])
def test_the_orientation_tag_is_obeyed(
    orientation: int, turn: Image.Transpose | None, mode: str
) -> None:
    """A page that was scanned sideways comes out upright."""
    page = pictures.page(mode)
    result = converted(page, tiffinfo={274: orientation})
    assert same(result, page.transpose(turn) if turn is not None else page)


def test_a_page_too_large_as_png_becomes_a_fine_jpeg() -> None:
    """A photograph as PNG outgrows the limit: it is sent as JPEG of high quality."""
    noise = Image.effect_noise((200, 200), 90).filter(ImageFilter.GaussianBlur(2))
    limits = Limits(inline_image_bytes=12_000)
    ((media_type, data),) = convert_tiff(pictures.saved(noise, "TIFF"), limits)
    assert media_type == sniff.JPEG
    assert len(data) <= 12_000
    difference = ImageChops.difference(Image.open(io.BytesIO(data)), noise)
    assert difference.histogram()[40:] == [0] * 216


def test_a_page_too_large_at_all_is_told() -> None:
    """Neither PNG nor JPEG fits: too large, with the page's number."""
    pages = [pictures.page("L"), Image.effect_noise((300, 300), 90)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(DocumentFault, match="page 2") as caught:
        convert_tiff(data, Limits(inline_image_bytes=5_000))
    assert caught.value.code == "too_large"


def test_all_pages_together_fit_a_request() -> None:
    """Pages that fit each for itself step down to fit together, or are too large together."""
    pages = [Image.effect_noise((300, 300), 90) for _ in range(8)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    limits = Limits(inline_request_bytes=(1 << 18) + 300_000)
    assert sum(len(page) for _, page in convert_tiff(data, limits)) <= 300_000
    limits = Limits(inline_request_bytes=(1 << 18) + 30_000)
    with pytest.raises(DocumentFault) as caught:
        convert_tiff(data, limits)
    assert caught.value.code == "too_large"
    assert sum(len(page) for _, page in convert_tiff(data, LIMITS)) < LIMITS.inline_payload_bytes


def test_too_many_pages_are_refused_before_they_are_decoded() -> None:
    """The count is looked at first."""
    pages = [pictures.page("1", (9, 9)) for _ in range(4)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(DocumentFault, match="4 pages") as caught:
        convert_tiff(data, Limits(images=3))
    assert caught.value.code == "too_many_pages"


def test_large_pages_are_bombs() -> None:
    """A page beyond the limit; many that are within it are none."""
    page = pictures.page("1", (100, 100))
    data = pictures.saved(page, "TIFF", compression="group4")
    assert convert(data, Limits(image_pixels=10_000))
    with pytest.raises(DocumentFault, match="page 1 is 100 x 100") as caught:
        convert_tiff(data, Limits(image_pixels=9_999))
    assert caught.value.code == "decompression_bomb"
    many = pictures.saved(page, "TIFF", save_all=True, append_images=[page] * 4)
    assert len(convert_tiff(many, Limits(image_pixels=10_000))) == 5


def test_big_tiff_is_read() -> None:
    """The 64-bit variant."""
    page = pictures.page("RGB")
    data = pictures.saved(page, "TIFF", big_tiff=True)
    assert data[:4] == b"II+\0"
    assert same(convert(data)[0], page)
