"""Read sessions as the Storage Read API documents them, where bqemulator 1.4 has them otherwise.

- A restriction's texts may hold any word: the emulator takes `'a--b'` for a comment.
- A table with requirePartitionFilter is read with a condition on its partitions alone.
- Sessions are noted in `read_sessions.jsonl` of the server's folder: what each was asked for, and
  how many rows it has. They all expire while `sessions_expired` is there:
  "FAILED_PRECONDITION: … session expired at …".
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import grpc
from bqemulator.grpc_api import read_servicer
from bqemulator.streaming.read_session import get_stream_data
from google.cloud.bigquery_storage_v1 import types

from emulators.bigquery_names import EXPIRED, FOLDER, SESSIONS

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'")


def fill_read_gaps() -> None:
    """Patch this process's bqemulator; call it before the server starts."""
    servicer: Any = read_servicer
    handler: Any = read_servicer.BigQueryReadHandler
    reject = servicer._reject_dangerous_filter  # noqa: SLF001
    create, read_rows = handler._handle_create_read_session, handler._handle_read_rows  # noqa: SLF001

    def created(self: Any, request_bytes: bytes, context: grpc.ServicerContext) -> Any:
        request = types.CreateReadSessionRequest.deserialize(request_bytes)
        asked = request.read_session
        restriction = asked.read_options.row_restriction
        if not restriction and _is_filtered(self._ctx.catalog, asked.table):
            context.set_code(grpc.StatusCode.INVALID_ARGUMENT)
            context.set_details(
                f"Cannot query over table '{asked.table}' without a filter over its partitions"
            )
            return b""
        response = create(self, request_bytes, context)
        if response:
            session = types.ReadSession.deserialize(response)
            _note(request.parent, asked, [stream.name for stream in session.streams])
        return response

    def rows(self: Any, request_bytes: bytes, context: grpc.ServicerContext) -> Any:
        name = types.ReadRowsRequest.deserialize(request_bytes).read_stream
        expired = _folder() / EXPIRED
        if expired.exists():
            expired.unlink()
            context.set_code(grpc.StatusCode.FAILED_PRECONDITION)
            context.set_details(f"there was an error operating on '{name}': session expired at …")
            return
        yield from read_rows(self, request_bytes, context)

    servicer._reject_dangerous_filter = lambda text: reject(_TEXT.sub("''", text))  # noqa: SLF001
    handler._handle_create_read_session = created  # noqa: SLF001
    handler._handle_read_rows = rows  # noqa: SLF001


def _is_filtered(catalog: Any, path: str) -> bool:
    _, project, _, dataset, _, name = path.split("/")
    table = catalog.get_table(project, dataset, name)
    return bool(
        table and table.time_partitioning and table.time_partitioning.require_partition_filter
    )


def _folder() -> Path:
    return Path(os.environ.get(FOLDER, "."))


def _note(parent: str, asked: Any, streams: list[str]) -> None:
    rows = 0
    for stream in streams:
        found = get_stream_data("/".join(stream.split("/")[:-2]), stream)
        rows += found.num_rows if found is not None else 0
    options = asked.read_options
    noted = {
        "parent": parent,
        "table": asked.table,
        "restriction": options.row_restriction,
        "columns": list(options.selected_fields),
        "rows": rows,
    }
    with (_folder() / SESSIONS).open("a") as file:
        file.write(json.dumps(noted) + "\n")
