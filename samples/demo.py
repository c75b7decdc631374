"""`make run`: the main job on the local cloud, and a look at what it wrote.

Starts the local cloud, stores the samples in its bucket, runs the pipeline as a user would, and
then asks BigQuery for the rows and the bucket for the failures. With --output_format rows go to
files in the bucket and are read back from there. With --processing=batch the whole life of a batch
job is seen: asked for, waited for, collected. With GEMINI_API_KEY set, the same command asks the
real API instead of the stand-in.
"""

import argparse
import io
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from emulators.cloud import LocalCloud
from pipeline.command import main as run_pipeline
from samples.batches import make_batch
from samples.kept import keep

_SAMPLES = Path(__file__).parent
_BUCKET = "sluicegate"
_TABLE = "invoices"
_BATCH = (22, 3)  # seed and number of the file of many invoices
# Header fields that are held against the samples' ground truth.
_HEADER = ("invoice_id", "vendor_name", "invoice_date", "currency", "total_amount")
# Batch jobs of the stand-in are pending for a while, and lose some rows, which calls then bring.
_BATCH_STAND_IN = ("--batch-pending=3", "--batch-fault=failed_rows,share=0.1")
_BATCH_FLAGS = {"--wait": "10m", "--batch_canary": "8"}
_KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; return the pipeline's exit code."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__, allow_abbrev=False)
    parser.add_argument("--input", action="append", required=True, help="as of python -m pipeline")
    parser.add_argument("--document_type", default="invoice", help="as of python -m pipeline")
    parser.add_argument(
        "--gemini_endpoint", default=os.environ.get("GEMINI_ENDPOINT", ""), help="another base URL"
    )
    parser.add_argument(
        "--journal", default="out/journal", help="where answers of a real API are kept"
    )
    parser.add_argument("--output_format", default="", help="files instead of a table")
    options, rest = parser.parse_known_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    real = any(os.environ.get(name) for name in _KEY_VARIABLES)
    asked = options.gemini_endpoint or ("the real API" if real else "a local stand-in")
    console.print(
        f"[dim]local cloud: GCS and BigQuery emulators, Gemini is {asked}[/dim]", soft_wrap=True
    )
    stand_in = not (real or options.gemini_endpoint)
    in_batches = "--processing=batch" in rest
    rest += [
        f"{flag}={value}"
        for flag, value in (_BATCH_FLAGS if in_batches else {}).items()
        if not any(given.startswith(f"{flag}=") for given in rest)
    ]
    with _local_cloud(gemini=stand_in) as cloud, cloud.patch():
        cloud.upload(_BUCKET, _SAMPLES / "documents", "inbox")
        endpoint = options.gemini_endpoint or cloud.gemini_url
        code = run_pipeline(
            [
                *(f"--input={pattern}" for pattern in options.input),
                *(
                    [f"--output=gs://{_BUCKET}/out", f"--output_format={options.output_format}"]
                    if options.output_format
                    else [f"--output={cloud.project}:demo.{_TABLE}"]
                ),
                f"--failures=gs://{_BUCKET}/failures",
                f"--document_type={options.document_type}",
                # What a real API was paid for outlives the local cloud.
                *([f"--journal={options.journal}"] if not stand_in else []),
                *([f"--gemini_endpoint={endpoint}"] if endpoint else []),
                "--gemini_service=developer",
                f"--project={cloud.project}",
                *rest,
            ]
        )
        estimated = any(given.startswith("--estimate") for given in rest)
        if code == 0 and not estimated:
            if options.output_format:
                rows, place = stored_rows(), f"the {options.output_format} files of the bucket"
            else:
                rows, place = selected_rows(cloud), "BigQuery"
            show_rows(rows, place, console)
            failures = failure_lines(cloud)
            show_failures(failures, console)
            keep(rows, failures, options.document_type)
            if stand_in and not (options.output_format or rest):
                code = show_batch(cloud, console)
            console.print("\nLook at them, each value beside its page: make review")
    return code


def show_batch(cloud: LocalCloud, console: Console) -> int:
    """Extract one file of many invoices, and print its records; return the pipeline's exit code."""
    batch = make_batch(*_BATCH)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / batch.name).write_bytes(batch.data)
        cloud.upload(_BUCKET, Path(folder), "batches")
    console.print(
        f"\nOne file of many invoices: {batch.truth['pages']} pages, in windows of 8, "
        "with --records=many\n"
    )
    code = run_pipeline(
        [
            f"--input=gs://{_BUCKET}/batches/*",
            f"--output={cloud.project}:demo.batches",
            f"--failures=gs://{_BUCKET}/failures-of-batches",
            "--records=many",
            f"--gemini_endpoint={cloud.gemini_url}",
            "--gemini_service=developer",
            f"--project={cloud.project}",
        ]
    )
    if code == 0:
        show_records(selected_rows(cloud, "batches", "record_index"), batch.truth, console)
    return code


