"""From an answer's text to a row, or to the one code that says why not."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from sluicegate.asking.fallback import as_recorded
from sluicegate.document_types.invoice import INVOICE
from sluicegate.faults import DocumentFault
from sluicegate.landing.rows import Built, RowBuilder, has_record, parse_answer, validate_answer
from sluicegate.records import Contents, Place, Usage
from tests.sluicegate.building import answer_of, only_row, type_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"invoice_id": "A-1", "vendor_name": "Acme", "total_amount": 12.5}
BUILDER = RowBuilder(INVOICE, "run-1")


def refusal(value: dict[str, Any]) -> tuple[str, str]:
    """Return code and message of why values are no invoice."""
    with pytest.raises(DocumentFault) as caught:
        validate_answer(value, INVOICE)
    return caught.value.code, caught.value.message


def test_numbers_are_exact() -> None:
    """No number passes through a float."""
    value = parse_answer('{"a": 0.1, "b": 1e-7, "c": 12345678901234567890123.45, "d": 7}')
    assert value == {
        "a": Decimal("0.1"),
        "b": Decimal("1E-7"),
        "c": Decimal("12345678901234567890123.45"),
        "d": 7,
    }
    assert type(value["a"]) is Decimal
    assert str(parse_answer('{"a": 12.50}')["a"]) == "12.50"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '\n {"a": 1} \n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```\n',
        '  ```json  \n\n{"a":\n1}\n\n```  ',
    ],
)
def test_an_object_is_found_with_and_without_a_fence(text: str) -> None:
    """A fence around the object is removed, nothing else is."""
    assert parse_answer(text) == {"a": 1}


def test_a_fence_inside_a_value_is_a_value() -> None:
    """Only a fence around all of the text is a fence."""
    assert parse_answer('{"a": "```json\\n{}\\n```"}') == {"a": "```json\n{}\n```"}


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_blank_text_is_null(blank: str) -> None:
    """Models write both for what is not printed."""
    values = validate_answer(
        {**GOOD, "total_amount": 1, "currency": blank, "line_items": [{"description": blank}]},
        INVOICE,
    )
    assert values["currency"] is None
    assert values["line_items"][0]["description"] is None
    code, message = refusal({**GOOD, "total_amount": 1, "vendor_name": blank})
    assert code == "schema_mismatch"
    assert "vendor_name" in message


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"invoice_id": None, "vendor_name": None, "total_amount": None},
        {"invoice_id": "", "vendor_name": "  ", "currency": "EUR", "line_items": []},
        {"other": 1},
    ],
)
def test_all_required_null_is_nothing_extracted(value: dict[str, Any]) -> None:
    """A blank page, or another kind of document."""
    code, message = refusal(value)
    assert code == "nothing_extracted"
    assert "invoice_id" in message


def test_a_required_list_that_is_empty_is_nothing() -> None:
    """A type that requires only a list finds nothing in an empty one."""
    kind = type_of({"lines": {"type": "array", "items": {"type": "string"}}})
    with pytest.raises(DocumentFault) as caught:
        validate_answer({"lines": []}, kind)
    assert caught.value.code == "nothing_extracted"


@pytest.mark.parametrize(
    "change",
    [
        {"total_amount": "12.50"},
        {"total_amount": True},
        {"total_amount": [1]},
        {"invoice_id": 5},
        {"vendor_name": {"name": "x"}},
        {"invoice_date": "23.11.2026"},
        {"invoice_date": "2026-02-30"},
        {"line_items": {}},
        {"line_items": ["x"]},
        {"total_amount": None},
    ],
)
def test_wrong_types_are_schema_mismatches(change: dict[str, Any]) -> None:
    """A number in quotes is no number; the message names the field and not its value."""
    code, message = refusal({**GOOD, "total_amount": 1, **change})
    assert code == "schema_mismatch"
    assert next(iter(change)) in message


@pytest.mark.parametrize("total", [10**20, -(10**20), 10**15 + 1, Decimal("1E+999999999")])
def test_totals_without_bounds_are_out_of_range(total: Any) -> None:
    """A looping number literal is a value out of range."""
    assert refusal({**GOOD, "total_amount": total})[0] == "value_out_of_range"


def test_both_kinds_of_errors_are_a_mismatch() -> None:
    """One wrong type among values out of range is still a wrong type."""
    assert refusal({**GOOD, "invoice_id": 5, "total_amount": 10**20})[0] == "schema_mismatch"


def test_a_required_field_that_is_null_was_not_found() -> None:
    """The most usual of all failures is said in plain words."""
    value = {"invoice_id": None, "vendor_name": "V", "total_amount": None, "line_items": []}
    code, message = refusal(value)
    assert code == "schema_mismatch"
    assert message == "invoice_id was not found; total_amount was not found"
    assert refusal({**value, "invoice_id": 7})[1].startswith("invoice_id: should be text, not")


def test_of_many_errors_those_not_found_are_named() -> None:
    """However many lines are wrong, a reader learns which field was missing."""
    items = [{"total": "x"}, None, *[{"quantity": "x"}] * 9]
    code, message = refusal({**GOOD, "total_amount": None, "line_items": items})
    assert code == "schema_mismatch"
    assert message == (
        "total_amount was not found; line_items.0.total: should be a number, not text; "
        "line_items.1 is null; line_items.2.quantity: should be a number, not text; "
        "line_items.3.quantity: should be a number, not text; and 7 more"
    )


def test_extra_fields_are_ignored() -> None:
    """What was not asked for is dropped, at every depth."""
    values = validate_answer(
        {**GOOD, "total_amount": 1, "x": [{}], "line_items": [{"total": 1, "y": 2}]}, INVOICE
    )
    assert set(values) == {field.name for field in INVOICE.fields}
    assert set(values["line_items"][0]) == {"description", "quantity", "total"}


def test_many_errors_make_a_bounded_message() -> None:
    """The message lists a few errors and counts the others."""
    _, message = refusal({**GOOD, "total_amount": 1, "line_items": ["x"] * 1000})
    assert message.endswith("and 995 more")


def test_a_row_holds_the_fields_and_where_they_come_from() -> None:
    """Values at the top level, provenance beside them."""
    row = only_row(BUILDER, answer_of({**GOOD, "currency": "EUR"}), NOW)
    assert row.values["total_amount"] == Decimal("12.5")
    assert row.values["document_uri"] == row.document_uri == "in/a.pdf"
    assert row.values["processed_at"] == NOW
    provenance = row.values["provenance"]
    assert provenance["run_id"] == "run-1"
    assert provenance["document_type_version"] == INVOICE.version
    assert provenance["request_identity"] == "ab" * 32
    assert (provenance["prompt_tokens"], provenance["thought_tokens"]) == (1000, 50)
    assert (provenance["cost_usd"], provenance["journaled"]) == (Decimal("0.001"), False)
    assert provenance["traffic_type"] is None
    assert provenance["warnings"] == []
    assert (row.attempts, row.latency_ms, row.paid.output_tokens) == (1, 900, 200)


def test_the_time_of_a_row_is_utc() -> None:
    """Whatever zone the worker's clock speaks."""
    local = NOW.astimezone(timezone(timedelta(hours=9)))
    assert only_row(BUILDER, answer_of(GOOD), local).values[
        "processed_at"
    ].utcoffset() == timedelta(0)


