"""A PDF is cut if its cross-reference or what that lists is, and not for want of a marker."""

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from sluicegate.faults import DocumentFault
from sluicegate.pdf.end import look_at_end
from tests.sluicegate.media import made, pictures
from tests.sluicegate.media.checking import check_pdf

ONE = made.pdf_of(made.pages())
TWO = made.with_second_page(ONE)
UPDATE = TWO[len(ONE) :]


def with_stream_xref() -> bytes:
    """Write a PDF whose cross-reference is a stream, with a predictor, and an object stream."""
    catalog, tree, page, content = made.pages()
    packed = [(1, catalog), (2, tree), (3, page)]
    heads, bodies = b"", b""
    for number, body in packed:
        heads += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    out = bytearray(b"%PDF-1.7\n")
    at_content = len(out)
    out += b"4 0 obj\n%b\nendobj\n" % content
    at_packed = len(out)
    stream = zlib.compress(heads + bodies)
    out += b"5 0 obj\n<< /Type /ObjStm /N 3 /First %d /Length %d /Filter /FlateDecode >>\n" % (
        len(heads), len(stream),
    ) + b"stream\n%b\nendstream\nendobj\n" % stream  # fmt: skip
    at_xref = len(out)
    rows = [
        b"\0\0\0\0", b"\2\0\5\0", b"\2\0\5\1", b"\2\0\5\2",
        *(b"\1%b\0" % at.to_bytes(2, "big") for at in (at_content, at_packed, at_xref)),
    ]  # fmt: skip
    before, lines = bytes(4), b""
    for row in rows:
        lines += b"\2" + bytes((a - b) & 255 for a, b in zip(row, before, strict=True))
        before = row
    body = zlib.compress(lines)
    out += (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length %d /Filter /FlateDecode "
        b"/DecodeParms << /Predictor 12 /Columns 4 >> >>\nstream\n%b\nendstream\nendobj\n"
    ) % (len(body), body)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % at_xref


STREAM = with_stream_xref()


def code(data: bytes) -> str:
    """Return the number of pages as text, or the code of what is wrong."""
    try:
        return str(check_pdf(data, 100))
    except DocumentFault as fault:
        return fault.code


def test_the_files_of_this_test_are_sound() -> None:
    """Another library reads them as well."""
    assert [len(PdfReader(io.BytesIO(data)).pages) for data in (ONE, TWO, STREAM)] == [1, 2, 1]
    assert [look_at_end(data).kind for data in (ONE, TWO, STREAM)] == ["whole"] * 3


@pytest.mark.parametrize("data", [ONE, TWO, STREAM], ids=["table", "update", "stream"])
@pytest.mark.parametrize("lacking", range(1, 7))
def test_a_marker_may_lack(data: bytes, lacking: int) -> None:
    """Mailers cut the last bytes of %%EOF off; the cross-reference is whole all the same."""
    assert code(data[:-lacking]) in ("1", "2")


@pytest.mark.parametrize("data", [ONE, STREAM], ids=["table", "stream"])
def test_the_pointer_may_lack(data: bytes) -> None:
    """Cut right behind the table, nothing lacks but where it is."""
    assert code(data[: data.rindex(b"startxref")]) == "1"


@pytest.mark.parametrize("data", [ONE, STREAM], ids=["table", "stream"])
def test_a_cut_before_the_table_is_truncated(data: bytes) -> None:
    """Wherever the file ends within objects or the table that lists them."""
    table = int(data[data.rindex(b"startxref") + 10 :].split()[0])
    for end in range(60, table + 60, 7):
        assert code(data[:end]) == "truncated"


