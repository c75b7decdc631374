"""PDFs are held against what a service would refuse, or silently lose."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.faults import DocumentFault
from tests.sluicegate.media import pictures
from tests.sluicegate.media.checking import check_pdf

ONE = pictures.pdf()


def fault(data: bytes, max_pages: int = 1000) -> str:
    """Return the code of what is wrong with a PDF."""
    with pytest.raises(DocumentFault) as caught:
        check_pdf(data, max_pages)
    return caught.value.code


@pytest.mark.parametrize("pages", [1, 2, 30])
def test_pages_are_counted(pages: int) -> None:
    """A whole PDF gives its number of pages."""
    assert check_pdf(pictures.pdf(pages), 30) == pages


@pytest.mark.parametrize("tail", [b"\n", b"\0" * 100, b"\n-----\n" * 200, b"x" * 5000])
def test_a_little_may_follow_the_end(tail: bytes) -> None:
    """Mail gateways append lines; they hold no objects."""
    assert check_pdf(ONE + tail, 5) == 1


def test_junk_before_the_header_is_allowed() -> None:
    """As readers allow it."""
    assert check_pdf(b"\n\n" + ONE, 5) == 1


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_password_is_told(algorithm: str) -> None:
    """Every way of encrypting with a user password."""
    assert fault(pictures.pdf(1, "secret", algorithm)) == "encrypted"


def test_the_verdict_does_not_depend_on_the_file_before() -> None:
    """PDFium remembers its last error; a broken file after an encrypted one is not encrypted."""
    locked = pictures.pdf(1, "secret")
    broken = b"%PDF-1.7\nnothing\n%%EOF\n"
    for data, code in [(locked, "encrypted"), (broken, "corrupt"), (locked, "encrypted")]:
        assert fault(data) == code
    assert check_pdf(ONE, 5) == 1
    assert fault(broken) == "corrupt"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_files_are_truncated(share: float) -> None:
    """PDFium would repair them by dropping pages without a word."""
    data = pictures.pdf(5)
    assert fault(data[: int(share * len(data))]) == "truncated"


def test_a_cut_update_is_truncated() -> None:
    """An old end marker before unfinished objects is not the end."""
    update = b"\n9 0 obj\n<< /Type /Page >>\n" + b"x" * 4000
    assert fault(ONE + update) == "truncated"


def test_no_pages_is_corrupt() -> None:
    """A PDF without a page holds no document."""
    assert fault(pictures.pdf(0)) == "corrupt"


@pytest.mark.parametrize("data", [b"%PDF-1.4\n%%EOF", b"%%EOF", b"%PDF-1.7\n1 0 obj\n%%EOF\n"])
def test_no_structure_is_corrupt(data: bytes) -> None:
    """Begin and end alone make no PDF."""
    assert fault(data) == "corrupt"


def test_too_many_pages_are_counted_before_they_are_paid() -> None:
    """One page more than the model takes, with both numbers."""
    data = pictures.pdf(3)
    assert check_pdf(data, 3) == 3
    with pytest.raises(DocumentFault, match=r"3 pages.*2") as caught:
        check_pdf(data, 2)
    assert caught.value.code == "too_many_pages"


def test_threads_may_check_at_once() -> None:
    """PDFium is not thread-safe, and many documents are read at a time."""
    files = [pictures.pdf(n % 4 + 1) for n in range(40)]
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda data: check_pdf(data, 9), files))
    assert counts == [n % 4 + 1 for n in range(40)]


BASE = pictures.pdf(2, Title="x" * 50)


@settings(max_examples=40)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(BASE) - 1), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=8,
    ),
    cut=st.integers(0, len(BASE)),
)
def test_mutated_pdfs_pass_or_are_faults(changes: list[tuple[int, bytes]], cut: int) -> None:
    """No change of bytes gives anything but a count or a DocumentFault."""
    data = bytearray(BASE)
    for at, value in changes:
        data[at : at + len(value)] = value
    for candidate in (bytes(data), bytes(data[:cut]) + b"\n%%EOF\n"):
        code = "passed"
        try:
            assert check_pdf(candidate, 100) > 0
        except DocumentFault as found:
            code = found.code
        assert code in ("passed", "corrupt", "truncated", "encrypted", "too_many_pages")
