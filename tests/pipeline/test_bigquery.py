"""Rows in the emulated BigQuery: exact, hostile values included."""

import hashlib
import json
import os
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.exact_json import Verbatim

HOSTILE_TEXT = "\"quoted\" \\back\\ 'single'; DROP TABLE x;--\n\t\u2028 Ünïcödé 発票 🧾 \u202eright"


def invoice(**changes: Any) -> dict[str, Any]:
    """Return a plain answer with some fields changed."""
    return {
        "invoice_id": "A-1",
        "vendor_name": "Vendor",
        "invoice_date": "2026-02-28",
        "currency": "EUR",
        "total_amount": 1.5,
        "line_items": [],
        **changes,
    }


# case -> (answer as the model writes it, None for a row or the failure's code)
ANSWERS: dict[str, tuple[str, str | None]] = {
    "hostile text": (json.dumps(invoice(vendor_name=HOSTILE_TEXT)), None),
    "every decimal": (json.dumps(invoice()).replace("1.5", "123456789012345.123456789"), None),
    "credit": (json.dumps(invoice()).replace("1.5", "-0.000000001"), None),
    "exponent": (json.dumps(invoice()).replace("1.5", "1.25E+3"), None),
    "nested": (
        json.dumps(
            invoice(
                line_items=[
                    {"description": HOSTILE_TEXT, "quantity": 3, "total": 0.1},
                    {"description": None, "quantity": None, "total": None},
                ]
            )
        ),
        None,
    ),
    "surrogate": (json.dumps(invoice()).replace("Vendor", "Ven\\ud800dor\\u0000"), None),
    "too many decimals": (json.dumps(invoice()).replace("1.5", "0.12345678949"), None),
    "nulls": (json.dumps(invoice(invoice_date=None, currency=None)), None),
    "ten to the twenty": (json.dumps(invoice(total_amount=10**20)), "value_out_of_range"),
    "ten to the million": (
        json.dumps(invoice()).replace("1.5", "1e1000000"),
        "value_out_of_range",
    ),
    "year 0": (json.dumps(invoice(invoice_date="0000-01-01")), "schema_mismatch"),
    "impossible day": (json.dumps(invoice(invoice_date="2026-02-30")), "schema_mismatch"),
    "number as text": (json.dumps(invoice(total_amount="1.5")), "schema_mismatch"),
    "blank": (json.dumps(dict.fromkeys(invoice(), None)), "nothing_extracted"),
    "a looping number": (json.dumps(invoice()).replace("1.5", "1." + "3" * 9000), None),
}


def run_on_bigquery(
    cloud: LocalCloud, documents: Path, endpoint: str, **settings: Any
) -> tuple[Any, str, str]:
    """Upload a folder, run the job into a table of its own; return summary, table and prefix."""
    name = f"t{uuid.uuid4().hex[:10]}"
    cloud.upload("sluicegate", documents, f"{name}/in")
    summary = pipeline.run(
        **{
            "input": f"gs://sluicegate/{name}/in/**",
            "output": f"{cloud.project}:tests.{name}",
            "failures": f"gs://sluicegate/{name}/failures",
            "project": cloud.project,
            "gemini_service": "developer" if os.environ.get("GEMINI_API_KEY") else "vertex",
            "gemini_endpoint": endpoint,
            **settings,
        }
    )
    return summary, f"{cloud.project}.tests.{name}", name


def failure_records(cloud: LocalCloud, name: str) -> list[dict[str, Any]]:
    """Read the failure records of a run from the bucket."""
    blobs = cloud.storage_client().list_blobs("sluicegate", prefix=f"{name}/failures/")
    return [json.loads(line) for blob in blobs for line in blob.download_as_text().splitlines()]