def show_records(rows: list[dict[str, Any]], truth: dict[str, Any], console: Console) -> None:
    """Print the records of a file, and how many fields are right."""
    table = Table(title="Records, selected back from BigQuery", title_justify="left", box=None)
    for name in ("record", "pages", *_HEADER, "lines"):
        table.add_column(name, justify="right" if name in {"total_amount", "lines"} else "left")
    for row in rows:
        pages = f"{row['first_page']}-{row['last_page']}"
        values = (_shown(row[name]) for name in _HEADER)
        lines = str(len(row["line_items"]))
        table.add_row(f"{row['record_index']} of {row['record_count']}", pages, *values, lines)
    console.print()
    console.print(table)
    right = sum(
        _text(row[name]) == _text(true[name])
        for row, true in zip(rows, truth["records"], strict=False)
        for name in _HEADER
    )
    total = len(truth["records"]) * len(_HEADER)
    console.print(f"\nheader fields equal to the truth about this file: {right} of {total}")


def _local_cloud(*, gemini: bool) -> LocalCloud:
    # With --processing=flex some calls find no capacity, as they would.
    given = ["--flex-shed=0.3", *_BATCH_STAND_IN]
    return LocalCloud(buckets=[_BUCKET], datasets=["demo"], gemini=gemini, gemini_args=given)


def selected_rows(
    cloud: LocalCloud, table: str = _TABLE, order: str = "document_uri"
) -> list[dict[str, Any]]:
    """Return rows selected back from BigQuery."""
    query = f"""
        SELECT * FROM `{cloud.project}.demo.{table}` ORDER BY {order} LIMIT 1000
    """
    return [dict(row) for row in cloud.bigquery_client().query_and_wait(query)]


def stored_rows() -> list[dict[str, Any]]:
    """Return rows read back from the files in the bucket."""
    # As with the pipeline itself: the patched clients must be in place before.
    from sluicegate.storage import store_for  # noqa: PLC0415
    from transforms.outputs.formats import format_of  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    pattern = f"gs://{_BUCKET}/out/rows/*/rows-*"
    for file in store_for(pattern).list(pattern):
        content = io.BytesIO(store_for(file.uri).read(file.uri))
        rows.extend(format_of(file.uri).rows(content, file.uri))
    return sorted(rows, key=lambda row: str(row["document_uri"]))


def show_rows(rows: list[dict[str, Any]], place: str, console: Console) -> None:
    """Print rows and, for the samples, how many fields are right."""
    shown = [name for name in _HEADER if rows and name in rows[0]] or (
        [name for name in rows[0] if name not in ("document_uri", "provenance")] if rows else []
    )
    if not rows:
        console.print(f"\nRows, selected back from {place}: none")
        return
    title = f"Rows, selected back from {place}"
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("document", overflow="fold")
    for name in shown:
        table.add_column(name, justify="right" if name == "total_amount" else "left")
    for row in rows[:30]:
        table.add_row(_file(row["document_uri"]), *(_shown(row[name]) for name in shown))
    console.print()
    console.print(table)
    if len(rows) > 30:
        console.print(f"... and {len(rows) - 30:,} more")
    right, total = score({_file(row["document_uri"]): row for row in rows})
    if total:
        console.print(
            f"\nheader fields equal to the samples' ground truth: {right} of {total} "
            f"({right / total:.1%})"
        )


def score(rows: dict[str, dict[str, Any]]) -> tuple[int, int]:
    """Count header fields that equal the samples' ground truth, over the samples among rows.

    A readable sample without a row counts as all wrong, once any sample was read.
    """
    lines = (_SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()
    truths = [truth for truth in map(json.loads, lines) if truth["expect"] == "row"]
    if not any(truth["file"] in rows for truth in truths):
        return 0, 0
    right = sum(
        _text(rows.get(truth["file"], {}).get(name)) == _text(truth[name])
        for truth in truths
        for name in _HEADER
    )
    return right, len(truths) * len(_HEADER)


def failure_lines(cloud: LocalCloud) -> list[str]:
    """Return the failure records of the last run that lie in the bucket, a line each."""
    blobs = list(cloud.storage_client().list_blobs(_BUCKET, prefix="failures/"))
    last = max((blob.name.split("/")[1] for blob in blobs), default="")
    texts = (blob.download_as_text() for blob in blobs if blob.name.split("/")[1] == last)
    return [line for text in texts for line in text.splitlines(keepends=True)]


def show_failures(lines: list[str], console: Console) -> None:
    """Print failure records."""
    table = Table(title="Failures, read back from the bucket", title_justify="left", box=None)
    for name in ("document", "stage", "code", "message"):
        table.add_column(name, overflow="fold")
    for record in map(json.loads, lines[:30]):
        table.add_row(
            _file(record["document_uri"]), record["stage"], record["code"], record["message"]
        )
    if table.row_count:
        console.print()
        console.print(table)


def _file(uri: str) -> str:
    return uri.partition("/inbox/")[2] or uri


def _shown(value: Any) -> str:
    """Render a value for a person: amounts with at least two decimals."""
    if isinstance(value, Decimal):
        text = f"{value:,.9f}".rstrip("0")
        return text + "0" * max(0, 2 - len(text.rpartition(".")[2]))
    return _text(value)


def _text(value: Any) -> str:
    """Render a value so that 12.500000000, 12.50 and "12.5" are the same."""
    if value is None:
        return ""
    text = str(value)
    digits = text.lstrip("-").replace(".", "", 1)
    if digits.isdigit() and "." in text:
        return text.rstrip("0").rstrip(".")
    return text


if __name__ == "__main__":
    sys.exit(main())
