"""Files of many records: what stands on their pages, a model that says it, and what must be left.

What stands on a page goes by the file's digest: a record, one that is no invoice, nothing (which
the model sets aside as blank), or nothing that the model speaks of.
"""

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from torture.place import Place, Violation

from samples.generator import generate
from sluicegate.pdf.document import PDFIUM

GOOD, BAD, BLANK, UNCITED = "good", "bad", "blank", "uncited"
_ON_A_PAGE = (GOOD, GOOD, GOOD, GOOD, BAD, BLANK, UNCITED)
_MOST_PAGES = 5


def write_many(folder: Path, count: int) -> None:
    """Write `count` files of one to five pages: one in 25 of them cannot be read by anyone."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [generate(13, index, formats=("pdf",), small=True).data for index in range(7)]
    for index in range(count):
        broken = index % 25 == 24
        data = _bound(pages, 1 + index % _MOST_PAGES)
        whole = data[: len(data) // 2] if broken else data
        # A line of its own, so that no two are one content.
        (folder / f"batch-{index:04}.pdf").write_bytes(whole + b"\n%% %d" % index)


def _bound(pages: Sequence[bytes], count: int) -> bytes:
    """Return a PDF of so many pages."""
    with PDFIUM:
        bound = pypdfium2.PdfDocument.new()
        for number in range(count):
            one = pypdfium2.PdfDocument(pages[number % len(pages)])
            bound.import_pages(one, [0])
            one.close()
        out = io.BytesIO()
        bound.save(out)
        bound.close()
    return out.getvalue()


def on_pages(data: bytes) -> list[str]:
    """Return what stands on each page of a file."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
        document.close()
    digest = hashlib.sha256(data).digest()
    return [_ON_A_PAGE[byte % len(_ON_A_PAGE)] for byte in digest[:count]]


def read_many(parts: Sequence[tuple[str, bytes]], schema: dict[str, Any]) -> dict[str, Any]:
    """Answer as a model would that is asked for many records."""
    pages = list(enumerate(on_pages(parts[0][1]), 1))
    records = [
        {"first_page": page, "last_page": page, "values": _values(page, good=what == GOOD)}
        for page, what in pages
        if what in (GOOD, BAD)
    ]
    return {
        "record_count": len(records),
        "records": records,
        "set_aside": [{"page": page, "reason": BLANK} for page, what in pages if what == BLANK],
    }


def _values(page: int, *, good: bool) -> dict[str, Any]:
    return {
        "invoice_id": f"on page {page}",
        "vendor_name": "Vendor",
        "invoice_date": None,
        "currency": "EUR",
        "total_amount": page if good else None,
        "line_items": [],
    }


def check_records(place: Place, landed: Counter[str], lines: list[dict[str, Any]]) -> str:
    """Check the law of records and pages on what is current; return what was found."""
    rows = _rows(place)
    recorded: dict[tuple[str, str], set[int]] = defaultdict(set)
    for line in lines:
        if line["record_index"] is not None:
            recorded[line["document_uri"], line["run_id"]].add(line["record_index"])
    records = failures = 0
    for uri, found in rows.items():
        held = [what for what in on_pages(Path(uri).read_bytes()) if what in (GOOD, BAD)]
        good = {index for index, what in enumerate(held) if what == GOOD}
        bad = set(range(len(held))) - good
        runs = {row["run_id"] for row in found}
        if len(runs) != 1 or {row["record_index"] for row in found} != good:
            raise Violation(f"{uri}: rows {found}, there are {held}")
        said = {(row["record_count"], row["record_failures"]) for row in found}
        if said != {(len(held), len(bad))}:
            raise Violation(f"{uri}: its rows say {said}, there are {held}")
        if bad and recorded[uri, runs.pop()] != bad:
            raise Violation(f"{uri}: of its failures {bad} not all are recorded")
        records += len(held)
        failures += len(bad)
    if set(rows) != set(landed):
        raise Violation(f"{set(rows) ^ set(landed)} are in one view alone")
    summary = json.loads(place.summary.read_text())
    pages = summary["pages_in_records"] + sum(summary["pages_set_aside"].values())
    if (summary["records"], summary["pages"]) != (
        summary["rows"] + summary["record_failures"], pages,
    ):  # fmt: skip
        raise Violation(f"the summary does not add up: {summary}")
    return f"{records} records = {records - failures} rows + {failures} failures"


def _rows(place: Place) -> dict[str, list[dict[str, Any]]]:
    query = (
        "SELECT document_uri, record_index, record_count, record_failures, first_page, "
        f"provenance.run_id AS run_id FROM `{place.table}_latest`"
    )
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in place.cloud.bigquery_client().query_and_wait(query):
        rows[row["document_uri"]].append(dict(row))
    return dict(rows)
