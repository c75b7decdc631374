"""Answers that are short or muddled, on demand, and look whole."""

import copy
from typing import Any

import pytest

from emulators.gemini.faults import FaultRule
from emulators.gemini.lies import LIES, told


def record(first: int, last: int, count: int) -> dict[str, Any]:
    """Return a record with so many lines."""
    lines = [{"n": n} for n in range(count)]
    return {"first_page": first, "last_page": last, "values": {"id": first, "lines": lines}}


def answer(*records: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with these records."""
    return {"record_count": len(records), "records": list(records), "set_aside": []}


def shape(value: dict[str, Any]) -> list[tuple[int, int, int]]:
    """Return the pages and the count of lines of each record; the count must go along."""
    assert value["record_count"] == len(value["records"])
    return [
        (each["first_page"], each["last_page"], len(each["values"]["lines"]))
        for each in value["records"]
    ]


THREE = answer(record(1, 1, 2), record(2, 4, 50), record(5, 5, 1))


@pytest.mark.parametrize(
    ("lie", "left"),
    [
        ("drop_last_third", [(1, 1, 2), (2, 4, 50)]),
        ("drop_rows", [(1, 1, 1), (2, 4, 47), (5, 5, 0)]),
        ("fewer_rows", [(1, 1, 2), (2, 4, 44), (5, 5, 1)]),
        ("merge_records", [(1, 4, 52), (5, 5, 1)]),
        ("split_record", [(1, 1, 2), (2, 2, 25), (3, 4, 25), (5, 5, 1)]),
    ],
)
def test_each_lie_is_told_of_records(lie: str, left: list[tuple[int, int, int]]) -> None:
    """The right answer stays as it is: it is given to others, too."""
    before = copy.deepcopy(THREE)
    assert shape(told(lie, THREE)) == left
    assert before == THREE
    assert FaultRule(fault=lie, share=0.5).fault == lie


def test_lies_about_one_record_shorten_its_lists() -> None:
    """One of its lines at least; those about several leave it alone."""
    one = {"id": 1, "lines": list(range(9))}
    lengths = {lie: len(told(lie, one)["lines"]) for lie in LIES}
    assert lengths == {
        "drop_last_third": 6, "drop_rows": 8, "fewer_rows": 9, "merge_records": 9,
        "split_record": 9,
    }  # fmt: skip
    assert told("drop_last_third", {"lines": [1]}) == {"lines": []}
    assert told("merge_records", answer(record(1, 2, 3))) == answer(record(1, 2, 3))
