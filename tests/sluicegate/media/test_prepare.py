"""From bytes to parts: the right media type, within the model's limits."""

import pytest

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import MEBIBYTE, Limits
from sluicegate.media.prepare import Part, check_readable, prepare, referenced
from tests.sluicegate.media import pictures

PNG = pictures.saved(pictures.page(), "PNG")


def code(data: bytes, limits: Limits | None = None) -> str:
    """Return the code of what is wrong with a file."""
    with pytest.raises(DocumentFault) as caught:
        prepare(data, limits or Limits())
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pictures.pdf(), sniff.PDF),
        (PNG, sniff.PNG),
        (pictures.saved(pictures.page(), "JPEG"), sniff.JPEG),
        (pictures.saved(pictures.page(), "WEBP"), sniff.WEBP),
        (pictures.heif(), sniff.HEIC),
    ],
)
def test_what_models_read_is_one_part_as_it_is(data: bytes, media_type: str) -> None:
    """The same bytes, with the type that they are."""
    assert prepare(data, Limits()) == (Part(media_type, data, pages=1),)


def test_tiff_is_a_part_a_page() -> None:
    """Two pages, two PNGs."""
    page = pictures.page("1")
    data = pictures.saved(page, "TIFF", save_all=True, append_images=[page])
    assert [part.media_type for part in prepare(data, Limits())] == [sniff.PNG, sniff.PNG]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b"hello", "unsupported_type"),
        (pictures.saved(pictures.page(), "GIF"), "unsupported_type"),
        (pictures.heif(b"avif"), "unsupported_type"),
        (pictures.pdf(1, "secret"), "encrypted"),
        (pictures.pdf()[:300], "truncated"),
        (PNG[:-20], "truncated"),
        (pictures.pdf(0), "corrupt"),
        (pictures.png_claiming(50_000, 50_000), "decompression_bomb"),
        (b"II*\0" + b"\xff" * 50, "corrupt"),
    ],
)
def test_what_is_wrong_has_a_code(data: bytes, expected: str) -> None:
    """One code for each way of being unreadable."""
    assert code(data) == expected


def test_an_unsupported_type_is_described() -> None:
    """The message says what it looks like and what is taken."""
    with pytest.raises(DocumentFault, match=r"ZIP archive.*PDF, PNG"):
        prepare(b"PK\x03\x04", Limits())


def test_limits_are_inclusive() -> None:
    """Exactly as large as allowed is allowed."""
    size = len(PNG)
    assert prepare(PNG, Limits(inline_image_bytes=size))
    assert code(PNG, Limits(inline_image_bytes=size - 1)) == "too_large"
    data = pictures.pdf(3)
    assert prepare(data, Limits(pdf_bytes=len(data), pdf_pages=3))
    assert code(data, Limits(pdf_bytes=len(data) - 1)) == "too_large"
    assert code(data, Limits(pdf_pages=2)) == "too_many_pages"


def test_a_pdf_beyond_the_request_is_too_large() -> None:
    """A PDF within its own limit may not fit an inline request."""
    assert code(pictures.pdf(), Limits(inline_request_bytes=MEBIBYTE // 4)) == "too_large"


def test_room_for_base64_and_prompt_is_left() -> None:
    """Three quarters of what a request holds, less the prompt's share."""
    limits = Limits()
    assert limits.inline_payload_bytes * 4 / 3 + MEBIBYTE / 4 <= limits.inline_request_bytes
    assert limits.inline_payload_bytes > 14 * MEBIBYTE


@pytest.mark.parametrize(
    ("claim", "media_type"),
    [
        ("application/pdf", sniff.PDF),
        ("Application/PDF; charset=binary", sniff.PDF),
        ("image/jpeg", sniff.JPEG),
        ("image/heic", sniff.HEIC),
    ],
)
def test_claimed_types_that_models_take_are_referenced(claim: str, media_type: str) -> None:
    """The URI goes, the bytes stay."""
    assert referenced("gs://b/a", claim, 100, Limits()) == (Part(media_type, uri="gs://b/a"),)


@pytest.mark.parametrize(
    "claim", ["", "image/tiff", "image/jpg", "application/octet-stream", "pdf"]
)
def test_the_rest_must_be_read(claim: str) -> None:
    """TIFF is to be converted, and a vague claim is to be looked into."""
    assert referenced("gs://b/a", claim, 100, Limits()) is None


@pytest.mark.parametrize(
    ("claim", "limit"), [("application/pdf", 50 * MEBIBYTE), ("image/png", 30 * MEBIBYTE)]
)
def test_references_have_limits_of_their_own(claim: str, limit: int) -> None:
    """Larger than inline, and held before the call."""
    assert referenced("gs://b/a", claim, limit, Limits())
    with pytest.raises(DocumentFault) as caught:
        referenced("gs://b/a", claim, limit + 1, Limits())
    assert caught.value.code == "too_large"


def test_sizes_are_looked_at_before_bytes_are_read() -> None:
    """Nothing, and more than any format could shrink from."""
    with pytest.raises(DocumentFault) as caught:
        check_readable(0, Limits())
    assert caught.value.code == "empty"
    check_readable(1, Limits())
    check_readable(200 * MEBIBYTE, Limits())
    with pytest.raises(DocumentFault) as caught:
        check_readable(200 * MEBIBYTE + 1, Limits())
    assert caught.value.code == "too_large"
