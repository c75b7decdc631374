"""What a sample's row would be if the model made no mistake, and where its values are printed."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from samples import committed, generator
from samples.boxes import Box, Boxes
from samples.generator import Sample
from sluicegate.evidence.pages import Page
from sluicegate.evidence.reader import read_text
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import prepare

_NUMBERS = ("quantity", "total")
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Known:
    """A document: its pages as they are read, its right row, and the boxes of its values."""

    name: str
    pages: list[Page]
    values: dict[str, Any]
    boxes: Boxes


def generated(count: int, forms: Sequence[str], *, ocr: bool = False) -> Iterator[Known]:
    """Yield generated documents of some formats, one invoice or credit note each."""
    for index in range(count):
        yield known(generator.generate(0, index, formats=forms), ocr=ocr)


def committed_samples(*, ocr: bool) -> Iterator[Known]:
    """Yield the samples of the repository that have a text layer, or those that have none."""
    for sample in committed.samples():
        if sample.truth["expect"] == "row" and (sample.truth["form"] == "pdf") != ocr:
            yield known(sample, ocr=ocr)


def known(sample: Sample, *, ocr: bool) -> Known:
    """Read a sample."""
    parts = [(part.media_type, part.data) for part in prepare(sample.data, _LIMITS, sample.name)]
    return Known(sample.name, read_text(parts, ocr=ocr), row_of(sample.truth), sample.boxes)


def row_of(truth: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a truth, typed as the model of an invoice types them."""
    return {
        "invoice_id": truth["invoice_id"],
        "vendor_name": truth["vendor_name"],
        "invoice_date": dt.date.fromisoformat(truth["invoice_date"]),
        "currency": truth["currency"],
        "total_amount": Decimal(truth["total_amount"]),
        "line_items": [
            {name: Decimal(item[name]) if name in _NUMBERS else item[name] for name in item}
            for item in truth["line_items"]
        ],
    }


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the intersection of two boxes over their union: 0 apart, 1 the same."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (_area(one) + _area(other) - both)


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def is_right(box: Sequence[float] | None, page: int | None, boxes: Sequence[Box]) -> bool:
    """Tell whether a box is one of those in which a value is printed (IoU at least .5)."""
    return box is not None and any(
        own.page == page and overlap(box, own[1:]) >= 0.5 for own in boxes
    )
