"""The end of a PDF: whether the file is whole, was cut, or is several.

PDFium repairs a file that ends early by dropping what it cannot find. A repaired invoice may have
lost its last page without a word, so a missing end is a fault here. What is asked is not whether
five bytes (`%%EOF`) are there, but whether the cross-reference that `startxref` names is whole and
nothing was begun behind it:

- whole: the chain is there and every object lies inside the file. Junk may follow, and markers may
  lack.
- cut: an object or a table begins behind the end of the last version, however short; or there is
  no end at all.
- unclear: the chain is broken, but the file ends as it should. PDFium rebuilds it from the objects
  found; its pages are counted one by one then (see `pdf`).
"""

import re
from typing import Literal, NamedTuple

from sluicegate.pdf.xref import HEADER, Broken, Objects, read_objects

Kind = Literal["whole", "cut", "unclear", "several"]

_START = re.compile(rb"startxref\s{0,8}(\d{1,12})")
_OBJECT = re.compile(
    rb"(?:\A|[\r\n\0]|endobj)[ \t\0]{0,8}"
    rb"(?P<number>[1-9]\d{0,9})\s{1,8}\d{1,5}\s{1,8}obj(?![A-Za-z])"
)
# What may be left of the first object of an update that was cut within its very header.
_BEGUN = re.compile(rb"[1-9]\d{0,9}(\s+(\d{1,5}(\s+(o(b)?)?)?)?)?")
_MARK = re.compile(rb"\s{0,8}%%?E?O?F?")
_LENGTH = re.compile(rb"/L\s+(\d{1,12})")
_SPACE = b"\0\t\n\f\r "
_HEADER_WITHIN = 1024 + 5


class End(NamedTuple):
    """What is known of a PDF's end, with the reason in words for a message."""

    kind: Kind
    reason: str = ""


def look_at_end(data: bytes) -> End:
    """Tell whether a PDF was cut, is whole, or is several. Linear in its size."""
    base = max(0, data.find(b"%PDF-", 0, _HEADER_WITHIN))
    start = _last_start(data)
    objects = _objects(data, start, base)
    if _is_several(data, base, objects):
        return End("several", "another PDF begins behind the end of the first")
    if not objects and b"%%EOF" not in data:
        return End("cut", "the PDF ends without its end marker (%%EOF)")
    if _is_begun(data[_behind(data, start) :]):
        return End("cut", "the PDF ends within an update: an object begins behind its end")
    if objects:
        return End("whole")
    length = _linearised_length(data, base)
    if length > len(data) - base:
        return End("cut", f"the PDF has {len(data):,} bytes and says it has {length:,}")
    if 0 <= data.rfind(b"endobj") < data.rfind(b" obj"):
        return End("cut", "the PDF ends within an object")
    return End("unclear")


def _last_start(data: bytes) -> re.Match[bytes] | None:
    at = data.rfind(b"startxref")
    while at >= 0:
        if found := _START.match(data, at):
            return found
        at = data.rfind(b"startxref", 0, at)
    return None


def _objects(data: bytes, start: re.Match[bytes] | None, base: int) -> Objects | None:
    """Return what the cross-reference lists; None where it is not whole.

    Where startxref lacks or is wrong, the table itself may still be there: the last one, or that
    behind the first object of a linearised file.
    """
    places = [(int(start[1]), each) for each in (base, 0)] if start else []
    places += [(at - each, each) for at in _tables(data, base) for each in (base, 0)]
    for offset, each in dict.fromkeys(places):
        try:
            if offset > 0:
                return read_objects(data, offset, each)
        except Broken:
            continue
    return None


def _tables(data: bytes, base: int) -> list[int]:
    """Return where the table may be that lists everything, if startxref does not say."""
    found = []
    table = max(data.rfind(b"\nxref"), data.rfind(b"\rxref"))
    stream = data.rfind(b"/XRef")
    if stream > table:
        from_here = max(0, stream - 2048)
        headers = list(_OBJECT.finditer(data, from_here, stream))
        found += [headers[-1].start("number")] if headers else []
    elif table >= 0:
        found.append(table + 1)
    if _linearised_length(data, base):
        found.append(data.find(b"endobj", base) + 6)
    return found


def _behind(data: bytes, start: re.Match[bytes] | None) -> int:
    """Return where the last version ends: behind its pointer and what there is of its marker."""
    end = data.rfind(b"%%EOF") + 5 if b"%%EOF" in data else 0
    if start is None:
        return max(end, data.rfind(b"trailer"), data.rfind(b"endstream"), 0)
    mark = _MARK.match(data, start.end())
    return max(end, mark.end() if mark else start.end())


def _is_begun(tail: bytes) -> bool:
    """Tell whether an object begins here: junk has none."""
    return bool(_OBJECT.search(tail) or _BEGUN.fullmatch(tail.strip(_SPACE)))


def _linearised_length(data: bytes, base: int) -> int:
    """Return the length that a linearised file says it has, in its first object; 0 if none."""
    head = data[base : base + 2048].partition(b"endobj")[0]
    found = _LENGTH.search(head) if b"/Linearized" in head else None
    return int(found[1]) if found else 0


def _is_several(data: bytes, base: int, objects: Objects | None) -> bool:
    """Tell whether another PDF begins behind an end marker, outside of every object.

    A PDF may hold others as they are, in streams: those begin within an object. And a version may
    begin with a header of its own: the cross-reference then lists what is behind it.
    """
    last = max(objects.offsets, default=-1) if objects else -1
    if last >= 0 and not HEADER.match(data, last):
        last = -1  # offsets of another PDF, which count from its own header
    before, at = base, data.find(b"%PDF-", base + 5)
    while at >= 0:
        gap = data[before:at]
        ended = gap.rfind(b"%%EOF")
        outside = b"endobj" in gap[: max(0, ended)] and not _OBJECT.search(gap, ended + 5)
        if last < at and outside:
            return True
        before, at = at, data.find(b"%PDF-", at + 5)
    return False
