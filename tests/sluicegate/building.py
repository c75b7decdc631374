"""Records and document types that the tests share."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import parse_document_type
from sluicegate.faults import DocumentFault
from sluicegate.landing.rows import RowBuilder
from sluicegate.records import Answer, Document, Row, Usage


def type_yaml(properties: dict[Any, Any], required: list[Any] | None = None, **extra: Any) -> bytes:
    """Write the YAML file of a document type; the first property is required by default."""
    entry = {
        "name": "parcel",
        "version": "1",
        "prompt": "Read it.",
        "schema": {
            "type": "object",
            "required": list(properties)[:1] if required is None else required,
            "properties": properties,
        },
        **extra,
    }
    return yaml.safe_dump(entry, sort_keys=False).encode()


def type_of(
    properties: dict[Any, Any], required: list[Any] | None = None, **extra: Any
) -> DocumentType:
    """Build a document type from the properties of its schema."""
    return parse_document_type(type_yaml(properties, required, **extra), "parcel.yaml")


def answer_of(text: str | dict[str, Any], **changes: Any) -> Answer:
    """Build an answer with that text, paid for in this run."""
    known: dict[str, Any] = {
        "document": Document("in/a.pdf", 100, "7", digest="sha256:aa"),
        "identity": "ab" * 32,
        "text": text if isinstance(text, str) else json.dumps(text),
        "finish_reason": "STOP",
        "model": "gemini-3.1-flash-lite",
        "usage": Usage(1000, 100, 200, 50),
        "paid": Usage(1000, 100, 200, 50),
        "cost_usd": Decimal("0.001"),
        "latency_ms": 900,
        "attempts": 1,
    }
    return Answer(**{**known, **changes})


# A field of every kind, and a check over some.
ALL_KINDS = type_of(
    {
        "text": {"type": "string"},
        "amount": {"type": "number"},
        "real": {"type": "number", "format": "double"},
        "whole": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "flag": {"type": "boolean"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"price": {"type": "number"}}},
        },
    },
    checks=[{"check": "sum", "of": "lines.price", "equals": "amount", "uplift": "0.3"}],
)


def only_row(builder: RowBuilder, answer: Answer, now: datetime) -> Row:
    """Build the one row of an answer; raise DocumentFault where there is none."""
    rows, failed = builder.build(answer, now)
    for failure in failed:
        raise DocumentFault(failure.code, failure.message)
    (row,) = rows
    return row
