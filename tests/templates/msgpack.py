"""MessagePack as far as Terraform's values use it: read and written.

Source: https://github.com/msgpack/msgpack/blob/master/spec.md. A value that is not known yet is an
extension of type 0 (go-cty's convention).
"""

import struct
from typing import Any


class Unknown:
    """A value that is only known after an apply."""


UNKNOWN = Unknown()
_NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
            0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}  # fmt: skip
_SIZES = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I",
          0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I",
          0xC7: ">B", 0xC8: ">H", 0xC9: ">I"}  # fmt: skip


def unpack(data: bytes) -> Any:
    """Return the one value that the bytes hold."""
    value, _ = _read(data, 0)
    return value


def pack(value: Any) -> bytes:
    """Return a value of unpack's kinds as bytes."""
    if value is UNKNOWN:
        return b"\xd4\x00\x00"
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    parts = [pack(part) for pair in value.items() for part in pair]
    return b"\xdf" + struct.pack(">I", len(value)) + b"".join(parts)


def _read(data: bytes, at: int) -> tuple[Any, int]:
    mark = data[at]
    at += 1
    if mark < 0x80 or mark >= 0xE0:
        return (mark if mark < 0x80 else mark - 256), at
    if mark < 0x90:
        return _pairs(data, at, mark & 0x0F)
    if mark < 0xA0:
        return _items(data, at, mark & 0x0F)
    if mark < 0xC0:
        return _text(data, at, mark & 0x1F)
    if mark in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[mark], at
    if 0xD4 <= mark <= 0xD8:  # an extension of 1, 2, 4, 8 or 16 bytes, behind its type
        return UNKNOWN, at + 1 + (1 << (mark - 0xD4))
    if mark in _NUMBERS:
        size = struct.calcsize(_NUMBERS[mark])
        return struct.unpack(_NUMBERS[mark], data[at : at + size])[0], at + size
    size = struct.calcsize(_SIZES[mark])
    (length,) = struct.unpack(_SIZES[mark], data[at : at + size])
    return _sized(data, at + size, mark, length)


def _sized(data: bytes, at: int, mark: int, length: int) -> tuple[Any, int]:
    if mark in (0xC7, 0xC8, 0xC9):
        return UNKNOWN, at + 1 + length
    if mark in (0xDC, 0xDD):
        return _items(data, at, length)
    if mark in (0xDE, 0xDF):
        return _pairs(data, at, length)
    return _text(data, at, length)


def _text(data: bytes, at: int, length: int) -> tuple[str, int]:
    return data[at : at + length].decode(), at + length


def _items(data: bytes, at: int, length: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(length):
        item, at = _read(data, at)
        items.append(item)
    return items, at


def _pairs(data: bytes, at: int, length: int) -> tuple[dict[str, Any], int]:
    flat, at = _items(data, at, 2 * length)
    return dict(zip(flat[::2], flat[1::2], strict=True)), at
