"""Files of rows, written by the product's own steps; columns and values of every type."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.fields import read_fields
from sluicegate.document_types.table_schema import table_schema
from transforms.outputs import FORMATS

COLUMNS: list[dict[str, Any]] = table_schema(
    read_fields(
        {
            "type": "object",
            "properties": {
                "text": {"type": "string"},
                "amount": {"type": "number"},
                "real": {"type": "number", "format": "double"},
                "whole": {"type": "integer"},
                "day": {"type": "string", "format": "date"},
                "moment": {"type": "string", "format": "date-time"},
                "flag": {"type": "boolean"},
                "words": {"type": "array", "items": {"type": "string"}},
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "price": {"type": "number"},
                            "day": {"type": "string", "format": "date"},
                            "parts": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "properties": {"price": {"type": "number"}},
                                },
                            },
                        },
                    },
                },
            },
        }
    )
)["fields"]
LARGEST = Decimal("9" * 29 + "." + "9" * 9)
# Values at the edges of every type, and rows without any.
EDGES: list[dict[str, Any]] = [
    {},
    {
        "text": 'Größe 漢字 \U0001f9fe \u2028 \r\n " \\ \x1f {',
        "amount": LARGEST,
        "real": 1e-300,
        "whole": -(2**63),
        "day": date(1, 1, 1),
        "moment": datetime(1, 1, 1, tzinfo=UTC),
        "flag": False,
        "words": ["a", "", "1.50"],
        "lines": [
            {"price": Decimal("0.1"), "parts": [{"price": Decimal("1E+3")}, {"price": None}]},
            {"price": None, "day": date(2026, 2, 28), "parts": []},
        ],
    },
    {
        "text": "12.50",  # a text, whatever it looks like
        "amount": LARGEST.copy_negate(),
        "real": -0.0,
        "whole": 2**63 - 1,
        "day": date(9999, 12, 31),
        "moment": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        "flag": True,
    },
    {"amount": Decimal("0.000000001"), "whole": 2**53, "real": 0.1},
    {"amount": Decimal("-0.00"), "whole": -(2**53) + 1, "text": "\x00 \ud800 \udfff"},
]


def fitted(values: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """Return the row that a sink gets for values."""
    own = {
        "document_uri": f"gs://b/{number:05}.pdf",
        "processed_at": datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC),
        "provenance": {
            "request_identity": f"id-{number}",
            "document_type": "invoice",
            "document_type_version": "1",
            "cost_usd": Decimal("0.000000001"),
            "warnings": ["one", "two"],
        },
    }
    return fit_columns({**own, **values}, COLUMNS)[0]


ROWS = [fitted(values, number) for number, values in enumerate(EDGES)]


def write(name: str, folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows in the format of that name as one file."""
    chosen = FORMATS[name]
    chosen.prepare(str(folder), COLUMNS)
    with Pipeline() as pipeline:
        values = pipeline | beam.Create(rows, reshuffle=False)
        _ = values | chosen.write(f"{folder}/rows", COLUMNS)
    (path,) = folder.glob(f"rows-*.{name}")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """Read a file with its format's own reader."""
    with path.open("rb") as file:
        return list(FORMATS[path.suffix[1:]].rows(file, str(path)))
