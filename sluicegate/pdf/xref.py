"""The cross-reference of a PDF: whether it is there, and all that it lists lies inside the file.

A PDF is read from its end: `startxref` names a table (or stream) that lists where every object
begins, and that one names the table of the version before (/Prev). A file was cut exactly if this
chain is broken or points behind the end; whether the last five bytes are `%%EOF` says little.

Hostile files make circles, long chains and tables that overlap: the bytes read and the entries
looked at are bounded, and a chain beyond the bounds counts as not whole. Measured: 0.1 s at most.
"""

import re
import zlib
from dataclasses import dataclass, field

HEADER = re.compile(rb"\s*(\d{1,10})\s+(\d{1,5})\s+obj\b")
_SECTION = re.compile(rb"\s*(\d{1,10})\s+(\d{1,10})\s*")
_ENTRY = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+([nf])")
_TABLE = re.compile(rb"\s*xref\b")
_STREAM = re.compile(rb"stream\r?\n?")
_NUMBERS = rb"\s*\[([\d\s]{1,20000})\]"

_MAX_SECTIONS = 2_000
_MAX_ENTRIES = 2_000_000  # a PDF of 50 MB has some 100,000
_MAX_INFLATED = 32 << 20
_MAX_DICTIONARY = 64 << 10


class Broken(Exception):  # noqa: N818 - a finding, not an error
    """The cross-reference is not there, or lists what is not there."""


@dataclass(slots=True)
class Objects:
    """What a chain of cross-references lists. Mutable while it is read."""

    offsets: list[int] = field(default_factory=list)  # of objects, from the start of the file
    sections: list[int] = field(default_factory=list)  # of the tables themselves


def read_objects(data: bytes, at: int, base: int) -> Objects:
    """Follow the chain from the cross-reference at `at`; raise Broken if it is not whole.

    `base` is where the PDF's header is: offsets count from there, or from the file's start.
    """
    reader = _Reader(data, base)
    todo = [at]
    while todo:
        todo += reader.read(todo.pop())
    return reader.found