def test_findings_and_replacements_are_warnings_of_the_row() -> None:
    """What a check found, and what was rounded or replaced, is in the provenance."""
    row = only_row(BUILDER, answer_of('{"invoice_id": "\\ud800", "vendor_name": "\\u0000v", '
                  '"total_amount": 1.00000000001, "currency": "EURO"}'),
        NOW,
    )  # fmt: skip
    assert row.values["invoice_id"] == "\ufffd"
    assert row.values["vendor_name"] == "\ufffdv"
    assert row.values["total_amount"] == Decimal("1.000000000")
    assert len(row.values["provenance"]["warnings"]) == 4


def test_a_check_that_fails_is_a_failure() -> None:
    """`on_fail: fail` keeps the row from its table, and says all that failed."""
    kind = type_of(
        {"currency": {"type": "string"}, "on": {"type": "string", "format": "date"}},
        checks=[
            {"check": "currency", "field": "currency", "on_fail": "fail"},
            {"check": "plausible_date", "field": "on", "on_fail": "fail"},
        ],
    )
    with pytest.raises(DocumentFault) as caught:
        only_row(RowBuilder(kind, "r"), answer_of({"currency": "?", "on": "1066-10-14"}), NOW)
    assert caught.value.code == "check_failed"
    assert "; " in caught.value.message


def test_dates_are_checked_against_the_given_day() -> None:
    """The clock is a parameter: the same answer is plausible in another year."""
    answer = answer_of({**GOOD, "invoice_date": "2029-01-01"})
    late = datetime(2028, 6, 1, tzinfo=UTC)
    assert only_row(BUILDER, answer, NOW).values["provenance"]["warnings"]
    row = only_row(BUILDER, answer, late)
    assert row.values["provenance"]["warnings"] == []
    assert row.values["invoice_date"] == date(2029, 1, 1)


MANY = RowBuilder(replace(INVOICE, records="many"), "run-1")


def of_many(*records: dict[str, Any], pages: int = 0, **changes: Any) -> Built:
    """Build the rows of an answer with these records, each on a page of its own."""
    listed = [
        {"first_page": page, "last_page": page, "values": values}
        for page, values in enumerate(records, 1)
    ]
    text = {"record_count": len(records), "records": listed, "set_aside": []}
    return MANY.build(answer_of(text, pages=pages or len(records), **changes), NOW)


