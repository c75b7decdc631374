"""What is fuzzed: each target takes bytes, lets through the faults that are meant, and no other.

A target also checks what comes out, so that a wrong success is found as well as a crash.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import fastavro
from fuzz.file_targets import FILE_SEEDS, FILE_TARGETS

from sluicegate.asking.fallback import as_recorded
from sluicegate.asking.identity import Request
from sluicegate.asking.journal import Entry, decode, encode
from sluicegate.asking.response import ApiError, Response
from sluicegate.asking.verdict import Verdict, judge_response
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import avro_schema
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.gemini.error_body import read_error
from sluicegate.gemini.errors import judge_error
from sluicegate.gemini.reply import read_response
from sluicegate.landing.earlier_rows import DamagedFile
from sluicegate.landing.failure_lines import failure_line as landing_failure_line
from sluicegate.landing.rows import RowBuilder
from sluicegate.ledger import Ledger
from sluicegate.records import Usage
from sluicegate.sources.replay import UnusableLine, read_record
from tests.sluicegate.building import ALL_KINDS, answer_of, only_row
from transforms.outputs import FORMATS

Target = Callable[[bytes], None]

_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_REQUEST = Request("a" * 64, "b" * 64)
_INVOICES, _ALL_KINDS = RowBuilder(INVOICE, "run"), RowBuilder(ALL_KINDS, "run")
_MANY = RowBuilder(replace(INVOICE, records="many"), "run")


def answer(data: bytes) -> None:
    """Make a row that its table takes of a model's text."""
    text = data.decode("utf-8", "surrogateescape")
    for builder in (_INVOICES, _ALL_KINDS):
        try:
            row = only_row(builder, answer_of(text), _NOW)
        except DocumentFault as fault:
            _meant(fault)
        else:
            _lands(builder, row.values)


def many_records(data: bytes) -> None:
    """Make rows and failures of a text that answers for many: every record, and every page."""
    answered = answer_of(data.decode("utf-8", "surrogateescape"), pages=3)
    rows, failed = _MANY.build(answered, _NOW)
    ledger = Ledger()
    ledger.add_matched(answered.document.uri)
    for row in rows:
        _lands(_MANY, row.values)
        ledger.add_row(row)
    for failure in (each for whole in failed for each in as_recorded(whole)):
        failure_line(landing_failure_line(failure, "r", _NOW).encode())
        ledger.add_failure(failure)
    assert ledger.imbalance() == ""
    assert ledger.paid == answered.paid


def columns(data: bytes) -> None:
    """Put values at the edges of their columns: numbers, days, texts as they come."""
    fields = [field["name"] for field in _ALL_KINDS.columns][:7]
    tokens = data.split(b"\xff")
    values = {
        name: _token(token) for name, token in zip(fields, tokens, strict=False) if name != "lines"
    }
    prices = ",".join(f'{{"price": {_token(token)}}}' for token in tokens[7:20])
    body = ", ".join(f'"{name}": {value}' for name, value in values.items())
    answer(
        f'{{{body}{", " if body else ""}"lines": [{prices}]}}'.encode("utf-8", "surrogateescape")
    )


def failure_line(data: bytes) -> None:
    """Read a line of a failure file."""
    try:
        uri, record = read_record(data)
    except UnusableLine:
        return
    else:
        assert uri
        assert isinstance(record[3], bool)
        hash(record)


def reply(data: bytes) -> None:
    """Read the body of a reply with status 200, and judge it."""
    try:
        response = read_response(data.decode("utf-8", "replace"), 1)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return  # an unreadable reply: tried again
    if isinstance(response, ApiError):
        assert isinstance(judge_error(response), Verdict)
    else:
        assert isinstance(response, Response)
        assert isinstance(judge_response(response), Verdict)


def refusal(data: bytes) -> None:
    """Read and judge the body of a reply with another status."""
    status = (400, 401, 403, 404, 408, 413, 429, 500, 503)[(data or b"0")[0] % 9]
    verdict = judge_error(read_error(status, data[1:].decode("utf-8", "replace")))
    assert isinstance(verdict, Verdict)


def journal(data: bytes) -> None:
    """Read an object of the journal: right as a whole, or absent."""
    try:
        entry = decode(data, _REQUEST)
    except JobFault as fault:
        if fault.code != "journal_too_new":
            raise
        return
    if entry is not None:
        decode(encode(_REQUEST, entry), _REQUEST)


def rows(data: bytes) -> None:
    """Read a file of rows of an earlier run, as each format."""
    for written_as in FORMATS.values():
        try:
            for row in written_as.marked_columns(io.BytesIO(data)):
                assert isinstance(row, dict)
        except DamagedFile:
            continue


