"""The current rows of a document: all of its newest complete extraction."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.current_rows import Share, newest_complete, share_of

Made = tuple[str, int, int]  # when, index, rows of the extraction


def current(*rows: Made) -> list[Made]:
    """Return the current ones of a document's rows."""
    return newest_complete(rows, lambda row: row[:1], lambda row: Share(row[1], row[2]))


THREE = [("1", index, 3) for index in range(3)]


def test_of_three_records_that_became_two_there_are_two() -> None:
    """No stray row of the extraction before."""
    two = [("2", 0, 2), ("2", 1, 2)]
    assert current(*THREE, *two) == two
    assert current(*two, *reversed(THREE)) == two


def test_an_extraction_that_is_not_whole_changes_nothing() -> None:
    """Of two records that became three, none of the three count before all are there."""
    for there in ([("2", 0, 4)], [("2", index, 4) for index in (0, 1, 3)]):
        assert current(*THREE, *there) == THREE
    assert current(*THREE[:2]) == []
    assert current() == []


def test_a_row_that_is_there_twice_is_one_row() -> None:
    """It makes no extraction whole, and is not shown twice."""
    assert current(("1", 0, 2), ("1", 0, 2)) == []
    assert current(*THREE, *THREE) == THREE


def test_a_row_of_before_is_record_0_of_1() -> None:
    """Its columns are null or not there at all."""
    assert share_of({}) == share_of({"record_index": None, "record_count": None}) == Share(0, 1, 0)
    row = {"record_index": 2, "record_count": 5, "record_failures": 1}
    assert share_of(row) == Share(2, 4, 1)


@pytest.mark.parametrize("odd", ["x", [], float("inf"), {}])
def test_a_number_that_is_none_is_as_if_it_were_not_there(odd: Any) -> None:
    """Files of rows are read that others have written."""
    assert share_of({"record_index": odd, "record_count": odd}) == Share(0, 1, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int]], random: Any) -> None:
    """However they are read, the same ones are current: whole, of one extraction, each once."""
    made = [(str(at), index, at + 1) for at, index in rows if index <= at]
    shuffled = random.sample(made, len(made))
    found = current(*made)
    assert current(*shuffled) == found
    assert len({at for at, _, _ in found}) <= 1
    assert [index for _, index, _ in found] == list(range(len(found)))
