"""The answers of windows to one answer: records that span them, pages, counts."""

import json
from typing import Any

import pytest

from sluicegate.document_types.load import load_document_type
from sluicegate.faults import DocumentFault
from sluicegate.windows.plan import Window, plan
from sluicegate.windows.stitch import stitch
from tests.sluicegate.building import type_of

MANY = load_document_type("invoice", "many")


def record(
    first: int, last: int, number: str | None, total: float | None, *lines: float
) -> dict[str, Any]:
    """Return a record of an answer."""
    return {
        "first_page": first,
        "last_page": last,
        "values": {
            "invoice_id": number,
            "vendor_name": number and "V",
            "total_amount": total,
            "line_items": [{"description": "d", "total": each} for each in lines],
        },
    }


def answer(*records: dict[str, Any], aside: tuple[int, ...] = (), count: int | None = None) -> str:
    """Return the text of a window's answer."""
    return json.dumps(
        {
            "record_count": len(records) if count is None else count,
            "records": records,
            "set_aside": [{"page": page, "reason": "blank"} for page in aside],
        }
    )


def stitched(pages: int, size: int, *texts: str) -> dict[str, Any]:
    """Return the answer that windows give together."""
    pieces = list(zip(plan(pages, size), texts, strict=True))
    value: dict[str, Any] = json.loads(stitch(pieces, MANY).text)
    return value


def shape(value: dict[str, Any]) -> list[tuple[int, int, str, int]]:
    """Return the pages, the number and the count of lines of each record."""
    return [
        (r["first_page"], r["last_page"], r["values"]["invoice_id"], len(r["values"]["line_items"]))
        for r in value["records"]
    ]


def test_pages_count_from_the_documents_first() -> None:
    """Records and pages set aside of later windows are moved by their place."""
    value = stitched(
        4, 2, answer(record(1, 1, "A", 1, 1), aside=(2,)), answer(record(1, 2, "B", 2, 1, 1))
    )
    assert shape(value) == [(1, 1, "A", 1), (3, 4, "B", 2)]
    assert value["set_aside"] == [{"page": 2, "reason": "blank"}]
    assert value["record_count"] == 2


def test_a_record_that_began_before_is_joined() -> None:
    """Page 0 says so: over three windows too, and it counts once."""
    value = stitched(
        6,
        2,
        answer(record(1, 2, "A", None, 1, 2)),
        answer(record(0, 2, None, None, 3)),
        answer(record(0, 1, None, 9, 4), record(2, 2, "B", 1, 1)),
    )
    assert shape(value) == [(1, 5, "A", 4), (6, 6, "B", 1)]
    assert value["records"][0]["values"]["total_amount"] == 9
    assert value["record_count"] == 2


def test_a_head_that_is_repeated_is_no_new_record() -> None:
    """The part before it has no total yet, and the numbers are the same."""
    value = stitched(
        4, 2, answer(record(1, 2, "A", None, 1)), answer(record(1, 1, "A", 3, 2), aside=(2,))
    )
    assert shape(value) == [(1, 3, "A", 2)]


@pytest.mark.parametrize(
    "second", [record(1, 2, "A", None, 1), record(1, 2, "A", 3, 1), record(1, 2, "B", None, 1)]
)
def test_a_copy_of_a_form_is_a_record_of_its_own(second: dict[str, Any]) -> None:
    """What came before is whole, or has another number."""
    value = stitched(4, 2, answer(record(1, 2, "A", 3, 1)), answer(second))
    assert len(value["records"]) == 2


def test_what_goes_on_from_nothing_leaves_its_pages_to_be_missed() -> None:
    """The window before did not return what began there: nothing is joined to another record."""
    value = stitched(4, 2, answer(record(1, 1, "A", 1, 1)), answer(record(0, 2, "B", 2, 1)))
    assert shape(value) == [(1, 1, "A", 1), (3, 4, "B", 1)]


def test_counts_stay_what_windows_counted() -> None:
    """A window that lists fewer than it counts is seen in the whole."""
    value = stitched(
        4, 2, answer(record(1, 2, "A", 1, 1), count=2), answer(record(1, 2, "B", 2, 1))
    )
    assert (value["record_count"], len(value["records"])) == (3, 2)


def test_every_digit_is_kept() -> None:
    """Numbers are written as they were read."""
    kind = type_of({"a": {"type": "number"}})
    text = '{"a": 12345678901234567890.120}'
    assert stitch([(Window(1, 1, 2), text), (Window(2, 2, 2), '{"a": null}')], kind).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [("prose", "not_json"), ('{"records": 3}', "schema_mismatch"), ("{}", "schema_mismatch")],
)
def test_a_window_without_an_answer_is_named(text: str, code: str) -> None:
    """The document fails, and the message has the pages."""
    with pytest.raises(DocumentFault, match="pages 3 to 4") as fault:
        stitched(4, 2, answer(), text)
    assert fault.value.code == code
