"""Real reading: the stand-in looks at every page, and the answers are held against the truth."""

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import real_documents

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from samples.demo import score
from tests.pipeline.test_bigquery import failure_records, run_on_bigquery

SAMPLES = Path(__file__).parents[2] / "samples"
# The stand-in's OCR reads Latin scripts.
OTHER_SCRIPTS = ("gobl-gr-", "gobl-sa-")
UNREADABLE = {
    "neg-encrypted.pdf": "encrypted",
    "neg-empty.pdf": "empty",
    "neg-truncated.pdf": "truncated",
    "neg-blank-page.pdf": "nothing_extracted",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[GeminiEndpoint]:
    """Run a stand-in that reads documents."""
    with GeminiEndpoint(Behaviour(), reader="documents") as running:
        yield running


def run(
    cloud: LocalCloud, reader: GeminiEndpoint, folder: Path
) -> tuple[Any, dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Run the job over a folder into BigQuery; return summary, rows and failures by name."""
    summary, table, name = run_on_bigquery(cloud, folder, reader.url, call_timeout=120)
    prefix = f"gs://sluicegate/{name}/in/"
    rows = cloud.bigquery_client().query_and_wait(f"SELECT * FROM `{table}`")
    return (
        summary,
        {row["document_uri"].removeprefix(prefix): dict(row) for row in rows},
        {r["document_uri"].removeprefix(prefix): r for r in failure_records(cloud, name)},
    )


def test_the_samples_are_read_right(
    cloud: LocalCloud, reader: GeminiEndpoint, api_key: str
) -> None:
    """At least 95 % of the header fields equal the ground truth; broken files fail as they are."""
    summary, rows, failed = run(cloud, reader, SAMPLES / "documents")
    truths = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text().splitlines()]
    right, total = score(rows)
    assert right / total >= 0.95, f"{right} of {total}"
    codes = {
        "unsupported": "unsupported_type",
        "too_large": "decompression_bomb",
        "not_an_invoice": "nothing_extracted",
    }
    expected = {
        truth["file"]: codes.get(truth["expect"], truth["expect"])
        for truth in truths
        if truth["expect"] != "row"
    }
    assert {name: record["code"] for name, record in failed.items()} == expected
    assert summary.matched == len(truths)


def test_real_documents_are_accounted_for_and_read(
    cloud: LocalCloud, reader: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """25 of 25 have an outcome; of the Latin ones three quarters of the key fields are right."""
    folder = real_documents()
    lines = (folder / "ground_truth.jsonl").read_text("utf-8").splitlines()
    truths = {truth["file"]: truth for truth in map(json.loads, lines)}
    for name in truths:
        shutil.copy(folder / name, tmp_path / name)
    summary, rows, failed = run(cloud, reader, tmp_path)

    assert len(truths) == 25
    assert summary.matched == 25
    assert set(rows) | set(failed) == set(truths)
    assert not set(rows) & set(failed)
    assert {name: failed[name]["code"] for name in UNREADABLE} == UNREADABLE

    found = {
        (name, field): matches(field, rows.get(name, {}).get(field), truth)
        for name, truth in truths.items()
        if truth["expect"] == "invoice" and not name.startswith(OTHER_SCRIPTS)
        for field in ("invoice_id", "invoice_date", "total_amount")
        if truth[field] is not None
    }
    wrong = sorted(cell for cell, right in found.items() if not right)
    print(f"real documents: {len(found) - len(wrong)} of {len(found)} right; wrong: {wrong}")
    assert len(wrong) <= 0.25 * len(found), wrong


def matches(field: str, value: Any, truth: dict[str, Any]) -> bool:
    """Tell whether a value is the true one or an accepted alternative."""
    if value is None:
        return False
    accepted = [truth[field]]
    if field == "invoice_id":
        accepted += truth.get("id_alternatives", [])
        return str(value) in accepted
    if field == "invoice_date":
        return str(value) in accepted
    accepted += truth.get("total_alternatives", [])
    totals = [Decimal(str(number)) for number in accepted]
    if truth.get("sign_insensitive"):
        value, totals = abs(value), [abs(total) for total in totals]
    allowed = Decimal("0.05") if truth["kind"] == "receipt" else Decimal("0.005")
    return any(abs(value - total) <= allowed for total in totals)
