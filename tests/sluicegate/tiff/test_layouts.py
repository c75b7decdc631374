"""Every layout of samples gives the picture that was stored, or is told by its numbers."""

import io
import struct
import zlib
from collections.abc import Sequence

import pytest
from PIL import Image, ImageChops, ImageStat

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.tiff.convert import convert_tiff
from tests.sluicegate.media import made, pictures

GREY = pictures.page("L")
COLOUR = made.marked((61, 47))
ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def one(page: made.Page, order: str = "<", big: bool = False) -> Image.Image:
    """Convert a TIFF of one page."""
    ((_, data),) = convert_tiff(made.tiff(page, order=order, big=big), Limits())
    return Image.open(io.BytesIO(data))


def near(found: Image.Image, expected: Image.Image, slack: int = 1) -> bool:
    """Compare pixels, whatever the modes."""
    difference = ImageChops.difference(found.convert("RGB"), expected.convert("RGB"))
    return found.size == expected.size and max(high for _, high in difference.getextrema()) <= slack


def interleaved(*samples: bytes) -> bytes:
    """Put samples of one byte side by side."""
    out = bytearray(len(samples) * len(samples[0]))
    for number, sample in enumerate(samples):
        out[number :: len(samples)] = sample
    return bytes(out)


@ORDERS
@pytest.mark.parametrize("factor", [257, 16, 4])
@pytest.mark.parametrize("white_is_zero", [False, True])
def test_deep_grey(order: str, factor: int, white_is_zero: bool) -> None:
    """16, 12 and 10 bits in 16, black or white at zero: dark stays dark."""
    pixels = made.deep(GREY, order, factor, flip=white_is_zero)
    photometric = 0 if white_is_zero else 1
    assert near(
        one(made.stored(GREY.size, pixels, bits=16, photometric=photometric), order), GREY, 2
    )


@ORDERS
@pytest.mark.parametrize("factor", [257, 16])
@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize("predictor", [1, 2])
def test_deep_colour(order: str, factor: int, compression: int, predictor: int) -> None:
    """12 bits in 16 are scaled to the range they use, in colour as in grey."""
    pixels = made.deep(COLOUR, order, factor)
    if predictor == 2:
        if compression == 1:
            pytest.skip("differences come with a compression")
        pixels = differenced(pixels, order, COLOUR.width, 3)
    page = made.stored(COLOUR.size, pixels, bits=16, samples=3, photometric=2)
    page.tags[259], page.tags[317] = ("H", [compression]), ("H", [predictor])
    if compression == 8:
        page.strips = [zlib.compress(pixels)]
    assert near(one(page, order), COLOUR, 2)


def differenced(pixels: bytes, order: str, width: int, samples: int) -> bytes:
    """Store each sample as the difference to the one before it in its row."""
    values = struct.unpack(f"{order}{len(pixels) // 2}H", pixels)
    row, out = width * samples, []
    for at, value in enumerate(values):
        out.append((value - values[at - samples]) % 65536 if at % row >= samples else value)
    return struct.pack(f"{order}{len(out)}H", *out)


@ORDERS
def test_deep_colour_with_alpha(order: str) -> None:
    """Four samples of 16 bits, half of the page transparent."""
    alpha = bytes(255 if at % COLOUR.width < 30 else 0 for at in range(61 * 47))
    pixels = made.deep(Image.merge("RGBA", (*COLOUR.split(), alpha_image(alpha))), order)
    page = made.stored(COLOUR.size, pixels, bits=16, samples=4, photometric=2, extra=[2])
    found = one(page, order)
    assert made.corners(found) == ["red", "white", "blue", "white"]


def alpha_image(alpha: bytes) -> Image.Image:
    """Return an alpha as a picture of the colour page's size."""
    return Image.frombytes("L", COLOUR.size, alpha)


