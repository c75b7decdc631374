"""What `make run` leaves on the disk for `make review`: rows and failures, as a run's output."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.table_schema import table_schema

PLACE = Path("out/demo")


def keep(rows: Iterable[dict[str, Any]], failures: Iterable[str], document_type: str) -> None:
    """Write rows with their schema, and lines of failures, in place of earlier ones."""
    # As with the pipeline itself: the clients of the local cloud must be in place before.
    from transforms.outputs.jsonl import SCHEMA, json_line  # noqa: PLC0415

    columns = table_schema(load_document_type(document_type).fields)["fields"]
    shutil.rmtree(PLACE, ignore_errors=True)
    for folder in (PLACE / "rows", PLACE / "failures"):
        folder.mkdir(parents=True)
    (PLACE / "rows" / SCHEMA).write_text(json.dumps(columns))
    lines = "".join(f"{json_line(row, columns)}\n" for row in rows)
    (PLACE / "rows/rows-demo.jsonl").write_text(lines, "utf-8", "backslashreplace")
    (PLACE / "failures/failures-demo.jsonl").write_text("".join(failures), "utf-8")
