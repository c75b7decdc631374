"""What an answer holds: its records with their pages, and the pages that belong to none. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sluicegate.document_types import many
from sluicegate.faults import DocumentFault
from sluicegate.records import Contents, Place

# Why a page belongs to no record although the answer does not say so: nobody has spoken of it.
UNCITED: Final = "uncited"
# Of a document whose pages nobody has counted, what an answer may say is the number of one.
_MOST_PAGES = 10_000
_SHOWN = 10

Range = tuple[int, int]  # first and last page, from 1


@dataclass(frozen=True, slots=True)
class Found:
    """One record as the answer has it: `values` is whatever stands there."""

    place: Place
    values: Any


@dataclass(frozen=True, slots=True)
class Holding:
    """What an answer holds, in the order of the pages. `warnings` are about the document."""

    found: tuple[Found, ...]
    pages: int = 0  # of the document, as many as are known of
    pages_in_records: int = 0
    pages_set_aside: tuple[tuple[str, int], ...] = ()  # the others, by reason
    warnings: tuple[str, ...] = ()

    def contents(self, rows: int) -> Contents:
        """Return what the ledger is told, once so many of the records have become rows."""
        return Contents(
            len(self.found), rows, self.pages, self.pages_in_records, self.pages_set_aside
        )


def holding_one(values: dict[str, Any], pages: int) -> Holding:
    """Return an answer of a type for one record: it is the record, on all pages."""
    place = Place(0, 1, pages) if pages else Place()
    return Holding((Found(place, values),), pages, pages)


def holding_many(answer: dict[str, Any], pages: int) -> Holding:
    """Return the records of an answer of a type for many; `pages` is 0 where nobody has counted.

    A range of pages that cannot be is not taken over, and a warning. A page that the answer does
    not speak of is set aside as uncited, and a warning. Raises DocumentFault("schema_mismatch") for
    an answer without a list of records.
    """
    listed, aside = _list(answer, many.RECORDS), _list(answer, many.SET_ASIDE)
    most = pages or _MOST_PAGES
    ranges = [_range(each, most) for each in listed]
    order = _by_page(ranges)
    found = tuple(
        Found(Place(index, *(ranges[at] or (None, None))), _values(listed[at]))
        for index, at in enumerate(order)
    )
    reasons = dict(_set_aside(aside, most))
    known = [each for each in ranges if each]
    there = pages or max([last for _, last in known] + list(reasons), default=0)
    apart = list(_outside(known, there))
    by_reason = Counter(reasons.get(page, UNCITED) for page in apart)
    return Holding(
        found,
        there,
        there - len(apart),
        tuple(sorted(by_reason.items())),
        tuple(_warnings(answer, ranges, [page for page in apart if page not in reasons], pages)),
    )


def _list(answer: dict[str, Any], name: str) -> list[Any]:
    value = answer.get(name)
    if value is None and name != many.RECORDS:
        return []
    if not isinstance(value, list):
        raise DocumentFault("schema_mismatch", f"{name}: should be a list")
    return value


def _values(record: Any) -> Any:
    return record.get(many.VALUES) if isinstance(record, dict) else record


def _range(record: Any, most: int) -> Range | None:
    """Return the pages of a record; None where they are no pages of the document."""
    first, last = _page(record, many.FIRST_PAGE, most), _page(record, many.LAST_PAGE, most)
    return (first, last) if first and last and first <= last else None


def _page(item: Any, name: str, most: int) -> int | None:
    value = item.get(name) if isinstance(item, dict) else None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    return None


def _by_page(ranges: list[Range | None]) -> list[int]:
    """Return the places of records in the order of their pages; of none it is as it is listed."""
    begins, page = [], 0
    for each in ranges:
        page = each[0] if each else page
        begins.append(page)
    return sorted(range(len(ranges)), key=begins.__getitem__)


def _set_aside(listed: list[Any], most: int) -> Iterator[tuple[int, str]]:
    for each in listed:
        if page := _page(each, many.PAGE, most):
            reason = each.get(many.REASON)
            yield page, reason if reason in many.REASONS else "other"


def _outside(ranges: Iterable[Range], pages: int) -> Iterator[int]:
    """Yield the pages of a document that are in none of the ranges."""
    end = 0
    for first, last in sorted(ranges):
        yield from range(end + 1, first)
        end = max(end, last)
    yield from range(end + 1, pages + 1)


def _warnings(
    answer: dict[str, Any], ranges: list[Range | None], uncited: list[int], pages: int
) -> Iterator[str]:
    counted = answer.get(many.RECORD_COUNT)
    if counted != len(ranges):
        said = counted if isinstance(counted, int) else "not said"
        yield f"records: {len(ranges)} were given, their count was {said}"
    if wrong := ranges.count(None):
        there = f", of the {pages} there are" if pages else ""
        yield f"records: {wrong} without pages that can be theirs{there}"
    if uncited:
        yield f"pages in no record and not set aside: {_shown(uncited)}"


def _shown(pages: list[int]) -> str:
    more = [f"and {len(pages) - _SHOWN} more"] if len(pages) > _SHOWN else []
    return ", ".join([*map(str, pages[:_SHOWN]), *more])