@pytest.mark.parametrize("extras", [1, 2, 3, 4])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize(
    "picture", [GREY, COLOUR, GREY.convert("CMYK")], ids=["grey", "colour", "cmyk"]
)
def test_samples_beyond_the_colours_are_dropped(
    picture: Image.Image, planar: bool, extras: int
) -> None:
    """Whatever they hold: infrared, masks, heights."""
    bands = [band.tobytes() for band in picture.split()]
    junk = [bytes((number * 50 + at) % 256 for at in range(61 * 47)) for number in range(extras)]
    photometric = {"L": 1, "RGB": 2, "CMYK": 5}[picture.mode]
    samples = [*bands, *junk]
    page = made.stored(
        picture.size, interleaved(*samples), samples=len(samples), photometric=photometric,
        extra=[0] * extras,
    )  # fmt: skip
    if planar:
        page.tags[284], page.strips = ("H", [2]), samples
    assert near(one(page), picture, 0)


@pytest.mark.parametrize("white_is_zero", [False, True])
def test_grey_with_a_transparency(white_is_zero: bool) -> None:
    """Black text on transparent grey is black on paper."""
    alpha = bytes(255 if at % 61 < 30 else 0 for at in range(61 * 47))
    ink = bytes(255 if white_is_zero else 0 for _ in alpha)
    page = made.stored(
        (61, 47),
        interleaved(ink, alpha),
        samples=2,
        photometric=0 if white_is_zero else 1,
        extra=[2],
    )
    found = one(page).convert("L")
    assert (found.getpixel((3, 3)), found.getpixel((50, 3))) == (0, 255)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("level", [0, 1])
def test_an_alpha_of_nothing_is_no_alpha(kind: int, level: int) -> None:
    """Where it would leave an empty page, the colours are taken."""
    pixels = interleaved(*(band.tobytes() for band in COLOUR.split()), bytes([level]) * (61 * 47))
    page = made.stored(COLOUR.size, pixels, samples=4, photometric=2, extra=[kind])
    assert made.corners(one(page)) == made.UPRIGHT


def test_an_associated_alpha_is_not_applied_twice() -> None:
    """Its colours are multiplied already: half of red on paper is pink."""
    count = 61 * 47
    pixels = interleaved(b"\x80" * count, bytes(count), bytes(count), b"\x80" * count)
    page = made.stored((61, 47), pixels, samples=4, photometric=2, extra=[1])
    assert one(page).convert("RGB").getpixel((9, 9)) == (255, 127, 127)
    plain = interleaved(b"\xff" * count, bytes(count), bytes(count), b"\x80" * count)
    page = made.stored((61, 47), plain, samples=4, photometric=2, extra=[2])
    assert one(page).convert("RGB").getpixel((9, 9)) == (255, 127, 127)


def test_white_ink_on_nothing_is_seen() -> None:
    """On white paper it would be lost; it is put on black."""
    alpha = bytes(255 if at % 61 < 30 else 0 for at in range(61 * 47))
    white = b"\xff" * len(alpha)
    page = made.stored((61, 47), interleaved(white, alpha), samples=2, extra=[2])
    found = one(page).convert("L")
    assert (found.getpixel((3, 3)), found.getpixel((50, 3))) == (255, 0)


