"""Where rows go, and come back from: one file an output, one file a format of files.

        parse_output ──> Output: make ready, write        find_rows, parse_rows_uri ──> StoredRows
          ├── bigquery.py   a table                         ├── bigquery.py
          └── files.py      files under a path prefix       └── files.py
                └── formats.py: avro.py, parquet.py, jsonl.py

A table is made ready by `bigquery_table.py`, and loaded by `bigquery_load.py`.

`output.py` says what an output is, `file_format.py` what a format is. Another output is a file
beside these and a line here; another format is one and a line in `formats.py`, and its
name stands in `sluicegate.landing.row_formats`.
"""

from sluicegate.faults import UsageFault
from sluicegate.storage import is_gcs
from transforms.outputs.bigquery import BigQueryTable
from transforms.outputs.files import RowFiles, StoredFiles
from transforms.outputs.formats import DEFAULT, FORMATS, find_format
from transforms.outputs.output import Output, Ready, StoredRows

__all__ = [
    "DEFAULT",
    "FORMATS",
    "Output",
    "Ready",
    "StoredRows",
    "find_rows",
    "parse_output",
    "parse_rows_uri",
]


def parse_output(text: str, format_name: str = "", project: str = "") -> Output:
    """Return what --output and --output_format name; raise UsageFault for what is no output.

    `project` is the job's, in which a table is loaded and read.
    """
    table = BigQueryTable.named(text, project)
    if table and format_name:
        raise UsageFault(
            f"--output_format is for files under a path prefix, and --output {table} is a table: "
            "leave --output_format out"
        )
    if table:
        return table
    if ":" in text and not is_gcs(text):
        raise UsageFault(f"--output {text!r} is neither project:dataset.table nor a path prefix")
    return RowFiles(text.rstrip("/") or "/", find_format(format_name or DEFAULT.name))


def find_rows(text: str, project: str = "") -> StoredRows:
    """Return the rows that a person names: a table, a path prefix, a file or a pattern of files."""
    return BigQueryTable.named(text, project) or StoredFiles.named(text)


def parse_rows_uri(uri: str, project: str = "", *, all_runs: bool = False) -> StoredRows:
    """Return the rows of one run, by what its summary says of them; or of all runs beside it."""
    return BigQueryTable.named(uri, project) or StoredFiles.of_summary(uri, all_runs=all_runs)
