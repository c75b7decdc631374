"""Files that nobody should send: no documents, traps for parsers, names with everything in them."""

import os
import random
import struct
import zlib
from pathlib import Path

from support import write_invoices


def write_hostile(folder: Path) -> int:
    """Write them, each with content of its own, beside some good ones; return how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    write_invoices(folder / "good", 20, seed=5)
    for number, (name, data) in enumerate({**_contents(), **_names()}.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data + b"%d" % number if data else data)
    (folder / "folder.pdf").mkdir()
    (folder / "circle").symlink_to(folder)
    (folder / "dangling.pdf").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.pdf")
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _contents() -> dict[str, bytes]:
    noise = random.Random(3).randbytes(100_000)
    return {
        "empty.pdf": b"",
        "byte.pdf": b"%",
        "head.pdf": b"%PDF-1.7\n",
        "noise.pdf": b"%PDF-1.7\n" + noise,
        "zeros.pdf": bytes(1 << 20),
        "nested.pdf": b"%PDF-1.7\n1 0 obj " + b"[" * 200_000,
        "circle.pdf": _circular_pdf(),
        "huge.png": _png(2_000_000_000, 2_000_000_000),
        "bomb.png": _png(30_000, 30_000, zlib.compress(bytes(1 << 20), 9)),
        "circle.tif": struct.pack("<2sHIH", b"II", 42, 8, 0) + struct.pack("<I", 8),
        "far.tif": struct.pack("<2sHI", b"II", 42, 0xFFFFFFF0),
        "cut.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
        "page.html": b"<html><script>alert(1)</script>",
        "program.exe": b"MZ" + noise[:1000],
        "text.txt": b"\0\xff" * 100,
        "archive.zip": b"PK\x03\x04" + noise[:1000],
    }


def _names() -> dict[str, bytes]:
    names = (
        "with space.txt",
        "with\nline.txt",
        "with'quote\".txt",
        "with#hash?and%41.txt",
        "[brackets]{braces}*.txt",
        "ünïcödé-\u202e-\U0001f9fe.txt",
        "-dash.txt",
        ".hidden.txt",
        "comma,and;semicolon.txt",
        "a" * 200 + ".txt",
        "deep/" * 30 + "file.txt",
    )
    return {name: f"INVOICE {name} TOTAL 1.00".encode() for name in names}


def _circular_pdf() -> bytes:
    """Return a PDF whose pages are each other's parents."""
    objects = (
        b"1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        b"2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1000000000 >> endobj\n"
        b"3 0 obj << /Type /Pages /Kids [2 0 R] /Count 1000000000 >> endobj\n"
    )
    return b"%PDF-1.4\n" + objects + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def _png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")
