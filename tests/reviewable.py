"""What a run left behind that a person can review: documents, rows with seeded errors, the truth.

The rows are written as the product writes them, without a run: what is tested is what comes after.
"""

import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2

from samples.generator import generate
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Document, Failure, document_id
from transforms.outputs.jsonl import SCHEMA, json_line

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>'\"`${1}&lt;"
NAMES = ("invoice_id", "vendor_name", "invoice_date", "currency", "total_amount")
ITEMS = ("description", "quantity", "total")
_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass
class Run:
    """A run: the prefix of its output, and the true records of each document by URI."""

    folder: Path
    truth: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        """What --rows takes."""
        return str(self.folder / "out")

    def add(self, name: str, data: bytes, true: list[dict[str, Any]], *read: dict[str, Any]) -> str:
        """Add a document with its true records and what the model read of them; return its URI."""
        path = self.folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.truth[str(path)] = true
        self.rows += [_row(str(path), each, number) for number, each in enumerate(read)]
        return str(path)

    def fail(self, uri: str, answer: dict[str, Any], code: str = "nothing_extracted") -> None:
        """Let a document end in a failure, with the model's answer."""
        failure = Failure.of(Document(uri, 1), code, "seeded")
        line = json.loads(failure_line(failure, "r", _NOW, "invoice"))
        self.failures.append(json.dumps(line | {"raw_answer": json.dumps(answer)}))

    def write(self) -> "Run":
        """Write rows and failures as a run does."""
        columns = table_schema(INVOICE.fields)["fields"]
        rows, failures = self.folder / "out/rows/r", self.folder / "out/failures/r"
        rows.mkdir(parents=True)
        failures.mkdir(parents=True)
        (rows / SCHEMA).write_text(json.dumps(columns))
        lines = (f"{json_line(row, columns)}\n" for row in self.rows)
        (rows / "rows-00000-of-00001.jsonl").write_text("".join(lines), "utf-8", "surrogatepass")
        (failures / "failures-00000.jsonl").write_text("".join(f"{x}\n" for x in self.failures))
        return self


def invoice(number: int, seed: int = 7) -> tuple[bytes, dict[str, Any]]:
    """Return a small invoice with a text layer, and what is true of it."""
    for attempt in range(100):
        sample = generate(seed + attempt, number, formats=("pdf",), small=True)
        if sample.truth["kind"] == "invoice" and sample.truth["pages"] == 1:
            truth = sample.truth
            items = [{name: item[name] for name in ITEMS} for item in truth["line_items"]]
            return sample.data, {name: truth[name] for name in NAMES} | {
                "line_items": items, "subtotal": truth["subtotal"],
            }  # fmt: skip
    raise AssertionError("the generator makes no plain invoices any more")


def together(*files: bytes) -> bytes:
    """Return one PDF with the pages of several."""
    whole = pypdfium2.PdfDocument.new()
    for data in files:
        part = pypdfium2.PdfDocument(data)
        whole.import_pages(part)
        part.close()
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()


def seeded(truth: dict[str, Any], kind: int) -> dict[str, Any]:
    """Return what a model read of a document: by its kind of error, of every four all right."""
    read = json.loads(json.dumps(truth))
    match kind % 8:
        case 1:
            read["total_amount"] = _other_digit(read["total_amount"])
        case 2:
            read["line_items"] = read["line_items"][:-1]
        case 3:
            read["invoice_date"] = None
        case 5:
            read["invoice_id"] = _other_digit(read["invoice_id"])
        case 6:
            read["line_items"][0]["total"] = _other_digit(read["line_items"][0]["total"])
    return dict(read)


def mixed_run(folder: Path, count: int = 40) -> Run:
    """Return a run over so many documents with errors of the usual kinds.

    The last three are two invoices in one file of which one was read, an invoice of which nothing
    was read, and one whose name and values are all markup.
    """
    run = Run(folder)
    for number in range(count - 3):
        data, truth = invoice(number)
        run.add(f"invoice-{number:02}.pdf", data, [truth], seeded(truth, number))
    (one, first), (two, second) = invoice(count - 3), invoice(count - 2)
    run.add("two in one.pdf", together(one, two), [first, second], first)
    data, truth = invoice(count - 1)
    run.fail(run.add("missed.pdf", data, [truth]), dict.fromkeys(NAMES))
    hostile = dict.fromkeys((*NAMES, *ITEMS), HOSTILE) | {
        "invoice_date": None, "total_amount": "1",
        "line_items": [{"description": HOSTILE, "quantity": None, "total": None}],
    }  # fmt: skip
    data, _ = invoice(count)
    run.add(f"{HOSTILE.replace('/', '∕')}/{HOSTILE}.pdf", data, [hostile], hostile)
    return run.write()


def _other_digit(text: str) -> str:
    at = max(n for n, character in enumerate(text) if character.isdigit() and n < len(text) - 3)
    return f"{text[:at]}{(int(text[at]) + 3) % 10}{text[at + 1 :]}"


def _row(uri: str, read: dict[str, Any], index: int) -> dict[str, Any]:
    day = read["invoice_date"]
    return {
        **{name: read[name] for name in ("invoice_id", "vendor_name", "currency")},
        "invoice_date": date.fromisoformat(day) if day else None,
        "total_amount": Decimal(read["total_amount"]),
        "line_items": [
            {
                "description": item["description"],
                "quantity": item["quantity"] and Decimal(item["quantity"]),
                "total": item["total"] and Decimal(item["total"]),
            }
            for item in read["line_items"]
        ],
        "document_uri": uri,
        "record_index": index,
        "record_count": 1,
        "processed_at": _NOW,
        "provenance": {
            "document_id": document_id(uri),
            "document_version": str(Path(uri).stat().st_mtime_ns),
            "request_identity": hashlib.sha256(uri.encode()).hexdigest(),
            "run_id": "r",
            "document_type": "invoice",
            "document_type_version": "1",
            "cost_usd": Decimal(0),
            "warnings": [],
        },
    }