@pytest.mark.parametrize(
    ("bits", "samples"), [(12, 1), (12, 3), (4, 3), (2, 3), (1, 3), (4, 1), (2, 1)]
)
@ORDERS
def test_samples_that_share_bytes(bits: int, samples: int, order: str) -> None:
    """Packed one behind the other, each row from a new byte."""
    picture = GREY if samples == 1 else COLOUR
    top = (1 << bits) - 1
    rows, width = bytearray(), picture.width * samples
    levels = [round(value / 255 * top) for value in picture.tobytes()]
    for start in range(0, len(levels), width):
        number = 0
        for level in levels[start : start + width]:
            number = number << bits | level
        spare = -width * bits % 8
        rows += (number << spare).to_bytes((width * bits + spare) // 8, "big")
    page = made.stored(
        picture.size, bytes(rows), bits=bits, samples=samples, photometric=2 if samples == 3 else 1
    )
    expected = picture.point(
        [round(round(value / 255 * top) * 255 / top) for value in range(256)] * samples
    )
    assert near(one(page, order), expected, 3)


@ORDERS
@pytest.mark.parametrize("bits", [24, 32])
def test_wide_samples(bits: int, order: str) -> None:
    """Unsigned of 24 and 32 bits: the upper ones are the picture."""
    pixels = b"".join(
        (value << (bits - 8)).to_bytes(bits // 8, "little" if order == "<" else "big")
        for value in GREY.tobytes()
    )
    assert near(one(made.stored(GREY.size, pixels, bits=bits), order), GREY)


def test_real_numbers_with_some_that_are_none() -> None:
    """NaN and infinity are black; the others are scaled as if those were not there."""
    values = [value / 255 for value in GREY.tobytes()]
    values[:3] = [float("nan"), float("inf"), float("-inf")]
    page = made.stored(GREY.size, struct.pack(f"<{len(values)}f", *values), bits=32)
    page.tags[339] = ("H", [3])
    found = one(page).convert("L")
    assert [found.getpixel((x, 0)) for x in range(3)] == [0, 0, 0]
    assert near(found.crop((0, 1, *GREY.size)), GREY.crop((0, 1, *GREY.size)))


@ORDERS
@pytest.mark.parametrize("big", [False, True])
def test_big_tiffs_in_both_orders(order: str, big: bool) -> None:
    """Written by whoever, on whatever machine."""
    assert near(one(made.of_image(COLOUR), order, big), COLOUR, 0)


def test_a_palette_of_eight_bits_is_not_black() -> None:
    """Colours are of 16 bits; some writers store 8."""
    palette = [*range(256), *range(256), *range(256)]
    page = made.stored(GREY.size, GREY.tobytes(), photometric=3)
    page.tags[320] = ("H", palette)
    assert near(one(page), GREY)


def test_cielab_is_converted() -> None:
    """White is white, and an extra sample beside it is dropped."""
    count = 16
    lab = interleaved(b"\xff" * count, bytes(count), bytes(count), b"\x77" * count)
    page = made.stored((4, 4), lab, samples=4, photometric=8, extra=[0])
    assert ImageStat.Stat(one(page).convert("RGB")).mean == pytest.approx([255, 255, 255], abs=2)


@pytest.mark.parametrize(
    "fields", [{"bits": 64}, {"bits": 9}, {"samples": 9, "photometric": 2, "bits": 7}]
)
def test_the_rest_is_told_by_its_numbers(fields: dict[str, int]) -> None:
    """Nothing is called broken for want of a decoder."""
    page = made.stored((4, 4), bytes(4096), **fields)
    with pytest.raises(DocumentFault, match="cannot be read here") as caught:
        one(page)
    assert caught.value.code == "unsupported_type"


def profile(space: bytes, size: int) -> bytes:
    """Return the skeleton of an ICC profile."""
    body = bytearray(size)
    body[0:4] = struct.pack(">I", size)
    body[8:12], body[12:24], body[36:40] = b"\x02\x40\0\0", b"prtr" + space + b"Lab ", b"acsp"
    return bytes(body)


@pytest.mark.parametrize("size", [600, (1 << 20) + 1024])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK"])
def test_no_profile_is_passed_on(mode: str, size: int) -> None:
    """The pixels that are sent are in sRGB or grey, and the picture can be opened."""
    data = pictures.saved(COLOUR.convert(mode), "TIFF", icc_profile=profile(b"CMYK", size))
    ((_, page),) = convert_tiff(data, Limits())
    with Image.open(io.BytesIO(page)) as image:
        image.load()
        assert "icc_profile" not in image.info
        assert near(image, COLOUR.convert(mode).convert("RGB"), 2)


def test_colours_are_those_of_the_profile() -> None:
    """A page in another colour space is converted, not relabelled."""
    from PIL import ImageCms  # noqa: PLC0415

    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"sRGB", b"xRGB")
    red, green = (swapped.index(tag) for tag in (b"rXYZ", b"gXYZ"))
    exchanged = bytearray(swapped)
    exchanged[red : red + 4], exchanged[green : green + 4] = b"gXYZ", b"rXYZ"
    data = pictures.saved(COLOUR, "TIFF", icc_profile=bytes(exchanged))
    ((_, page),) = convert_tiff(data, Limits())
    assert made.corners(Image.open(io.BytesIO(page))) == ["green", "red", "blue", "white"]


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("rows", [8, 16, 32, 64])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_stored_jpegs_are_handed_over_without_loss(mode: str, rows: int, subsampling: int) -> None:
    """Strips become one JPEG: the decoder gives every pixel that the TIFF's gives."""
    picture = made.marked((200, 150)).convert(mode)
    height = 8 if mode == "L" or subsampling == 0 else 16
    strips, tables = jpeg_strips(picture, max(rows, height), subsampling)
    page = made.stored(picture.size, b"", photometric=1 if mode == "L" else 6,
                       samples=len(picture.getbands()))  # fmt: skip
    page.tags[259], page.tags[278] = ("H", [7]), ("I", [max(rows, height)])
    page.tags[347], page.strips = ("B", list(tables)), strips
    if mode == "RGB":
        page.tags[530] = ("H", [2, 2] if subsampling else [1, 1])
    ((media_type, data),) = convert_tiff(made.tiff(page), Limits())
    assert media_type == "image/jpeg"
    found, expected = Image.open(io.BytesIO(data)), Image.new(mode, picture.size)
    for number, strip in enumerate(strips):
        alone = Image.open(io.BytesIO(tables[:-2] + strip[2:]))
        expected.paste(alone, (0, number * max(rows, height)))
    # Colours of half the density are smoothed over the borders of strips, where those were apart.
    difference = ImageStat.Stat(ImageChops.difference(found, expected))
    assert max(difference.mean) < (0.5 if subsampling and mode == "RGB" else 1e-9)
    assert made.corners(found) == made.corners(picture)


def jpeg_strips(picture: Image.Image, rows: int, subsampling: int) -> tuple[list[bytes], bytes]:
    """Return the strips of a picture as JPEGs without tables, and the tables they share."""
    strips, tables = [], b""
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(picture.height, top + rows)))
        data = made.jpeg(band, subsampling=subsampling)
        kept, shared, at = b"\xff\xd8", b"\xff\xd8", 2
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if data[at + 1] in (0xDB, 0xC4):
                shared += data[at:end]
            elif not 0xE0 <= data[at + 1] <= 0xEF:
                kept += data[at:end]
            at = end
        strips.append(kept + data[at:])
        tables = shared + b"\xff\xd9"
    return strips, tables


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_pages_of_a_writer_keep_their_pixels(mode: str) -> None:
    """What libtiff writes, in strips of its own choice, decoded or handed over."""
    picture = made.marked((900, 700)).convert(mode)
    data = pictures.saved(picture, "TIFF", compression="jpeg", quality=92)
    ((_, page),) = convert_tiff(data, Limits())
    with Image.open(io.BytesIO(data)) as expected:
        assert near(Image.open(io.BytesIO(page)), expected.convert("RGB"), 12)


def test_a_stored_jpeg_that_lies_on_its_side_is_turned() -> None:
    """Handing it over would leave it lying."""
    data = pictures.saved(
        made.marked((160, 96)).transpose(Image.Transpose.ROTATE_90), "TIFF", compression="jpeg",
        quality=95, tiffinfo={274: 6},
    )  # fmt: skip
    ((_, page),) = convert_tiff(data, Limits())
    assert made.corners(Image.open(io.BytesIO(page))) == made.UPRIGHT


@pytest.mark.parametrize("values", [[0, 0], [5, 4], [2**32 - 1, 2**32 - 1]])
def test_tiles_of_impossible_sizes_are_faults(values: Sequence[int]) -> None:
    """Neither a division by zero nor memory without end."""
    page = made.of_image(COLOUR)
    page.tags[322], page.tags[323] = ("I", values[:1]), ("I", values[1:])
    page.tags[324], page.tags[325] = ("I", [8]), ("I", [40])
    with pytest.raises(DocumentFault):
        one(page)
