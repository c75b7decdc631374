"""From the field tree to columns: BigQuery's schema, and the Avro schema of the same rows.

One mapping for both: NUMERIC is decimal(38, 9) as bytes, DATE is days, TIMESTAMP is microseconds.
These are the logical types that BigQuery's Avro loads read exactly.
"""

import copy
from typing import Any

from sluicegate.document_types.fields import Field

NUMERIC_PRECISION, NUMERIC_SCALE = 38, 9

_BIGQUERY_TYPES = {
    "string": "STRING",
    "integer": "INTEGER",
    "decimal": "NUMERIC",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "object": "RECORD",
}

_AVRO_TYPES: dict[str, Any] = {
    "STRING": "string",
    "INTEGER": "long",
    "FLOAT": "double",
    "BOOLEAN": "boolean",
    "NUMERIC": {
        "type": "bytes",
        "logicalType": "decimal",
        "precision": NUMERIC_PRECISION,
        "scale": NUMERIC_SCALE,
    },
    "DATE": {"type": "int", "logicalType": "date"},
    "TIMESTAMP": {"type": "long", "logicalType": "timestamp-micros"},
}


# SQL's names of types; the API says the others, in answers at least.
_SPELT = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}


def _column(name: str, kind: str, description: str, mode: str = "NULLABLE") -> dict[str, Any]:
    return {"name": name, "type": kind, "mode": mode, "description": description}


PROVENANCE_COLUMNS: tuple[dict[str, Any], ...] = (
    _column("document_id", "STRING", "32 hex digits that stand for document_uri"),
    _column("document_version", "STRING", "Generation on GCS, modification time elsewhere"),
    _column("request_identity", "STRING", "Digest of content, document type, model, parameters"),
    _column("run_id", "STRING", "The run that wrote this row"),
    _column("model", "STRING", "Model asked for"),
    _column("model_version", "STRING", "Model that says it answered"),
    _column("document_type", "STRING", "Name of the document type"),
    _column("document_type_version", "STRING", "Version of the document type"),
    _column("prompt_tokens", "INTEGER", "Prompt tokens of all responses paid for"),
    _column("cached_tokens", "INTEGER", "Those of them that were served from a cache"),
    _column("output_tokens", "INTEGER", "Output tokens"),
    _column("thought_tokens", "INTEGER", "Thinking tokens, billed as output"),
    _column("cost_usd", "NUMERIC", "Paid in this run; 0 from the journal; null if unknown"),
    _column("latency_ms", "INTEGER", "Of the last call"),
    _column("attempts", "INTEGER", "Calls made in this run; 0 from the journal"),
    _column("journaled", "BOOLEAN", "True when the answer came from the journal"),
    _column("traffic_type", "STRING", "What served the answer, in the service's words"),
    _column("tier", "STRING", "Tier that served it, and set its price: standard, flex, ..."),
    _column("warnings", "STRING", "What the checks found", "REPEATED"),
)

# Which record of its document a row is. Rows of before there were such columns are record 0 of 1.
RECORD_COLUMNS: tuple[dict[str, Any], ...] = (
    _column("record_index", "INTEGER", "Which record of its document, from 0, by pages"),
    _column("record_count", "INTEGER", "Records found in the document: rows and record failures"),
    _column("record_failures", "INTEGER", "Those of them that are failures"),
    _column("first_page", "INTEGER", "Page of the file that the record begins on, from 1"),
    _column("last_page", "INTEGER", "Page that it ends on; both null where nobody has counted"),
)

