"""Whatever a model writes, a document fails and never the job."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.document_types.invoice import INVOICE
from sluicegate.faults import DocumentFault
from sluicegate.landing.rows import RowBuilder, parse_answer
from sluicegate.records import Row
from tests.sluicegate.bounded import run_bounded
from tests.sluicegate.building import ALL_KINDS, answer_of, only_row

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REQUIRED = '"invoice_id": "1", "vendor_name": "v", "total_amount": 1'
BUILDERS = [RowBuilder(INVOICE, "r"), RowBuilder(ALL_KINDS, "r")]


def outcome(text: str) -> str:
    """Return "row" or the code of the failure, for the built in type."""
    code, message = "row", ""
    try:
        only_row(BUILDERS[0], answer_of(text), NOW)
    except DocumentFault as fault:
        code, message = fault.code, fault.message
    assert len(message) < 2000
    return code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "I cannot read this document.",
        "Here it is: {}",
        "{} and {}",
        '{"invoice_id": "A-1", "vendor_na',
        '{"total_amount": 1111111',
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"b": {"a": 1, "a": 1}}',
        '{"a": 01}',
        '{"a": .5}',
        '{"a": "\n"}',
        '{"a": 1e9999999999999999999999999}',
        "[]",
        "[{}]",
        "null",
        "true",
        "5",
        '"{}"',
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "```json\n{}",
        "```json\n```",
        "```python\n{}\n```",
        "\ufeff{}",
        "\x00",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_what_is_not_one_object_is_not_json(text: str) -> None:
    """Prose, cut JSON, NaN, doubled names, endless nesting, other values."""
    assert outcome(text) == "not_json"


@pytest.mark.parametrize("depth", [100, 400, 600, 900, 5000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_nesting_in_an_ignored_field_is_survived(depth: int, left: str, right: str) -> None:
    """Deep values give a row or a DocumentFault, also at depths that only the parser can handle."""
    inside = left * depth + "1" + right * depth
    assert outcome(f'{{{REQUIRED}, "x": {inside}}}') in ("row", "not_json")


@pytest.mark.parametrize(
    "digits", ["9" * 100_000, "-" + "9" * 100_000, "1e999999999", "-1e999999999", "9" * 21]
)
def test_huge_numbers_are_out_of_range_and_fast(digits: str) -> None:
    """A number that never ends is a value out of range, in no time."""
    started = time.process_time()
    text = f'{{"invoice_id": "1", "vendor_name": "v", "total_amount": {digits}}}'
    assert outcome(text) == "value_out_of_range"
    assert time.process_time() - started < 1


def test_tiny_numbers_are_rows() -> None:
    """1e-999999999 is zero with a warning."""
    text = '{"invoice_id": "1", "vendor_name": "v", "total_amount": 1e-999999999}'
    row = only_row(BUILDERS[0], answer_of(text), NOW)
    assert row.values["total_amount"] == 0
    assert "rounded" in row.values["provenance"]["warnings"][0]


_BOUNDED = """
from sluicegate.landing.rows import parse_answer, validate_answer
from sluicegate.faults import DocumentFault
from sluicegate.document_types.load import parse_document_type
kind = parse_document_type(b'''{{"name": "parcel", "version": "1", "prompt": "p", "schema":
  {{"type": "object", "required": ["n"], "properties": {{"n": {{"type": "integer"}}}}}}}}''', "p")
try:
    print(validate_answer(parse_answer({text}), kind))
except DocumentFault as fault:
    print(fault.code)
"""


@pytest.mark.parametrize("digits", ["1e999999999", "'9' * 10**6"])
def test_huge_whole_numbers_end(digits: str) -> None:
    """An integer field refuses 1e999999999 without building its billion digits."""
    number = digits if "'" in digits else repr(digits)
    text = f"""'{{"n": ' + {number} + '}}'"""
    assert run_bounded(_BOUNDED.format(text=text)) in ("schema_mismatch", "value_out_of_range")


@pytest.mark.parametrize("text", ["'```json' + '\\n' * 20_000", "'\\n' * 200_000 + '```'"])
def test_a_model_that_loops_in_white_space_is_not_json(text: str) -> None:
    """A fence that never closes is found out in linear time."""
    assert run_bounded(_BOUNDED.format(text=text)) == "not_json"


def test_an_answer_of_many_megabytes_is_refused() -> None:
    """16 Mi characters are the limit."""
    with pytest.raises(DocumentFault, match="characters"):
        parse_answer('{"a": "' + "a" * (16 << 20) + '"}')


def build_or_fault(text: str) -> None:
    """Build rows of both types; only a DocumentFault may be raised."""
    for builder in BUILDERS:
        try:
            row = only_row(builder, answer_of(text), NOW)
        except DocumentFault:
            continue
        assert isinstance(row, Row)
        assert set(row.values) >= {"document_uri", "processed_at", "provenance"}


NUMBERS = st.builds(
    "{}{}e{}".format, st.sampled_from(["", "-"]), st.integers(0, 10**25), st.integers(-400, 400)
)
SCALARS = st.one_of(
    st.none().map(json.dumps),
    st.booleans().map(json.dumps),
    st.integers().map(str),
    NUMBERS,
    st.text(st.characters(), max_size=20).map(json.dumps),
    st.sampled_from(
        ['"2026-01-02"', '"2026-01-02T03:04:05Z"', '"0001-01-01T00:00:00+23:59"', '"\\ud800"',
         '"9999-12-31"', '"1e5"', '"٢٠٢٦-٠١-٠٢"', "1e309", "-0", "99999999999999999999", '"NaN"']
    ),
)  # fmt: skip
NAMES = st.sampled_from([f.name for f in (*INVOICE.fields, *ALL_KINDS.fields)] + ["price", "total"])


def object_of(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make the JSON text of objects with our field names."""
    return st.dictionaries(NAMES, values, max_size=6).map(
        lambda d: "{" + ", ".join(f'"{name}": {value}' for name, value in d.items()) + "}"
    )


LISTS = st.lists(object_of(SCALARS) | SCALARS, max_size=3).map(lambda x: f"[{', '.join(x)}]")


@given(object_of(SCALARS | LISTS | object_of(SCALARS)))
@example('{"text": "x", "amount": 1, "lines": [{"price": 9e300}, {"price": 9e300}]}')
@example('{"text": "x", "real": 1e400}')
@example('{"text": "x", "moment": "0001-01-01T00:00:00+23:59"}')
def test_any_object_is_a_row_or_a_failure(text: str) -> None:
    """Right names with any values: a row or a DocumentFault, no other exception."""
    build_or_fault(text)


@given(st.text(max_size=80))
def test_any_text_is_a_row_or_a_failure(text: str) -> None:
    """Any text at all: a DocumentFault, no other exception."""
    build_or_fault(text)


@given(object_of(SCALARS | LISTS), st.integers(0, 300), st.text(max_size=3))
def test_any_damaged_object_is_a_row_or_a_failure(text: str, at: int, inserted: str) -> None:
    """JSON that was cut or has foreign characters in it."""
    build_or_fault(text[:at] + inserted)
    build_or_fault(text[:at] + inserted + text[at:])