def test_values_come_back_exactly(cloud: LocalCloud, api_key: str, tmp_path: Path) -> None:
    """Decimals, dates, timestamps and nested records survive; what cannot be held fails alone."""
    paths = write_invoices(tmp_path / "in", len(ANSWERS))
    by_digest = {sha256(p): case for p, case in zip(paths, ANSWERS, strict=True)}
    cases = {path.name: case for path, case in zip(paths, ANSWERS, strict=True)}
    endpoint = scripted_endpoint({digest: ANSWERS[case][0] for digest, case in by_digest.items()})
    started = datetime.now(UTC)
    with endpoint:
        summary, table, name = run_on_bigquery(cloud, tmp_path / "in", endpoint.url)
    client = cloud.bigquery_client()
    rows = {
        cases[row["document_uri"].rpartition("/")[2]]: dict(row)
        for row in client.query_and_wait(f"SELECT * FROM `{table}`")
    }
    failed = {
        cases[record["document_uri"].rpartition("/")[2]]: record
        for record in failure_records(cloud, name)
    }

    assert {case: failed.get(case, {}).get("code") for case in ANSWERS} == {
        case: code for case, (_, code) in ANSWERS.items()
    }
    assert set(rows) == {case for case, (_, code) in ANSWERS.items() if code is None}
    assert summary.matched == len(ANSWERS) == len(rows) + len(failed)

    assert rows["hostile text"]["vendor_name"] == HOSTILE_TEXT
    assert rows["every decimal"]["total_amount"] == Decimal("123456789012345.123456789")
    assert rows["credit"]["total_amount"] == Decimal("-0.000000001")
    assert rows["exponent"]["total_amount"] == Decimal(1250)
    assert rows["exponent"]["invoice_date"] == date(2026, 2, 28)
    assert rows["nested"]["line_items"] == [
        {"description": HOSTILE_TEXT.strip(), "quantity": Decimal(3), "total": Decimal("0.1")},
        {"description": None, "quantity": None, "total": None},
    ]
    assert rows["surrogate"]["vendor_name"] == "Ven\ufffddor\ufffd"
    assert any("replaced" in w for w in rows["surrogate"]["provenance"]["warnings"])
    assert rows["too many decimals"]["total_amount"] == Decimal("0.123456789")
    assert any("rounded" in w for w in rows["too many decimals"]["provenance"]["warnings"])
    assert rows["nulls"]["invoice_date"] is None
    processed = rows["nulls"]["processed_at"]
    assert started - timedelta(seconds=1) <= processed <= datetime.now(UTC)
    assert rows["nulls"]["provenance"]["cost_usd"] > 0
    assert failed["number as text"]["raw_answer"]
    assert failed["number as text"]["tokens"]["prompt_tokens"] > 0


def scripted_endpoint(answers: dict[str, str]) -> GeminiEndpoint:
    """Return an endpoint that answers a document, known by its digest, with the given text."""

    def read(parts: Sequence[tuple[str, bytes]], schema: dict[str, Any]) -> Verbatim:
        return Verbatim(answers[hashlib.sha256(parts[0][1]).hexdigest()])

    return GeminiEndpoint(Behaviour(), reader=read)


def test_a_table_gains_the_columns_it_lacks(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """A table of an earlier form of the type is extended, and its old rows stay."""
    write_invoices(tmp_path / "in", 2)
    name = f"t{uuid.uuid4().hex[:10]}"
    table = f"{cloud.project}:tests.{name}"
    _, _, _ = run_on_bigquery(cloud, tmp_path / "in", endpoint.url, output=table)
    client = cloud.bigquery_client()
    (tmp_path / "type.yaml").write_text(
        json.dumps(
            {
                "name": "invoice_plus",
                "version": "1",
                "prompt": "Read it.",
                "schema": {
                    "type": "object",
                    "required": ["invoice_id"],
                    "properties": {
                        "invoice_id": {"type": "string"},
                        "paid_on": {"type": "string", "format": "date"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                },
            }
        )
    )
    run_on_bigquery(
        cloud,
        tmp_path / "in",
        endpoint.url,
        output=table,
        document_type=str(tmp_path / "type.yaml"),
    )
    rows = [dict(r) for r in client.query_and_wait(f"SELECT * FROM `{table.replace(':', '.')}`")]
    assert len(rows) == 4
    assert sum(row["paid_on"] is not None for row in rows) == 2
    assert sum(row["vendor_name"] is not None for row in rows) == 2


def test_a_table_that_does_not_fit_is_refused_before_the_launch(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """A column of another type is named, and nothing is called."""
    write_invoices(tmp_path / "in", 1)
    name = f"t{uuid.uuid4().hex[:10]}"
    cloud.bigquery_client().query_and_wait(
        f"CREATE TABLE `{cloud.project}.tests.{name}` (total_amount STRING)"
    )
    with pytest.raises(pipeline.UsageFault, match="total_amount"):
        run_on_bigquery(
            cloud, tmp_path / "in", endpoint.url, output=f"{cloud.project}:tests.{name}"
        )
    assert endpoint.stats()["calls"] == 0
