"""What an answer of a type for many records holds, and what becomes of every page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.document_types.many import REASONS
from sluicegate.faults import DocumentFault
from sluicegate.landing.found import UNCITED, holding_many, holding_one
from sluicegate.records import Contents, Place


def record(first: Any, last: Any, values: Any = None) -> dict[str, Any]:
    """Return a record as an answer has it."""
    return {"first_page": first, "last_page": last, "values": values or {}}


def answer(*records: Any, count: Any = None, aside: Any = ()) -> dict[str, Any]:
    """Return an answer that counts right, unless it is told."""
    counted = len(records) if count is None else count
    listed = [{"page": page, "reason": reason} for page, reason in aside]
    return {"record_count": counted, "records": list(records), "set_aside": listed}


def test_records_stand_in_the_order_of_their_pages() -> None:
    """Whatever the order of the list; one without pages stays behind the one before it."""
    told = answer(record(4, 5, "c"), record(None, None, "d"), record(1, 1, "a"), record(2, 3, "b"))
    holding = holding_many(told, 5)
    assert [found.values for found in holding.found] == ["a", "b", "c", "d"]
    assert [found.place for found in holding.found] == [
        Place(0, 1, 1), Place(1, 2, 3), Place(2, 4, 5), Place(3, None, None),
    ]  # fmt: skip
    assert holding.warnings == ("records: 1 without pages that can be theirs, of the 5 there are",)


def test_every_page_is_in_a_record_or_set_aside() -> None:
    """A page of two records counts once; what nobody speaks of is uncited, and a warning."""
    told = answer(record(1, 2), record(2, 2), aside=[(3, "blank"), (4, "odd"), (2, "terms")])
    holding = holding_many(told, 6)
    assert holding.contents(1) == Contents(2, 1, 6, 2, (("blank", 1), ("other", 1), (UNCITED, 2)))
    assert holding.warnings == ("pages in no record and not set aside: 5, 6",)


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, 1), (2, 1), (1, 9), (True, 1), ("1", 1), (None, 1), (1.5, 2), (-3, 2)],
)
def test_pages_that_cannot_be_are_not_taken_over(first: Any, last: Any) -> None:
    """The record stays; its pages are null and a warning."""
    holding = holding_many(answer(record(first, last)), 3)
    assert holding.found[0].place == Place(0, None, None)
    assert holding.pages_set_aside == ((UNCITED, 3),)
    assert any("without pages" in warning for warning in holding.warnings)


def test_a_count_that_is_not_that_of_the_list_is_a_warning() -> None:
    """It is how a dropped record is seen."""
    (warning,) = holding_many(answer(record(1, 1), count=3), 1).warnings
    assert warning == "records: 1 were given, their count was 3"
    (warning,) = holding_many({"records": [record(1, 1)]}, 1).warnings
    assert warning == "records: 1 were given, their count was not said"


def test_where_nobody_has_counted_pages_the_answer_says_how_many() -> None:
    """The last page that it speaks of; a number that none can have is no page."""
    holding = holding_many(answer(record(2, 3), record(1, 10**9), aside=[(5, "cover")]), 0)
    assert (holding.pages, holding.pages_in_records) == (5, 2)
    assert holding.pages_set_aside == (("cover", 1), (UNCITED, 2))


def test_one_record_has_all_pages() -> None:
    """Of a type for one; where nobody has counted its pages are not known."""
    assert holding_one({"a": 1}, 3).found[0].place == Place(0, 1, 3)
    assert holding_one({"a": 1}, 3).contents(1) == Contents(1, 1, 3, 3)
    assert holding_one({"a": 1}, 0).found[0].place == Place()


@pytest.mark.parametrize("broken", [{}, {"records": {}}, {"records": [], "set_aside": "none"}])
def test_what_has_no_list_of_records_is_no_answer(broken: dict[str, Any]) -> None:
    """Then the document fails: nobody can say what it holds."""
    with pytest.raises(DocumentFault, match="should be a list"):
        holding_many(broken, 1)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["first_page", "last_page", "values", "page", "reason"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)
RECORDS = st.builds(record, st.integers(-1, 12), st.integers(-1, 12)) | ANYTHING
ASIDE = st.lists(
    st.fixed_dictionaries({"page": st.integers(-1, 12), "reason": st.sampled_from([*REASONS, 3])})
    | ANYTHING,
    max_size=6,
)


@given(st.lists(RECORDS, max_size=6), ASIDE, st.integers(0, 10))
def test_pages_and_records_always_balance(records: list[Any], aside: list[Any], pages: int) -> None:
    """Whatever an answer says: each record once, each page once, ranges within the document."""
    holding = holding_many({"records": records, "set_aside": aside}, pages)
    contents = holding.contents(0)
    assert contents.records == len(records) == len(holding.found)
    assert contents.pages == contents.pages_in_records + sum(dict(holding.pages_set_aside).values())
    if pages:
        assert contents.pages == pages
    begins = [found.place.first_page or 0 for found in holding.found]
    known = [first for first in begins if first]
    assert known == sorted(known)
    assert [found.place.record_index for found in holding.found] == list(range(len(records)))
    for found in holding.found:
        _, first, last = found.place
        assert first is None or 1 <= first <= (last or 0) <= max(contents.pages, 1)
