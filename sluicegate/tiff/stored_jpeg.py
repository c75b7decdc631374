"""A page that a TIFF stores as JPEG, handed over as one JPEG without decoding it.

The strips of such a page are JPEGs of their own that share their tables. Put one behind the other
with restart markers between, under one header of the full height, they are one JPEG: nothing is
decoded, so nothing is lost and it costs no CPU. What does not fit that description is decoded.
"""

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from sluicegate.tiff import page as stored
from sluicegate.tiff.directories import ICC_PROFILE, JPEG_TABLES, ROWS_PER_STRIP, Directory
from sluicegate.tiff.page import Layout

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN = 0xDA
_FRAMES = (0xC0, 0xC1)  # baseline and extended, one scan
_TABLES = (0xDB, 0xC4)  # DQT, DHT
_SKIPPED = (*range(0xE0, 0xF0), 0xFE)  # application data and comments
# A marker within a scan that is neither stuffed (FF00) nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
# Adobe's marker says what the components are: 0 plain (RGB), 1 YCbCr.
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"


class _Strip(NamedTuple):
    tables: bytes  # DQT and DHT segments
    frame: bytes  # the body of SOF
    kind: int  # its marker
    scan_header: bytes  # the whole SOS segment
    scan: bytes


def stored_jpeg(page: Directory, layout: Layout, pieces: Sequence[bytes]) -> bytes | None:
    """Return the page as one JPEG, or None where its pixels must be decoded."""
    plain = layout.photometric in (stored.BLACK_IS_ZERO, stored.RGB, stored.YCBCR)
    if layout.compression != stored.JPEG or layout.tiled or layout.planar or not plain:
        return None
    if layout.bits != 8 or layout.samples != layout.colours or page.raw(ICC_PROFILE):
        return None
    shared = _segments(page.raw(JPEG_TABLES)) or b""
    strips = [_strip(piece) for piece in pieces]
    whole = [strip for strip in strips if strip is not None]
    if len(whole) != len(strips) or not whole:
        return None
    tables = shared + whole[0].tables
    interval = _interval(page, layout, whole)
    if interval is None or b"\xff\xdb" not in tables or b"\xff\xc4" not in tables:
        return None
    return _joined(layout, shared, whole, interval)


def _strip(piece: bytes) -> _Strip | None:
    """Take one strip apart; None for what is no plain baseline JPEG of one scan."""
    at, tables, frame, kind = 2, b"", b"", 0
    while segment := _segment(piece, at):
        marker, begin, at = segment
        if marker in _TABLES:
            tables += piece[begin:at]
        elif marker in _FRAMES:
            frame, kind = piece[begin + 4 : at], marker
        elif marker == _SCAN:
            scan = _scan(piece, at) if frame else None
            return None if scan is None else _Strip(tables, frame, kind, piece[begin:at], scan)
        elif marker not in _SKIPPED:
            return None  # DRI, arithmetic coding, lossless …
    return None


def _segment(piece: bytes, at: int) -> tuple[int, int, int] | None:
    """Return the marker at a place, where its segment begins and where it ends."""
    while piece[at : at + 2] == b"\xff\xff":  # padding
        at += 1
    if not piece.startswith(_START) or at + 4 > len(piece) or piece[at] != 0xFF:
        return None
    end = at + 2 + int.from_bytes(piece[at + 2 : at + 4], "big")
    return (piece[at + 1], at, end) if at + 4 <= end <= len(piece) else None


def _scan(piece: bytes, at: int) -> bytes | None:
    """Return the bytes of the one scan, which the strip's end follows; None for others."""
    stop = _MARKER.search(piece, at)
    if stop is None or stop[0] != _END:
        return None
    scan = piece[at : stop.start()]
    return None if _RESTART.search(scan) else scan


def _segments(tables: bytes) -> bytes | None:
    """Return the segments of shared tables, without their begin and end."""
    if not tables.startswith(_START):
        return None
    at, kept = 2, b""
    while at + 4 <= len(tables) and tables[at] == 0xFF and tables[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(tables[at + 2 : at + 4], "big")
        if tables[at + 1] in _TABLES:
            kept += tables[at:end]
        at = max(end, at + 4)
    return kept


def _interval(page: Directory, layout: Layout, strips: Sequence[_Strip]) -> int | None:
    """Return how many blocks each strip has; None where strips cannot stand one on another."""
    first = strips[0]
    if len(first.frame) < 6 + 3 * layout.samples or first.frame[5] != layout.samples:
        return None
    precision, _, width = struct.unpack_from(">BHH", first.frame)
    if precision != 8 or width != layout.width:
        return None
    factors = [first.frame[7 + 3 * number] for number in range(layout.samples)]
    across, down = max(each >> 4 for each in factors), max(each & 15 for each in factors)
    if layout.samples == 1:
        across = down = 1  # a single component is stored block by block
    if not across or not down or first.scan_header[4] != layout.samples:
        return None
    rows = min(page.value(ROWS_PER_STRIP, layout.height) or layout.height, layout.height)
    if len(strips) == 1:
        (height,) = struct.unpack_from(">H", first.frame, 1)
        return 0 if height == layout.height <= 0xFFFF else None
    alike = all(
        strip.tables == first.tables
        and strip.kind == first.kind
        and strip.scan_header == first.scan_header
        and strip.frame[:1] == first.frame[:1]
        and strip.frame[3:] == first.frame[3:]
        for strip in strips
    )
    count = -(-layout.height // rows)
    blocks = -(-layout.width // (8 * across)) * -(-rows // (8 * down))
    fits = rows % (8 * down) == 0 and count == len(strips) and blocks <= 0xFFFF
    return blocks if alike and fits and layout.height <= 0xFFFF else None


def _joined(layout: Layout, shared: bytes, strips: Sequence[_Strip], interval: int) -> bytes:
    first = strips[0]
    frame = first.frame[:1] + struct.pack(">H", layout.height) + first.frame[3:]
    head = [_START]
    if layout.samples == 3:
        head.append(_ADOBE + (b"\x00" if layout.photometric == stored.RGB else b"\x01"))
    head += [shared, first.tables]
    head.append(b"\xff" + bytes([first.kind]) + struct.pack(">H", len(frame) + 2) + frame)
    if interval:
        head.append(b"\xff\xdd\x00\x04" + struct.pack(">H", interval))
    body = [first.scan_header, first.scan]
    for number, strip in enumerate(strips[1:]):
        body += [b"\xff" + bytes([0xD0 + number % 8]), strip.scan]
    return b"".join([*head, *body, _END])