TARGETS: dict[str, Target] = {
    **FILE_TARGETS,
    **{
        each.__name__: each
        for each in (
            answer, many_records, columns, failure_line, reply, refusal, journal, rows,
        )
    },
}  # fmt: skip


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Return good inputs of a target, to begin from."""
    return tuple(_SEEDS[name]())


def _meant(fault: DocumentFault) -> None:
    assert fault.code in DOCUMENT_CODES
    assert fault.message
    assert len(fault.message) < 5000


def _lands(builder: RowBuilder, values: dict[str, Any]) -> None:
    """Write a row as its file would have it; raises where a column does not take its value."""
    fastavro.schemaless_writer(io.BytesIO(), _SCHEMAS[builder.document_type.name], values)


def _schema(builder: RowBuilder) -> Any:
    return fastavro.parse_schema(avro_schema({"fields": builder.columns}, "Row"))


_SCHEMAS = {each.document_type.name: _schema(each) for each in (_INVOICES, _ALL_KINDS)}


def _token(token: bytes) -> str:
    """Return a JSON value: the token itself if it may be a number or a word, else as text."""
    text = token.decode("utf-8", "surrogateescape")
    if text and all(character in "0123456789+-.eE" for character in text):
        return text
    return text if text in ("true", "false", "null", "NaN") else json.dumps(text)


def _texts() -> Iterator[bytes]:
    invoice = {
        "invoice_id": "A-1",
        "vendor_name": "Vendor",
        "invoice_date": "2026-02-03",
        "currency": "EUR",
        "total_amount": 12.5,
        "line_items": [{"description": "Thing", "quantity": 2, "total": 12.5}],
    }
    kinds = {
        "text": "t", "amount": 13, "real": 1e10, "whole": 7, "day": "2026-02-03",
        "moment": "2026-02-03T04:05:06Z", "flag": True, "lines": [{"price": 10}],
    }  # fmt: skip
    for value in (invoice, kinds):
        yield json.dumps(value).encode()
        yield f"```json\n{json.dumps(value)}\n```".encode()


def _lists() -> Iterator[bytes]:
    invoice = {"invoice_id": "A-1", "vendor_name": "Vendor", "total_amount": 12.5}
    for values in (invoice, {}, {**invoice, "total_amount": "?"}):
        record = {"first_page": 1, "last_page": 2, "values": values}
        aside = [{"page": 3, "reason": "blank"}]
        yield json.dumps(
            {"record_count": 2, "records": [record, record], "set_aside": aside}
        ).encode()


def _tokens() -> Iterator[bytes]:
    usual = ("t", "1.5", "1e308", "7", "2026-02-03", "2026-02-03T04:05:06Z", "true", "1")
    edges = (
        "",
        "99999999999999999999999999999.999999999",
        "-1e-400",
        "9223372036854775808",
        "0000-00-00",
        "9999-12-31T23:59:59.9999999+14:00",
        "null",
        "1e9999",
    )
    for tokens in (usual, edges):
        yield b"\xff".join(token.encode() for token in tokens)


def _lines() -> Iterator[bytes]:
    record = {"document_uri": "gs://b/x", "code": "not_json", "retryable": False}
    yield json.dumps({**record, "failed_at": "2026-11-23", "run_id": "r"}).encode()


def _replies() -> Iterator[bytes]:
    yield json.dumps(
        {
            "candidates": [{"content": {"parts": [{"text": "{}"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 3},
            "modelVersion": "m",
        }
    ).encode()
    yield b'{"promptFeedback": {"blockReason": "SAFETY"}}'


def _refusals() -> Iterator[bytes]:
    violation = {"quotaId": "GenerateRequestsPerMinutePerProject", "quotaValue": "60"}
    details = [{"violations": [violation]}, {"retryDelay": "1.5s"}, {"reason": "API_KEY_INVALID"}]
    for first in range(9):
        yield bytes([first]) + json.dumps({"message": "no", "details": details}).encode()


def _entries() -> Iterator[bytes]:
    yield encode(_REQUEST, Entry())
    yield encode(_REQUEST, Entry((Response("{}", "STOP", usage=Usage(1, 0, 1, 0)),), run_id="r"))


def _row_files() -> Iterator[bytes]:
    schema = {
        "type": "record",
        "name": "Row",
        "fields": [{"name": "document_uri", "type": "string"}],
    }
    file = io.BytesIO()
    fastavro.writer(file, schema, [{"document_uri": f"gs://b/{n}"} for n in range(3)])
    yield file.getvalue()


_SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    **FILE_SEEDS,
    "answer": _texts,
    "many_records": _lists,
    "columns": _tokens,
    "failure_line": _lines,
    "reply": _replies,
    "refusal": _refusals,
    "journal": _entries,
    "rows": _row_files,
}
