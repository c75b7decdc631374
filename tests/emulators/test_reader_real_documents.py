"""Real documents are read well enough to stand in for a model."""

import io
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from emulators.reader import Unreadable, read_fields

FOLDER = Path(
    os.environ.get("SLUICEGATE_REAL_DOCUMENTS")
    or Path(__file__).resolve().parents[2].parent / "shared" / "data"
)
# Scripts that the OCR and the PDF library do not read reliably.
OTHER_SCRIPTS = ("+el", "+ar")
SCHEMA: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {
        "invoice_id": {"type": "STRING"},
        "vendor_name": {"type": "STRING"},
        "invoice_date": {"type": "STRING", "nullable": True},
        "currency": {"type": "STRING", "nullable": True},
        "total_amount": {"type": "NUMBER"},
        "line_items": {
            "type": "ARRAY",
            "items": {
                "type": "OBJECT",
                "properties": {
                    "description": {"type": "STRING"},
                    "quantity": {"type": "NUMBER"},
                    "total": {"type": "NUMBER"},
                },
            },
        },
    },
}
Cell = tuple[str, str, bool]


@pytest.fixture(scope="module")
def truths() -> list[dict[str, Any]]:
    """Return the truth about each document, or skip."""
    file = FOLDER / "ground_truth.jsonl"
    if not file.exists():
        pytest.skip(f"no real documents in {FOLDER}; set SLUICEGATE_REAL_DOCUMENTS")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def answers(truths: list[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Read every document once; None for one that cannot be read."""
    return {truth["file"]: _answer(truth) for truth in truths}


def _answer(truth: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return read_fields(_parts(truth), SCHEMA)
    except Unreadable:
        return None


def _parts(truth: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Return a document's bytes; the pages of a TIFF as PNG, as the reader gets them."""
    data = (FOLDER / truth["file"]).read_bytes()
    if truth["media_type"] != "image/tiff":
        return [(truth["media_type"], data)]
    parts = []
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            file = io.BytesIO()
            frame.convert("L").save(file, "PNG")
            parts.append(("image/png", file.getvalue()))
    return parts


def _cells(truths: list[dict[str, Any]], answers: dict[str, dict[str, Any] | None]) -> list[Cell]:
    """Return (file, field, right) for every field with a known truth, in Latin scripts."""
    cells: list[Cell] = []
    for truth in truths:
        if truth["expect"] != "invoice" or truth["language"].endswith(OTHER_SCRIPTS):
            continue
        found = answers[truth["file"]] or {}
        cells += [
            (truth["file"], field, _is_right(truth, field, found.get(field)))
            for field in ("invoice_id", "vendor_name", "invoice_date", "currency", "total_amount")
            if truth[field] is not None
        ]
        if truth["line_items_scored"]:
            cells.append((truth["file"], "line_items", _lines_right(truth, found["line_items"])))
    return cells


def _is_right(truth: dict[str, Any], field: str, found: Any) -> bool:
    group = {"invoice_id": "id", "vendor_name": "vendor", "total_amount": "total"}.get(field, field)
    accepted = [truth[field], *truth.get(f"{group}_alternatives", [])]
    if field == "total_amount":
        slack = Decimal("0.05") if truth["kind"] == "receipt" else Decimal(0)
        values = [Decimal(str(value)) for value in accepted]
        if truth.get("sign_insensitive"):
            values += [-value for value in values]
        return found is not None and any(abs(found - value) <= slack for value in values)
    if field == "vendor_name":
        # A legal form more or less is the same company.
        plain = _plain(found or "")
        return bool(plain) and any(_plain(a) in plain or plain in _plain(a) for a in accepted)
    return found in accepted


def _lines_right(truth: dict[str, Any], found: list[dict[str, Any]]) -> bool:
    wanted = [
        (None if line["quantity"] is None else Decimal(str(line["quantity"])), str(line["total"]))
        for line in truth["line_items"]
    ]
    got = [(line["quantity"], line["total"]) for line in found]
    return got == [(quantity, Decimal(total)) for quantity, total in wanted]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@pytest.mark.parametrize(
    ("field", "share"),
    [
        ("invoice_id", 0.85),
        ("invoice_date", 0.85),
        ("total_amount", 0.85),
        ("currency", 0.85),
        ("vendor_name", 0.75),
        ("line_items", 0.75),
    ],
)
def test_fields_of_real_documents_are_right(
    field: str,
    share: float,
    truths: list[dict[str, Any]],
    answers: dict[str, dict[str, Any] | None],
) -> None:
    """At least the given share of the cells of a field is right."""
    cells = [cell for cell in _cells(truths, answers) if cell[1] == field]
    wrong = [file for file, _, right in cells if not right]
    assert len(cells) >= 10
    assert 1 - len(wrong) / len(cells) >= share, f"wrong in {wrong}"


def test_what_is_no_invoice_is_refused_or_empty(
    truths: list[dict[str, Any]], answers: dict[str, dict[str, Any] | None]
) -> None:
    """Broken files are unreadable; a blank page and an order give nothing."""
    negatives = {truth["file"] for truth in truths if truth["expect"] == "reject"}
    assert negatives
    for file in negatives:
        found = answers[file]
        assert found is None or not any(found.values()), file
