"""A damaged TIFF is its document's fault, in whichever of its libraries it surfaces."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.tiff.convert import convert_tiff
from tests.sluicegate.media import pictures

LIMITS = Limits(image_pixels=1_000_000)
CODES = {
    "corrupt", "truncated", "decompression_bomb", "too_large", "too_many_pages", "unsupported_type",
}  # fmt: skip
TWO = pictures.saved(
    pictures.page("L"), "TIFF", save_all=True, append_images=[pictures.page("RGB")]
)
FILES = {
    "raw": pictures.saved(pictures.page("L"), "TIFF"),
    "group4": pictures.saved(pictures.page("1"), "TIFF", compression="group4"),
    "lzw": pictures.saved(pictures.page("RGB"), "TIFF", compression="tiff_lzw"),
    "jpeg": pictures.saved(pictures.page("RGB"), "TIFF", compression="jpeg"),
    "palette": pictures.saved(pictures.page("P"), "TIFF", tiffinfo={274: 6}),
    "deep": pictures.saved(pictures.page("I;16"), "TIFF"),
    "two": TWO,
}


def pages_or_fault(data: bytes) -> str:
    """Return "pages" or the code; anything else is raised."""
    code = "pages"
    try:
        assert convert_tiff(data, LIMITS)
    except DocumentFault as fault:
        code = fault.code
    assert code in {"pages", *CODES}
    return code


@pytest.mark.parametrize("name", FILES)
def test_cut_files_are_faults(name: str) -> None:
    """A file that ends early gives no page that looks whole."""
    data = FILES[name]
    for share in (0.02, 0.3, 0.6, 0.9):
        assert pages_or_fault(data[: int(share * len(data))]) in ("corrupt", "truncated")


@pytest.mark.parametrize("data", [b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff", b"II+\0"])
def test_headers_alone_are_corrupt(data: bytes) -> None:
    """Nothing follows the magic number."""
    assert pages_or_fault(data) == "corrupt"


def test_pages_in_a_circle_end() -> None:
    """A page list that points back at its first page is read once."""
    data = bytearray(FILES["raw"])
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert len(convert_tiff(bytes(data), LIMITS)) == 1


@settings(max_examples=150)
@given(
    name=st.sampled_from(sorted(FILES)),
    changes=st.lists(
        st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=5,
    ),
    cut=st.integers(0, 400),
)
def test_mutated_files_are_pages_or_faults(
    name: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    """No change of bytes gives anything but pages or a DocumentFault."""
    data = bytearray(FILES[name])
    for at, value in changes:
        data[at % len(data) : at % len(data) + len(value)] = value
    pages_or_fault(bytes(data[: max(8, len(data) - cut)]))


def tags_of(data: bytes) -> list[int]:
    """Return the offsets of the first page's directory entries."""
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    return [first + 2 + 12 * n for n in range(entries)]


@pytest.mark.parametrize("name", FILES)
def test_every_tag_may_be_wrong(name: str) -> None:
    """Each directory entry with a foreign type, count or value."""
    data = FILES[name]
    for at in tags_of(data):
        for offset, form, value in [
            (2, "<H", 2), (2, "<H", 5), (2, "<H", 12), (2, "<H", 99), (4, "<I", 0),
            (4, "<I", 2), (4, "<I", 2**31), (8, "<I", 0), (8, "<I", 2**32 - 1), (8, "<I", 7),
        ]:  # fmt: skip
            mutant = bytearray(data)
            struct.pack_into(form, mutant, at + offset, value)
            pages_or_fault(bytes(mutant))


def test_every_tag_of_a_second_page_may_be_wrong() -> None:
    """A later page is opened by another road than the first."""
    (first,) = struct.unpack_from("<I", TWO, 4)
    (entries,) = struct.unpack_from("<H", TWO, first)
    (second,) = struct.unpack_from("<I", TWO, first + 2 + 12 * entries)
    (entries,) = struct.unpack_from("<H", TWO, second)
    for at in range(second, second + 2 + 12 * entries):
        for value in (0, 5, 255):
            mutant = bytearray(TWO)
            mutant[at] = value
            pages_or_fault(bytes(mutant))