def test_every_record_becomes_a_row_or_a_failure_with_its_place() -> None:
    """Of four records one is no invoice: three rows, and a failure that says which and where."""
    bad = {**GOOD, "total_amount": None}
    rows, failed = of_many(GOOD, bad, GOOD, GOOD)
    names = ("record_index", "first_page", "last_page")
    places = [tuple(row.values[name] for name in names) for row in rows]
    assert places == [(0, 1, 1), (2, 3, 3), (3, 4, 4)]
    counted = {(row.values["record_count"], row.values["record_failures"]) for row in rows}
    assert counted == {(4, 1)}
    (failure,) = failed
    assert (failure.code, failure.place, failure.record_count) == (
        "schema_mismatch", Place(1, 2, 2), 4,
    )  # fmt: skip
    assert json.loads(failure.raw_answer or "")["invoice_id"] == "A-1"
    assert rows[0].contents == Contents(4, 3, 4, 4)
    assert [row.contents for row in rows[1:]] == [None, None]
    assert failure.contents is None


def test_what_a_document_has_cost_is_on_its_first_row() -> None:
    """Each cent once: the sum over its rows and failures is what was paid for it."""
    bad = {**GOOD, "total_amount": "?"}
    rows, failed = of_many(bad, GOOD, GOOD)
    answer = answer_of({})
    outcomes = (*rows, *failed)
    assert sum((each.paid for each in outcomes), Usage()) == answer.paid
    assert sum(each.cost_usd or 0 for each in outcomes) == answer.cost_usd
    assert sum(each.attempts for each in outcomes) == answer.attempts
    first, second = (row.values["provenance"] for row in rows)
    assert (first["cost_usd"], first["prompt_tokens"]) == (Decimal("0.001"), 1000)
    assert (second["cost_usd"], second["prompt_tokens"], second["latency_ms"]) == (0, 0, None)
    assert second["request_identity"] == first["request_identity"]


def test_a_document_fails_where_no_record_becomes_a_row() -> None:
    """As one failure, which knows those of its records: a fallback model is asked once."""
    bad = {**GOOD, "total_amount": None}
    rows, (failure,) = of_many(bad, {})
    assert rows == ()
    assert failure.code == "schema_mismatch"
    assert failure.message.startswith("none of 2 records became a row, of the first: ")
    assert failure.document is not None
    assert failure.contents == Contents(2, 0, 2, 2)
    assert [each.code for each in failure.of_records] == ["schema_mismatch", "nothing_extracted"]
    recorded = list(as_recorded(failure))
    assert [each.place for each in recorded] == [Place(0, 1, 1), Place(1, 2, 2)]
    assert sum((each.paid for each in recorded), Usage()) == answer_of({}).paid
    assert [each.contents is None for each in recorded] == [False, True]


@pytest.mark.parametrize(
    ("values", "proves"), [([GOOD], True), ([{}, GOOD], True), ([{}], False), ([], False)]
)
def test_one_valid_record_proves_an_answer(values: list[Any], *, proves: bool) -> None:
    """A type for many is asked for a list; what a type for one returns is no such answer."""
    text = json.dumps({"records": [{"values": each} for each in values]})
    assert has_record(text, MANY.document_type) is proves
    assert has_record(json.dumps(values[-1] if values else {}), INVOICE) is proves
    assert not has_record(json.dumps(GOOD), MANY.document_type)
    assert not has_record("{", INVOICE)


def test_a_document_without_records_has_a_code_of_its_own() -> None:
    """None found is no list cut short: its pages are accounted for."""
    text = {"record_count": 0, "records": [], "set_aside": [{"page": 1, "reason": "blank"}]}
    rows, (failure,) = MANY.build(answer_of(text, pages=2), NOW)
    assert rows == ()
    assert (failure.code, failure.of_records) == ("no_records", ())
    assert failure.contents == Contents(0, 0, 2, 0, (("blank", 1), ("uncited", 1)))


def test_what_is_found_about_a_document_is_on_all_of_its_rows() -> None:
    """Warnings of the answer and of its pages, beside those of the record."""
    rows, _ = of_many(GOOD, {**GOOD, "currency": "?"}, pages=3, warnings=("an attachment",))
    first, second = (row.values["provenance"]["warnings"] for row in rows)
    assert first == ["an attachment", "pages in no record and not set aside: 3"]
    assert second[:2] == first
    assert "currency" in second[2]


def test_a_row_of_a_type_for_one_is_record_0_of_1() -> None:
    """Its pages are all there are, where somebody has counted them."""
    names = ("record_index", "record_count", "record_failures", "first_page", "last_page")
    known = only_row(BUILDER, answer_of(GOOD, pages=4), NOW).values
    assert [known[name] for name in names] == [0, 1, 0, 1, 4]
    unknown = only_row(BUILDER, answer_of(GOOD), NOW).values
    assert [unknown[name] for name in names] == [0, 1, 0, None, None]