@pytest.mark.parametrize("length", range(5, len(UPDATE) - 40))
def test_an_unfinished_update_is_truncated(length: int) -> None:
    """However short it is, a page of it would be lost without a word."""
    assert code(ONE + UPDATE[:length]) == "truncated"


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95])
def test_an_unfinished_update_of_packed_objects_is_truncated(share: float) -> None:
    """The same where the update has a stream for a table."""
    writer = PdfWriter(io.BytesIO(STREAM), incremental=True)
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    whole = out.getvalue()
    assert whole.startswith(STREAM)
    assert code(whole) == "2"
    cut = len(STREAM) + int(share * (len(whole) - len(STREAM) - 40))
    assert code(whole[:cut]) == "truncated"


@pytest.mark.parametrize(
    "junk",
    [
        b"\n<html>an object, 12 objects, objection" + b"<p>the object of this" * 200,
        b"\0" * 3000,
        b"\n% a comment on obj\n",
        b"\r\n--boundary--\r\n",
        b"\r\n0\r\n\r\n",
        b"\n5 apples and 3 object" * 300,
        b"see 12 0 obj in the text" * 90,
    ],
)
def test_junk_behind_the_end_is_no_update(junk: bytes) -> None:
    """Mail gateways and web servers append what speaks of objects, and has none."""
    assert code(ONE + junk) == "1"
    assert code(STREAM + junk) == "1"


@pytest.mark.parametrize("junk", [b"\xef\xbb\xbf", b"x" * 300, b"HTTP/1.1 200 OK\r\n\r\n"])
def test_junk_before_the_header_moves_the_offsets_or_not(junk: bytes) -> None:
    """Offsets count from the header, or from the start of the file."""
    assert code(junk + ONE) == "1"
    assert code(junk + made.pdf_of(made.pages(), start=len(junk))) == "1"
    assert code((junk + ONE)[:-300]) == "truncated"


def test_wrong_offsets_are_rebuilt_and_pages_counted() -> None:
    """A table that is off by some bytes loses nothing; one that lost a page is told."""
    body = ONE[: ONE.index(b"xref")]
    wrong = ONE.replace(b"startxref\n%d" % len(body), b"startxref\n%d" % (len(body) + 14))
    assert code(wrong) == "1"
    zero = ONE.replace(b"startxref\n%d" % len(body), b"startxref\n0")
    assert code(zero) == "1"
    crlf = ONE.replace(b"\n", b"\r\n")
    assert code(crlf) == "1"


def test_a_page_that_is_not_there_is_told() -> None:
    """The number in the file is not believed: every page is looked up."""
    objects = made.pages(2)
    lying = [objects[0], objects[1].replace(b"/Count 2", b"/Count 5"), *objects[2:]]
    with pytest.raises(DocumentFault, match="claims to have 5 pages; 2 can be found") as caught:
        check_pdf(made.pdf_of(lying), 100)
    assert caught.value.code == "corrupt"
    endless = [objects[0], objects[1].replace(b"/Count 2", b"/Count 900000"), *objects[2:]]
    assert code(made.pdf_of(endless)) == "corrupt"


def test_a_rebuilt_file_that_lost_a_page_is_truncated() -> None:
    """Its tree names a page that no object is, and its table is gone."""
    data = made.pdf_of(made.pages(2))
    begin, end = data.index(b"5 0 obj"), data.index(b"6 0 obj")
    lost = data[:begin] + data[end : data.index(b"xref")] + b"trailer << /Root 1 0 R >>\n%%EOF\n"
    assert code(lost) == "truncated"


