"""Ground truth: what is known of documents, one JSON object a line.

A line names its document (`document_uri`, `document` or `file`: a URI or the end of one) and gives
the fields under the names of the rows' columns. Null means that the document has no such value; a
field that is left out is not scored. Keys that are no columns are passed over. Besides:

`expect`               what should become of it: `row` (or `invoice`), else that it should fail
`FIELD_alternatives`   further values that are right too; FIELD or its first or last word
`FIELD_scored`         false leaves a field out
`sign_insensitive`     true takes a number with the other sign as right but for its form
`record_index`         which record of the document the line is about, from 0: a document of several
                       records has a line for each
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sluicegate.faults import JobFault

_NAMES = ("document_uri", "document", "file")
_ROW = ("row", "invoice")
_ALTERNATIVES, _SCORED = "_alternatives", "_scored"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one document, or of one record of it."""

    name: str  # a URI or path, or the end of one
    fields: dict[str, Any]
    expects_row: bool = True
    alternatives: dict[str, list[Any]] = field(default_factory=dict)
    sign_insensitive: bool = False
    record_index: int | None = None  # of a record; None for the only one
    further: tuple["Truth", ...] = ()  # the document's other records

    @property
    def records(self) -> tuple["Truth", ...]:
        """What is true of each record of the document."""
        return (self, *self.further) if self.expects_row else ()

    def also_right(self, name: str) -> list[Any]:
        """Return the further values that a field may have."""
        return [
            value
            for stem, values in self.alternatives.items()
            if name == stem or name.startswith(f"{stem}_") or name.endswith(f"_{stem}")
            for value in values
        ]


def parse_truth(line: str) -> Truth | None:
    """Read a line, None for a blank one; raise JobFault for one that is no truth."""
    if not line.strip():
        return None
    try:
        data = json.loads(line.lstrip("\ufeff"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise _unusable(line, f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise _unusable(line, "not a JSON object")
    name = next((data[key] for key in _NAMES if data.get(key)), None)
    if not isinstance(name, str):
        raise _unusable(line, f"names no document: give it {', '.join(_NAMES[:2])} or {_NAMES[2]}")
    left_out = {
        key.removesuffix(_SCORED) for key, value in data.items()
        if key.endswith(_SCORED) and value is False
    }  # fmt: skip
    return Truth(
        name=name.removeprefix("file://").removeprefix("./"),
        fields={
            key: value
            for key, value in data.items()
            if key not in left_out
            and key not in _NAMES
            and key != "expect"
            and not key.endswith((_ALTERNATIVES, _SCORED))
        },
        expects_row=data.get("expect") in (None, *_ROW),
        alternatives={
            key.removesuffix(_ALTERNATIVES): value if isinstance(value, list) else [value]
            for key, value in data.items()
            if key.endswith(_ALTERNATIVES)
        },
        sign_insensitive=data.get("sign_insensitive") is True,
        record_index=_record_index(line, data),
    )


def _record_index(line: str, data: dict[str, Any]) -> int | None:
    index = data.get("record_index")
    if index is None or (isinstance(index, int) and not isinstance(index, bool) and index >= 0):
        return index
    raise _unusable(line, f"about record {index!r}: record_index is a whole number from 0")


def about_document(lines: Sequence[Truth]) -> Truth | None:
    """Return the truth about one document, of all lines that name it; None if they contradict.

    Lines about several records, each by its index, are one truth; the same line may come twice.
    """
    by_index: dict[int | None, Truth] = {}
    for each in lines:
        if by_index.setdefault(each.record_index, each) != each:
            return None
    if len(by_index) > 1 and (None in by_index or not all(t.expects_row for t in lines)):
        return None
    first, *others = (by_index[index] for index in sorted(by_index, key=lambda i: i or 0))
    return replace(first, further=tuple(others))


def _unusable(line: str, reason: str) -> JobFault:
    return JobFault("truth_unusable", f"a line of the truth is {reason}: {line.strip()[:120]!r}")


def base_name(name: str) -> str:
    """Return the last part of a URI or path."""
    return name.rstrip("/").rpartition("/")[2]
