"""What is not taken is told by name, and what only holds or mentions a PDF is no PDF."""

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.faults import DocumentFault
from sluicegate.formats import sniff
from sluicegate.formats.known import describe
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import prepare
from tests.sluicegate.media import made, pictures

PDF = made.pdf_of(made.pages())


def zipped(*names: str, content: bytes = b"x", method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP archive of files of that content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in names:
            # The same bytes at any time: they are the names of test cases.
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def tarred(*, old: bool = False) -> bytes:
    """Return a tar archive of a PDF; `old`: without its magic number, as before POSIX."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("invoice.pdf")
        entry.size = len(PDF)
        archive.addfile(entry, io.BytesIO(PDF))
    data = bytearray(out.getvalue())
    if old:
        data[257:265] = bytes(8)
        data[148:156] = b"        "
        data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def compound(stream: str) -> bytes:
    """Return the skeleton of an OLE compound file with a stream of that name."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1500) + stream.encode("utf-16-le") + bytes(99)
    )


MAIL = b"Return-Path: <a@b.example>\r\nReceived: from x\r\nSubject: Invoice\r\n\r\nSee attached."
CASES = [
    (zipped("a.pdf", "b.pdf", content=PDF), "a ZIP archive"),
    (zipped("[Content_Types].xml", "word/document.xml"), "a Word document (.docx)"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook (.xlsx)"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint"),
    (zipped("mimetype", content=b"application/vnd.oasis.opendocument.text"), "OpenDocument text"),
    (zipped(), "an empty ZIP archive"),
    (compound("WordDocument"), "an old Word document (.doc)"),
    (compound("Workbook"), "an old Excel workbook (.xls)"),
    (compound("__substg1.0_0037001F"), "an Outlook e-mail (.msg)"),
    (compound("EncryptedPackage"), "an Office document with a password"),
    (compound("Catalog"), "a Thumbs.db of Windows"),
    (compound("Other"), "an old Office document"),
    (MAIL, "an e-mail"),
    (b"From nobody Mon Jan  1\nSubject: x\n\n", "an e-mail"),
    (b"--part1\r\nContent-Type: application/pdf\r\n\r\n" + PDF, "a multipart message"),
    (tarred(), "a tar archive"),
    (tarred(old=True), "a tar archive"),
    (gzip.compress(PDF, mtime=0), "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a 7-Zip archive"),
    (b"Rar!\x1a\x07\x01\0" + PDF, "a RAR archive"),
    (b"070701" + b"0" * 104 + PDF, "a cpio archive"),
    (b"\x78\x9f\x3e\x22" + bytes(99) + PDF, "winmail.dat"),
    (b"<!DOCTYPE html><p>A %PDF-1.7 file has 1 0 obj</p>", "an HTML page"),
    (b"\xef\xbb\xbf<html>%PDF-1.4</html>", "an HTML page"),
    ("\ufeff<html>%PDF-1.4</html>".encode("utf-16"), "an HTML page"),
    (b"<table><tr><td>%PDF-1.4 1 0 obj", "a page of HTML or XML"),
    (b"\xef\xbb\xbf<?xml version='1.0'?><I xmlns='urn:oasis:names:specification:ubl:x'>", "UBL"),
    ("<?xml version='1.0'?><rsm:CrossIndustryInvoice>".encode("utf-16"), "CII"),
    ("<?xml version='1.0'?><a/>".encode("utf-16-be"), "an XML file"),
    (b"<?xml version='1.0'?><p:FatturaElettronica>", "FatturaPA"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"),
    (b'{"file": "%PDF-1.7"}', "a JSON file"),
    ("Rechnung für Müller".encode(), "plain text"),
    ("Rechnung für Müller".encode("latin-1"), "plain text"),
    (b"notes on the header %PDF-1.7 of a file", "plain text"),
    (b"JVBERi0xLjcKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyAvUGFnZXMgMiAwIFIgPj4KZW5kb2Jq", "base64"),
    (pictures.heif(b"avif"), "AVIF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(9), "JPEG 2000"),
    (b"\xff\x0a" + bytes(9), "JPEG XL"),
    (pictures.heif(b"isom", (b"mp42",)), "a film (MP4)"),
    (pictures.heif(b"qt  ", ()), "QuickTime"),
    (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(50), ".p7m"),
    (b"\0\0\0\x01Bud1" + bytes(50), ".DS_Store"),
    (b"\0\x05\x16\x07" + bytes(50), "resource fork"),
    (pictures.saved(pictures.page(), "GIF"), "a GIF image"),
    (pictures.saved(pictures.page("RGB"), "BMP"), "a BMP image"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "words"), CASES)
def test_what_is_not_taken_is_told_by_name(data: bytes, words: str) -> None:
    """Nothing is sent of it, and a person knows what it is."""
    with pytest.raises(DocumentFault) as caught:
        prepare(data, Limits())
    assert caught.value.code == "unsupported_type"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("in/~$Rechnung.docx", "lock file"),
        ("gs://b/in/Thumbs.db", "Thumbs.db"),
        ("in/.DS_Store", ".DS_Store"),
        ("in/._scan.pdf", "resource fork"),
        ("in/desktop.ini", "desktop.ini"),
        ("in/.~lock.Rechnung.odt#", "LibreOffice"),
    ],
)
def test_files_of_systems_are_told_by_their_names(name: str, words: str) -> None:
    """Where their bytes say little."""
    with pytest.raises(DocumentFault, match=r"no document") as caught:
        prepare(b"\x05Mayer" + bytes(100), Limits(), name)
    assert words in caught.value.message


@pytest.mark.parametrize(
    "before",
    [
        b"", b"\xef\xbb\xbf", b"\n\n", bytes(300), b"\x80" * 300, b"x" * 300,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(20),
    ],
)  # fmt: skip
def test_a_pdf_behind_junk_is_a_pdf(before: bytes) -> None:
    """Junk is what is no format of its own; readers find the one PDF behind it."""
    assert sniff.sniff((before + PDF)[: sniff.HEAD_BYTES]) == sniff.PDF
    assert prepare(before + PDF, Limits())[0].data == before + PDF


def test_a_magic_number_at_the_start_wins() -> None:
    """A picture whose notes mention a PDF is that picture."""
    for form, media_type in (("PNG", sniff.PNG), ("JPEG", sniff.JPEG), ("TIFF", sniff.TIFF)):
        data = pictures.saved(pictures.page(), form)
        assert sniff.sniff(data[:12] + b"%PDF-1.7" + data[12:]) == media_type


@given(st.binary(max_size=200), st.text(max_size=20))
def test_anything_is_described(data: bytes, name: str) -> None:
    """In a few words that are never empty."""
    assert 0 < len(describe(data, name)) < 90