def test_a_linearised_file_knows_its_length() -> None:
    """Written for the web, it says at its start how long it is."""
    head = b"<< /Linearized 1 /L %07d /H [0 0] /O 3 /E 9 /N 1 /T 9 >>"
    objects = made.pages(2, first=4)
    objects.insert(2, b"null")
    data = made.pdf_of([*objects, head % 0])
    data = data.replace(b"%PDF-1.7\n", b"%PDF-1.7\n99 0 obj\n" + head % 0 + b"\nendobj\n", 1)
    whole = data.replace(b"/L 0000000", b"/L %07d" % len(data))
    front = whole.replace(b"\nendobj\n", b"\nendobj\nstartxref\n0\n%%EOF\n", 1)
    assert code(front[: len(front) * 2 // 3]) == "truncated"


def test_several_pdfs_in_one_file_are_told() -> None:
    """One behind the other: a reader would show one of them alone."""
    other = made.pdf_of(made.pages(3))
    for data in (
        ONE + other,
        other + ONE,
        ONE + ONE,
        ONE + b"\n\0" + other,
        ONE + STREAM,
        TWO + ONE,
    ):
        assert code(data) == "several_documents"
    parted = ONE + b"\r\n--part\r\nContent-Type: application/pdf\r\n\r\n" + other
    assert code(parted) == "several_documents"
    assert code(ONE + other[: len(other) // 2]) == "several_documents"


def test_a_pdf_within_a_pdf_is_one_document() -> None:
    """An attachment that is stored as it is has a header and an end of its own."""
    inner = b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%b\nendstream" % (len(TWO), TWO)
    outer = made.pdf_of([*made.pages(), inner])
    assert code(outer) == "1"
    assert code(made.updated(ONE, {9: inner, 10: inner}, size=11)) == "1"


def test_a_version_may_begin_with_a_header() -> None:
    """Some writers put one before their update; its table names what was there before."""
    second = made.updated(ONE + b"%PDF-1.7\n", {7: b"null"}, size=8)
    assert code(second) == "1"


def table_chain(links: int) -> bytes:
    """Return a PDF with so many empty updates."""
    data = ONE
    for number in range(links):
        data = made.updated(data, {100 + number: b"null"}, size=101 + number)
    return data


def test_chains_of_updates_are_followed() -> None:
    """A document that was stamped fifty times is whole."""
    data = table_chain(50)
    assert look_at_end(data).kind == "whole"
    assert code(data) == "1"


def test_circles_end() -> None:
    """A table that names itself as the one before is read once."""
    at = ONE.index(b"xref")
    data = ONE.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)
    assert look_at_end(data).kind == "whole"


@pytest.mark.parametrize(
    "tail",
    [
        b"xref\n0 4294967295\n0000000000 65535 f \ntrailer << >>\nstartxref\n9\n%%EOF",
        b"xref\n0 1\n" * 20_000 + b"trailer << >>\nstartxref\n9\n%%EOF",
        b"5 0 obj << /Type /XRef /W [1 9 1] >> stream\n" + b"\xff" * 90_000 + b"\nendstream\n"
        b"startxref\n9\n%%EOF",
        b"%PDF-1.4 %%EOF endobj " * 20_000,
        b"startxref " * 50_000,
        b"1 " * 100_000,
        b"\n1 0 objx" * 50_000,
    ],
)
def test_hostile_ends_are_looked_at_in_little_time(tail: bytes) -> None:
    """No count, chain or repetition makes work that is not linear."""
    assert look_at_end(b"%PDF-1.7\n" + tail).kind in ("cut", "unclear", "whole", "several")


def test_a_stream_that_inflates_without_end_is_not_believed() -> None:
    """A bomb in the table's place."""
    bomb = zlib.compress(bytes(200 << 20))
    head = b"%PDF-1.7\n"
    body = b"1 0 obj << /Type /XRef /W [1 2 1] /Filter /FlateDecode >> stream\n" + bomb
    data = head + body + b"\nendstream endobj\nstartxref\n9\n%%EOF"
    assert look_at_end(data).kind == "unclear"


@given(cut=st.integers(1, len(UPDATE)), junk=st.binary(max_size=60))
def test_any_end_is_taken(cut: int, junk: bytes) -> None:
    """No bytes behind a version raise anything."""
    assert look_at_end(ONE + UPDATE[:-cut] + junk).kind in ("cut", "unclear", "whole", "several")
    assert look_at_end(junk + pictures.pdf()[cut:]).kind in ("cut", "unclear", "whole", "several")
