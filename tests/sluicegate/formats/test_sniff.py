"""Media types come from the first bytes, whatever the name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.formats import sniff
from tests.sluicegate.media import pictures


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pictures.pdf(), sniff.PDF),
        (b"\n" * 900 + b"%PDF-1.7", sniff.PDF),
        (pictures.saved(pictures.page(), "PNG"), sniff.PNG),
        (pictures.saved(pictures.page(), "JPEG"), sniff.JPEG),
        (pictures.saved(pictures.page(), "WEBP"), sniff.WEBP),
        (pictures.saved(pictures.page(), "TIFF"), sniff.TIFF),
        (b"MM\x00*\x00\x00\x00\x08", sniff.TIFF),
        (b"II+\x00\x08\x00\x00\x00", sniff.TIFF),
        (b"MM\x00+\x00\x08\x00\x00", sniff.TIFF),
        (pictures.heif(b"heic"), sniff.HEIC),
        (pictures.heif(b"heix"), sniff.HEIC),
        (pictures.heif(b"mif1", (b"heic",)), sniff.HEIC),
        (pictures.heif(b"mif1", ()), sniff.HEIF),
        (pictures.heif(b"msf1", (b"iso8",)), sniff.HEIF),
    ],
)
def test_what_models_read_is_known(data: bytes, media_type: str) -> None:
    """PDF, PNG, JPEG, WEBP, HEIC, HEIF, and TIFF in both byte orders, classic and big."""
    assert sniff.sniff(data[: sniff.HEAD_BYTES]) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PD",
        b"\n" * 1030 + b"%PDF-1.7",
        pictures.saved(pictures.page(), "GIF"),
        pictures.saved(pictures.page(), "BMP"),
        pictures.heif(b"avif"),
        pictures.heif(b"mif1", (b"avif", b"miaf")),
        pictures.heif(b"avis", (b"mif1",)),
        pictures.heif(b"isom", (b"mp42",)),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"PK\x03\x04",
    ],
)
def test_the_rest_is_not(data: bytes) -> None:
    """AVIF looks like HEIF and is refused; so are videos, sounds and archives."""
    assert sniff.sniff(data[: sniff.HEAD_BYTES]) is None


def test_brands_after_the_first_box_do_not_count() -> None:
    """Only the brands that the file lists are its brands."""
    data = pictures.box(b"ftyp", b"isom\0\0\0\0mp42") + pictures.box(b"free", b"heic" * 4)
    assert sniff.sniff(data) is None


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"PK\x03\x04", "ZIP"),
        (b"\xd0\xcf\x11\xe0", "Office"),
        (b"GIF89a", "GIF"),
        (b"BM", "BMP"),
        (b"\x1f\x8b", "gzip"),
        (b"{\\rtf1", "RTF"),
        (b"%!PS-Adobe", "PostScript"),
        (b"  <!DOCTYPE html>", "HTML"),
        (b"<html>", "HTML"),
        (b"<?xml", "XML"),
        (b"hello", "plain text"),
        (b"\x00\x01", "no format known"),
        (b"\xe9", "no format known"),
    ],
)
def test_unsupported_bytes_are_described(head: bytes, words: str) -> None:
    """An error message says what the file looks like."""
    assert words in sniff.describe(head)


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda b: b"\0\0\0\x20ftyp" + b))
def test_any_head_is_taken(head: bytes) -> None:
    """No bytes raise."""
    assert sniff.sniff(head) in {None, sniff.TIFF, *sniff.ACCEPTED}
    assert sniff.describe(head)
