"""What a file that is not taken looks like, in a few words, for an error message.

A person who reads "a Word document" or "a .DS_Store of macOS" knows what to do; one who reads
"bytes of no format known here" does not. Searches are of fixed texts and bounded: 1 ms a file.
"""

import re
from pathlib import PurePosixPath

_SEARCHED = 1 << 20  # bytes of an archive or a compound file that are searched for its kind

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"PK\x07\x08", "a part of a split ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (OLE)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (OLE)"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"MSCF", "a cabinet archive"),
    (b"!<arch>\n", "an ar archive"),
    (b"070701", "a cpio archive"),
    (b"070702", "a cpio archive"),
    (b"070707", "a cpio archive"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript (EPS)"),
    (b"8BPS", "a Photoshop image"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x97JB2\r\n\x1a\n", "a JBIG2 image"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"FUJIFILMCCD-RAW", "a camera's raw picture"),
    (b"IIU\x00", "a camera's raw picture"),
    (b"II\xbc\x01", "a JPEG XR image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"Obj\x01", "an Avro file"),
    (b"ID3", "an MP3 sound"),
    (b"OggS", "an Ogg sound or film"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x78\x9f\x3e\x22", "an Outlook attachment container (winmail.dat)"),
    (b"!BDN", "an Outlook mailbox (.pst)"),
    (b"\x00\x00\x00\x01Bud1", "a .DS_Store of macOS, no document"),
    (b"\x00\x05\x16\x07", "the resource fork of a file (._*) of macOS, no document"),
    (b"\x00\x05\x16\x00", "an AppleSingle file of macOS"),
    (b"bplist00", "a property list of macOS"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut (.lnk)"),
)  # fmt: skip

# What tells the kinds of ZIP archives apart: names that they must hold.
_ZIPPED = (
    (b"word/", "a Word document (.docx)"),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"ppt/", "a PowerPoint presentation (.pptx)"),
    (b"opendocument.text", "an OpenDocument text (.odt)"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (b"opendocument.presentation", "an OpenDocument presentation (.odp)"),
    (b"application/epub+zip", "an EPUB book"),
    (b"Index/Document.iwa", "an iWork document (Pages, Numbers, Keynote)"),
)

# The same for OLE compound files: names of streams, in UTF-16.
_COMPOUND = (
    ("__substg1.0_", "an Outlook e-mail (.msg)"),
    ("WordDocument", "an old Word document (.doc)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("EncryptedPackage", "an Office document with a password"),
    ("VisioDocument", "a Visio drawing"),
    ("Catalog", "a Thumbs.db of Windows, no document"),
)

_ISO_BRANDS = {
    b"avif": "an AVIF image",
    b"avis": "an AVIF image",
    b"crx ": "a camera's raw picture (CR3)",
    b"qt  ": "a QuickTime film",
    b"M4A ": "a sound (M4A)",
    b"jxl ": "a JPEG XL image",
    b"jp2 ": "a JPEG 2000 image",
}

_XML = (
    ("CrossIndustry", "a CII e-invoice"),
    ("urn:oasis:names:specification:ubl", "a UBL e-invoice"),
    ("FatturaElettronica", "a FatturaPA e-invoice"),
    ("<svg", "an SVG drawing"),
    ("w:wordDocument", "a Word document"),
)

# Names by which systems and programs leave their own files among documents.
_SYSTEM_NAMES = (
    (re.compile(r"~\$.*"), "the lock file (~$…) of an open Office document, no document"),
    (re.compile(r"\.~lock\..*#"), "the lock file of an open LibreOffice document, no document"),
    (re.compile(r"(?i)(eh)?thumbs\.db"), "a Thumbs.db of Windows, no document"),
    (re.compile(r"(?i)desktop\.ini"), "a desktop.ini of Windows, no document"),
    (re.compile(r"\.DS_Store"), "a .DS_Store of macOS, no document"),
    (re.compile(r"\._.+"), "the resource fork of a file (._*) of macOS, no document"),
)

_BMP_HEADERS = (0, 12, 16, 40, 52, 56, 64, 108, 124)  # lengths; 0: the file ends before

_MAIL = re.compile(
    rb"(return-path|received|delivered-to|from|to|subject|date|message-id|mime-version"
    rb"|x-[a-z-]+|content-type|content-transfer-encoding|content-disposition): ?[^\r\n]",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(rb"--[^\r\n]{1,90}\r?\ncontent-", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{60,}={0,2}[\r\n]*")
_PLAIN = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\n\r\f\x1b")


def describe(data: bytes, name: str = "") -> str:
    """Say in a few words what unsupported bytes look like; `name` is the file's."""
    for pattern, words in _SYSTEM_NAMES:
        if pattern.fullmatch(PurePosixPath(name).name):
            return words
    head = data[:1024]
    return name_of(head, data) or _text(head) or "bytes of no format known here"


def name_of(head: bytes, data: bytes = b"") -> str:
    """Name the format that the first bytes are of; "" for none. `data`: to look deeper into."""
    for magic, words in _MAGIC:
        if head.startswith(magic):
            return _kind_within(words, data or head)
    if head[4:8] == b"ftyp":
        return _ISO_BRANDS.get(head[8:12], "") or _iso(head)
    if head.startswith(b"RIFF"):
        return "a sound (WAV)" if head[8:12] == b"WAVE" else "a film (AVI)"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "a BMP image"
    if _is_tar(head):
        return "a tar archive"
    if head.startswith(b"\x30") and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:40]:
        # One signed PDF is whole inside its envelope, and readers find it there.
        return "" if b"%PDF-" in head else "a signed file (PKCS #7, .p7m)"
    return _markup(head)


def _kind_within(words: str, data: bytes) -> str:
    if words == "a ZIP archive":
        ends = data[:_SEARCHED] + data[-_SEARCHED:]
        return next((kind for mark, kind in _ZIPPED if mark in ends), words)
    if words.startswith("an old Office"):
        whole = data[: 64 * _SEARCHED]
        names = ((mark.encode("utf-16-le"), kind) for mark, kind in _COMPOUND)
        return next((kind for mark, kind in names if mark in whole), words)
    return words


def _iso(head: bytes) -> str:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[at : at + 4] for at in range(16, size - 3, 4)]
    return next((_ISO_BRANDS[brand] for brand in brands if brand in _ISO_BRANDS), "a film (MP4)")


def _is_tar(head: bytes) -> bool:
    """Tell by the magic number or, where old writers left it out, by the header's checksum."""
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    try:
        stored = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return stored == sum(head[:148]) + 8 * 0x20 + sum(head[156:512])


def _markup(head: bytes) -> str:
    """Name web pages, XML and mails: text that announces itself at its start."""
    text = _decoded(head).lstrip()
    start = text[:64].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body", "<!-- saved from url")):
        return "an HTML page"
    if start.startswith(("<?xml", "<svg", "<!doctype")) or re.match(r"<\w+:\w+[\s>]", text):
        if "<html" in text.lower():
            return "an HTML page"
        kind = next((kind for mark, kind in _XML if mark in text), "")
        return f"an XML file ({kind})" if kind else "an XML file"
    if re.match(r"<(!--|[a-z][a-z0-9]*[\s>/])", start):
        return "a page of HTML or XML"
    plain = head.lstrip()
    if _BOUNDARY.match(plain):
        return "a multipart message (MIME)"
    if plain.startswith(b"From ") or (_MAIL.match(plain) and len(_MAIL.findall(plain)) > 1):
        return "an e-mail"
    return ""


def _decoded(head: bytes) -> str:
    """Decode the head of a text in whichever Unicode it is in; a BOM is no part of it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").lstrip("\ufeff")
    if head[1:2] == b"\0" and head[:1] == b"<":
        return head.decode("utf-16-le", "replace")
    if head[:2] == b"\0<":
        return head.decode("utf-16-be", "replace")
    return head.decode("utf-8-sig", "replace")


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "plain text (UTF-16)"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if len(start) > 60 and _BASE64.match(start):
        return "base64 text, a file that was never decoded"
    if start[:1] in (b"{", b"[") and start[1:40].lstrip()[:1] in (b'"', b"{", b"["):
        return "a JSON file"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end within a character, and older texts have one byte a letter.
        within = error.start >= len(head) - 3 and len(head) >= 1024
        if not within and not _is_old_text(head):
            return ""
    return "" if b"\x00" in head else "plain text"


def _is_old_text(head: bytes) -> bool:
    plain = sum(byte in _PLAIN for byte in head)
    controls = any(byte < 0x20 and byte not in _PLAIN for byte in head)
    return not controls and plain * 4 >= len(head) * 3 > 0