# Where the values of a row stand, one record a value: see sluicegate.evidence.
_EVIDENCE: tuple[dict[str, Any], ...] = (
    _column("field", "STRING", "Path of the value, lists from 0: line_items[3].total"),
    _column("found", "STRING", "exact, exact_many, similar, absent, derived or unread"),
    _column("page", "INTEGER", "Page of the file, from 1; null where it is not found"),
    _column("x0", "FLOAT", "Left edge, 0 to 1 of the upright page's width"),
    _column("y0", "FLOAT", "Upper edge, 0 to 1 of its height, from the top"),
    _column("x1", "FLOAT", "Right edge"),
    _column("y1", "FLOAT", "Lower edge"),
    _column("text", "STRING", "What is printed there"),
    _column("candidates", "INTEGER", "Places where the value stands"),
    _column("doubt", "STRING", "Why a person should look at it; null where nothing says so"),
)
REVIEW_COLUMNS: tuple[dict[str, Any], ...] = (
    _column("needs_review", "BOOLEAN", "A value is doubtful, or a check has found something"),
    _column("values_unfound", "INTEGER", "Values that are not on the pages; null: not looked for"),
    {
        **_column("evidence", "RECORD", "Where each value stands in the document", "REPEATED"),
        "fields": [dict(column) for column in _EVIDENCE],
    },
)

# What every table has beside the fields of its type: where a row comes from, not what the document
# says.
OWN_COLUMNS: tuple[dict[str, Any], ...] = (
    *REVIEW_COLUMNS,
    _column("document_uri", "STRING", "Where the document lies", "REQUIRED"),
    *RECORD_COLUMNS,
    _column("processed_at", "TIMESTAMP", "When this row was made", "REQUIRED"),
    {
        **_column("provenance", "RECORD", "Where this row comes from and what it cost"),
        "fields": [dict(column) for column in PROVENANCE_COLUMNS],
    },
)
RESERVED_NAMES = frozenset(column["name"] for column in OWN_COLUMNS)


def table_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return BigQuery's table schema: the type's fields, then the columns of every table."""
    return {
        "fields": [
            *map(_bigquery_column, fields),
            *copy.deepcopy(OWN_COLUMNS),
        ]
    }


def reference(fields: tuple[Field, ...]) -> str:
    """Return the table of the columns of a document type's rows, in Markdown."""
    needed = {field.name for field in fields if field.always_filled}
    lines = ["| column | type | always filled | what it is |", "|---|---|---|---|"]
    for column in table_schema(fields)["fields"]:
        filled = column["mode"] == "REQUIRED" or column["name"] in needed
        lines += _lines(column, column["name"], "yes" if filled else "")
    return "\n".join((*lines, ""))


def _lines(column: dict[str, Any], path: str, filled: str = "") -> list[str]:
    kind = f"{column['mode']} {column['type']}".removeprefix("NULLABLE ").removeprefix("REQUIRED ")
    nested = (_lines(child, f"{path}.{child['name']}") for child in column.get("fields", ()))
    first = f"| `{path}` | {kind} | {filled} | {column['description']} |"
    return [first, *(line for lines in nested for line in lines)]


def avro_schema(table: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the Avro record schema of a table schema's rows."""
    return {
        "type": "record",
        "name": name,
        # The length makes the names of a.b_c and a_b.c differ: Avro's names are global.
        "fields": [_avro_field(column, f"{name}_{len(name)}_") for column in table["fields"]],
    }


def is_written(column: dict[str, Any]) -> bool:
    """Return whether rows can have values for a column; a table may have others, of other types."""
    return _kind(column) in _AVRO_TYPES or _kind(column) == "RECORD"


def _kind(column: dict[str, Any]) -> str:
    kind: str = column["type"]
    return _SPELT.get(kind, kind)


def _bigquery_column(field: Field) -> dict[str, Any]:
    column = _column(field.name, _BIGQUERY_TYPES[field.kind], field.description[:1024])
    if field.repeated:
        column["mode"] = "REPEATED"
    if field.kind == "object":
        column["fields"] = [_bigquery_column(child) for child in field.fields]
    return column


def _avro_field(column: dict[str, Any], prefix: str) -> dict[str, Any]:
    if _kind(column) == "RECORD":
        kind: Any = avro_schema(column, f"{prefix}{column['name']}")
    else:
        kind = _AVRO_TYPES[_kind(column)]
    mode = column.get("mode", "NULLABLE")
    if mode == "REPEATED":
        return {"name": column["name"], "type": {"type": "array", "items": kind}}
    if mode == "REQUIRED":
        return {"name": column["name"], "type": kind}
    return {"name": column["name"], "type": ["null", kind], "default": None}