class _Reader:
    def __init__(self, data: bytes, base: int) -> None:
        self._data, self._base = data, base
        self._room = 4 * len(data) + (1 << 20)  # bytes that may be looked at, over all tables
        self._seen = set[int]()
        self.found = Objects()

    def read(self, offset: int) -> list[int]:
        """Read one table and return the offsets of those it names."""
        if offset in self._seen:
            return []  # circles are passed over, as readers do
        self._seen.add(offset)
        if len(self._seen) > _MAX_SECTIONS:
            raise Broken("the chain of cross-references has no end")
        at = self._base + offset
        if not 0 <= at < len(self._data):
            raise Broken("a cross-reference lies outside the file")
        self.found.sections.append(at)
        if table := _TABLE.match(self._data, at, at + 64):
            dictionary = self._table(table.end())
        elif header := HEADER.match(self._data, at, at + 64):
            dictionary = self._stream(header.end())
        else:
            raise Broken("there is no cross-reference where startxref points")
        return _named(dictionary)

    def _table(self, at: int) -> bytes:
        end = self._data.find(b"trailer", at)
        if end < 0:
            raise Broken("a cross-reference table has no trailer")
        self._use(end - at)
        for section in _sections(self._data, at, end):
            for offset, kind in section:
                self._list(int(offset)) if kind == b"n" else None
        dictionary = self._data[end + 7 : end + 7 + _MAX_DICTIONARY]
        if b">>" not in dictionary:
            raise Broken("the trailer does not end")
        return dictionary.partition(b"startxref")[0]

    def _stream(self, at: int) -> bytes:
        begun = _STREAM.search(self._data, at, at + _MAX_DICTIONARY)
        if not begun:
            raise Broken("there is no cross-reference where startxref points")
        dictionary = self._data[at : begun.start()]
        if not re.search(rb"/Type\s*/XRef\b", dictionary):
            raise Broken("there is no cross-reference where startxref points")
        widths = _whole_numbers(dictionary, b"W")
        if len(widths) != 3 or not 0 < sum(widths) <= 24:
            raise Broken("a cross-reference stream has no fields")
        rows = self._rows(dictionary, begun.end(), sum(widths))
        first, second = widths[0], widths[0] + widths[1]
        for row in rows:
            if not first or int.from_bytes(row[:first], "big") == 1:
                self._list(int.from_bytes(row[first:second], "big"))
        return dictionary

    def _rows(self, dictionary: bytes, at: int, width: int) -> list[bytes]:
        """Return the entries of a cross-reference stream: inflated, and the predictor undone."""
        end = self._data.find(b"endstream", at)
        if end < 0:
            raise Broken("a cross-reference stream does not end")
        self._use(end - at)
        body = self._data[at:end]
        if b"FlateDecode" in dictionary or re.search(rb"/Filter\s*\[?\s*/Fl\b", dictionary):
            body = self._inflated(body)
        predictor = re.search(rb"/Predictor\s+(\d+)", dictionary)
        if predictor and int(predictor[1]) >= 10:
            return _unpredicted(body, width)
        return [body[start : start + width] for start in range(0, len(body) - width + 1, width)]

    def _inflated(self, body: bytes) -> bytes:
        inflater = zlib.decompressobj()
        try:
            inflated = inflater.decompress(body, _MAX_INFLATED)
        except zlib.error as error:
            raise Broken("a cross-reference stream cannot be inflated") from error
        self._use(len(inflated) // 4)
        if inflater.unconsumed_tail:
            raise Broken("a cross-reference stream is too long")
        return inflated

    def _list(self, offset: int) -> None:
        if offset == 0:
            return  # free entries that some writers mark as used
        if self._base + offset >= len(self._data):
            raise Broken("an object lies outside the file")
        self.found.offsets.append(self._base + offset)
        if len(self.found.offsets) > _MAX_ENTRIES:
            raise Broken("the cross-reference lists too many objects")

    def _use(self, length: int) -> None:
        self._room -= length
        if self._room < 0:
            raise Broken("cross-references overlap")


def _sections(data: bytes, at: int, end: int) -> list[list[tuple[bytes, bytes]]]:
    """Split a table into its sections of (offset, kind). Raises Broken where entries lack."""
    sections = []
    while section := _SECTION.match(data, at, end):
        count = int(section[2])
        at = section.end()
        if count > (end - at) // 16 + 1:
            raise Broken("a cross-reference table is shorter than it says")
        entries = _ENTRY.findall(data, at, min(end, at + 20 * count))
        if len(entries) < count:  # lines of 19 or 21 bytes
            entries = _ENTRY.findall(data, at, min(end, at + 22 * count))[:count]
        if len(entries) < count:
            raise Broken("a cross-reference table is shorter than it says")
        sections.append(entries)
        at = _after(data, at, end, count)
    return sections


def _after(data: bytes, at: int, end: int, count: int) -> int:
    """Return where the entries of a section end, whatever the length of their lines."""
    if count and (last := _ENTRY.match(data, at + 20 * (count - 1), end)):
        return last.end()
    for _, found in zip(range(count), _ENTRY.finditer(data, at, end), strict=False):
        at = found.end()
    return at


def _unpredicted(body: bytes, width: int) -> list[bytes]:
    """Undo PNG's predictors None, Sub and Up; others are not used for tables."""
    rows, before = [], bytes(width)
    for start in range(0, len(body) - width, width + 1):
        kind, row = body[start], body[start + 1 : start + 1 + width]
        if kind == 2:
            row = bytes((here + above) & 0xFF for here, above in zip(row, before, strict=True))
        elif kind == 1:
            row = _running(row)
        elif kind:
            raise Broken("a cross-reference stream has an odd predictor")
        rows.append(row)
        before = row
    return rows


def _running(row: bytes) -> bytes:
    total, out = 0, bytearray()
    for byte in row:
        total = (total + byte) & 0xFF
        out.append(total)
    return bytes(out)


def _named(dictionary: bytes) -> list[int]:
    """Return the offsets of the tables that a trailer names: the version before, the hybrid."""
    found = (
        re.search(rb"/" + key + rb"\s+(\d{1,10})(?!\d|\s+\d+\s+R)", dictionary)
        for key in (b"Prev", b"XRefStm")
    )
    return [int(each[1]) for each in found if each and int(each[1])]


def _whole_numbers(dictionary: bytes, key: bytes) -> list[int]:
    found = re.search(rb"/" + key + _NUMBERS, dictionary)
    return [int(number) for number in found[1].split()[:64]] if found else []
