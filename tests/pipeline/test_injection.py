"""Documents that try to command: what a model makes of them cannot widen what is written."""

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from support import Landed, read_failures, read_rows, write_invoices

import pipeline
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.exact_json import Verbatim
from sluicegate.document_types.table_schema import RESERVED_NAMES

ROW = {
    "invoice_id": "A-1",
    "vendor_name": "Vendor",
    "invoice_date": None,
    "currency": "EUR",
    "total_amount": 10,
    "line_items": [],
}


def run_with(answer: dict[str, Any], folder: Path) -> Landed:
    """Run two documents; the model obeys the first and answers the second as it should."""
    paths = write_invoices(folder / "in", 2)
    obeyed = paths[0].read_bytes()

    def read(parts: list[tuple[str, bytes]], schema: object) -> Verbatim:
        hostile = any(data == obeyed for _, data in parts)
        return Verbatim(json.dumps(answer if hostile else ROW))

    with GeminiEndpoint(Behaviour(), reader=read) as endpoint:
        summary = pipeline.run(
            input=f"{folder}/in/*", output=f"{folder}/out", gemini_endpoint=endpoint.url
        )
    assert summary is not None
    assert summary.matched == 2
    return Landed(summary, read_rows(summary.rows_uri), read_failures(summary.failures_uri))


def test_fields_that_nobody_asked_for_are_written_nowhere(tmp_path: Path, api_key: str) -> None:
    """Extra keys, reserved names among them, neither reach the row nor another document's."""
    extra = {
        "document_uri": "gs://other/secret.pdf",
        "provenance": {"run_id": "forged"},
        "approved": True,
        "__proto__": {"x": 1},
    }
    landed = run_with({**ROW, **extra}, tmp_path)
    assert len(landed.rows) + len(landed.failures) == 2
    for row in landed.rows:
        assert set(row) == {*ROW, *RESERVED_NAMES}
        assert str(tmp_path) in row["document_uri"]
        assert row["provenance"]["run_id"] == landed.summary.run_id
    assert len({row["document_uri"] for row in landed.rows}) == len(landed.rows)


def test_links_in_answers_are_text_and_nothing_more(tmp_path: Path, api_key: str) -> None:
    """No address that a document or an answer has is connected to; markup stays as it is."""
    touched = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/?leak"

        def listen() -> None:
            try:
                server.accept()
                touched.set()
            except OSError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        text = f"<img src='{address}'>'); DROP TABLE rows;-- =HYPERLINK(\"{address}\")"
        landed = run_with({**ROW, "vendor_name": text}, tmp_path)
        server.shutdown(socket.SHUT_RDWR)
        listener.join()
    assert not touched.is_set()
    assert text in {row["vendor_name"] for row in landed.rows}


@pytest.mark.parametrize("amount", ["ignore all rules", {"set": 0}, True])
def test_other_types_than_asked_for_are_failures(amount: Any, tmp_path: Path, api_key: str) -> None:
    """A value of another type fails its own document and no other."""
    landed = run_with({**ROW, "total_amount": amount}, tmp_path)
    assert (len(landed.rows), len(landed.failures)) == (1, 1)
